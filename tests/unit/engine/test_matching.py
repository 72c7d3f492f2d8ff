"""How orders meet: price, then the port, then time; nobody meets himself."""

import pytest
from tests.small_galaxy import (
    HAVEN,
    NOW,
    PLAYER,
    join,
    match_all,
    order,
    perform,
    refusal,
    world_with_player,
)

from sectorwars.domain.command import (
    CancelOrders,
    Execution,
    SetTradeCaps,
    SetTradingState,
    Trade,
    Undock,
)
from sectorwars.domain.commodity import Commodity
from sectorwars.domain.event import Event, GoodsTraded, OrderClosed
from sectorwars.domain.ids import PlayerId
from sectorwars.domain.ledger import TRADE_TAX, held_account
from sectorwars.domain.market import Fill, Side, trade_tax
from sectorwars.domain.rejection import RejectionCode
from sectorwars.domain.risk import TradeCaps, TradingScope, TradingState
from sectorwars.domain.values import Credits, Quantity
from sectorwars.engine.world import World

ANNA, BERT, CARL = PlayerId("anna"), PlayerId("bert"), PlayerId("carl")
OPERATOR = PlayerId("op_1")
ASK, BID = 55, 49
"""Haven's prices for the first unit of ore, at a stock of 2,000."""


def _world(cargo: int = 50) -> World:
    """Return a world where four players lie at Haven, each with ore aboard."""
    world = world_with_player()
    join(world, ANNA, BERT, CARL)
    for player in world.players.values():
        player.ship.load(Commodity.ORE, cargo, cargo * 50)
    assert (world.ports[HAVEN].ask(0), world.ports[HAVEN].bid(0)) == (ASK, BID)
    return world


def _rest(world: World, player: PlayerId, side: Side, quantity: int, limit: int) -> None:
    perform(world, order(side, quantity, limit), player)


def _trade(world: World, command: Trade, player: PlayerId = PLAYER) -> GoodsTraded:
    event, *closes = perform(world, command, player)
    assert isinstance(event, GoodsTraded)
    assert all(isinstance(close, OrderClosed) for close in closes)
    assert world.ledger.total() == 0
    return event


def _met(event: Event) -> list[tuple[str, int, int]]:
    assert isinstance(event, GoodsTraded)
    return [(one.player_id, one.quantity, one.price_credits) for one in event.crossings]


def test_the_best_price_is_met_first_then_the_earlier_order() -> None:
    world = _world()
    _rest(world, ANNA, Side.SELL, 5, 54)
    _rest(world, BERT, Side.SELL, 5, 53)
    _rest(world, CARL, Side.SELL, 5, 53)
    event = _trade(world, Trade(Side.BUY, "ore", 12))
    assert _met(event) == [(BERT, 5, 53), (CARL, 5, 53), (ANNA, 2, 54)]
    assert event.fills == (Fill(Credits(53), Quantity(10)), Fill(Credits(54), Quantity(2)))
    assert event.port_quantity == 0
    assert event.stock_after == 2_000


def test_the_best_buyer_is_met_first_then_the_earlier_one() -> None:
    world = _world()
    _rest(world, ANNA, Side.BUY, 5, 50)
    _rest(world, BERT, Side.BUY, 5, 51)
    _rest(world, CARL, Side.BUY, 5, 51)
    event = _trade(world, Trade(Side.SELL, "ore", 12))
    assert _met(event) == [(BERT, 5, 51), (CARL, 5, 51), (ANNA, 2, 50)]
    assert event.fills == (Fill(Credits(51), Quantity(10)), Fill(Credits(50), Quantity(2)))


def test_the_port_comes_before_orders_of_the_same_price() -> None:
    world = _world()
    _rest(world, ANNA, Side.SELL, 5, ASK)
    at_ask = _trade(
        world_with_player(), Trade(Side.BUY, "ore", 150, ASK, execution=Execution.PARTIAL)
    )
    event = _trade(world, Trade(Side.BUY, "ore", 100, ASK, execution=Execution.PARTIAL))
    assert event.port_quantity == at_ask.quantity < 95
    assert _met(event) == [(ANNA, 5, ASK)]


def test_the_port_takes_part_between_two_orders() -> None:
    """Below the first order's price there are none of the port's units, below the second's some."""
    world = _world()
    _rest(world, ANNA, Side.SELL, 5, 54)
    _rest(world, BERT, Side.SELL, 5, 56)
    event = _trade(world, Trade(Side.BUY, "ore", 100, 57))
    prices = [fill.price_credits for fill in event.fills]
    assert prices == sorted(prices) == [54, 55, 56, 57]
    assert _met(event) == [(ANNA, 5, 54), (BERT, 5, 56)]
    assert event.port_quantity == 90
    assert event.stock_after == world.ports[HAVEN].stock[0] == 1_910


