"""Read the whole stored state back, as a writer needs it to go on."""

from operator import attrgetter
from typing import Final

import asyncpg
import msgspec

from sectorwars.application.rows import (
    AccountRow,
    LoggedEvent,
    LotRow,
    MarketEvent,
    PlayerRow,
    StockCheckpoint,
    StoredState,
)
from sectorwars.domain.commodity import Commodity
from sectorwars.domain.event import StockCheckpointed, TickAdvanced, UniverseCreated
from sectorwars.domain.ids import AccountId, PlayerId, PortId, SectorId, ShipId
from sectorwars.domain.navigation import Journey, Turns
from sectorwars.domain.ship import ShipClass
from sectorwars.domain.values import TICKS_PER_GAME_DAY, Credits, Tick, UnixMicros
from sectorwars.persistence.event_codec import decode_event
from sectorwars.persistence.packed import unpack_tick
from sectorwars.persistence.postgres.automation_rows import select_automations
from sectorwars.persistence.postgres.connection import Connection
from sectorwars.persistence.postgres.hauler_rows import select_hauler_specs, select_haulers
from sectorwars.persistence.postgres.order_rows import select_open_orders, select_order_sequence
from sectorwars.persistence.postgres.quote_rows import select_quote_desks
from sectorwars.persistence.postgres.risk_rows import select_risk_gate, select_traded
from sectorwars.persistence.postgres.universe_rows import select_ports, select_sectors

_LOTS: Final = msgspec.json.Decoder(tuple[tuple[int, int], ...])

_PLAYERS: Final = """
    SELECT p.player_id, p.registered_at_us, p.turns, p.turns_as_of_us, p.trade_serial,
           p.order_serial, p.realised_profit_credits, s.ship_id, s.ship_class, s.sector_id,
           s.docked_port_id, s.journey_to_sector_id, s.journey_departed_at_us,
           s.journey_arrives_at_us
    FROM players p JOIN ships s USING (player_id)
    ORDER BY p.player_id
"""
_LATEST_CHECKPOINT: Final = """
    SELECT log_offset, kind, payload FROM events
    WHERE kind IN ('universe_created', 'stock_checkpointed') ORDER BY log_offset DESC LIMIT 1
"""
# Stock is what the last trade of a good left at a port, moved on by later ticks: earlier trades
# since the checkpoint, of which there may be millions, are of no consequence.
_LAST_TRADES: Final = """
    SELECT e.log_offset, e.payload
    FROM (SELECT max(log_offset) AS log_offset FROM market_transactions
          WHERE log_offset > $1 GROUP BY port_id, commodity) AS last
    JOIN events e USING (log_offset)
"""
_CALLS: Final = """
    SELECT e.log_offset, e.payload
    FROM (SELECT DISTINCT log_offset FROM hauler_deals WHERE log_offset > $1) AS calls
    JOIN events e USING (log_offset)
"""
# Of orders and quotes, which move the version of their port only, the last at each port.
_ORDER_FLOW: Final = """
    SELECT e.log_offset, e.kind, e.payload FROM ports p
    CROSS JOIN LATERAL (
        SELECT log_offset, kind, payload FROM events
        WHERE kind IN ('order_placed', 'order_closed', 'quote_issued', 'quote_closed')
          AND coalesce(payload::jsonb ->> 'port_id', payload::jsonb #>> '{quote,port_id}')
              = p.port_id
          AND log_offset > $1
        ORDER BY log_offset DESC LIMIT 1
    ) AS e
"""
_VOLUMES: Final = """
    SELECT tick, commodity, sum(quantity)::bigint FROM (
        SELECT tick, commodity, quantity FROM market_transactions WHERE crossing = 0
        UNION ALL SELECT tick, commodity, quantity FROM hauler_deals
    ) AS traded
    WHERE commodity = ANY ($1::text[]) AND tick > $2
    GROUP BY tick, commodity ORDER BY tick, commodity
"""


async def load_state(connection: Connection) -> StoredState | None:
    """Load everything, within the caller's read-only snapshot; None before the birth."""
    checkpoint_record = await connection.fetchrow(_LATEST_CHECKPOINT)
    if checkpoint_record is None:
        return None
    checkpoint = _checkpoint(checkpoint_record)
    tail = await _market_tail(connection, checkpoint.offset)
    ticks = [event.tick for event in tail if isinstance(event, TickAdvanced)]
    now = max(ticks, default=checkpoint.tick)
    return StoredState(
        last_offset=await connection.fetchval("SELECT last_offset FROM log_head"),
        seed=await connection.fetchval("SELECT seed FROM universe"),
        sectors=await select_sectors(connection),
        ports=await select_ports(connection),
        checkpoint=checkpoint,
        market_tail=tail,
        players=await select_players(connection),
        accounts=await select_accounts(connection),
        volumes=await _volumes(connection, now),
        automations=await select_automations(connection),
        hauler_specs=await select_hauler_specs(connection),
        haulers=await select_haulers(connection),
        orders=await select_open_orders(connection),
        order_sequence=await select_order_sequence(connection),
        quote_desks=await select_quote_desks(connection),
        risk=await select_risk_gate(connection),
        traded=await select_traded(connection),
    )


