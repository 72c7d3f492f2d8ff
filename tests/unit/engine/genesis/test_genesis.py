"""A universe is born whole, the same from the same seed, and takes newcomers in."""

import hashlib
from collections import Counter

import pytest

from sectorwars.domain.commodity import COMMODITIES
from sectorwars.domain.event import PlayerRegistered
from sectorwars.domain.ids import CommandId, PlayerId, ShipId, sector_id
from sectorwars.domain.ledger import port_account
from sectorwars.domain.market import ask_price
from sectorwars.domain.navigation import (
    TURNS_MAX,
    WARP_SECONDS_MAX,
    WARP_SECONDS_MIN,
    Turns,
    warp_seconds,
)
from sectorwars.domain.port import PortClass, Role
from sectorwars.domain.ship import ShipClass
from sectorwars.domain.values import Tick, UnixMicros
from sectorwars.engine.apply import apply
from sectorwars.engine.genesis import (
    PREHISTORY_TICKS,
    SECTORS_MAX,
    SECTORS_MIN,
    STARTER_ASK_MAX,
    STARTER_STOCK_MIN,
    create_universe,
    shortfall_permille,
    starter_port,
)
from sectorwars.engine.genesis.industry import STARTER_GOODS
from sectorwars.engine.world import World


def born(seed: int = 1, sectors: int = 100) -> World:
    birth = create_universe(seed, sectors)
    world = World(seed, birth.tick)
    apply(world, birth)
    return world


def settle_in(world: World, number: int) -> None:
    port = starter_port(world)
    player = PlayerId(f"pl_{number}")
    at = UnixMicros(0)
    apply(
        world,
        PlayerRegistered(
            player,
            CommandId("c"),
            at,
            ShipId("s"),
            ShipClass.LIGHT_FREIGHTER,
            port.spec.sector_id,
            port.spec.port_id,
            Turns(TURNS_MAX, at),
            (),
        ),
    )


def test_a_seed_gives_the_same_universe_on_every_machine() -> None:
    digest = hashlib.sha256(repr(create_universe(2102)).encode()).hexdigest()
    assert digest == "e4a11f27c6d05fef2a99c4c1b326e9b3b49e8deb4113a1d15824ce6153af26b2"
    assert create_universe(2102) != create_universe(2103)


def test_a_universe_has_a_prehistory_of_two_game_days() -> None:
    assert create_universe(1).tick == -PREHISTORY_TICKS == -2_880
    assert create_universe(1, prehistory_ticks=0).tick == 0


@pytest.mark.parametrize("sectors", [SECTORS_MIN - 1, SECTORS_MAX + 1])
def test_a_universe_has_limits(sectors: int) -> None:
    with pytest.raises(ValueError, match="a universe has 20 to 5000 sectors"):
        create_universe(1, sectors)


def test_a_prehistory_is_not_negative() -> None:
    with pytest.raises(ValueError, match="prehistory"):
        create_universe(1, prehistory_ticks=-1)


@pytest.mark.parametrize("seed", range(4))
def test_sectors_and_ports_are_named_once_and_know_each_other(seed: int) -> None:
    birth = create_universe(seed)
    sectors = {sector.sector_id: sector for sector in birth.sectors}
    assert len(sectors) == len({sector.name for sector in birth.sectors}) == 100
    assert len({port.name for port in birth.ports}) == len(birth.ports) == 60
    assert [port.index for port in birth.ports] == list(range(60))
    berths = [port_id for sector in birth.sectors for port_id in sector.port_ids]
    assert Counter(berths) == Counter(port.port_id for port in birth.ports)
    assert all(port.port_id in sectors[port.sector_id].port_ids for port in birth.ports)
    seconds = [
        warp_seconds(sector, sectors[other]) for sector in birth.sectors for other in sector.warps
    ]
    assert min(seconds) >= WARP_SECONDS_MIN
    assert sum(second < WARP_SECONDS_MAX for second in seconds) > 0.9 * len(seconds)


@pytest.mark.parametrize("sectors", [20, 100, 333])
def test_all_classes_are_there_and_every_good_has_makers_and_users(sectors: int) -> None:
    birth = create_universe(3, sectors)
    counts = Counter(port.port_class for port in birth.ports)
    assert set(counts) == set(PortClass)
    assert abs(counts[PortClass.STARTER] - len(birth.ports) * 0.12) <= 1
    for commodity in COMMODITIES:
        goods = [good for port in birth.ports for good in port.goods if good.commodity is commodity]
        assert sum(good.sells for good in goods) >= (1 if sectors < 100 else 4)
        assert sum(good.buys for good in goods) >= (2 if sectors < 100 else 4)


@pytest.mark.parametrize("seed", range(10))
def test_every_starter_port_keeps_the_promise_to_newcomers_at_birth(seed: int) -> None:
    world = born(seed)
    starters = world.starters
    assert len(starters) == 7
    assert len({port.spec.sector_id for port in starters}) == 7
    for port in starters:
        assert shortfall_permille(port) == 0
        for commodity in STARTER_GOODS:
            position = port.position(commodity)
            assert position is not None
            good = port.spec.goods[position]
            assert good.role is Role.TRADES
            assert port.stock[position] >= STARTER_STOCK_MIN
            base = port.terms[position][1]
            ask = ask_price(base, port.stock[position], good.target)
            assert ask is not None
            assert ask <= STARTER_ASK_MAX


def test_wallets_are_minted() -> None:
    world = born()
    assert world.ledger.total() == 0
    assert all(world.ledger.balance(port_account(port)) > 50_000 for port in world.ports)


def test_newcomers_are_spread_over_the_starter_ports() -> None:
    world = born()
    for number in range(21):
        settle_in(world, number)
    crowd = Counter(player.ship.docked_port_id for player in world.players.values())
    assert crowd == {port.spec.port_id: 3 for port in world.starters}


def test_a_newcomer_goes_where_ships_have_left() -> None:
    world = born()
    for number in range(7):
        settle_in(world, number)
    third = world.starters[2]
    leaver = next(p for p in world.players.values() if p.ship.docked_port_id == third.spec.port_id)
    world.move_ship(leaver.ship, sector_id(99))
    assert starter_port(world) is third
    world.move_ship(leaver.ship, third.spec.sector_id)
    assert starter_port(world) is world.starters[0]


def test_a_universe_without_starter_ports_takes_no_newcomers() -> None:
    with pytest.raises(ValueError, match="no starter port"):
        starter_port(World(1, Tick(0)))


def test_a_newcomer_is_kept_from_a_port_that_is_sold_out_or_dear() -> None:
    world = born()
    first, second, *rest = world.starters
    for port in rest:
        port.stock[0] = STARTER_STOCK_MIN - 500
    first.stock[0] = 0
    second.stock[0] = STARTER_STOCK_MIN - 1
    assert shortfall_permille(first) == 1_000
    assert starter_port(world) is second
    # A target of 4,000 with a quarter of it in store doubles the price.
    world = born()
    for port in world.starters:
        port.stock[0] = STARTER_STOCK_MIN
    dear = [port for port in world.starters if port.spec.goods[0].target > 6_000]
    assert dear
    assert all(shortfall_permille(port) > 0 for port in dear)
    assert starter_port(world) not in dear
