"""A game year of prices, trades, orders and receipts, written by SQL beside a young galaxy.

The rows lie before tick 0 and are such as the store itself would have written, each of the last
hours' deals with its event; only what nobody asks for (hashes, balances) is made up.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final, cast

import asyncpg

from sectorwars.domain.commodity import COMMODITIES, Commodity
from sectorwars.domain.event import GoodsTraded, HaulerCalled
from sectorwars.domain.hauler import HaulerDeal
from sectorwars.domain.ids import CommandId, HaulerId, PlayerId, PortId, TradeId
from sectorwars.domain.ledger import TRADE_TAX, Posting, player_account, port_account
from sectorwars.domain.market import Fill, Side
from sectorwars.domain.values import (
    TICKS_PER_GAME_DAY,
    TICKS_PER_GAME_HOUR,
    Credits,
    Quantity,
    Tick,
    UnixMicros,
)
from sectorwars.persistence.event_codec import encode_event
from sectorwars.persistence.packed import pack_candle
from sectorwars.persistence.retention import HAULER_DEALS_KEPT, TICKS_KEPT

YEAR_TICKS: Final = 365 * TICKS_PER_GAME_DAY
TRADES_PER_TICK: Final = 4
PLAYERS: Final = 10_000
ONE_TRADE_IN_ORDERS: Final = 10
ONE_TRADE_IN_BUSY: Final = 20
"""One player, who is always at it, makes so many of all trades."""
BUSY_PLAYER: Final = "pl_busy"
OFFSETS_PER_TICK: Final = TRADES_PER_TICK + 1
"""Four trades and, within the month for which they are kept, a hauler's call."""
_PRICES: Final = tuple(range(4_000, 4_000 + 137 * len(COMMODITIES), 137))

