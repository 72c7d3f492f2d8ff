"""Trades: prices, fees, records, and every refusal in its order."""

import pytest
from tests.small_galaxy import (
    ALPHA,
    BETA,
    HAVEN,
    HAVEN_WALLET,
    MINE,
    NOW,
    PLAYER,
    RESORT,
    perform,
    refusal,
    world_with_player,
)

from sectorwars.domain.command import (
    PRICE_BOUND_MAX,
    QUANTITY_MAX,
    Dock,
    Execution,
    Trade,
    Travel,
    Undock,
)
from sectorwars.domain.commodity import COMMODITY_SPECS, Commodity
from sectorwars.domain.event import GoodsTraded
from sectorwars.domain.ledger import TRADE_TAX, Posting, player_account, port_account
from sectorwars.domain.market import Side, ask_price, bid_price, trade_tax
from sectorwars.domain.player import STARTING_CREDITS
from sectorwars.domain.rejection import RejectionCode
from sectorwars.domain.values import Credits
from sectorwars.engine.world import World

ORE_PRICE = COMMODITY_SPECS[Commodity.ORE].base_price_credits


def _buy(quantity: int, bound: int | None = None, commodity: str = "ore") -> Trade:
    return Trade(Side.BUY, commodity, quantity, bound)


def _sell(quantity: int, bound: int | None = None, commodity: str = "ore") -> Trade:
    return Trade(Side.SELL, commodity, quantity, bound)


def _traded(world: World, command: Trade) -> GoodsTraded:
    (event,) = perform(world, command)
    assert isinstance(event, GoodsTraded)
    return event


def _docked_at(port_id: str) -> World:
    """Return a world whose player lies at the mine or the resort."""
    world = world_with_player()
    perform(world, Undock())
    ship = world.players[PLAYER].ship
    ship.sector_id = world.ports[port_id].spec.sector_id  # type: ignore[index]
    perform(world, Dock(port_id))  # type: ignore[arg-type]
    return world


def test_a_purchase_is_priced_unit_by_unit_and_taxed() -> None:
    world = world_with_player()
    event = _traded(world, _buy(100))
    units = [ask_price(ORE_PRICE, 2_000 - k, 2_000) or 0 for k in range(100)]
    assert event.total_credits == sum(units)
    assert event.fees_credits == trade_tax(sum(units))
    assert event.credits_after == STARTING_CREDITS - sum(units) - event.fees_credits
    assert event.profit_credits is None
    assert (event.cargo_after, event.stock_after) == (100, 1_900)
    assert (event.trade_serial, event.market_version, event.volume_24h) == (1, 1, 100)
    assert (event.tick, event.at, event.port_id) == (0, NOW, HAVEN)


def test_a_sale_is_priced_unit_by_unit_and_taxed() -> None:
    world = world_with_player()
    bought = _traded(world, _buy(100))
    sold = _traded(world, _sell(60))
    units = [bid_price(ORE_PRICE, 1_900 + k, 2_000) or 0 for k in range(60)]
    assert sold.total_credits == sum(units)
    got = sum(units) - sold.fees_credits
    assert sold.credits_after == bought.credits_after + got
    paid = bought.total_credits + bought.fees_credits
    assert sold.profit_credits == got - paid * 60 // 100 < 0
    assert (sold.cargo_after, sold.stock_after) == (40, 1_960)
    assert (sold.trade_serial, sold.market_version, sold.volume_24h) == (2, 2, 160)


def test_the_money_moves_between_player_port_and_tax() -> None:
    world = world_with_player()
    bought = _traded(world, _buy(10))
    assert bought.postings == (
        Posting(player_account(PLAYER), Credits(-bought.total_credits - bought.fees_credits)),
        Posting(port_account(HAVEN), bought.total_credits),
        Posting(TRADE_TAX, bought.fees_credits),
    )
    sold = _traded(world, _sell(10))
    assert sum(amount for _, amount in sold.postings) == 0
    assert world.ledger.balance(port_account(HAVEN)) == (
        HAVEN_WALLET + bought.total_credits - sold.total_credits
    )
    assert world.credits(PLAYER) == sold.credits_after


def test_many_orders_of_one_cost_what_one_of_many_costs_but_for_fees() -> None:
    whole = _traded(world_with_player(), _buy(50)).total_credits
    world = world_with_player()
    assert sum(_traded(world, _buy(1)).total_credits for _ in range(50)) == whole


def test_trade_ids_count_a_players_trades() -> None:
    world = world_with_player()
    assert [_traded(world, _buy(1)).trade_id for _ in range(2)] == ["t-pl_1-1", "t-pl_1-2"]


