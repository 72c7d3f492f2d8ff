"""Haulers and their deals as rows."""

from typing import Any

from sectorwars.application.rows import (
    HaulerRow,
    LoggedEvent,
)
from sectorwars.domain.commodity import Commodity
from sectorwars.domain.event import HaulerCalled, UniverseCreated
from sectorwars.domain.hauler import HaulerSpec, Shipment
from sectorwars.domain.ids import HaulerId, PortId
from sectorwars.domain.market import Side
from sectorwars.domain.values import Credits, Quantity, Tick
from sectorwars.persistence.postgres.connection import Connection

Row = tuple[Any, ...]


async def insert_haulers(connection: Connection, born: UniverseCreated) -> None:
    """Write the haulers that a universe is born with, within the caller's transaction."""
    await connection.copy_records_to_table(
        "haulers",
        columns=("hauler_id", "home_port_id", "hold", "port_id", "calls_at_tick"),
        records=[
            (spec.hauler_id, spec.home_port_id, spec.hold, spec.home_port_id, calls_at)
            for spec, calls_at in zip(born.haulers, born.first_calls, strict=True)
        ],
    )


async def select_hauler_specs(connection: Connection) -> tuple[HaulerSpec, ...]:
    """Return what never changes about the haulers, in the order of their ids."""
    records = await connection.fetch(
        "SELECT hauler_id, home_port_id, hold FROM haulers ORDER BY hauler_id"
    )
    return tuple(
        HaulerSpec(HaulerId(hauler_id), PortId(home), hold) for hauler_id, home, hold in records
    )


async def select_haulers(connection: Connection) -> tuple[HaulerRow, ...]:
    """Return where the haulers call next and what they carry, in the order of their ids."""
    records = await connection.fetch(
        "SELECT hauler_id, port_id, calls_at_tick, commodity, quantity, cost_credits "
        "FROM haulers ORDER BY hauler_id"
    )
    return tuple(
        HaulerRow(
            HaulerId(hauler_id),
            PortId(port_id),
            Tick(calls_at),
            None
            if commodity is None
            else Shipment(Commodity(commodity), Quantity(quantity), Credits(cost)),
        )
        for hauler_id, port_id, calls_at, commodity, quantity, cost in records
    )


def hauler_row(hauler: HaulerRow) -> Row:
    """Return a row of the SQL type `batch_hauler`."""
    cargo = hauler.cargo
    return (
        hauler.hauler_id,
        hauler.port_id,
        hauler.calls_at,
        cargo and cargo.commodity.value,
        cargo and cargo.quantity,
        cargo and cargo.cost_credits,
    )


def deal_rows(logged: LoggedEvent) -> list[Row]:
    """Return the rows of the SQL type `batch_hauler_deal` that an event brings."""
    event = logged.event
    if not isinstance(event, HaulerCalled):
        return []
    # As everywhere in the database, the side is that of the port's customer.
    deals = ((Side.SELL, event.sold), (Side.BUY, event.bought))
    return [
        (
            logged.offset,
            side.value,
            event.port_id,
            deal.commodity.value,
            deal.quantity,
            event.tick,
        )
        for side, deal in deals
        if deal is not None
    ]