_MARKETS: Final = """
    CREATE TEMPORARY TABLE markets AS
    SELECT (row_number() OVER (ORDER BY port_index, good) - 1)::int AS market, port_id,
           goods -> good ->> 'commodity' AS commodity
    FROM ports, generate_series(0, jsonb_array_length(goods) - 1) AS good
"""
# {offset}: the last before the year, {first}: its first tick, {now}: the real time at its end.
_DEALS: Final = f"""
    CREATE TEMPORARY TABLE deals AS
    SELECT {{offset}} + t * {OFFSETS_PER_TICK}::bigint + k + 1 AS log_offset,
           t * {TRADES_PER_TICK} + k AS n, {{first}} + t AS tick,
           CASE WHEN (t + k) % {ONE_TRADE_IN_BUSY} = 0 THEN '{BUSY_PLAYER}'
                ELSE 'pl_' || (t::bigint * 7919 + k * 104729) % {PLAYERS} END AS player_id,
           ((t * 31 + k * 17) % (SELECT count(*) FROM markets))::int AS market,
           CASE WHEN (t / 16 + k) % 2 = 0 THEN 'buy' ELSE 'sell' END AS side,
           {{now}} - ({YEAR_TICKS} - t) * 1000000::bigint + k AS at_us
    FROM generate_series(0, {YEAR_TICKS - 1}) t, generate_series(0, {TRADES_PER_TICK - 1}) k
"""
_TRADE_EVENTS: Final = """
    INSERT INTO events (log_offset, kind, payload, hash)
    SELECT log_offset, 'goods_traded',
           format($payload${payload}$payload$, n, player_id, port_id, commodity, side, tick, at_us),
           sha256('')
    FROM deals JOIN markets USING (market) ORDER BY log_offset
"""
_TRANSACTIONS: Final = """
    INSERT INTO market_transactions
        (log_offset, crossing, trade_id, player_id, port_id, transaction_type, commodity, quantity,
         total_credits, fees_credits, profit_credits, real_time_price, volume_24h, stock_after,
         market_version, tick, executed_at)
    SELECT log_offset, 0, 't-' || n, player_id, port_id, side, commodity, 10, 500, 5,
           CASE side WHEN 'sell' THEN 20 END, 50, 1000, 1000, n, tick,
           timestamptz 'epoch' + at_us * interval '1 microsecond'
    FROM deals JOIN markets USING (market) ORDER BY log_offset
"""
_RECEIPTS: Final = """
    INSERT INTO command_receipts
    SELECT player_id, 'c-' || n, sha256(''), 'executed', NULL,
           convert_to('{"command_id":"c-' || n || '","status":"executed"}', 'UTF8'), at_us
    FROM deals
"""
_ORDERS: Final = f"""
    INSERT INTO player_orders
    SELECT 'o-' || n, player_id, 'c-' || n, port_id, side, commodity, 10, 50, at_us,
           at_us + 60000000, false, n + 1, 10, 500, at_us + 1000000, 'filled'
    FROM deals JOIN markets USING (market) WHERE n % {ONE_TRADE_IN_ORDERS} = 0
"""
_CALLS: Final = f"""
    CREATE TEMPORARY TABLE calls AS
    SELECT {{offset}} + (t + 1) * {OFFSETS_PER_TICK}::bigint AS log_offset, {{first}} + t AS tick,
           port_id, commodity
    FROM generate_series({YEAR_TICKS - HAULER_DEALS_KEPT}, {YEAR_TICKS - 1}) t
    JOIN markets ON market = t * 13 % (SELECT count(*) FROM markets)
"""
_CALL_EVENTS: Final = """
    INSERT INTO events (log_offset, kind, payload, hash)
    SELECT log_offset, 'hauler_called',
           format($payload${payload}$payload$, 0, '', port_id, commodity, '', tick), sha256('')
    FROM calls ORDER BY log_offset
"""
_HAULER_DEALS: Final = """
    INSERT INTO hauler_deals
    SELECT log_offset, side, port_id, commodity, 10, tick
    FROM calls, unnest(ARRAY['sell', 'buy']) AS side
"""
_INDEX_CANDLES: Final = """
    INSERT INTO index_candles
    SELECT $1, start, $2 FROM generate_series($3::bigint, $4::bigint - $5, $5) AS start
"""
_PORT_CANDLES: Final = """
    INSERT INTO port_candles
    SELECT $1, start, $2 FROM generate_series($3::bigint, $4::bigint - $5, $5) AS start
"""
_TICK_PRICES: Final = """
    INSERT INTO tick_prices
    SELECT tick, decode(repeat('00001388', $3), 'hex'), decode(repeat('00001388', $4), 'hex')
    FROM generate_series($1::bigint, $2::bigint) AS tick
"""
_LOADED: Final = (
    "events",
    "market_transactions",
    "command_receipts",
    "player_orders",
    "hauler_deals",
    "index_candles",
    "port_candles",
)
_INTERVAL_TICKS: Final = {"1m": 1, "5m": 5, "1h": TICKS_PER_GAME_HOUR, "1d": TICKS_PER_GAME_DAY}
_MARKS: Final = ("@n@", "@player@", "@port@", "@commodity@", "@side@", "900000006", "900000007")
"""What stands in an event's place of a number, a player and so on, in the order of `format`."""


def trader(n: int) -> str:
    """Return who made trade number `n` of the year, as the SQL above has it."""
    t, k = divmod(n, TRADES_PER_TICK)
    busy = (t + k) % ONE_TRADE_IN_BUSY == 0
    return BUSY_PLAYER if busy else f"pl_{(t * 7919 + k * 104729) % PLAYERS}"


async def write_year(dsn: str, offset: int, birth: Tick, now: UnixMicros) -> None:
    """Write the year before a galaxy's birth, its events after `offset` of the log.

    It ends at the real time `now`, as if a tick had passed each second.
    """
    first = birth - YEAR_TICKS
    connection = await asyncpg.connect(dsn, command_timeout=300)
    try:
        await connection.execute("SET synchronous_commit = off")
        await connection.execute("SET maintenance_work_mem = '256MB'")
        await connection.execute(_MARKETS)
        await connection.execute(_DEALS.format(offset=offset, first=first, now=now))
        await connection.execute(_CALLS.format(offset=offset, first=first))
        async with _unindexed(connection):
            await connection.execute(_TRADE_EVENTS.replace("{payload}", _template(_trade())))
            await connection.execute(_CALL_EVENTS.replace("{payload}", _template(_call())))
            for statement in (_TRANSACTIONS, _RECEIPTS, _ORDERS, _HAULER_DEALS):
                await connection.execute(statement)
            await _write_prices(connection, first, birth)
        await connection.execute("VACUUM (ANALYZE)")
    finally:
        await connection.close()


