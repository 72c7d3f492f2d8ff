"""How a benchmark reports: figures for people, the same as JSON for programs, ratios last."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

RESULTS = Path(__file__).parents[1] / "results"


def table(corner: str, columns: Sequence[str], rows: Mapping[str, Sequence[float | None]]) -> None:
    """Print figures side by side, one line for each row; what was not measured is a dash."""
    widths = [max(len(column), 9) for column in columns]
    names = max(len(name) for name in (corner, *rows))
    print(corner.ljust(names), *(map(str.rjust, columns, widths)))
    for name, values in rows.items():
        cells = [
            "-" if value is None else f"{value:,.{0 if value >= 1_000 else 2}f}" for value in values
        ]
        print(name.ljust(names), *(map(str.rjust, cells, widths)))


def _cell(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:,.0f}" if value >= 1_000 else f"{value:,.2f}"


def report(bench: str, figures: Mapping[str, float], ratios: Mapping[str, float]) -> None:
    """Print a benchmark's outcome and keep it as benchmarks/results/<bench>.json.

    Args:
        bench: the benchmark's name.
        figures: what was measured, the unit last in each name.
        ratios: our figure over the peer's that was run beside it; above 1 is better.
    """
    for name, value in [*figures.items(), *ratios.items()]:
        print(f"{name:<32} {value:>12,.2f}")
    RESULTS.mkdir(exist_ok=True)
    outcome = {
        "bench": bench,
        "at": datetime.now(UTC).isoformat().replace("+00:00", "Z"),
        "machine": {
            "system": platform.platform(),
            "processor": platform.machine(),
            "cores": os.cpu_count(),
            "python": platform.python_version(),
        },
        "ratios": dict(ratios),
        "figures": dict(figures),
    }
    (RESULTS / f"{bench}.json").write_text(json.dumps(outcome, indent=2) + "\n")