async def select_log(connection: Connection, offset: int, limit: int) -> list[LoggedEvent]:
    """Return at most `limit` kept events of both logs later than `offset`, in order."""
    events = await connection.fetch(
        "SELECT log_offset, kind, payload FROM events "
        "WHERE log_offset > $1 ORDER BY log_offset LIMIT $2",
        offset,
        limit,
    )
    ticks = await connection.fetch(
        "SELECT log_offset, payload FROM ticks WHERE log_offset > $1 ORDER BY log_offset LIMIT $2",
        offset,
        limit,
    )
    log = [LoggedEvent(at, decode_event(kind, payload)) for at, kind, payload in events]
    log += [LoggedEvent(at, unpack_tick(payload)) for at, payload in ticks]
    log.sort(key=attrgetter("offset"))
    return log[:limit]


async def select_players(connection: Connection) -> tuple[PlayerRow, ...]:
    """Return every player with ship and cargo, in the order of their ids."""
    cargo: dict[str, list[tuple[Commodity, tuple[LotRow, ...]]]] = {}
    for player_id, commodity, lots in await connection.fetch(
        "SELECT player_id, commodity, lots FROM cargo ORDER BY player_id, commodity"
    ):
        rows = tuple(LotRow(quantity, cost) for quantity, cost in _LOTS.decode(lots))
        cargo.setdefault(player_id, []).append((Commodity(commodity), rows))
    records = await connection.fetch(_PLAYERS)
    return tuple(_player(record, tuple(cargo.get(record[0], ()))) for record in records)


async def select_accounts(connection: Connection) -> tuple[AccountRow, ...]:
    """Return every account, in the order of their names."""
    records = await connection.fetch(
        "SELECT account, balance_credits FROM ledger_accounts ORDER BY account"
    )
    return tuple(AccountRow(AccountId(name), Credits(balance)) for name, balance in records)


def _checkpoint(record: asyncpg.Record) -> StockCheckpoint:
    offset, kind, payload = record
    event = decode_event(kind, payload)
    match event:
        case StockCheckpointed():
            return StockCheckpoint(offset, event.tick, event.stocks, event.versions)
        case UniverseCreated():
            return StockCheckpoint(offset, event.tick, event.stocks, (0,) * len(event.ports))
        case _:
            raise TypeError(f"{kind} is no checkpoint")


async def _market_tail(connection: Connection, offset: int) -> tuple[MarketEvent, ...]:
    tail = [
        LoggedEvent(tick_offset, unpack_tick(payload))
        for tick_offset, payload in await connection.fetch(
            "SELECT log_offset, payload FROM ticks WHERE log_offset > $1", offset
        )
    ]
    tail += [
        LoggedEvent(trade_offset, decode_event("goods_traded", payload))
        for trade_offset, payload in await connection.fetch(_LAST_TRADES, offset)
    ]
    tail += [
        LoggedEvent(call_offset, decode_event("hauler_called", payload))
        for call_offset, payload in await connection.fetch(_CALLS, offset)
    ]
    tail += [
        LoggedEvent(flow_offset, decode_event(kind, payload))
        for flow_offset, kind, payload in await connection.fetch(_ORDER_FLOW, offset)
    ]
    tail.sort(key=attrgetter("offset"))
    return tuple(logged.event for logged in tail if isinstance(logged.event, MarketEvent))


async def _volumes(connection: Connection, now: Tick) -> tuple[tuple[Tick, Commodity, int], ...]:
    records = await connection.fetch(
        _VOLUMES, [good.value for good in Commodity], now - TICKS_PER_GAME_DAY
    )
    return tuple(
        (Tick(tick), Commodity(commodity), quantity) for tick, commodity, quantity in records
    )


def _player(
    record: asyncpg.Record, cargo: tuple[tuple[Commodity, tuple[LotRow, ...]], ...]
) -> PlayerRow:
    (
        player_id, registered_at, turns, turns_as_of, trade_serial, order_serial, profit,
        ship_id, ship_class, sector_id, docked_port_id, journey_to, departed_at, arrives_at,
    ) = record  # fmt: skip
    journey = None
    if journey_to is not None:
        # In transit a ship is in the sector it left.
        journey = Journey(
            SectorId(sector_id),
            SectorId(journey_to),
            UnixMicros(departed_at),
            UnixMicros(arrives_at),
        )
    return PlayerRow(
        player_id=PlayerId(player_id),
        registered_at=UnixMicros(registered_at),
        turns=Turns(turns, UnixMicros(turns_as_of)),
        trade_serial=trade_serial,
        order_serial=order_serial,
        realised_profit_credits=profit,
        ship_id=ShipId(ship_id),
        ship_class=ShipClass(ship_class),
        sector_id=SectorId(sector_id),
        docked_port_id=PortId(docked_port_id) if docked_port_id is not None else None,
        journey=journey,
        cargo=cargo,
    )
