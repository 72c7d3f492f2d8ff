"""Prices of the past on PostgreSQL."""

from collections.abc import Collection
from functools import partial
from typing import Final

import asyncpg

from sectorwars.application.reading.tape import SEQUENCES_PER_OFFSET, tape_entries
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
from sectorwars.domain.commodity import COMMODITIES, COMMODITY_INDEX, Commodity
from sectorwars.domain.event import GoodsTraded, HaulerCalled
from sectorwars.domain.ids import PlayerId, PortId
from sectorwars.domain.values import Tick, UnixMicros
from sectorwars.persistence.event_codec import decode_event
from sectorwars.persistence.packed import (
    CENTS_BYTES,
    split_row,
    unpack_candle,
    unpack_candle_of,
    unpack_prices,
)
from sectorwars.persistence.postgres.connection import Pool, acquire

_INDEX_CANDLES: Final = """
    SELECT start_tick, payload FROM index_candles
    WHERE candle_interval = $1 AND start_tick < $2 ORDER BY start_tick DESC LIMIT $3
"""
_PORT_CANDLES: Final = """
    SELECT start_tick, payload FROM port_candles
    WHERE port_index = $1 AND start_tick < $2 ORDER BY start_tick DESC LIMIT $3
"""
_INDEX_PRICES: Final = """
    SELECT tick, market FROM tick_prices WHERE tick > $1 ORDER BY tick LIMIT $2
"""
_TICK_PRICES: Final = """
    SELECT tick, market, port_mids FROM tick_prices WHERE tick > $1 ORDER BY tick LIMIT $2
"""
_PORT_MIDS: Final = """
    SELECT tick, substring(port_mids FROM $2 FOR $3)
    FROM tick_prices WHERE tick > $1 ORDER BY tick
"""
_TRADES: Final = """
    SELECT e.log_offset, e.payload
    FROM (SELECT DISTINCT log_offset FROM market_transactions
          WHERE player_id = $1 AND log_offset < $2 ORDER BY log_offset DESC LIMIT $3) AS own
    JOIN events e USING (log_offset) ORDER BY e.log_offset DESC
"""
# Each open order that a trade met has a row; the first one stands for the trade.
_CROSSED_TRADES: Final = """
    SELECT e.payload
    FROM (SELECT log_offset FROM market_transactions
          WHERE crossing = 1
            AND executed_at > timestamptz 'epoch' + $1::bigint * interval '1 microsecond'
          ORDER BY log_offset DESC LIMIT $2) AS crossed
    JOIN events e USING (log_offset) ORDER BY e.log_offset DESC
"""
_RESULTS: Final = """
    SELECT commodity, count(*), count(*) FILTER (WHERE transaction_type = 'sell'),
           coalesce(sum(quantity) FILTER (WHERE transaction_type = 'buy'), 0)::bigint,
           coalesce(sum(quantity) FILTER (WHERE transaction_type = 'sell'), 0)::bigint,
           coalesce(sum(profit_credits), 0)::bigint, sum(fees_credits)::bigint
    FROM market_transactions
    WHERE player_id = $1 AND log_offset >= first_trade_after($2)
    GROUP BY commodity
"""
# Either half is read backwards as far as it is needed: what is filtered is bounded by `after`.
_TAPE: Final = """
    SELECT deals.log_offset, deals.place, e.kind, e.payload
    FROM (
        (SELECT log_offset, 0 AS place FROM market_transactions
         WHERE crossing = 0 AND commodity = ANY ($1::text[])
           AND ($2::text IS NULL OR port_id = $2) AND tick > $3
           AND log_offset <= $4 AND (log_offset, 0) < ($4, $5)
         ORDER BY log_offset DESC LIMIT $6)
        UNION ALL
        (SELECT log_offset, (transaction_type = 'buy')::int AS place FROM hauler_deals
         WHERE commodity = ANY ($1::text[]) AND ($2::text IS NULL OR port_id = $2) AND tick > $3
           AND log_offset <= $4 AND (log_offset, (transaction_type = 'buy')::int) < ($4, $5)
         ORDER BY log_offset DESC, place DESC LIMIT $6)
    ) AS deals JOIN events e USING (log_offset)
    ORDER BY deals.log_offset DESC, deals.place DESC LIMIT $6
"""
_VOLUME: Final = """
    SELECT tick, sum(quantity)::bigint FROM (
        SELECT tick, commodity, port_id, quantity FROM market_transactions WHERE crossing = 0
        UNION ALL SELECT tick, commodity, port_id, quantity FROM hauler_deals
    ) AS traded
    WHERE commodity = $1 AND tick > $2 AND ($3::text IS NULL OR port_id = $3)
    GROUP BY tick ORDER BY tick
"""
_OFFSET_MAX: Final = 2**63 - 1


