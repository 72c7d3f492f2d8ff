"""The index is the stock-weighted average of the ports' prices."""

from tests.small_galaxy import small_universe

from sectorwars.domain.commodity import BASE_PRICES, COMMODITY_INDEX, Commodity
from sectorwars.domain.market import mid_price_cents
from sectorwars.domain.values import Tick
from sectorwars.engine.apply import apply
from sectorwars.engine.genesis import create_universe
from sectorwars.engine.market_index import index_quotes, port_mids
from sectorwars.engine.world import World

ORE, ENERGY, FUEL = (
    COMMODITY_INDEX[good] for good in (Commodity.ORE, Commodity.ENERGY, Commodity.FUEL)
)


def small_world() -> World:
    world = World(7, Tick(0))
    apply(world, small_universe())
    return world


def test_mids_are_on_the_published_curve() -> None:
    world = small_world()
    assert port_mids(world) == tuple(
        tuple(
            mid_price_cents(BASE_PRICES[COMMODITY_INDEX[good.commodity]], units, good.target)
            for good, units in zip(port.spec.goods, port.stock, strict=True)
        )
        for port in world.ports_by_index
    )


def test_the_index_is_weighted_by_stock() -> None:
    world = small_world()
    haven, mine, resort = world.ports_by_index
    haven.stock[0], mine.stock[0], resort.stock[0] = 1_000, 300, 10
    prices = [mid_price_cents(52, *at) for at in ((1_000, 2_000), (300, 100), (10, 40))]
    expected = (1_000 * prices[0] + 300 * prices[1] + 10 * prices[2]) // 1_310
    assert index_quotes(world).mid[ORE] == expected


def test_a_good_sold_out_everywhere_is_weighted_by_target() -> None:
    world = small_world()
    for port in world.ports_by_index:
        port.stock[0] = 0
    assert index_quotes(world).mid[ORE] == mid_price_cents(52, 0, 1)


def test_a_good_nobody_deals_in_stands_at_its_base_price() -> None:
    quotes = index_quotes(small_world())
    assert quotes.mid[FUEL] == 8_400
    assert (quotes.bid[FUEL], quotes.ask[FUEL]) == (8_064, 8_736)


def test_bid_and_ask_enclose_the_mid_by_half_a_spread() -> None:
    world = World(1, Tick(0))
    apply(world, create_universe(1))
    quotes = index_quotes(world)
    for bid, mid, ask in zip(quotes.bid, quotes.mid, quotes.ask, strict=True):
        assert bid < mid < ask
        assert bid == mid * 96 // 100
        assert ask == -(-mid * 104 // 100)


def test_mids_at_hand_are_not_reckoned_again() -> None:
    world = small_world()
    mids = port_mids(world)
    world.ports_by_index[0].stock[1] += 500
    assert index_quotes(world, mids).mid[ENERGY] != index_quotes(world).mid[ENERGY]
    assert index_quotes(world, port_mids(world)) == index_quotes(world)
