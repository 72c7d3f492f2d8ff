"""`sectorwars forecasts`: how good the forecasts are, and how their model is made."""

import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any, Final

import click

from sectorwars.application.forecasts.champion import (
    CALIBRATED_ON,
    FITTED_ON,
    JUDGED_ON,
    live_through,
    load_champion,
    shipped_path,
)
from sectorwars.cli.failure import fail
from sectorwars.domain.values import TICKS_PER_GAME_DAY
from sectorwars.forecasting.champion import Champion, ModelFileError, to_json
from sectorwars.forecasting.horizon import Horizon
from sectorwars.forecasting.scoring import Score
from sectorwars.forecasting.training import Universe, is_skilful, judge_champion, train

_HEADER: Final = (
    "universe  horizon      n  hit rate  95 % interval    base  persist  drift  revert"
    "  Brier  calibr.  in 80%  in 95%        p"
)
_DAYS = click.IntRange(4, 365)


class _Seeds(click.ParamType[tuple[int, ...]]):
    """Whole numbers with commas between them."""

    name = "seeds"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, ...]:
        if isinstance(value, tuple):
            return value
        try:
            seeds = tuple(int(part) for part in str(value).split(","))
        except ValueError:
            self.fail(f"{value!r} is no list of seeds like 1,2,3", param, ctx)
        return seeds


@click.group()
def forecasts() -> None:
    """Report on the forecasts, or train their model anew."""


@forecasts.command()
@click.option("--seeds", default=(11, 12, 13), type=_Seeds(), metavar="N,N", help="Universes.")
@click.option("--days", default=16, show_default=True, type=_DAYS, metavar="N")
@click.option("--sectors", default=100, show_default=True, type=int, metavar="N")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def report(seeds: tuple[int, ...], days: int, sectors: int, as_json: bool) -> None:
    """Judge the shipped model on universes it has never seen; exit 1 where it shows no skill."""
    try:
        champion = load_champion()
    except ModelFileError as error:
        fail(str(error))
    known = sorted(set(seeds) & set(chain.from_iterable(champion.training.values())))
    if known:
        fail(f"The model was made from universe {known[0]}; judge it on others.")
    judged: dict[int | None, Mapping[Horizon, Score]] = {}
    universes = _universes(seeds, days, sectors)
    for universe in universes:
        judged[universe.seed] = judge_champion(champion, [universe])
    judged[None] = judge_champion(champion, universes)
    click.echo(
        json.dumps(_figures(champion, days, judged)) if as_json else _table(champion, days, judged)
    )
    sys.exit(0 if all(is_skilful(record) for record in judged[None].values()) else 1)


@forecasts.command("train")
@click.option("--days", default=16, show_default=True, type=_DAYS, metavar="N")
@click.option(
    "--output",
    default=shipped_path,
    type=click.Path(dir_okay=False, path_type=Path),
    help="Model file to write; by default the one that the package ships.",
)
def train_champion(days: int, output: Path) -> None:
    """Make a champion from universes of its own and write the model file."""
    seeds = (*FITTED_ON, *CALIBRATED_ON, *JUDGED_ON)
    universes = {universe.seed: universe for universe in _universes(seeds, days, 100)}
    with _progress(len(seeds), "Learning") as step:
        champion = train(
            [universes[seed] for seed in FITTED_ON],
            [universes[seed] for seed in CALIBRATED_ON],
            [universes[seed] for seed in JUDGED_ON],
            step,
        )
    try:
        output.write_text(to_json(champion), encoding="utf-8")
    except OSError as error:
        fail(f"The model file cannot be written: {error}.")
    records = {horizon: model.record for horizon, model in champion.horizons.items()}
    click.echo(_table(champion, days, {None: records}))


def _universes(seeds: Sequence[int], days: int, sectors: int) -> list[Universe]:
    """Live through universes side by side, one process for each core."""
    live = partial(live_through, ticks=days * TICKS_PER_GAME_DAY, sectors=sectors)
    with _progress(len(seeds), "Universes") as step:
        try:
            with ProcessPoolExecutor(min(len(seeds), os.cpu_count() or 1)) as processes:
                universes = []
                for universe in processes.map(live, seeds):
                    universes.append(universe)
                    step()
        except ValueError as error:
            fail(f"{error}.")
    return universes


@contextmanager
def _progress(steps: int, label: str) -> Iterator[Callable[[], None]]:
    with click.progressbar(length=steps, label=label, file=sys.stderr) as bar:
        yield lambda: bar.update(1)


def _figures(
    champion: Champion, days: int, judged: Mapping[int | None, Mapping[Horizon, Score]]
) -> dict[str, Any]:
    return {
        "model_id": champion.model_id,
        "days": days,
        "seeds": [seed for seed in judged if seed is not None],
        "universes": {
            str(seed): {horizon.value: asdict(record) for horizon, record in records.items()}
            for seed, records in judged.items()
            if seed is not None
        },
        "horizons": {horizon.value: asdict(record) for horizon, record in judged[None].items()},
    }


def _table(
    champion: Champion, days: int, judged: Mapping[int | None, Mapping[Horizon, Score]]
) -> str:
    lines = [
        f"Model {champion.model_id}, {days} game days of each universe",
        _HEADER,
    ]
    for seed, records in judged.items():
        lines += [_line(seed, horizon, record) for horizon, record in records.items()]
    return "\n".join(lines)


def _line(seed: int | None, horizon: Horizon, record: Score) -> str:
    baselines = record.baselines
    p_value = "-" if record.p_value is None else f"{record.p_value:.0e}"
    interval = f"{_share(record.ci_low)} - {_share(record.ci_high)}"
    return (
        f"{'all' if seed is None else seed:>8}  {horizon.value:>7}  {record.n:>5}"
        f"  {_share(record.hit_rate):>8}  {interval:>13}  {_share(record.base_rate):>6}"
        f"  {_share(baselines['persistence']):>7}  {_share(baselines['drift']):>5}"
        f"  {_share(baselines['mean_reversion']):>6}  {_share(record.brier):>5}"
        f"  {_share(record.calibration_error):>7}  {_share(record.coverage_80):>6}"
        f"  {_share(record.coverage_95):>6}  {p_value:>7}"
    )


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
