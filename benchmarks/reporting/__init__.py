"""How a benchmark reports: figures for people, the same as JSON for programs, ratios last."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

RESULTS = Path(__file__).parents[1] / "results"


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