def test_a_resting_order_decides_the_price() -> None:
    world = _world()
    _rest(world, ANNA, Side.BUY, 5, 52)
    _rest(world, BERT, Side.SELL, 5, 50)
    trade, *closes = match_all(world)
    assert _met(trade) == [(ANNA, 5, 52)]
    assert isinstance(trade, GoodsTraded)
    assert (trade.player_id, trade.side) == (BERT, Side.SELL)
    assert [close.player_id for close in closes if isinstance(close, OrderClosed)] == [BERT, ANNA]


def test_of_two_that_come_alive_together_the_later_meets_the_earlier() -> None:
    for first, second in ((ANNA, BERT), (BERT, ANNA)):
        world = _world()
        sides = {ANNA: (Side.BUY, 53), BERT: (Side.SELL, 51)}
        for player in (first, second):
            side, limit = sides[player]
            _rest(world, player, side, 5, limit)
        trade, *_ = match_all(world)
        assert isinstance(trade, GoodsTraded)
        assert trade.player_id == second
        assert _met(trade) == [(first, 5, sides[first][1])]


def test_nobody_meets_himself_but_those_behind_him() -> None:
    world = _world()
    _rest(world, PLAYER, Side.SELL, 5, 51)
    _rest(world, ANNA, Side.SELL, 5, 52)
    assert _met(_trade(world, Trade(Side.BUY, "ore", 5))) == [(ANNA, 5, 52)]
    _rest(world, PLAYER, Side.BUY, 5, 53)
    assert match_all(world) == ()


def test_orders_of_ships_that_are_away_are_passed_by() -> None:
    world = _world()
    _rest(world, ANNA, Side.SELL, 5, 52)
    perform(world, Undock(), ANNA)
    assert _met(_trade(world, Trade(Side.BUY, "ore", 5))) == []


@pytest.mark.parametrize("state", [TradingState.REDUCING, TradingState.HALTED])
def test_orders_that_the_gate_stops_are_passed_by(state: TradingState) -> None:
    world = _world()
    _rest(world, ANNA, Side.BUY, 5, 52)
    perform(world, SetTradingState(TradingScope.PLAYER, ANNA, state, "t"), OPERATOR)
    assert _met(_trade(world, Trade(Side.SELL, "ore", 5))) == []


def test_a_seller_still_meets_buyers_while_she_may_only_reduce() -> None:
    world = _world()
    _rest(world, ANNA, Side.SELL, 5, 52)
    perform(world, SetTradingState(TradingScope.PLAYER, ANNA, TradingState.REDUCING, "t"), OPERATOR)
    assert _met(_trade(world, Trade(Side.BUY, "ore", 5))) == [(ANNA, 5, 52)]


def test_a_buyer_takes_what_his_hold_has_room_for_over_all_his_orders() -> None:
    world = _world()
    world.players[ANNA].ship.load(Commodity.FUEL, 93, 1)  # 7 units of room are left
    for limit in (54, 53, 52):
        _rest(world, ANNA, Side.BUY, 5, limit)
    _rest(world, BERT, Side.BUY, 5, 50)
    event = _trade(world, Trade(Side.SELL, "ore", 12))
    assert _met(event) == [(ANNA, 5, 54), (ANNA, 2, 53), (BERT, 5, 50)]
    assert world.players[ANNA].ship.units_aboard() == 150


def test_a_capped_owner_is_met_as_far_as_his_caps_reach() -> None:
    world = _world()
    perform(world, SetTradeCaps(ANNA, TradeCaps(units_per_trade=5), "t"), OPERATOR)
    for limit in (54, 53):
        _rest(world, ANNA, Side.BUY, 5, limit)
    _rest(world, BERT, Side.BUY, 5, 52)
    perform(world, SetTradeCaps(BERT, TradeCaps(credits_per_trade=5 * 52 - 1), "t"), OPERATOR)
    _rest(world, CARL, Side.BUY, 5, 51)
    event = _trade(world, Trade(Side.SELL, "ore", 10))
    assert _met(event) == [(ANNA, 5, 54), (CARL, 5, 51)]


@pytest.mark.parametrize("side", Side)
def test_without_a_bound_nobody_gets_worse_than_the_ports_own_prices(side: Side) -> None:
    world = _world()
    _rest(world, ANNA, Side.BUY, 5, 40)
    _rest(world, BERT, Side.SELL, 5, 60)
    plain = _trade(_world(), Trade(side, "ore", 30))
    assert _trade(world, Trade(side, "ore", 30)).fills == plain.fills


def test_a_bound_reaches_orders_beyond_the_ports_stock_and_dealings() -> None:
    world = _world()
    world.ports[HAVEN].stock[0] = 3
    _rest(world, ANNA, Side.SELL, 5, 130)
    assert refusal(world, Trade(Side.BUY, "ore", 8)) is RejectionCode.INSUFFICIENT_STOCK
    assert refusal(world, Trade(Side.BUY, "ore", 9, 150)) is RejectionCode.INSUFFICIENT_STOCK
    assert refusal(world, Trade(Side.BUY, "ore", 8, 129)) is RejectionCode.PRICE_ABOVE_BOUND
    event = _trade(world, Trade(Side.BUY, "ore", 8, 150))
    assert (event.port_quantity, _met(event)) == (3, [(ANNA, 5, 130)])
    assert event.stock_after == 0


