"""What the writer records of prices at each tick: quotes, and the candles that close then."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from sectorwars.application.rows import (
    IndexCandle,
    IndexInterval,
    IndexPrices,
    PortCandle,
    TickPrices,
)
from sectorwars.domain.commodity import COMMODITIES
from sectorwars.domain.values import TICKS_PER_GAME_DAY, TICKS_PER_GAME_HOUR, Tick, div_floor
from sectorwars.engine.market_index import index_quotes, port_mids
from sectorwars.engine.world import World

INTERVAL_TICKS: Final[dict[IndexInterval, int]] = {
    "1m": 1,
    "5m": 5,
    "1h": TICKS_PER_GAME_HOUR,
    "1d": TICKS_PER_GAME_DAY,
}
_ROLLED_UP: Final[tuple[IndexInterval, ...]] = ("5m", "1h", "1d")


@dataclass(slots=True)
class _Bar:
    """An open candle of several series; the elements are hundredths of a credit."""

    start: int
    open: list[int]
    high: list[int]
    low: list[int]
    close: list[int]
    volume: list[int]

    def extend(
        self, high: Iterable[int], low: Iterable[int], close: Iterable[int], volume: Iterable[int]
    ) -> None:
        self.high = [max(pair) for pair in zip(self.high, high, strict=True)]
        self.low = [min(pair) for pair in zip(self.low, low, strict=True)]
        self.close = list(close)
        self.volume = [sum(pair) for pair in zip(self.volume, volume, strict=True)]


@dataclass(frozen=True, slots=True)
class Recording:
    """What one tick adds to the price history."""

    prices: TickPrices
    index_candles: tuple[IndexCandle, ...]
    port_candles: tuple[PortCandle, ...]


class MarketRecorder:
    """Keeps the open candles; the bar that a tick closes starts one tick earlier.

    A port's open hour is kept as its ticks, from the one at which the hour began.
    """

    def __init__(self) -> None:
        """Start without a past; `resume` gives one."""
        self._last: IndexPrices | None = None
        self._index_bars: dict[IndexInterval, _Bar] = {}
        self._hour: list[TickPrices] = []

    def resume(self, minutes: Iterable[IndexCandle], ticks: Iterable[TickPrices]) -> None:
        """Take up the open candles from the closed minutes of the day and the hour's ticks."""
        for minute in minutes:
            self._roll_up(minute)
        for prices in ticks:
            self._close_port_bars(prices)
            self._last = prices.market

    def record(self, world: World) -> Recording:
        """Record the tick at which `world` has just arrived."""
        prices = _tick_prices(world)
        market = prices.market
        opened = self._last.index if self._last else market.index
        minute = IndexCandle(
            interval="1m",
            start=Tick(world.tick - 1),
            open=opened,
            high=tuple(map(max, opened, market.index)),
            low=tuple(map(min, opened, market.index)),
            close=market.index,
            volume=market.volume,
        )
        port_candles = self._close_port_bars(prices)
        self._last = market
        return Recording(prices, (minute, *self._roll_up(minute)), port_candles)

    def _roll_up(self, minute: IndexCandle) -> list[IndexCandle]:
        closed = []
        for interval in _ROLLED_UP:
            ticks = INTERVAL_TICKS[interval]
            start = div_floor(minute.start, ticks) * ticks
            bar = self._index_bars.get(interval)
            if bar is None or bar.start != start:
                bar = self._index_bars[interval] = _Bar(
                    start,
                    list(minute.open),
                    list(minute.high),
                    list(minute.low),
                    list(minute.close),
                    list(minute.volume),
                )
            else:
                bar.extend(minute.high, minute.low, minute.close, minute.volume)
            if minute.start + 1 == start + ticks:
                closed.append(_index_candle(interval, bar))
        return closed

    def _close_port_bars(self, prices: TickPrices) -> tuple[PortCandle, ...]:
        """Keep the hour's ticks; at its end, make a candle of each port from them."""
        hour = div_floor(prices.tick - 1, TICKS_PER_GAME_HOUR) * TICKS_PER_GAME_HOUR
        self._hour = [kept for kept in self._hour if kept.tick >= hour]
        self._hour.append(prices)
        if prices.tick != hour + TICKS_PER_GAME_HOUR:
            return ()
        by_port = zip(*(kept.port_mids for kept in self._hour), strict=True)
        return tuple(
            PortCandle(
                start=Tick(hour),
                port_index=i,
                open=mids[0],
                high=tuple(map(max, mids[0], *mids)),
                low=tuple(map(min, mids[0], *mids)),
                close=mids[-1],
            )
            for i, mids in enumerate(by_port)
        )


def _tick_prices(world: World) -> TickPrices:
    mids = port_mids(world)
    quotes = index_quotes(world, mids)
    traded = world.tape.at(Tick(world.tick - 1))
    market = IndexPrices(
        tick=world.tick,
        index=quotes.mid,
        bid=quotes.bid,
        ask=quotes.ask,
        volume=tuple(traded) if traded else (0,) * len(COMMODITIES),
    )
    return TickPrices(market, mids)


def _index_candle(interval: IndexInterval, bar: _Bar) -> IndexCandle:
    return IndexCandle(
        interval,
        Tick(bar.start),
        tuple(bar.open),
        tuple(bar.high),
        tuple(bar.low),
        tuple(bar.close),
        tuple(bar.volume),
    )
