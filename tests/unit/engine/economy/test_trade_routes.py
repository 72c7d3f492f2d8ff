"""What haulers know of the ports around them."""

import gc
import weakref

from tests.small_galaxy import HAVEN, MINE, RESORT, small_world

from sectorwars.domain.navigation import warp_seconds
from sectorwars.domain.port import Port
from sectorwars.engine.apply import apply
from sectorwars.engine.economy.trade_routes import (
    PORTS_KNOWN_MAX,
    TICKS_PER_WARP_SECOND,
    TURNROUND_TICKS,
    Outlet,
    Route,
    harbours_of,
)
from sectorwars.engine.genesis import create_universe
from sectorwars.engine.world import World


def test_a_way_takes_its_warps_and_the_turnround() -> None:
    world = small_world()
    alpha, beta = (world.sectors[world.ports[p].spec.sector_id] for p in (HAVEN, RESORT))
    there = TURNROUND_TICKS + warp_seconds(alpha, beta) * TICKS_PER_WARP_SECOND
    haven, mine, resort = harbours_of(world)
    assert haven.routes == (Route(1, TURNROUND_TICKS), Route(2, there))
    assert mine.routes == (Route(0, TURNROUND_TICKS), Route(2, there))
    assert resort.routes == (Route(0, there), Route(1, there))


def test_only_what_a_port_sells_is_carried_to_those_that_buy_it() -> None:
    haven, mine, resort = harbours_of(small_world())
    to_mine, to_resort = haven.routes
    # Haven sells ore, energy and organics; the mine buys energy, the resort ore.
    assert haven.outlets == ((0, (Outlet(to_resort, 0),)), (1, (Outlet(to_mine, 1),)))
    assert mine.outlets == ((0, (Outlet(mine.routes[0], 0), Outlet(mine.routes[1], 0))),)
    assert resort.outlets == ()


def test_the_nearest_ports_are_known_and_no_more() -> None:
    world = World(1, create_universe(1).tick)
    apply(world, create_universe(1))
    for index, harbour in enumerate(harbours_of(world)):
        ticks = [route.ticks for route in harbour.routes]
        assert ticks == sorted(ticks)
        assert PORTS_KNOWN_MAX <= len(ticks) <= PORTS_KNOWN_MAX + 1
        assert index not in {route.port for route in harbour.routes}


def test_tables_follow_their_world_and_go_with_it() -> None:
    world = small_world()
    assert harbours_of(world) is harbours_of(world)
    mine = world.ports[MINE]
    world.add_port(Port(mine.spec, list(mine.stock)))
    assert len(harbours_of(world)) == 4
    gone = weakref.ref(world)
    del world
    gc.collect()
    assert gone() is None
