"""A world's state as a plain value, so that two worlds can be compared."""

import hashlib
from dataclasses import dataclass, fields, replace

import msgspec

from sectorwars.domain.commodity import Commodity
from sectorwars.domain.hauler import Hauler
from sectorwars.domain.ids import AccountId, OrderId, PlayerId, PortId, SectorId
from sectorwars.domain.navigation import Sector
from sectorwars.domain.player import Player
from sectorwars.domain.risk import SLOTS_PER_DAY, RiskGate, TradeWindow
from sectorwars.domain.values import Credits, Tick, UnixMicros
from sectorwars.engine.world import Deadline, World

_Minute = tuple[int, int, int, tuple[tuple[int, int], ...]]
"""A minute of what a player traded: its number, trades, credits, and units by index of good."""


@dataclass(frozen=True, slots=True)
class WorldState:
    """Everything in a world that its events decide; `ports` are (id, stock, version)."""

    seed: int
    tick: Tick
    sectors: tuple[Sector, ...]
    ports: tuple[tuple[PortId, tuple[int, ...], int], ...]
    haulers: tuple[Hauler, ...]
    players: tuple[Player, ...]
    balances: tuple[tuple[AccountId, Credits], ...]
    volumes: tuple[tuple[Tick, tuple[int, ...]], ...]
    volume_totals: tuple[int, ...]
    risk: RiskGate
    order_sequence: int
    books: tuple[tuple[PortId, Commodity, tuple[OrderId, ...]], ...]
    deadlines: tuple[Deadline, ...]
    windows: tuple[tuple[PlayerId, tuple[_Minute, ...]], ...]
    crowds: tuple[tuple[SectorId, int], ...]


def world_state(world: World) -> WorldState:
    """Return the state of a world; equal worlds have equal states.

    The haulers and players in it are the world's own: compare before the world moves on.
    """
    players = tuple(
        replace(world.players[player_id], window=TradeWindow())
        for player_id in sorted(world.players)
    )
    return WorldState(
        seed=world.seed,
        tick=world.tick,
        sectors=tuple(world.sectors.values()),
        ports=tuple(
            (port.spec.port_id, tuple(port.stock), port.version) for port in world.ports_by_index
        ),
        haulers=tuple(world.haulers[hauler_id] for hauler_id in sorted(world.haulers)),
        players=players,
        balances=tuple(sorted(world.ledger.balances.items())),
        volumes=tuple(sorted((tick, tuple(units)) for tick, units in world.tape.slots())),
        volume_totals=tuple(world.tape.totals),
        risk=world.risk,
        order_sequence=world.order_sequence,
        books=tuple(
            (port_id, good, tuple(order.order_id for order in book))
            for port_id, goods in sorted(world.books.items())
            for good, book in sorted(goods.items())
        ),
        deadlines=tuple(world.due(_END_OF_TIME)),
        windows=_windows(world),
        crowds=tuple(sorted((sector, ships) for sector, ships in world.crowds.items() if ships)),
    )


def _windows(world: World) -> tuple[tuple[PlayerId, tuple[_Minute, ...]], ...]:
    """Return what players traded in the day before the latest trade; older minutes may linger."""
    slots = {player.player_id: player.window.slots for player in world.players.values()}
    latest = max((slot.minute for own in slots.values() for slot in own), default=0)
    return tuple(
        (
            player_id,
            tuple(
                (slot.minute, slot.trades, slot.credits, tuple(sorted(slot.units.items())))
                for slot in own
                if slot.minute >= latest - SLOTS_PER_DAY
            ),
        )
        for player_id, own in sorted(slots.items())
    )


def world_digest(world: World) -> str:
    """Return SHA-256 over a world's state, in lower-case hex."""
    return hashlib.sha256(msgspec.json.encode(world_state(world))).hexdigest()


def differences(one: World, other: World) -> list[str]:
    """Name the parts in which two worlds differ."""
    states = world_state(one), world_state(other)
    return [
        part.name
        for part in fields(WorldState)
        if getattr(states[0], part.name) != getattr(states[1], part.name)
    ]


_END_OF_TIME = UnixMicros(1 << 62)
