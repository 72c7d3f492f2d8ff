"""The committed index quotes of the last 24 game hours, and the figures made from them."""

from collections import deque
from typing import Final

from sectorwars.application.reading.forecast_board import ForecastBoard
from sectorwars.application.rows import IndexPrices
from sectorwars.domain.commodity import COMMODITY_INDEX, Commodity
from sectorwars.domain.values import (
    TICKS_PER_GAME_DAY,
    TICKS_PER_GAME_HOUR,
    UnixMicros,
    game_rfc3339,
    rfc3339,
)
from sectorwars.protocol.shapes.market import MarketRealtime, Trend

CENTS: Final = 100


class MarketBoard:
    """Index quotes by tick, newest last; it spans one game day and the tick before it."""

    def __init__(self, forecasts: ForecastBoard) -> None:
        """Start without quotes; at least one tick is posted before anybody reads.

        The figures carry the forecasts that stand on `forecasts`.
        """
        self.forecasts = forecasts
        self._ticks: deque[IndexPrices] = deque(maxlen=TICKS_PER_GAME_DAY + 1)
        self._as_of = UnixMicros(0)

    def post(self, prices: IndexPrices, at: UnixMicros) -> None:
        """Post the quotes of a committed tick, committed at real time `at`."""
        self._ticks.append(prices)
        self._as_of = at
        self.forecasts.advance(prices.tick)

    def realtime(self, commodity: Commodity, volume_24h: int) -> MarketRealtime:
        """Return a good's index with its figures of the last 24 game hours."""
        i = COMMODITY_INDEX[commodity]
        latest = self._ticks[-1]
        series = [prices.index[i] for prices in self._ticks]
        price, first = series[-1], series[0]
        hour_ago = series[-1 - TICKS_PER_GAME_HOUR] if len(series) > TICKS_PER_GAME_HOUR else first
        return MarketRealtime(
            commodity=commodity.value,
            price=price / CENTS,
            bid=latest.bid[i] / CENTS,
            ask=latest.ask[i] / CENTS,
            volume_24h=volume_24h,
            change_24h=round(100 * (price - first) / first, 2),
            high_24h=max(series) / CENTS,
            low_24h=min(series) / CENTS,
            trend=_trend(price - hour_ago),
            prediction=self.forecasts.prediction(commodity),
            version=latest.tick,
            as_of=rfc3339(self._as_of),
            game_time=game_rfc3339(latest.tick),
        )


def _trend(change: int) -> Trend:
    if change == 0:
        return "flat"
    return "up" if change > 0 else "down"
