"""Make a champion: fit on some universes, calibrate on others, judge on others again."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sectorwars.domain.values import TICKS_PER_GAME_HOUR
from sectorwars.forecasting.baselines import BASELINES, directions
from sectorwars.forecasting.calibration import Calibration, calibrate
from sectorwars.forecasting.champion import Champion, HorizonModel, assemble
from sectorwars.forecasting.features import (
    FEATURES,
    GRID_TICKS,
    HISTORY_ROWS_MAX,
    HISTORY_ROWS_MIN,
    ROWS_PER_HOUR,
    Floats,
    PriceHistory,
    features,
    find_seasons,
)
from sectorwars.forecasting.horizon import Horizon
from sectorwars.forecasting.model import LinearModel, fit_ridge
from sectorwars.forecasting.scoring import Outcomes, Score, score

SHRINKAGE: Final = 1e-4
SIGNIFICANCE: Final = 0.05

_DIGITS: Final = 9


@dataclass(frozen=True, slots=True)
class Universe:
    """Index prices of one universe, every GRID_TICKS from tick `start` on, in hundredths."""

    seed: int
    start: int
    cents: Sequence[Sequence[int]]


@dataclass(frozen=True, slots=True)
class Examples:
    """What could be seen and what came, for one horizon: a row for each (time, good)."""

    features: Floats
    returns: Floats
    reference: Floats
    actual: Floats
    apart: NDArray[np.bool_]
    baselines: dict[str, NDArray[np.int64]]


def examples(universe: Universe) -> dict[Horizon, Examples]:
    """Walk through a universe hour by hour, seeing at each hour only what lies before it."""
    cents = np.asarray(universe.cents, dtype=np.float64)
    seen: dict[Horizon, list[tuple[Floats, ...]]] = {horizon: [] for horizon in Horizon}
    first = HISTORY_ROWS_MIN + ROWS_PER_HOUR
    for row in range(len(cents)):
        tick = universe.start + GRID_TICKS * row
        if row < first or tick % TICKS_PER_GAME_HOUR:
            continue
        past = cents[max(0, row + 1 - HISTORY_ROWS_MAX) : row + 1]
        history = PriceHistory(tick, past / 100)
        seasons = find_seasons(history)
        for horizon in Horizon:
            then = row + horizon.ticks // GRID_TICKS
            if then < len(cents):
                called = directions(history, horizon)
                seen[horizon].append(
                    (
                        features(history, seasons, horizon.ticks),
                        cents[row],
                        cents[then],
                        np.full(len(cents[row]), tick % horizon.ticks == 0),
                        np.stack([called[name] for name in BASELINES]),
                    )
                )
    return {horizon: _examples(rows) for horizon, rows in seen.items() if rows}


def train(
    fitted_on: Sequence[Universe],
    calibrated_on: Sequence[Universe],
    judged_on: Sequence[Universe],
    on_universe: Callable[[], None] | None = None,
) -> Champion:
    """Make a champion; `on_universe` is told of each universe that has been walked through.

    Raises:
        ValueError: the universes are too short for a horizon.
    """

    def walk(universes: Sequence[Universe]) -> list[dict[Horizon, Examples]]:
        walked = []
        for universe in universes:
            walked.append(examples(universe))
            if on_universe is not None:
                on_universe()
        return walked

    fitting, calibrating, judging = walk(fitted_on), walk(calibrated_on), walk(judged_on)
    horizons = {}
    for horizon in Horizon:
        linear = _fit(_joined(fitting, horizon))
        held_out = _joined(calibrating, horizon)
        calibration = calibrate(linear.predict(held_out.features), held_out.returns)
        record = judge(linear, calibration, _joined(judging, horizon))
        horizons[horizon] = HorizonModel(linear, calibration, is_skilful(record), record)
    training = {
        "fitted_on": [universe.seed for universe in fitted_on],
        "calibrated_on": [universe.seed for universe in calibrated_on],
        "judged_on": [universe.seed for universe in judged_on],
    }
    return assemble(training, horizons)


def judge(linear: LinearModel, calibration: Calibration, seen: Examples) -> Score:
    """Score a model on examples."""
    expected = linear.predict(seen.features)
    surprise = seen.returns - expected
    within = [
        (surprise >= interval.low) & (surprise <= interval.high)
        for interval in (calibration.interval_80, calibration.interval_95)
    ]
    return score(
        Outcomes(
            predicted=expected,
            actual=seen.actual - seen.reference,
            confidence=calibration.confidence(expected),
            apart=seen.apart,
            within_80=within[0],
            within_95=within[1],
            baselines=seen.baselines,
        )
    )


def judge_champion(champion: Champion, universes: Sequence[Universe]) -> dict[Horizon, Score]:
    """Score a champion on universes, all goods together."""
    walked = [examples(universe) for universe in universes]
    return {
        horizon: judge(model.linear, model.calibration, _joined(walked, horizon))
        for horizon, model in champion.horizons.items()
    }


def is_skilful(record: Score) -> bool:
    """Return whether a record shows skill: beyond chance, and beyond the commoner direction."""
    return (
        record.p_value is not None
        and record.p_value < SIGNIFICANCE
        and record.ci_low is not None
        and record.base_rate is not None
        and record.ci_low > record.base_rate
    )


def _fit(seen: Examples) -> LinearModel:
    """Fit, and cut the last digits, which depend on the machine's linear algebra."""
    fitted = fit_ridge(seen.features, seen.returns, SHRINKAGE)
    return LinearModel(
        _cut(fitted.means), _cut(fitted.scales), _cut(fitted.weights), _cut_one(fitted.intercept)
    )


def _cut(values: Floats) -> Floats:
    return np.array([_cut_one(value) for value in values])


def _cut_one(value: float) -> float:
    return float(f"{value:.{_DIGITS}g}")


def _examples(rows: list[tuple[Floats, ...]]) -> Examples:
    observed, reference, actual, apart, called = zip(*rows, strict=True)
    now, then = np.concatenate(reference), np.concatenate(actual)
    by_baseline = np.concatenate(called, axis=1).astype(np.int64)
    return Examples(
        np.concatenate(observed).reshape(-1, len(FEATURES)),
        np.log(then / now),
        now,
        then,
        np.concatenate(apart).astype(np.bool_),
        dict(zip(BASELINES, by_baseline, strict=True)),
    )


def _joined(walked: Sequence[Mapping[Horizon, Examples]], horizon: Horizon) -> Examples:
    parts = [seen[horizon] for seen in walked if horizon in seen]
    if not parts:
        raise ValueError(f"no universe is long enough for forecasts over {horizon}")
    return Examples(
        features=np.concatenate([part.features for part in parts]),
        returns=np.concatenate([part.returns for part in parts]),
        reference=np.concatenate([part.reference for part in parts]),
        actual=np.concatenate([part.actual for part in parts]),
        apart=np.concatenate([part.apart for part in parts]),
        baselines={
            name: np.concatenate([part.baselines[name] for part in parts]) for name in BASELINES
        },
    )
