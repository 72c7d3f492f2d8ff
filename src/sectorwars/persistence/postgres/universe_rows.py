"""The universe's unchanging tables: sectors and ports."""

from typing import Final

import asyncpg
import msgspec

from sectorwars.domain.event import UniverseCreated
from sectorwars.domain.ids import PortId, SectorId
from sectorwars.domain.navigation import Sector
from sectorwars.domain.port import PortClass, PortGood, PortSpec
from sectorwars.persistence.postgres.connection import Connection

_JSON: Final = msgspec.json.Encoder()
_GOODS: Final = msgspec.json.Decoder(tuple[PortGood, ...])


async def insert_universe(connection: Connection, born: UniverseCreated) -> None:
    """Write the universe's tables within the caller's transaction."""
    await connection.execute("INSERT INTO universe (seed) VALUES ($1)", born.seed)
    await connection.copy_records_to_table(
        "sectors",
        records=[
            (s.sector_id, i, s.name, s.x, s.y, list(s.warps), list(s.port_ids))
            for i, s in enumerate(born.sectors)
        ],
    )
    await connection.copy_records_to_table(
        "ports",
        records=[
            (p.port_id, p.index, p.sector_id, p.name, p.port_class.value, _encode_goods(p))
            for p in born.ports
        ],
    )


async def select_sectors(connection: Connection) -> tuple[Sector, ...]:
    """Return all sectors in the order of their birth."""
    records = await connection.fetch(
        "SELECT sector_id, name, x, y, warps, port_ids FROM sectors ORDER BY sector_index"
    )
    return tuple(_sector(record) for record in records)


async def select_ports(connection: Connection) -> tuple[PortSpec, ...]:
    """Return all ports in the order of their index."""
    records = await connection.fetch(
        "SELECT port_index, port_id, sector_id, name, port_class, goods "
        "FROM ports ORDER BY port_index"
    )
    return tuple(_port(record) for record in records)


def _encode_goods(port: PortSpec) -> str:
    return _JSON.encode(port.goods).decode()


def _sector(record: asyncpg.Record) -> Sector:
    sector_id, name, x, y, warps, port_ids = record
    return Sector(
        SectorId(sector_id),
        name,
        x,
        y,
        tuple(SectorId(warp) for warp in warps),
        tuple(PortId(port) for port in port_ids),
    )


def _port(record: asyncpg.Record) -> PortSpec:
    index, port_id, sector_id, name, port_class, goods = record
    return PortSpec(
        index,
        PortId(port_id),
        SectorId(sector_id),
        name,
        PortClass(port_class),
        _GOODS.decode(goods),
    )
