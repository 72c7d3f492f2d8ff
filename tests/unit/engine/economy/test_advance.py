"""A step of the economy changes nothing itself and is the same from the same world."""

import copy
import gc
import hashlib
import weakref

from tests.small_galaxy import small_universe

from sectorwars.domain.market import stock_capacity
from sectorwars.domain.port import Port
from sectorwars.domain.values import Tick, UnixMicros
from sectorwars.engine.apply import apply
from sectorwars.engine.economy import advance, prepare
from sectorwars.engine.genesis import create_universe
from sectorwars.engine.handlers.economy_clock import advance_tick
from sectorwars.engine.market_index import index_quotes, port_mids
from sectorwars.engine.world import World


def born(seed: int = 1, sectors: int = 20) -> World:
    birth = create_universe(seed, sectors)
    world = World(seed, birth.tick)
    apply(world, birth)
    return world


def run(world: World, ticks: int) -> World:
    for _ in range(ticks):
        for event in advance_tick(world, UnixMicros(0)).events:
            apply(world, event)
    return world


def state(world: World) -> str:
    stocks = [(port.stock, port.version) for port in world.ports_by_index]
    haulers = list(world.haulers.values())
    return repr((world.tick, stocks, haulers, sorted(world.ledger.balances.items())))


def test_a_step_changes_nothing() -> None:
    world = run(born(), 59)
    before = state(world)
    assert advance(world) == advance(world)
    assert state(world) == before


def test_a_day_is_the_same_on_every_machine() -> None:
    digest = hashlib.sha256(state(run(born(2102), 1_440)).encode()).hexdigest()
    assert digest == "d7f96c44cdef37465638a53f2a50460c0a78df22d7019d4bbeea47267ed9de74"


def test_what_is_prepared_beforehand_changes_nothing_that_comes() -> None:
    world, prepared = born(), born()
    for tick in range(130):
        ports = len(prepared.ports_by_index)
        prepare(prepared, range(tick % 3, ports))
        # Something comes to pass at a port after its part was prepared.
        for galaxy in (world, prepared):
            port = galaxy.ports_by_index[tick % ports]
            port.stock[0] = max(0, port.stock[0] - 40)
            port.promised_units[0] = port.stock[0] if tick % 2 else 0
            run(galaxy, 1)
        assert port_mids(prepared) == port_mids(world)
    assert state(prepared) == state(world)
    assert index_quotes(prepared) == index_quotes(world)


def test_what_was_prepared_is_not_reckoned_again() -> None:
    world = born()
    prepare(world, range(1))
    first, second = advance(world).deltas[:2]
    assert advance(world).deltas[0] is first
    assert advance(world).deltas[1] is not second
    run(world, 1)
    first_mids, second_mids = port_mids(world)[:2]
    assert port_mids(world)[0] is first_mids
    assert port_mids(world)[1] is not second_mids


def test_the_economy_has_no_hidden_state() -> None:
    world = run(born(), 75)
    twin = World(world.seed, world.tick)
    twin.sectors = dict(world.sectors)
    for port in world.ports_by_index:
        twin.add_port(Port(port.spec, list(port.stock), port.version))
    twin.haulers = copy.deepcopy(world.haulers)
    twin.ledger.balances = dict(world.ledger.balances)
    assert state(run(world, 100)) == state(run(twin, 100))


def test_a_copied_world_goes_on_alike() -> None:
    world = run(born(), 30)
    twin = copy.deepcopy(world)
    assert state(run(twin, 40)) == state(run(world, 40))


def test_tables_follow_when_ports_are_added() -> None:
    world = born()
    assert len(advance(world).deltas) == 12
    last = world.ports_by_index[-1]
    world.add_port(Port(last.spec, list(last.stock)))
    assert len(advance(world).deltas) == 13


def test_tables_go_when_their_world_goes() -> None:
    world = born()
    advance(world)
    gone = weakref.ref(world)
    del world
    gc.collect()
    assert gone() is None


def test_ports_without_flows_stand_still_and_others_move() -> None:
    world = World(7, Tick(0))
    apply(world, small_universe())
    before = list(world.ports_by_index[1].stock)
    run(world, 200)
    assert world.ports_by_index[2].stock[1] == 400
    assert world.ports_by_index[1].stock != before


def test_stock_stays_between_nothing_and_capacity() -> None:
    world = born(3)
    for _ in range(300):
        run(world, 1)
        for port in world.ports_by_index:
            for units, good in zip(port.stock, port.spec.goods, strict=True):
                assert 0 <= units <= stock_capacity(good.target)


def test_nobody_consumes_promised_units_or_fills_promised_room() -> None:
    world = World(7, Tick(0))
    apply(world, small_universe())
    mine = world.ports_by_index[1]  # makes ore, consumes energy
    room = stock_capacity(mine.spec.goods[0].target) - mine.stock[0]
    mine.promised_room[0], mine.promised_units[1] = room, mine.stock[1]
    before = list(mine.stock)
    run(world, 30)
    assert mine.stock == before
    mine.promised_room[0] -= 1
    mine.promised_units[1] -= 1
    run(world, 30)
    assert mine.stock == [before[0] + 1, before[1] - 1]
