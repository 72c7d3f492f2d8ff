"""No closed cycle at one port, however it is split, gains anything."""

from hypothesis import given
from hypothesis import strategies as st
from tests.small_galaxy import HAVEN, PLAYER, perform, world_with_player

from sectorwars.domain.command import Trade
from sectorwars.domain.commodity import Commodity
from sectorwars.domain.event import GoodsTraded
from sectorwars.domain.market import Side
from sectorwars.domain.player import STARTING_CREDITS
from sectorwars.engine.world import World

stocks = st.integers(200, 7_800)
parts = st.lists(st.integers(1, 20), min_size=1, max_size=6)


def _world(stock: int) -> World:
    world = world_with_player()
    world.ports[HAVEN].stock[0] = stock
    return world


def _trade(world: World, side: Side, quantity: int) -> GoodsTraded:
    (event,) = perform(world, Trade(side, Commodity.ORE, quantity))
    assert isinstance(event, GoodsTraded)
    return event


@given(stocks, parts, st.data())
def test_a_closed_cycle_loses_at_least_its_taxes(
    stock: int, buys: list[int], data: st.DataObject
) -> None:
    world = _world(stock)
    taxes = 0
    steps = [(Side.BUY, quantity) for quantity in buys]
    while steps:
        side, quantity = steps.pop(0)
        taxes += _trade(world, side, quantity).fees_credits
        aboard = world.players[PLAYER].ship.units(Commodity.ORE)
        if not steps and aboard:
            steps.append((Side.SELL, data.draw(st.integers(1, aboard))))
    assert world.ports[HAVEN].stock[0] == stock
    assert world.credits(PLAYER) < STARTING_CREDITS - taxes
    assert world.players[PLAYER].realised_profit_credits == world.credits(PLAYER) - STARTING_CREDITS


@given(stocks, parts, st.sampled_from(Side))
def test_splitting_an_order_changes_nothing_but_the_rounding_of_taxes(
    stock: int, parts: list[int], side: Side
) -> None:
    whole, split = _world(stock), _world(stock)
    for world in (whole, split):
        if side is Side.SELL:
            world.players[PLAYER].ship.load(Commodity.ORE, 75, 4_000)
    quantity = min(sum(parts), 75)
    sizes = _fit(parts, quantity)
    one = _trade(whole, side, quantity)
    many = [_trade(split, side, size) for size in sizes]
    assert sum(event.total_credits for event in many) == one.total_credits
    fees = sum(event.fees_credits for event in many)
    assert one.fees_credits <= fees < one.fees_credits + len(sizes)
    assert split.ports[HAVEN].stock == whole.ports[HAVEN].stock


def _fit(parts: list[int], quantity: int) -> list[int]:
    sizes = []
    for part in parts:
        size = min(part, quantity - sum(sizes))
        if size:
            sizes.append(size)
    return sizes