def test_one_order_of_many_gets_what_many_orders_of_one_get_from_a_book() -> None:
    """The same units at the same prices from the same owners; only the rounding of fees differs."""

    def booked() -> World:
        world = _world()
        for player, limit in ((ANNA, 54), (BERT, 55), (CARL, 56)):
            _rest(world, player, Side.SELL, 7, limit)
        return world

    whole, split = booked(), booked()
    one = _trade(whole, Trade(Side.BUY, "ore", 60, 57))
    many = [_trade(split, Trade(Side.BUY, "ore", 1, 57)) for _ in range(60)]
    assert sum(event.total_credits for event in many) == one.total_credits
    assert split.ports[HAVEN].stock == whole.ports[HAVEN].stock
    for player in (ANNA, BERT, CARL):
        assert split.credits(player) == whole.credits(player)
        units = [world.players[player].ship.units(Commodity.ORE) for world in (whole, split)]
        assert units[0] == units[1]
    fees = sum(event.fees_credits for event in many)
    assert one.fees_credits <= fees < one.fees_credits + len(many)


def test_what_each_side_pays_gets_and_keeps() -> None:
    world = _world()
    _rest(world, ANNA, Side.BUY, 10, 52)
    before = {player: world.credits(player) for player in (PLAYER, ANNA)}
    held = world.ledger.balance(held_account(ANNA))
    event = _trade(world, Trade(Side.SELL, "ore", 4, 52))
    (crossing,) = event.crossings
    total, tax = 4 * 52, trade_tax(4 * 52)
    assert (event.total_credits, event.fees_credits, crossing.fees_credits) == (total, tax, tax)
    assert world.credits(PLAYER) == before[PLAYER] + total - tax == event.credits_after
    assert world.credits(ANNA) == before[ANNA] == crossing.credits_after
    assert world.ledger.balance(held_account(ANNA)) == held - total - tax
    assert world.ledger.balance(TRADE_TAX) == 2 * tax
    assert (crossing.cargo_after, crossing.profit_credits) == (54, None)
    assert (crossing.trade_id, crossing.trade_serial) == ("t-anna-1", 1)
    assert event.profit_credits == total - tax - 4 * 50
    perform(world, CancelOrders(), ANNA)
    assert world.credits(ANNA) == before[ANNA] + held - total - tax


def test_an_owner_met_twice_in_a_trade_sells_his_oldest_units_first() -> None:
    world = _world(cargo=5)
    world.players[ANNA].ship.load(Commodity.ORE, 5, 5 * 40)
    _rest(world, ANNA, Side.SELL, 6, 53)
    _rest(world, ANNA, Side.SELL, 4, 54)
    event = _trade(world, Trade(Side.BUY, "ore", 10))
    first, second = event.crossings
    assert [one.trade_serial for one in event.crossings] == [1, 2]
    assert [one.cargo_after for one in event.crossings] == [4, 0]
    assert first.profit_credits == 6 * 53 - trade_tax(6 * 53) - 5 * 50 - 40
    assert second.profit_credits == 4 * 54 - trade_tax(4 * 54) - 4 * 40
    anna = world.players[ANNA]
    assert anna.realised_profit_credits == first.profit_credits + second.profit_credits
    assert (anna.trade_serial, anna.orders) == (2, {})


def test_closes_follow_the_trade_with_versions_and_totals() -> None:
    world = _world()
    _rest(world, ANNA, Side.SELL, 5, 53)
    _rest(world, BERT, Side.SELL, 5, 54)
    events = perform(world, Trade(Side.BUY, "ore", 8), now=NOW)
    trade, close = events
    assert isinstance(trade, GoodsTraded)
    assert isinstance(close, OrderClosed)
    assert (close.player_id, close.filled, close.filled_credits) == (ANNA, 5, 265)
    assert close.credits_after == trade.crossings[0].credits_after == world.credits(ANNA)
    assert close.market_version == trade.market_version + 1 == world.ports[HAVEN].version
    (left,) = world.players[BERT].orders.values()
    assert (left.filled, left.filled_credits) == (3, 162)


def test_orders_for_another_good_are_no_matter() -> None:
    world = _world()
    perform(world, order(Side.SELL, 1, 50, "ore"), ANNA)
    event = _trade(world, Trade(Side.BUY, "energy", 5))
    (plain,) = perform(_world(), Trade(Side.BUY, "energy", 5))
    assert isinstance(plain, GoodsTraded)
    assert (event.fills, event.crossings) == (plain.fills, ())
