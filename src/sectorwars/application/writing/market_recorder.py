"""What the writer records of prices at each tick: quotes, and the candles that close then."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate, chain, pairwise
from typing import Final

from sectorwars.application.rows import (
    INTERVAL_TICKS,
    IndexCandle,
    IndexInterval,
    IndexPrices,
    PortCandle,
    TickPrices,
)
from sectorwars.domain.commodity import COMMODITIES
from sectorwars.domain.values import TICKS_PER_GAME_HOUR, Tick, div_floor
from sectorwars.engine.market_index import index_quotes, port_mids
from sectorwars.engine.world import World

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


class _PortBars:
    """The open candles of all goods of all ports in turn, from the tick at which the hour began."""

    def __init__(self, prices: TickPrices) -> None:
        """Begin with the first tick that is known."""
        self._tick = prices.tick
        self._hour = _hour_of(prices.tick)
        self._open = self._high = self._low = self._close = _flat(prices)

    def take(self, prices: TickPrices) -> tuple[PortCandle, ...]:
        """Take over the next tick; return the candles that it closes."""
        mids = _flat(prices)
        hour = _hour_of(prices.tick)
        if hour != self._hour:
            self._hour = hour
            # The tick that ended an hour begins the next one.
            self._open = self._high = self._low = self._close if self._tick == hour else mids
        self._tick = prices.tick
        self._high = list(map(max, self._high, mids))
        self._low = list(map(min, self._low, mids))
        self._close = mids
        if prices.tick != hour + TICKS_PER_GAME_HOUR:
            return ()
        ends = list(accumulate(map(len, prices.port_mids)))
        return tuple(
            PortCandle(
                start=Tick(hour),
                port_index=i,
                open=tuple(self._open[start:end]),
                high=tuple(self._high[start:end]),
                low=tuple(self._low[start:end]),
                close=tuple(mids[start:end]),
            )
            for i, (start, end) in enumerate(pairwise((0, *ends)))
        )


def _hour_of(tick: Tick) -> int:
    """Return the tick at which the game hour began that a tick belongs to or ends."""
    return div_floor(tick - 1, TICKS_PER_GAME_HOUR) * TICKS_PER_GAME_HOUR


def _flat(prices: TickPrices) -> list[int]:
    return list(chain.from_iterable(prices.port_mids))


@dataclass(frozen=True, slots=True)
class Recording:
    """What one tick adds to the price history."""

    prices: TickPrices
    index_candles: tuple[IndexCandle, ...]
    port_candles: tuple[PortCandle, ...]


class MarketRecorder:
    """Keeps the open candles; the bar that a tick closes starts one tick earlier."""

    def __init__(self) -> None:
        """Start without a past; `resume` gives one."""
        self._last: IndexPrices | None = None
        self._index_bars: dict[IndexInterval, _Bar] = {}
        self._port_bars: _PortBars | None = None
        self._unfolded: TickPrices | None = None

    def resume(self, minutes: Iterable[IndexCandle], ticks: Iterable[TickPrices]) -> None:
        """Take up the open candles from the closed minutes of the day and the hour's ticks."""
        for minute in minutes:
            self._roll_up(minute)
        for prices in ticks:
            self._take_ports(prices)
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
        self.fold()
        port_candles: tuple[PortCandle, ...] = ()
        if world.tick % TICKS_PER_GAME_HOUR == 0:
            port_candles = self._take_ports(prices)
        else:
            self._unfolded = prices
        self._last = market
        return Recording(prices, (minute, *self._roll_up(minute)), port_candles)

    def fold(self) -> None:
        """Fold the latest tick's prices into the open candles of ports, if they are not yet.

        That can wait until the next tick, for what waits for a tick must not wait for it.
        """
        prices, self._unfolded = self._unfolded, None
        if prices is not None:
            self._take_ports(prices)

    def _take_ports(self, prices: TickPrices) -> tuple[PortCandle, ...]:
        if self._port_bars is None:
            self._port_bars = _PortBars(prices)
        return self._port_bars.take(prices)

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
