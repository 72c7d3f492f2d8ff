"""From an expected return to a probability and an interval, learnt on universes apart.

The probability follows Platt (1999), without his intercept: an expected return of zero says
nothing about the direction. The intervals are split-conformal: quantiles of held-out residuals.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from sectorwars.forecasting.features import Floats

_NEWTON_STEPS: Final = 25


@dataclass(frozen=True, slots=True)
class Interval:
    """Bounds on a log return, as distances from the expected one."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """How expected returns turn out: `slope` per unit of log return, and residuals' quantiles."""

    slope: float
    interval_80: Interval
    interval_95: Interval

    def confidence(self, expected: Floats) -> Floats:
        """Return the probability, 0.5 to 1, that returns have the signs of the expected ones."""
        probability: Floats = 1 / (1 + np.exp(-self.slope * np.abs(expected)))
        return probability


def calibrate(expected: Floats, returns: Floats) -> Calibration:
    """Learn from expected and actual log returns that the model was not fitted to."""
    residuals = returns - expected
    return Calibration(
        _platt_slope(np.abs(expected), np.sign(expected) * returns),
        _conformal(residuals, 0.80),
        _conformal(residuals, 0.95),
    )


def _platt_slope(strength: Floats, gained: Floats) -> float:
    """Return the logistic slope for "the direction was right" against the strength of the call."""
    moved = gained != 0
    strength, right = strength[moved], (gained[moved] > 0).astype(np.float64)
    slope = 0.0
    for _ in range(_NEWTON_STEPS):
        probability = 1 / (1 + np.exp(-slope * strength))
        curvature = (strength**2 * probability * (1 - probability)).sum()
        if curvature == 0:
            break
        slope += ((right - probability) * strength).sum() / curvature
    return max(0.0, float(slope))


def _conformal(residuals: Floats, coverage: float) -> Interval:
    """Return bounds between which at least `coverage` of further residuals fall on average."""
    ordered = np.sort(residuals)
    rows = len(ordered)
    tail = (1 - coverage) / 2
    above = min(rows - 1, int(np.ceil((1 - tail) * (rows + 1))) - 1)
    below = max(0, int(np.floor(tail * (rows + 1))) - 1)
    return Interval(float(ordered[below]), float(ordered[above]))