def test_a_bound_that_every_unit_keeps_lets_the_trade_pass() -> None:
    world = world_with_player()
    dearest = ask_price(ORE_PRICE, 1_901, 2_000)
    assert refusal(world, _buy(100, (dearest or 0) - 1)) is RejectionCode.PRICE_ABOVE_BOUND
    assert _traded(world, _buy(100, dearest)).fills[-1].price_credits == dearest
    cheapest = bid_price(ORE_PRICE, 1_999, 2_000)
    assert refusal(world, _sell(100, (cheapest or 0) + 1)) is RejectionCode.PRICE_BELOW_BOUND
    assert _traded(world, _sell(100, cheapest)).fills[-1].price_credits == cheapest


@pytest.mark.parametrize("command", [_buy(1, commodity="unobtainium"), _sell(1, commodity="")])
def test_unknown_goods_are_refused(command: Trade) -> None:
    assert refusal(world_with_player(), command) is RejectionCode.UNKNOWN_COMMODITY


@pytest.mark.parametrize("quantity", [0, -1, QUANTITY_MAX + 1])
def test_quantities_out_of_range_are_refused(quantity: int) -> None:
    assert refusal(world_with_player(), _buy(quantity)) is RejectionCode.INVALID_QUANTITY


@pytest.mark.parametrize("bound", [0, -1, PRICE_BOUND_MAX + 1])
def test_bounds_out_of_range_are_refused(bound: int) -> None:
    assert refusal(world_with_player(), _sell(1, bound)) is RejectionCode.INVALID_PRICE_BOUND


def test_nobody_trades_away_from_a_dock() -> None:
    world = world_with_player()
    perform(world, Undock())
    assert refusal(world, _buy(1)) is RejectionCode.NOT_DOCKED
    perform(world, Travel(BETA))
    assert refusal(world, _buy(1)) is RejectionCode.IN_TRANSIT


def test_ports_deal_only_in_their_goods_and_directions() -> None:
    haven = world_with_player()
    assert refusal(haven, _buy(1, commodity="luxury")) is RejectionCode.NOT_SOLD_HERE
    assert refusal(haven, _sell(1, commodity="luxury")) is RejectionCode.NOT_BOUGHT_HERE
    mine = _docked_at(MINE)
    assert refusal(mine, _buy(1, commodity="energy")) is RejectionCode.NOT_SOLD_HERE
    assert refusal(mine, _sell(1)) is RejectionCode.NOT_BOUGHT_HERE


def test_a_purchase_needs_stock_then_hold_then_money() -> None:
    mine = _docked_at(MINE)
    assert refusal(mine, _buy(81)) is RejectionCode.INSUFFICIENT_STOCK
    assert refusal(world_with_player(), _buy(151)) is RejectionCode.INSUFFICIENT_HOLD
    resort = _docked_at(RESORT)
    assert refusal(resort, _buy(120, commodity="luxury")) is RejectionCode.INSUFFICIENT_CREDITS


def test_all_of_the_money_may_be_spent_but_not_a_credit_more() -> None:
    world = world_with_player()
    cost = -_cost_of_ten(world)
    world.ledger.balances[player_account(PLAYER)] = Credits(cost - 1)
    assert refusal(world, _buy(10)) is RejectionCode.INSUFFICIENT_CREDITS
    world.ledger.balances[player_account(PLAYER)] = Credits(cost)
    assert _traded(world, _buy(10)).credits_after == 0


def _cost_of_ten(world: World) -> int:
    other = world_with_player()
    assert other.ports[HAVEN].stock == world.ports[HAVEN].stock
    return _traded(other, _buy(10)).postings[0].amount


def test_a_sale_needs_cargo_then_room_then_the_ports_money() -> None:
    resort = _docked_at(RESORT)
    ship = resort.players[PLAYER].ship
    ship.load(Commodity.ORE, 20, 1_000)
    assert refusal(resort, _sell(21)) is RejectionCode.INSUFFICIENT_CARGO
    assert refusal(resort, _sell(11)) is RejectionCode.PORT_FULL
    assert _traded(resort, _sell(10)).stock_after == 160
    assert refusal(resort, _sell(1)) is RejectionCode.PORT_FULL
    mine = _docked_at(MINE)
    mine.players[PLAYER].ship.load(Commodity.ENERGY, 5, 100)
    assert refusal(mine, _sell(5, commodity="energy")) is RejectionCode.PORT_INSUFFICIENT_CREDITS
    assert _traded(mine, _sell(1, commodity="energy")).quantity == 1


def test_a_port_beyond_its_capacity_has_no_room() -> None:
    resort = _docked_at(RESORT)
    resort.ports[RESORT].stock[0] = 999
    resort.players[PLAYER].ship.load(Commodity.ORE, 1, 50)
    assert refusal(resort, _sell(1)) is RejectionCode.PORT_FULL


