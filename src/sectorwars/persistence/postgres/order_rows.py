"""Orders as rows, for ever: the open ones and what became of the others."""

from typing import Any

import asyncpg

from sectorwars.application.rows import (
    OrderClose,
    OrderProgress,
    OrderRow,
)
from sectorwars.domain.commodity import Commodity
from sectorwars.domain.event import OrderPlaced
from sectorwars.domain.ids import CommandId, OrderId, PlayerId, PortId
from sectorwars.domain.market import Side
from sectorwars.domain.order import CloseReason
from sectorwars.domain.values import UnixMicros
from sectorwars.persistence.postgres.connection import Connection

Row = tuple[Any, ...]


async def select_open_orders(connection: Connection) -> tuple[OrderRow, ...]:
    """Return the open orders in the order in which they were placed."""
    records = await connection.fetch(
        "SELECT * FROM player_orders WHERE close_reason IS NULL ORDER BY sequence"
    )
    return tuple(order_of(record) for record in records)


async def select_order_sequence(connection: Connection) -> int:
    """Return the sequence number of the latest order; 0 before the first."""
    latest: int = await connection.fetchval("SELECT coalesce(max(sequence), 0) FROM player_orders")
    return latest


def order_of(record: asyncpg.Record) -> OrderRow:
    """Read a row of `player_orders` back."""
    close = None
    if record["close_reason"] is not None:
        close = OrderClose(UnixMicros(record["closed_at_us"]), CloseReason(record["close_reason"]))
    return OrderRow(
        order_id=OrderId(record["order_id"]),
        player_id=PlayerId(record["player_id"]),
        command_id=CommandId(record["command_id"]),
        port_id=PortId(record["port_id"]),
        side=Side(record["side"]),
        commodity=Commodity(record["commodity"]),
        quantity=record["quantity"],
        limit_credits=record["limit_credits"],
        placed_at=UnixMicros(record["placed_at_us"]),
        expires_at=UnixMicros(record["expires_at_us"]),
        cancel_on_disconnect=record["cancel_on_disconnect"],
        sequence=record["sequence"],
        filled=record["filled"],
        filled_credits=record["filled_credits"],
        close=close,
    )


def order_row(placed: OrderPlaced) -> Row:
    """Return a row of the SQL type `batch_order`."""
    return (
        placed.order_id,
        placed.player_id,
        placed.command_id,
        placed.port_id,
        placed.side.value,
        placed.commodity.value,
        placed.quantity,
        placed.limit_credits,
        placed.at,
        placed.expires_at,
        placed.cancel_on_disconnect,
        placed.sequence,
    )


def progress_row(progress: OrderProgress) -> Row:
    """Return a row of the SQL type `batch_order_progress`."""
    close = progress.close
    return (
        progress.order_id,
        progress.filled,
        progress.filled_credits,
        close and close.at,
        close and close.reason.value,
    )
