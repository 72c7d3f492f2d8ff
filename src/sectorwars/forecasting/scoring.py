"""How good forecasts were. Moves that are flat, unchanged in hundredths, are left out and counted.

Forecasts made every game hour for longer horizons share most of what they foretell. So hit rate,
Brier score and coverage are means over all of them, while interval and p-value count only
those whose windows do not overlap.
"""

from dataclasses import dataclass
from math import erfc, sqrt
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sectorwars.forecasting.baselines import BASELINES
from sectorwars.forecasting.features import Floats

_Z_95: Final = 1.959964
_BINS: Final = 10


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Forecasts and what came; every array has an element for each forecast.

    `predicted` and `actual` are changes of price against the reference; `confidence` is the
    probability given to the predicted direction; `apart` marks forecasts whose windows do
    not overlap with that of another marked one of the same good; `within_80` and `within_95` say
    whether the interval held; `baselines` has the directions of each baseline.
    """

    predicted: Floats
    actual: Floats
    confidence: Floats
    apart: NDArray[np.bool_]
    within_80: NDArray[np.bool_]
    within_95: NDArray[np.bool_]
    baselines: dict[str, NDArray[np.int64]]


_NO_NUMBERS: Final = np.zeros(0)
_NO_ANSWERS: Final = np.zeros(0, dtype=np.bool_)

NO_OUTCOMES: Final = Outcomes(
    predicted=_NO_NUMBERS,
    actual=_NO_NUMBERS,
    confidence=_NO_NUMBERS,
    apart=_NO_ANSWERS,
    within_80=_NO_ANSWERS,
    within_95=_NO_ANSWERS,
    baselines={name: np.zeros(0, dtype=np.int64) for name in BASELINES},
)


@dataclass(frozen=True, slots=True)
class Score:
    """The record of one horizon; None where there is nothing to say it from.

    `n` counts the forecasts that moved, `n_independent` those of them that do not overlap, and
    `flat` the others. `base_rate` is the hit rate of always naming the commoner direction.
    """

    n: int
    n_independent: int
    flat: int
    hit_rate: float | None
    ci_low: float | None
    ci_high: float | None
    base_rate: float | None
    baselines: dict[str, float | None]
    p_value: float | None
    brier: float | None
    calibration_error: float | None
    coverage_80: float | None
    coverage_95: float | None


def score(outcomes: Outcomes) -> Score:
    """Score forecasts of one horizon."""
    moved = outcomes.actual != 0
    n = int(moved.sum())
    up = outcomes.actual[moved] > 0
    said_up = outcomes.predicted[moved] > 0
    hit = said_up == up
    confidence = outcomes.confidence[moved]
    apart = outcomes.apart[moved]
    independent = int(apart.sum())
    hit_rate, share_up = _mean(hit), _mean(up)
    ci_low, ci_high = (
        (None, None) if hit_rate is None or not independent else wilson(hit_rate, independent)
    )
    return Score(
        n=n,
        n_independent=independent,
        flat=len(outcomes.actual) - n,
        hit_rate=hit_rate,
        ci_low=ci_low,
        ci_high=ci_high,
        base_rate=None if share_up is None else max(share_up, 1 - share_up),
        baselines={
            name: _baseline_hits(called[moved], up) for name, called in outcomes.baselines.items()
        },
        p_value=pesaran_timmermann(said_up[apart], up[apart]),
        brier=float(((confidence - hit) ** 2).mean()) if n else None,
        calibration_error=calibration_error(confidence, hit) if n else None,
        coverage_80=_mean(outcomes.within_80),
        coverage_95=_mean(outcomes.within_95),
    )


def wilson(rate: float, n: int) -> tuple[float, float]:
    """Return the 95 % interval of a rate seen in `n` trials, n >= 1 (Wilson 1927)."""
    z2 = _Z_95**2
    centre = (rate + z2 / (2 * n)) / (1 + z2 / n)
    half = _Z_95 * sqrt(rate * (1 - rate) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    return max(0.0, centre - half), min(1.0, centre + half)


def calibration_error(confidence: Floats, hit: NDArray[np.bool_]) -> float:
    """Return the expected calibration error over ten equal bins of confidence 0.5 to 1."""
    bins = np.clip(((confidence - 0.5) * 2 * _BINS).astype(np.int64), 0, _BINS - 1)
    counts = np.bincount(bins, minlength=_BINS)
    promised = np.bincount(bins, confidence, _BINS)
    kept = np.bincount(bins, hit.astype(np.float64), _BINS)
    return float(np.abs(promised - kept).sum() / counts.sum())


def pesaran_timmermann(said_up: NDArray[np.bool_], up: NDArray[np.bool_]) -> float | None:
    """Return the one-sided p-value of "the directions were right by chance".

    None where forecasts or moves were all of one direction, which the test cannot judge.
    Source: Pesaran and Timmermann (1992), a simple nonparametric test of predictive performance.
    """
    n = len(up)
    if n == 0:
        return None
    p_up, p_said = float(up.mean()), float(said_up.mean())
    hit = float((said_up == up).mean())
    chance = p_up * p_said + (1 - p_up) * (1 - p_said)
    variance = chance * (1 - chance) / n
    variance_chance = (
        (2 * p_up - 1) ** 2 * p_said * (1 - p_said) + (2 * p_said - 1) ** 2 * p_up * (1 - p_up)
    ) / n + 4 * p_up * p_said * (1 - p_up) * (1 - p_said) / n**2
    if p_up in (0.0, 1.0) or p_said in (0.0, 1.0) or variance <= variance_chance:
        return None
    statistic = (hit - chance) / sqrt(variance - variance_chance)
    return 0.5 * erfc(statistic / sqrt(2))


def _baseline_hits(called: NDArray[np.int64], up: NDArray[np.bool_]) -> float | None:
    """Return the hit rate where the baseline named a direction."""
    named = called != 0
    return float(((called[named] > 0) == up[named]).mean()) if named.any() else None


def _mean(answers: NDArray[np.bool_]) -> float | None:
    return float(answers.mean()) if len(answers) else None
