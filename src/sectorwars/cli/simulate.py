"""`sectorwars simulate`: does the core keep its promises on a bad day?"""

from __future__ import annotations

import itertools
import json
import logging
import sys
from collections.abc import Iterable, Iterator
from time import monotonic

import click
import structlog
from click.core import ParameterSource

from sectorwars.simulation import report
from sectorwars.simulation.plan import parse_numbers
from sectorwars.simulation.simulator import Verdict, shrink
from sectorwars.simulation.simulator import simulate as run_simulation

_SEED_MAX = 2**63 - 1
_STEPS_MAX = 1_000_000
_SECONDS_PER_MINUTE = 60


class _SeedRange(click.ParamType[range]):
    """A range of seeds, both ends included, written `0..199`."""

    name = "A..B"

    def convert(
        self, value: str | range, param: click.Parameter | None, ctx: click.Context | None
    ) -> range:
        if isinstance(value, range):
            return value
        first, dots, last = value.partition("..")
        if not (dots and first.isdecimal() and last.isdecimal()):
            self.fail(f"{value!r} is not of the form A..B.", param, ctx)
        if not int(first) <= int(last) <= _SEED_MAX:
            self.fail(f"{value!r} names no seeds.", param, ctx)
        return range(int(first), int(last) + 1)


class _ActionNumbers(click.ParamType[frozenset[int]]):
    """Numbers of a run's actions, written `3,17,40-44`; `none` is none at all."""

    name = "N,N-N"

    def convert(
        self, value: str | frozenset[int], param: click.Parameter | None, ctx: click.Context | None
    ) -> frozenset[int]:
        if isinstance(value, frozenset):
            return value
        try:
            return frozenset() if value == "none" else parse_numbers(value)
        except ValueError:
            self.fail(f"{value!r} is not of the form 3,17,40-44.", param, ctx)


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
    help="Moves that the simulated players make in all.",
)
@click.option(
    "--only",
    type=_ActionNumbers(),
    help="Play only these actions of the run, as a finding's shortest history names them.",
)
@click.option("--seeds", type=_SeedRange(), help="Run all of these seeds.")
@click.option(
    "--soak",
    type=click.FloatRange(min=0, min_open=True),
    metavar="MINUTES",
    help="Run one seed after the other, from --seed on, for so long.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a seed.")
def simulate(
    seed: int,
    steps: int,
    only: frozenset[int] | None,
    seeds: range | None,
    soak: float | None,
    as_json: bool,
) -> None:
    """Run the core on virtual time under faults; exit with 1 when it breaks a promise.

    Seeded players trade, fly and keep rules through lost, repeated and reordered messages,
    commits that fail or happen unseen, crashes and a stolen lease. The verdict compares what they
    were told with what the log holds. Of a run that breaks a promise, the shortest history that
    breaks it still is looked for and shown.
    """
    if sum(option is not None for option in (only, seeds, soak)) > 1:
        raise click.UsageError("--only, --seeds and --soak exclude each other.")
    given = click.get_current_context().get_parameter_source("seed")
    if seeds is not None and given is not ParameterSource.DEFAULT:
        raise click.UsageError("--seeds names them all: leave --seed out.")
    # Every simulated fault is logged as a real one would be; here they are expected.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    if seeds is None and soak is None:
        broken = _show(
            run_simulation(seed, steps, only), is_reduced=only is not None, as_json=as_json
        )
    elif seeds is not None:
        broken = _run_many(seeds, steps, as_json)
    else:
        broken = _run_many(_until(soak or 0, itertools.count(seed)), steps, as_json)
    sys.exit(1 if broken else 0)


def _until(minutes: float, seeds: Iterable[int]) -> Iterator[int]:
    end = monotonic() + minutes * _SECONDS_PER_MINUTE
    return itertools.takewhile(lambda _: monotonic() < end, seeds)


def _run_many(seeds: Iterable[int], steps: int, as_json: bool) -> bool:
    """Run seeds with a line of progress on standard error; return whether any broke a promise."""
    runs = broken = trades = 0
    for seed in seeds:
        verdict = run_simulation(seed, steps)
        runs += 1
        trades += verdict.trades
        if as_json or verdict.findings:
            broken += _show(verdict, is_reduced=False, as_json=as_json)
        click.echo(f"\r{runs} seeds, {trades} trades, {broken} broken", err=True, nl=False)
    click.echo(err=True)
    if not as_json:
        click.echo(f"{runs} seeds of {steps} steps, {trades} trades: {broken} broke a promise.")
    return broken > 0


def _show(verdict: Verdict, *, is_reduced: bool, as_json: bool) -> bool:
    """Print a verdict, and of a broken one the shortest history; return whether it is broken."""
    click.echo(_json(verdict) if as_json else report.summary(verdict))
    if not verdict.findings:
        return False
    if not as_json:
        click.echo(report.findings(verdict))
    click.echo(report.history(verdict if is_reduced else shrink(verdict)), err=as_json)
    return True


def _json(verdict: Verdict) -> str:
    return json.dumps(
        {
            "seed": verdict.seed,
            "steps": verdict.steps,
            "digest": verdict.digest,
            "findings": verdict.findings,
        }
    )
