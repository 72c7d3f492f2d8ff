"""Prices of the past in memory."""

from collections import Counter
from itertools import islice

from sectorwars.application.ports import (
    IndexCandle,
    IndexInterval,
    IndexPrices,
    LoggedEvent,
    PortCandle,
    TickPrices,
)
from sectorwars.domain.commodity import Commodity
from sectorwars.domain.event import GoodsTraded, HaulerCalled
from sectorwars.domain.ids import PlayerId, PortId
from sectorwars.domain.values import Tick
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

    async def port_candles(self, port_index: int, until: Tick, limit: int) -> list[PortCandle]:
        """Return at most `limit` closed hourly candles of a port before `until`, oldest first."""
        starts = sorted(
            start
            for kept_port, start in self._disk.port_candles
            if kept_port == port_index and start < until
        )
        return [self._disk.port_candles[port_index, start] for start in _last(starts, limit)]

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
        """Return a player's `GoodsTraded`, newest first, below `before_offset`."""
        trades = (
            logged
            for logged in reversed(self._disk.log)
            if isinstance(logged.event, GoodsTraded)
            and logged.event.player_id == player_id
            and (before_offset is None or logged.offset < before_offset)
        )
        return list(islice(trades, limit))

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


def _last(starts: list[Tick], limit: int) -> list[Tick]:
    return starts[max(0, len(starts) - limit) :]