async def _write_prices(
    connection: asyncpg.Connection[asyncpg.Record], first: int, birth: int
) -> None:
    index = pack_candle((_PRICES,) * 5)
    for interval, ticks in _INTERVAL_TICKS.items():
        start = -(-first // ticks) * ticks
        await connection.execute(_INDEX_CANDLES, interval, index, start, birth, ticks)
    ports = await connection.fetch("SELECT port_index, jsonb_array_length(goods) FROM ports")
    for port_index, goods in ports:
        candle = pack_candle((_PRICES[:goods],) * 4)
        start = -(-first // TICKS_PER_GAME_HOUR) * TICKS_PER_GAME_HOUR
        await connection.execute(
            _PORT_CANDLES, port_index, candle, start, birth, TICKS_PER_GAME_HOUR
        )
    goods_of_all = sum(goods for _, goods in ports)
    await connection.execute(
        _TICK_PRICES, birth - TICKS_KEPT, birth - 1, 4 * len(COMMODITIES), goods_of_all
    )


@asynccontextmanager
async def _unindexed(connection: asyncpg.Connection[asyncpg.Record]) -> AsyncIterator[None]:
    """Take the indexes of the big tables away while they are filled."""
    constraints = await connection.fetch(
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint "
        "WHERE contype IN ('p', 'u') AND conrelid = ANY ($1::text[]::regclass[])",
        _LOADED,
    )
    for table, name, _ in constraints:
        await connection.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    indexes = await connection.fetch(
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = ANY ($1)", _LOADED
    )
    for name, _ in indexes:
        await connection.execute(f"DROP INDEX {name}")
    yield
    for table, name, definition in constraints:
        await connection.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")
    for _, definition in indexes:
        await connection.execute(definition)


def _template(event: GoodsTraded | HaulerCalled) -> str:
    """Return an event's payload as a format of PostgreSQL."""
    payload = encode_event(event).decode()
    for place, mark in enumerate(_MARKS, start=1):
        payload = payload.replace(mark, f"%{place}$s")
    return payload


def _trade() -> GoodsTraded:
    number, player, port, good, side, tick, at = _MARKS
    player_id, port_id = PlayerId(player), PortId(port)
    return GoodsTraded(
        trade_id=TradeId(f"t-{number}"),
        trade_serial=1,
        player_id=player_id,
        command_id=CommandId(f"c-{number}"),
        at=UnixMicros(int(at)),
        tick=Tick(int(tick)),
        port_id=port_id,
        side=cast("Side", side),
        commodity=cast("Commodity", good),
        quantity=Quantity(10),
        fills=(Fill(Credits(50), Quantity(10)),),
        total_credits=Credits(500),
        fees_credits=Credits(5),
        profit_credits=Credits(20),
        credits_after=Credits(50_000),
        cargo_after=Quantity(10),
        stock_after=Quantity(1_000),
        market_version=1_000,
        volume_24h=1_000,
        postings=(
            Posting(player_account(player_id), Credits(-505)),
            Posting(port_account(port_id), Credits(500)),
            Posting(TRADE_TAX, Credits(5)),
        ),
    )


def _call() -> HaulerCalled:
    _, _, port, good, _, tick, _ = _MARKS
    deal = HaulerDeal(
        cast("Commodity", good), Quantity(10), Credits(500), Credits(5), Quantity(1_000)
    )
    return HaulerCalled(
        tick=Tick(int(tick)),
        at=UnixMicros(1),
        hauler_id=HaulerId("h0001"),
        port_id=PortId(port),
        sold=deal,
        bought=deal,
        grant_credits=Credits(0),
        upkeep_credits=Credits(1),
        market_version=1_000,
        destination_id=PortId(port),
        calls_at=Tick(1),
    )