class PostgresMarketArchive:
    """Candles, kept ticks and trades in PostgreSQL.

    Every method raises StoreUnavailableError where the database cannot be reached.
    """

    def __init__(self, pool: Pool) -> None:
        """Read over connections of `pool`."""
        self._pool = pool
        self._goods_per_port: tuple[int, ...] = ()

    async def index_candles(
        self, interval: IndexInterval, until: Tick, limit: int
    ) -> list[IndexCandle]:
        """Return at most `limit` closed index candles that start before `until`, oldest first."""
        records = await self._fetch(_INDEX_CANDLES, interval, until, limit)
        return [
            IndexCandle(interval, Tick(start), *unpack_candle(payload))
            for start, payload in reversed(records)
        ]

    async def good_candles(
        self, commodity: Commodity, interval: IndexInterval, until: Tick, limit: int
    ) -> list[GoodCandle]:
        """Return `index_candles` of one good."""
        records = await self._fetch(_INDEX_CANDLES, interval, until, limit)
        position = COMMODITY_INDEX[commodity]
        return [
            GoodCandle(Tick(start), *unpack_candle_of(payload, position))
            for start, payload in reversed(records)
        ]

    async def port_bars(
        self, port_index: int, position: int, until: Tick, limit: int
    ) -> list[PortBar]:
        """Return at most `limit` closed hours of a port's good before `until`, oldest first."""
        records = await self._fetch(_PORT_CANDLES, port_index, until, limit)
        return [
            PortBar(Tick(start), *unpack_candle_of(payload, position))
            for start, payload in reversed(records)
        ]

    async def index_prices(self, after: Tick, limit: int) -> list[IndexPrices]:
        """Return the indices of at most `limit` kept ticks later than `after`, oldest first."""
        records = await self._fetch(_INDEX_PRICES, after, limit)
        return [_index_prices(tick, market) for tick, market in records]

    async def tick_prices(self, after: Tick, limit: int) -> list[TickPrices]:
        """Return at most `limit` kept ticks later than `after`, with all ports, oldest first."""
        goods_per_port = await self._layout()
        records = await self._fetch(_TICK_PRICES, after, limit)
        return [
            TickPrices(
                _index_prices(tick, market), split_row(unpack_prices(port_mids), goods_per_port)
            )
            for tick, market, port_mids in records
        ]

    async def port_mids(
        self, port_index: int, position: int, after: Tick
    ) -> list[tuple[Tick, int]]:
        """Return (tick, mid in hundredths) of one good at one port, oldest first."""
        goods_per_port = await self._layout()
        place = sum(goods_per_port[:port_index]) + position
        records = await self._fetch(_PORT_MIDS, after, place * CENTS_BYTES + 1, CENTS_BYTES)
        from_bytes = partial(int.from_bytes, byteorder="big", signed=True)
        return [(Tick(tick), from_bytes(mid)) for tick, mid in records]

    async def trades_of(
        self, player_id: PlayerId, before_offset: int | None, limit: int
    ) -> list[LoggedEvent]:
        """Return the `GoodsTraded` of a player or of his open orders, newest first, each once."""
        before = _OFFSET_MAX if before_offset is None else before_offset
        records = await self._fetch(_TRADES, player_id, before, limit)
        return [
            LoggedEvent(offset, decode_event("goods_traded", payload))
            for offset, payload in records
        ]

    async def crossed_trades(self, since: UnixMicros, limit: int) -> list[GoodsTraded]:
        """Return trades later than `since` that met open orders: the latest, oldest first."""
        records = await self._fetch(_CROSSED_TRADES, since, limit)
        events = (decode_event("goods_traded", payload) for (payload,) in reversed(records))
        return [event for event in events if isinstance(event, GoodsTraded)]

    async def trade_results(
        self, player_id: PlayerId, since: UnixMicros | None
    ) -> list[GoodResult]:
        """Return what a player's trades later than `since` came to, by good, in no order."""
        records = await self._fetch(_RESULTS, player_id, 0 if since is None else since)
        return [GoodResult(Commodity(commodity), *sums) for commodity, *sums in records]

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
        offset, place = divmod(_OFFSET_MAX if before is None else before, SEQUENCES_PER_OFFSET)
        names = [good.value for good in goods]
        records = await self._fetch(_TAPE, names, port_id, after, offset, place, limit)
        return [_tape_entry(*record) for record in records]

    async def volume_by_tick(
        self, commodity: Commodity, after: Tick, port_id: PortId | None
    ) -> list[tuple[Tick, int]]:
        """Return (tick, units traded) of a good since `after`, at one port or all, oldest first."""
        records = await self._fetch(_VOLUME, commodity.value, after, port_id)
        return [(Tick(tick), units) for tick, units in records]

    async def _fetch(self, query: str, *arguments: object) -> list[asyncpg.Record]:
        async with acquire(self._pool) as connection:
            return await connection.fetch(query, *arguments)

    async def _layout(self) -> tuple[int, ...]:
        """Return how many goods each port deals in; it never changes once a universe is born."""
        if not self._goods_per_port:
            records = await self._fetch(
                "SELECT jsonb_array_length(goods) FROM ports ORDER BY port_index"
            )
            self._goods_per_port = tuple(record[0] for record in records)
        return self._goods_per_port


def _tape_entry(offset: int, place: int, kind: str, payload: str) -> TapeEntry:
    event = decode_event(kind, payload)
    if not isinstance(event, GoodsTraded | HaulerCalled):
        raise TypeError(f"{kind} is no deal")
    sequence = SEQUENCES_PER_OFFSET * offset + place
    return next(e for e in tape_entries(offset, event) if e.sequence == sequence)


def _index_prices(tick: int, market: bytes) -> IndexPrices:
    index, bid, ask, volume = split_row(unpack_prices(market), (len(COMMODITIES),) * 4)
    return IndexPrices(Tick(tick), index, bid, ask, volume)