def test_the_first_refusal_in_the_published_order_is_given() -> None:
    """Each command has every fault of those after it, and one more."""
    world = world_with_player()
    perform(world, Undock())
    world.ledger.balances[player_account(PLAYER)] = Credits(0)
    undocked_faults = [
        (_buy(0, 0, "unobtainium"), RejectionCode.UNKNOWN_COMMODITY),
        (_buy(0, 0, "luxury"), RejectionCode.INVALID_QUANTITY),
        (_buy(5_000, 0, "luxury"), RejectionCode.INVALID_PRICE_BOUND),
        (_buy(5_000, 1, "luxury"), RejectionCode.NOT_DOCKED),
    ]
    docked_faults = [
        (_buy(5_000, 1, "luxury"), RejectionCode.NOT_SOLD_HERE),
        (_buy(5_000, 1), RejectionCode.INSUFFICIENT_STOCK),
        (_buy(151, 1), RejectionCode.INSUFFICIENT_HOLD),
        (_buy(150, 1), RejectionCode.PRICE_ABOVE_BOUND),
        (_buy(150), RejectionCode.INSUFFICIENT_CREDITS),
    ]
    given = [refusal(world, command) for command, _ in undocked_faults]
    perform(world, Dock(HAVEN))
    given += [refusal(world, command) for command, _ in docked_faults]
    assert given == [code for _, code in undocked_faults + docked_faults]
    order = list(RejectionCode)
    assert given == sorted(given, key=order.index)
    assert world.players[PLAYER].ship.sector_id == ALPHA


def test_an_order_meant_for_one_port_is_refused_at_another() -> None:
    world = world_with_player()
    meant = Trade(Side.BUY, "ore", 10, port_id=HAVEN)
    assert _traded(world, meant).port_id == HAVEN
    elsewhere = Trade(Side.BUY, "ore", 10, port_id=MINE)
    assert refusal(world, elsewhere) is RejectionCode.PORT_ELSEWHERE


def _some(side: Side, quantity: int, bound: int | None = None, commodity: str = "ore") -> Trade:
    return Trade(side, commodity, quantity, bound, execution=Execution.PARTIAL)


def test_a_partial_order_takes_what_bound_stock_hold_and_credits_allow() -> None:
    world = world_with_player()
    bound = (ask_price(ORE_PRICE, 2_000, 2_000) or 0) + 1
    event = _traded(world, _some(Side.BUY, 150, bound))
    assert event.fills[-1].price_credits == bound
    assert world.ports[HAVEN].ask(0) == bound + 1
    assert _traded(world_with_player(), _some(Side.BUY, 5_000)).quantity == 150
    assert _traded(_docked_at(MINE), _some(Side.BUY, 150)).quantity == 80
    poor = world_with_player()
    cost = -_cost_of_ten(poor)
    poor.ledger.balances[player_account(PLAYER)] = Credits(cost)
    assert _traded(poor, _some(Side.BUY, 150)).quantity == 10


def test_a_partial_sale_takes_what_cargo_room_and_the_ports_credits_allow() -> None:
    world = world_with_player()
    world.players[PLAYER].ship.load(Commodity.ORE, 20, 1_000)
    assert _traded(world, _some(Side.SELL, 5_000)).quantity == 20
    resort = _docked_at(RESORT)
    resort.players[PLAYER].ship.load(Commodity.ORE, 20, 1_000)
    assert _traded(resort, _some(Side.SELL, 20)).quantity == 10
    mine = _docked_at(MINE)
    mine.players[PLAYER].ship.load(Commodity.ENERGY, 5, 100)
    assert _traded(mine, _some(Side.SELL, 5, commodity="energy")).quantity == 1


def test_a_partial_order_of_which_not_one_unit_can_be_had_is_refused() -> None:
    world = world_with_player()
    assert refusal(world, _some(Side.BUY, 10, 54)) is RejectionCode.PRICE_ABOVE_BOUND
    assert refusal(world, _some(Side.SELL, 10)) is RejectionCode.INSUFFICIENT_CARGO
    world.ledger.balances[player_account(PLAYER)] = Credits(55)
    assert refusal(world, _some(Side.BUY, 10)) is RejectionCode.INSUFFICIENT_CREDITS
    world.players[PLAYER].ship.load(Commodity.ORE, 150, 1_000)
    assert refusal(world, _some(Side.BUY, 10)) is RejectionCode.INSUFFICIENT_HOLD
    world.ledger.balances[port_account(HAVEN)] = Credits(48)
    assert refusal(world, _some(Side.SELL, 10)) is RejectionCode.PORT_INSUFFICIENT_CREDITS
    world.ports[HAVEN].stock[0] = 0
    assert refusal(world, _some(Side.BUY, 10)) is RejectionCode.INSUFFICIENT_STOCK


def test_a_sale_lacks_cargo_before_the_port_lacks_room() -> None:
    world = world_with_player()
    world.ports[HAVEN].stock[0] = 8_000
    assert refusal(world, _sell(1)) is RejectionCode.INSUFFICIENT_CARGO
