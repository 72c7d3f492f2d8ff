"""What a forecast is made from: past index prices and the galaxy's date, as any player sees them.

Bid and ask are left out because they are the index and a fixed spread, and traded volume because
the universes that models are trained on have no players.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sectorwars.domain.commodity import BASE_PRICES
from sectorwars.domain.values import TICKS_PER_GAME_HOUR

Floats = NDArray[np.float64]

GRID_TICKS: Final = 5
"""Prices are looked at every five game minutes."""
ROWS_PER_HOUR: Final = TICKS_PER_GAME_HOUR // GRID_TICKS
HISTORY_ROWS_MIN: Final = 47 * ROWS_PER_HOUR
"""Less than the two game days of prehistory, whose first prices have no candle."""
HISTORY_ROWS_MAX: Final = 14 * 24 * ROWS_PER_HOUR

SEASON_HOURS: Final = (2, 12, 24, 48, 168)
"""The seasons that the galaxy's calendar has, in game hours."""

_RETURN_ROWS: Final = {"15m": 3, "1h": 12, "2h": 24, "6h": 72, "12h": 144, "24h": 288, "46h": 552}
_MEAN_ROWS: Final = {"2h": 24, "6h": 72, "12h": 144, "24h": 288, "46h": 552}
_MARKET_RETURNS: Final = ("1h", "6h", "24h")

SEASON_FEATURES: Final = tuple(f"season_{hours}h" for hours in SEASON_HOURS)
FEATURES: Final[tuple[str, ...]] = (
    *SEASON_FEATURES,
    "season_gap",
    "base_gap",
    *(f"return_{span}" for span in _RETURN_ROWS),
    "return_1h_before",
    *(f"mean_gap_{span}" for span in _MEAN_ROWS),
    *(f"market_return_{span}" for span in _MARKET_RETURNS),
    "market_mean_gap_24h",
)
"""The names of the columns of `features`, in order."""

_SEASON_SHRINKAGE: Final = 0.05
"""The weight of "there is no season" in rows per row of history; the week's counts threefold."""
_DAMPING: Final = np.array([1.0, 1.0, 1.0, 1.0, 3.0])


@dataclass(frozen=True, slots=True)
class PriceHistory:
    """Index prices every GRID_TICKS up to `tick`, oldest first.

    `prices` has a row for each time and a column for each of COMMODITIES, in any unit.
    """

    tick: int
    prices: Floats

    def __post_init__(self) -> None:
        """Raise ValueError where there is too little of a past."""
        if len(self.prices) < HISTORY_ROWS_MIN:
            raise ValueError(f"a forecast needs {HISTORY_ROWS_MIN} prices of the past")


def price_history(tick: int, prices: Sequence[Sequence[int]]) -> PriceHistory:
    """Return the latest HISTORY_ROWS_MAX rows of prices in hundredths of a credit.

    Raises:
        ValueError: there are fewer than HISTORY_ROWS_MIN.
    """
    return PriceHistory(tick, np.asarray(prices[-HISTORY_ROWS_MAX:], dtype=np.float64) / 100)


@dataclass(frozen=True, slots=True)
class Seasons:
    """The seasons found in a history: the two wave weights of each (period, good)."""

    tick: int
    weights: Floats
    level: Floats

    def change(self, horizon_ticks: int) -> Floats:
        """Return what each season adds to the log price over the horizon, as (period, good)."""
        now = _waves(np.array([self.tick]))[0]
        then = _waves(np.array([self.tick + horizon_ticks]))[0]
        moved = (then - now)[:, None] * self.weights
        by_season: Floats = moved.reshape(len(SEASON_HOURS), 2, -1).sum(axis=1)
        return by_season

    def now(self) -> Floats:
        """Return the log price at which the seasons alone would put each good just now."""
        at: Floats = self.level + _waves(np.array([self.tick]))[0] @ self.weights
        return at


def find_seasons(history: PriceHistory) -> Seasons:
    """Fit waves of the known periods to the log prices by ridge regression."""
    logs = np.log(history.prices)
    rows = len(logs)
    ticks = history.tick - GRID_TICKS * np.arange(rows - 1, -1, -1)
    waves = _waves(ticks)
    wave_means, level = waves.mean(axis=0), logs.mean(axis=0)
    waves, logs = waves - wave_means, logs - level
    shrinkage = np.diag(np.repeat(_SEASON_SHRINKAGE * rows * _DAMPING, 2))
    weights = np.linalg.solve(waves.T @ waves + shrinkage, waves.T @ logs)
    return Seasons(history.tick, weights, level - wave_means @ weights)


def features(history: PriceHistory, seasons: Seasons, horizon_ticks: int) -> Floats:
    """Return a row for each good and a column for each of FEATURES, all of them log ratios."""
    logs = np.log(history.prices[-_RETURN_ROWS["46h"] - 1 :])
    now = logs[-1]
    returns = {span: now - logs[-1 - rows] for span, rows in _RETURN_ROWS.items()}
    gaps = {span: now - logs[-rows:].mean(axis=0) for span, rows in _MEAN_ROWS.items()}
    before = logs[-1 - ROWS_PER_HOUR] - logs[-1 - 2 * ROWS_PER_HOUR]
    goods = len(now)
    columns = [
        *seasons.change(horizon_ticks),
        now - seasons.now(),
        now - np.log(np.array(BASE_PRICES, dtype=np.float64)),
        *returns.values(),
        before,
        *gaps.values(),
        *(np.full(goods, returns[span].mean()) for span in _MARKET_RETURNS),
        np.full(goods, gaps["24h"].mean()),
    ]
    return np.stack(columns, axis=1)


def _waves(ticks: NDArray[np.int64]) -> Floats:
    """Return sine and cosine of each season in turn, a row for each tick."""
    periods = np.array(SEASON_HOURS) * TICKS_PER_GAME_HOUR
    phases = 2 * np.pi * (ticks[:, None] % periods) / periods
    waves: Floats = np.stack([np.sin(phases), np.cos(phases)], axis=2)
    return waves.reshape(len(ticks), -1)
