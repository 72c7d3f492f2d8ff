"""Which ports a hauler at a port knows of, what it can carry there, and how long it takes."""

import heapq
from dataclasses import dataclass
from typing import Final
from weakref import WeakKeyDictionary

from sectorwars.domain.ids import SectorId
from sectorwars.domain.navigation import warp_seconds
from sectorwars.engine.world import World

TURNROUND_TICKS: Final = 60
"""How long unloading and loading take."""
TICKS_PER_WARP_SECOND: Final = 6
"""Haulers are slow: their warps take so many ticks for each second of a player's."""
PORTS_KNOWN_MAX: Final = 8
"""A hauler knows the prices of this many ports, the nearest to where it lies."""


@dataclass(frozen=True, slots=True)
class Route:
    """The way to the port with index `port`; `ticks` from one call to the next."""

    port: int
    ticks: int


@dataclass(frozen=True, slots=True)
class Outlet:
    """A port that buys a good, and the good's position among its own."""

    route: Route
    position: int


@dataclass(frozen=True, slots=True)
class Harbour:
    """A port as haulers see it.

    `outlets` are (position, who buys it) for each good that the port sells, nearest buyers first.
    """

    routes: tuple[Route, ...]
    outlets: tuple[tuple[int, tuple[Outlet, ...]], ...]


_harbours_by_world: WeakKeyDictionary[World, tuple[Harbour, ...]] = WeakKeyDictionary()
"""Tables of each living world's ports: a memory of work done, not of anything that happened."""


def harbours_of(world: World) -> tuple[Harbour, ...]:
    """Return the harbours of all ports, by index."""
    harbours = _harbours_by_world.get(world)
    if harbours is None or len(harbours) != len(world.ports_by_index):
        harbours = tuple(_harbour(world, i) for i in range(len(world.ports_by_index)))
        _harbours_by_world[world] = harbours
    return harbours


def _harbour(world: World, index: int) -> Harbour:
    here = world.ports_by_index[index].spec
    routes = _nearest_ports(world, index)
    outlets = []
    for position, good in enumerate(here.goods):
        buyers = []
        for route in routes:
            there = world.ports_by_index[route.port]
            at = there.position(good.commodity)
            if at is not None and there.spec.goods[at].buys:
                buyers.append(Outlet(route, at))
        if good.sells and buyers:
            outlets.append((position, tuple(buyers)))
    return Harbour(routes, tuple(outlets))


def _nearest_ports(world: World, index: int) -> tuple[Route, ...]:
    """Search outward along the warps until enough ports are found (Dijkstra)."""
    home = world.ports_by_index[index].spec.sector_id
    reached: set[SectorId] = set()
    queue: list[tuple[int, SectorId]] = [(0, home)]
    routes: list[Route] = []
    while queue and len(routes) < PORTS_KNOWN_MAX:
        seconds, sector_id = heapq.heappop(queue)
        if sector_id in reached:
            continue
        reached.add(sector_id)
        sector = world.sectors[sector_id]
        ticks = TURNROUND_TICKS + seconds * TICKS_PER_WARP_SECOND
        routes += [
            Route(port, ticks)
            for port_id in sector.port_ids
            if (port := world.ports[port_id].spec.index) != index
        ]
        for warp in sector.warps:
            there = world.sectors[warp]
            heapq.heappush(queue, (seconds + warp_seconds(sector, there), warp))
    return tuple(routes)
