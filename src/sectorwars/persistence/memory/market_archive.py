"""Prices of the past in memory."""

from collections import Counter
from collections.abc import Collection
from itertools import islice

from sectorwars.application.reading.tape import tape_entries
from sectorwars.application.rows import (
    GoodCandle,
    GoodResult,
    IndexCandle,
    IndexInterval,
    IndexPrices,
    LoggedEvent,
    PortBar,
    TapeEntry,
    TickPrices,
)
from sectorwars.application.state.trade_shares import shares
from sectorwars.domain.commodity import COMMODITY_INDEX, Commodity
from sectorwars.domain.event import GoodsTraded, HaulerCalled
from sectorwars.domain.ids import PlayerId, PortId
from sectorwars.domain.market import Side
from sectorwars.domain.values import Tick, UnixMicros
from sectorwars.persistence.memory.disk import MemoryDisk


class MemoryMarketArchive:
    """Candles, kept ticks and trades on a `MemoryDisk`."""

    def __init__(self, disk: MemoryDisk) -> None:
        """Read what an event store has written on `disk`."""
        self._disk = disk

    async def index_candles(
        self, interval: IndexInterval, until: Tick, limit: int
    ) -> list[IndexCandle]:
        """Return at most `limit` closed index candles that start before `until`, oldest first."""
        starts = sorted(
            start
            for kept_interval, start in self._disk.index_candles
            if kept_interval == interval and start < until
        )
        return [self._disk.index_candles[interval, start] for start in _last(starts, limit)]

    async def good_candles(
        self, commodity: Commodity, interval: IndexInterval, until: Tick, limit: int
    ) -> list[GoodCandle]:
        """Return `index_candles` of one good."""
        i = COMMODITY_INDEX[commodity]
        return [
            GoodCandle(
                candle.start,
                candle.open[i],
                candle.high[i],
                candle.low[i],
                candle.close[i],
                candle.volume[i],
            )
            for candle in await self.index_candles(interval, until, limit)
        ]

    async def port_bars(
        self, port_index: int, position: int, until: Tick, limit: int
    ) -> list[PortBar]:
        """Return at most `limit` closed hours of a port's good before `until`, oldest first."""
        starts = sorted(
            start
            for kept_port, start in self._disk.port_candles
            if kept_port == port_index and start < until
        )
        candles = (self._disk.port_candles[port_index, start] for start in _last(starts, limit))
        return [
            PortBar(c.start, *(prices[position] for prices in (c.open, c.high, c.low, c.close)))
            for c in candles
        ]

    async def index_prices(self, after: Tick, limit: int) -> list[IndexPrices]:
        """Return the indices of at most `limit` kept ticks later than `after`, oldest first."""
        return [prices.market for prices in await self.tick_prices(after, limit)]

    async def tick_prices(self, after: Tick, limit: int) -> list[TickPrices]:
        """Return at most `limit` kept ticks later than `after`, with all ports, oldest first."""
        ticks = sorted(tick for tick in self._disk.tick_prices if tick > after)
        return [self._disk.tick_prices[tick] for tick in ticks[:limit]]

    async def port_mids(
        self, port_index: int, position: int, after: Tick
    ) -> list[tuple[Tick, int]]:
        """Return (tick, mid in hundredths) of one good at one port, oldest first."""
        return [
            (tick, self._disk.tick_prices[tick].port_mids[port_index][position])
            for tick in sorted(self._disk.tick_prices)
            if tick > after
        ]

    async def trades_of(
        self, player_id: PlayerId, before_offset: int | None, limit: int
    ) -> list[LoggedEvent]:
        """Return the `GoodsTraded` of a player or of his open orders, newest first, each once."""
        trades = (
            logged
            for logged in reversed(self._disk.log)
            if isinstance(logged.event, GoodsTraded)
            and any(share.player_id == player_id for share in shares(logged.event))
            and (before_offset is None or logged.offset < before_offset)
        )
        return list(islice(trades, limit))

    async def crossed_trades(self, since: UnixMicros, limit: int) -> list[GoodsTraded]:
        """Return trades later than `since` that met open orders: the latest, oldest first."""
        events = (logged.event for logged in reversed(self._disk.log))
        crossed = (
            event
            for event in events
            if isinstance(event, GoodsTraded) and event.crossings and event.at > since
        )
        return [*islice(crossed, limit)][::-1]

    async def trade_results(
        self, player_id: PlayerId, since: UnixMicros | None
    ) -> list[GoodResult]:
        """Return what a player's trades later than `since` came to, by good, in no order."""
        results: dict[Commodity, GoodResult] = {}
        for logged in self._disk.log:
            if isinstance(logged.event, GoodsTraded):
                for trade in shares(logged.event):
                    if trade.player_id == player_id and (since is None or trade.at > since):
                        before = results.get(trade.commodity, _no_result(trade.commodity))
                        results[trade.commodity] = _result_with(before, trade)
        return list(results.values())

    async def tape(
        self,
        goods: Collection[Commodity],
        port_id: PortId | None,
        after: Tick,
        before: int | None,
        limit: int,
    ) -> list[TapeEntry]:
        """Return deals of these goods since the tick `after`, newest first.

        They are at one port or all, with sequences below `before`; at most `limit`.
        """
        entries = (
            entry
            for logged in reversed(self._disk.log)
            if isinstance(logged.event, GoodsTraded | HaulerCalled)
            and logged.event.tick > after
            and port_id in (None, logged.event.port_id)
            for entry in reversed(tape_entries(logged.offset, logged.event))
            if entry.deal.commodity in goods and (before is None or entry.sequence < before)
        )
        return list(islice(entries, limit))

    async def volume_by_tick(
        self, commodity: Commodity, after: Tick, port_id: PortId | None
    ) -> list[tuple[Tick, int]]:
        """Return (tick, units traded) of a good since `after`, at one port or all, oldest first."""
        units: Counter[Tick] = Counter()
        deals_since = after if self._disk.deals_since is None else self._disk.deals_since
        for logged in self._disk.log:
            event = logged.event
            if (
                isinstance(event, GoodsTraded | HaulerCalled)
                and event.tick > after
                and port_id in (None, event.port_id)
                and not (isinstance(event, HaulerCalled) and event.tick < deals_since)
            ):
                for deal in event.deals if isinstance(event, HaulerCalled) else (event,):
                    if deal.commodity is commodity:
                        units[event.tick] += deal.quantity
        return sorted(units.items())


def _no_result(commodity: Commodity) -> GoodResult:
    return GoodResult(commodity, 0, 0, 0, 0, 0, 0)


def _result_with(result: GoodResult, trade: GoodsTraded) -> GoodResult:
    bought = trade.quantity if trade.side is Side.BUY else 0
    return GoodResult(
        result.commodity,
        result.trades + 1,
        result.sales + (trade.side is Side.SELL),
        result.units_bought + bought,
        result.units_sold + trade.quantity - bought,
        result.profit_credits + (trade.profit_credits or 0),
        result.fees_credits + trade.fees_credits,
    )


def _last(starts: list[Tick], limit: int) -> list[Tick]:
    return starts[max(0, len(starts) - limit) :]
