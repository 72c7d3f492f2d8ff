"""What a forecast must beat: directions that cost no thought.

Each returns +1, -1, or 0 where it names no direction, for every good.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from sectorwars.forecasting.features import GRID_TICKS, ROWS_PER_HOUR, PriceHistory
from sectorwars.forecasting.horizon import Horizon

Directions = NDArray[np.int64]

BASELINES: Final = ("persistence", "drift", "mean_reversion")

_MEAN_ROWS: Final = 24 * ROWS_PER_HOUR


def directions(history: PriceHistory, horizon: Horizon) -> dict[str, Directions]:
    """Return the directions of each of BASELINES.

    Persistence: the last move over as long a span goes on. Drift: the whole history's trend goes
    on. Mean reversion: the price returns to its mean of the last 24 game hours.
    """
    prices = history.prices
    now = prices[-1]
    return {
        "persistence": _signs(now - prices[-1 - horizon.ticks // GRID_TICKS]),
        "drift": _signs(now - prices[0]),
        "mean_reversion": _signs(prices[-_MEAN_ROWS:].mean(axis=0) - now),
    }


def _signs(differences: NDArray[np.float64]) -> Directions:
    return np.sign(differences).astype(np.int64)
