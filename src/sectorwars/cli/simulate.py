"""`sectorwars simulate`: does the core keep its promises on a bad day?"""

from __future__ import annotations

import json
import logging
import sys
from dataclasses import asdict

import click
import structlog

from sectorwars.simulation.simulator import Verdict
from sectorwars.simulation.simulator import simulate as run_simulation

_SEED_MAX = 2**63 - 1
_STEPS_MAX = 1_000_000


@click.command()
@click.option(
    "--seed",
    type=click.IntRange(0, _SEED_MAX),
    default=1,
    show_default=True,
    help="Names the run: the same seed and steps give the same digest.",
)
@click.option(
    "--steps",
    type=click.IntRange(1, _STEPS_MAX),
    default=1_000,
    show_default=True,
    help="Commands that the simulated players send in all.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def simulate(seed: int, steps: int, as_json: bool) -> None:
    """Run the core on virtual time under faults; exit with 1 when it breaks a promise.

    Seeded players trade and fly through lost and repeated messages, commits that fail or happen
    unseen, and crashes. The verdict compares what they were told with what the log holds.
    """
    # Every simulated fault is logged as a real one would be; here they are expected.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    verdict = run_simulation(seed, steps)
    click.echo(json.dumps(asdict(verdict)) if as_json else _report(verdict))
    sys.exit(1 if verdict.findings else 0)


def _report(verdict: Verdict) -> str:
    played = f"{verdict.trades} trades, {verdict.lives} lives of the server"
    lines = [f"seed {verdict.seed}, {verdict.steps} steps: {played}, digest {verdict.digest}"]
    lines += [f"FOUND  {finding}" for finding in verdict.findings]
    lines.append(f"{len(verdict.findings)} findings" if verdict.findings else "No findings.")
    return "\n".join(lines)
