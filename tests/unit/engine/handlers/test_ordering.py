"""Resting orders: placing, filling, cancelling, expiring, and every refusal in its order."""

import pytest
from tests.small_galaxy import (
    HAVEN,
    HAVEN_WALLET,
    MINE,
    NOW,
    PLAYER,
    join,
    later,
    match_all,
    order,
    perform,
    refusal,
    world_with_player,
)

from sectorwars.domain.command import (
    CancelOrder,
    CancelOrders,
    Dock,
    ExpireOrder,
    MatchOrders,
    PlaceOrder,
    Trade,
    Undock,
)
from sectorwars.domain.commodity import Commodity
from sectorwars.domain.event import Event, GoodsTraded, OrderClosed, OrderPlaced
from sectorwars.domain.ids import OrderId, PlayerId
from sectorwars.domain.ledger import held_account, player_account, port_account
from sectorwars.domain.market import Side, mid_price_cents
from sectorwars.domain.order import (
    OPEN_ORDERS_MAX,
    ORDER_LIFE_SECONDS_MAX,
    CloseReason,
    LimitOrder,
    reserve,
)
from sectorwars.domain.player import STARTING_CREDITS
from sectorwars.domain.rejection import RejectionCode
from sectorwars.domain.values import Credits
from sectorwars.engine.world import World

LOWEST, HIGHEST = 18, 156
"""The collar around Haven's 52 credits for ore."""


def _placed(world: World, command: PlaceOrder, player: PlayerId = PLAYER) -> LimitOrder:
    (event,) = perform(world, command, player)
    assert isinstance(event, OrderPlaced)
    return world.players[player].orders[event.order_id]


def _closed(events: tuple[Event, ...]) -> list[OrderClosed]:
    closes = [event for event in events if isinstance(event, OrderClosed)]
    assert len(closes) == len(events)
    return closes


def _filled(world: World) -> GoodsTraded:
    trade, *_ = match_all(world)
    assert isinstance(trade, GoodsTraded)
    return trade


def _held(world: World, player: PlayerId = PLAYER) -> int:
    return world.ledger.balance(held_account(player))


def test_a_purchase_puts_aside_what_it_costs_at_most() -> None:
    world = world_with_player()
    placed = _placed(world, order(Side.BUY, 100, 50))
    needed = reserve(50, 100)
    assert needed == 5_050 == placed.held_credits == _held(world)
    assert world.credits(PLAYER) == STARTING_CREDITS - needed
    assert (placed.placed_at, placed.expires_at) == (NOW, later(60))
    assert (placed.order_id, placed.sequence, world.order_sequence) == ("o-pl_1-1", 1, 1)
    assert world.ports[HAVEN].version == 1
    assert world.next_deadline() == placed.expires_at


def test_a_sale_puts_aside_units_of_the_cargo() -> None:
    world = world_with_player()
    perform(world, Trade(Side.BUY, "ore", 30))
    player = world.players[PLAYER]
    _placed(world, order(Side.SELL, 20, 60))
    assert (player.ship.units(Commodity.ORE), player.free_units(Commodity.ORE)) == (30, 10)
    assert player.free_units(Commodity.ENERGY) == 0
    assert _held(world) == 0
    assert refusal(world, Trade(Side.SELL, "ore", 11)) is RejectionCode.INSUFFICIENT_CARGO
    assert refusal(world, order(Side.SELL, 11, 60)) is RejectionCode.INSUFFICIENT_CARGO
    perform(world, Trade(Side.SELL, "ore", 10))


def test_an_order_that_the_port_meets_fills_at_once_at_the_ports_prices() -> None:
    world = world_with_player()
    placed = _placed(world, order(Side.BUY, 10, 60))
    trade, closed = match_all(world)
    assert isinstance(trade, GoodsTraded)
    assert isinstance(closed, OrderClosed)
    (plain,) = perform(world_with_player(), Trade(Side.BUY, "ore", 10))
    assert isinstance(plain, GoodsTraded)
    assert (trade.fills, trade.fees_credits) == (plain.fills, plain.fees_credits)
    assert trade.credits_after == plain.credits_after == world.credits(PLAYER)
    assert (trade.order_id, trade.command_id) == (placed.order_id, placed.command_id)
    assert (closed.reason, closed.filled, closed.filled_credits) == (
        CloseReason.FILLED,
        10,
        trade.total_credits,
    )
    assert closed.market_version == trade.market_version + 1 == world.ports[HAVEN].version
    assert _held(world) == 0
    assert world.players[PLAYER].orders == {}
    assert world.books == {}


def test_an_order_fills_as_far_as_its_limit_and_rests_with_the_remainder() -> None:
    world = world_with_player()
    placed = _placed(world, order(Side.BUY, 100, 55))
    trade = _filled(world)
    assert 0 < trade.quantity < 100
    assert {fill.price_credits for fill in trade.fills} == {55}
    assert world.ports[HAVEN].ask(0) == 56
    assert (placed.filled, placed.remaining) == (trade.quantity, 100 - trade.quantity)
    assert _held(world) == placed.held_credits
    assert match_all(world) == ()
    world.ports[HAVEN].stock[0] = 2_500
    *_, closed = match_all(world)
    assert isinstance(closed, OrderClosed)
    assert placed.filled == 100
    assert closed.filled_credits == placed.filled_credits
    assert _held(world) == 0


def test_an_order_for_a_good_that_the_port_only_buys_rests_for_players() -> None:
    world = world_with_player()
    (buyer,) = join(world, "pl_2")
    for player in (PLAYER, buyer):
        perform(world, Undock(), player)
        perform(world, Dock(MINE), player)
    world.players[PLAYER].ship.load(Commodity.ENERGY, 5, 300)
    world.players[PLAYER].ship.load(Commodity.ORE, 5, 300)
    for commodity, limit in (("energy", 70), ("ore", 70)):
        perform(world, order(Side.SELL, 5, limit, commodity))
        perform(world, order(Side.BUY, 5, limit, commodity), buyer)
    world.ports[MINE].stock[0] = 0
    assert [e.commodity for e in match_all(world) if isinstance(e, GoodsTraded)] == [
        "energy",
        "ore",
    ]


def test_a_sale_rests_until_the_port_can_pay() -> None:
    world = world_with_player()
    world.players[PLAYER].ship.load(Commodity.ORE, 10, 400)
    perform(world, order(Side.SELL, 10, 40))
    wallet = port_account(HAVEN)
    world.ledger.balances[wallet] = Credits(48)
    assert match_all(world) == ()
    world.ledger.balances[wallet] = Credits(3 * 49 + 48)
    assert _filled(world).quantity == 3
    world.ledger.balances[wallet] = Credits(HAVEN_WALLET)
    assert _filled(world).quantity == 7


def test_a_port_without_cash_does_not_stand_between_players() -> None:
    world = world_with_player()
    (buyer,) = join(world, "pl_2")
    world.players[PLAYER].ship.load(Commodity.ORE, 10, 400)
    perform(world, order(Side.BUY, 4, 45), buyer)
    perform(world, order(Side.SELL, 10, 40))
    world.ledger.balances[port_account(HAVEN)] = Credits(2 * 49 + 48)
    trade = _filled(world)
    assert (trade.quantity, trade.port_quantity) == (6, 2)
    assert [(met.quantity, met.price_credits) for met in trade.crossings] == [(4, 45)]


def test_a_purchase_waits_for_room_in_the_hold() -> None:
    world = world_with_player()
    perform(world, order(Side.BUY, 10, 60))
    ship = world.players[PLAYER].ship
    ship.load(Commodity.FUEL, 150, 1)
    assert match_all(world) == ()
    ship.unload(Commodity.FUEL, 4)
    assert _filled(world).quantity == 4
    assert match_all(world) == ()


def test_an_order_acts_only_while_its_owner_is_docked_at_its_port() -> None:
    world = world_with_player()
    perform(world, order(Side.BUY, 10, 60))
    perform(world, Undock())
    assert match_all(world) == ()
    perform(world, Dock(MINE))
    assert match_all(world) == ()
    perform(world, Undock())
    perform(world, Dock(HAVEN))
    assert _filled(world).quantity == 10


def test_nothing_fills_at_or_after_its_end() -> None:
    world = world_with_player()
    (seller,) = join(world, "pl_2")
    world.players[seller].ship.load(Commodity.ORE, 10, 400)
    placed = _placed(world, order(Side.BUY, 10, 60))
    assert match_all(world, placed.expires_at) == ()
    sale = Trade(Side.SELL, "ore", 1, 51)
    assert refusal(world, sale, seller, placed.expires_at) is RejectionCode.PRICE_BELOW_BOUND
    perform(world, sale, seller)


def test_an_order_expires_once_and_not_before_its_time() -> None:
    world = world_with_player()
    placed = _placed(world, order(Side.BUY, 10, 50))
    expire = ExpireOrder(placed.order_id)
    assert perform(world, expire, now=later(59.999)) == ()
    (closed,) = _closed(perform(world, expire, now=later(60)))
    assert (closed.reason, closed.command_id, closed.filled) == (CloseReason.EXPIRED, None, 0)
    assert closed.credits_after == STARTING_CREDITS == world.credits(PLAYER)
    assert perform(world, expire, now=later(60)) == ()
    assert world.next_deadline() is None


def test_cancelling_releases_what_is_left_of_what_was_put_aside() -> None:
    world = world_with_player()
    placed = _placed(world, order(Side.BUY, 100, 55))
    trade = _filled(world)
    (closed,) = _closed(perform(world, CancelOrder(placed.order_id)))
    assert (closed.reason, closed.filled) == (CloseReason.CANCELLED, trade.quantity)
    paid = trade.total_credits + trade.fees_credits
    assert closed.credits_after == STARTING_CREDITS - paid == world.credits(PLAYER)
    assert _held(world) == 0
    assert refusal(world, CancelOrder(placed.order_id)) is RejectionCode.UNKNOWN_ORDER


def test_nobody_cancels_the_order_of_another() -> None:
    world = world_with_player()
    (other,) = join(world, "pl_2")
    placed = _placed(world, order(Side.BUY, 10, 50))
    assert refusal(world, CancelOrder(placed.order_id), other) is RejectionCode.UNKNOWN_ORDER
    assert refusal(world, CancelOrders(), other) is RejectionCode.NO_OPEN_ORDERS


def _four_orders() -> World:
    """Return a world with two orders at Haven, the second to go with the connection, and one
    each of both kinds at the mine."""
    world = world_with_player()
    for port_id in (HAVEN, MINE):
        perform(world, Undock())
        perform(world, Dock(port_id))
        for kept in (True, False):
            perform(world, PlaceOrder(Side.BUY, "ore", 1, 40, 60, not kept))
    return world


@pytest.mark.parametrize(
    ("command", "closed"),
    [
        (CancelOrders(), [1, 2, 3, 4]),
        (CancelOrders(MINE), [3, 4]),
        (CancelOrders(disconnected=True), [2, 4]),
        (CancelOrders(HAVEN, disconnected=True), [2]),
    ],
)
def test_all_orders_that_are_meant_are_cancelled(command: CancelOrders, closed: list[int]) -> None:
    world = _four_orders()
    credits_before, versions = (
        world.credits(PLAYER),
        {p: world.ports[p].version for p in world.ports},
    )
    events = _closed(perform(world, command))
    assert [event.order_id for event in events] == [f"o-pl_1-{n}" for n in closed]
    reason = CloseReason.DISCONNECTED if command.disconnected else CloseReason.CANCELLED
    assert {event.reason for event in events} == {reason}
    held = reserve(40, 1)
    assert [event.credits_after for event in events] == [
        credits_before + held * n for n in range(1, len(closed) + 1)
    ]
    for port_id, port in world.ports.items():
        here = [event for event in events if event.port_id == port_id]
        assert [event.market_version for event in here] == [
            versions[port_id] + n for n in range(1, len(here) + 1)
        ]
        assert port.version == versions[port_id] + len(here)
    assert _held(world) == held * (4 - len(closed))


def test_nothing_to_cancel_is_said() -> None:
    world = world_with_player()
    perform(world, order(Side.BUY, 1, 50))
    for command in (CancelOrders(MINE), CancelOrders(disconnected=True)):
        assert refusal(world, command) is RejectionCode.NO_OPEN_ORDERS
    assert refusal(world, CancelOrder(OrderId(""))) is RejectionCode.UNKNOWN_ORDER


@pytest.mark.parametrize("side", Side)
def test_a_limit_lies_within_the_collar_and_may_touch_it(side: Side) -> None:
    world = world_with_player()
    world.players[PLAYER].ship.load(Commodity.ORE, 10, 400)
    mid_cents = mid_price_cents(52, 2_000, 2_000)
    assert (3 * LOWEST * 100 >= mid_cents > 3 * (LOWEST - 1) * 100, HIGHEST * 100 // 3) == (
        True,
        mid_cents,
    )
    for outside in (LOWEST - 1, HIGHEST + 1):
        assert refusal(world, order(side, 1, outside)) is RejectionCode.PRICE_OUTSIDE_COLLAR
    for edge in (LOWEST, HIGHEST):
        perform(world, order(side, 1, edge))


def test_a_player_has_so_many_open_orders_and_no_more() -> None:
    world = world_with_player()
    for _ in range(OPEN_ORDERS_MAX):
        perform(world, order(Side.BUY, 1, 50))
    assert refusal(world, order(Side.BUY, 1, 50)) is RejectionCode.ORDER_LIMIT
    perform(world, CancelOrder(OrderId("o-pl_1-7")))
    perform(world, order(Side.BUY, 1, 50))


@pytest.mark.parametrize("life", [0, -1, ORDER_LIFE_SECONDS_MAX + 1])
def test_a_life_out_of_range_is_refused(life: int) -> None:
    command = order(Side.BUY, 1, 50, life_seconds=life)
    assert refusal(world_with_player(), command) is RejectionCode.INVALID_ORDER_LIFE


def test_a_life_may_be_as_long_or_short_as_is_allowed() -> None:
    world = world_with_player()
    for life in (1, ORDER_LIFE_SECONDS_MAX):
        placed = _placed(world, order(Side.BUY, 1, 50, life_seconds=life))
        assert placed.expires_at == later(life)


def test_orders_are_refused_in_the_published_order() -> None:
    """Each order has every fault of those after it, and one more."""
    world = world_with_player()
    perform(world, Undock())
    given = [
        refusal(world, order(Side.BUY, 0, 0, "unobtainium", 0)),
        refusal(world, order(Side.BUY, 0, 0, "luxury", 0)),
        refusal(world, order(Side.BUY, 5_000, 0, "luxury", 0)),
        refusal(world, order(Side.BUY, 5_000, 1, "luxury", 0)),
        refusal(world, order(Side.BUY, 5_000, 1, "luxury")),
    ]
    perform(world, Dock(HAVEN))
    given.append(refusal(world, PlaceOrder(Side.BUY, "luxury", 5_000, 1, 60, port_id=MINE)))
    given.append(refusal(world, order(Side.BUY, 5_000, 1, "luxury")))
    for _ in range(OPEN_ORDERS_MAX):
        perform(world, order(Side.BUY, 1, 50))
    given.append(refusal(world, order(Side.BUY, 5_000, 1)))
    perform(world, CancelOrder(OrderId("o-pl_1-1")))
    given.append(refusal(world, order(Side.BUY, 5_000, 1)))
    given.append(refusal(world, order(Side.BUY, 5_000, 50)))
    assert given == [
        RejectionCode.UNKNOWN_COMMODITY,
        RejectionCode.INVALID_QUANTITY,
        RejectionCode.INVALID_PRICE_BOUND,
        RejectionCode.INVALID_ORDER_LIFE,
        RejectionCode.NOT_DOCKED,
        RejectionCode.PORT_ELSEWHERE,
        RejectionCode.NOT_SOLD_HERE,
        RejectionCode.ORDER_LIMIT,
        RejectionCode.PRICE_OUTSIDE_COLLAR,
        RejectionCode.INSUFFICIENT_CREDITS,
    ]
    assert given == sorted(given, key=lambda code: code.number)


def test_all_of_the_money_may_be_put_aside_but_not_a_credit_more() -> None:
    world = world_with_player()
    needed = reserve(50, 100)
    world.ledger.balances[player_account(PLAYER)] = Credits(needed - 1)
    assert refusal(world, order(Side.BUY, 100, 50)) is RejectionCode.INSUFFICIENT_CREDITS
    world.ledger.balances[player_account(PLAYER)] = needed
    _placed(world, order(Side.BUY, 100, 50))
    assert world.credits(PLAYER) == 0


def test_a_port_without_orders_has_nothing_to_match() -> None:
    assert perform(world_with_player(), MatchOrders(HAVEN), None) == ()


@pytest.mark.parametrize(("side", "commodity"), [(Side.BUY, "energy"), (Side.SELL, "ore")])
def test_where_the_port_does_not_deal_and_nobody_else_does_an_order_rests(
    side: Side, commodity: str
) -> None:
    world = world_with_player()
    perform(world, Undock())
    perform(world, Dock(MINE))
    world.players[PLAYER].ship.load(Commodity(commodity), 1, 60)
    perform(world, order(side, 1, 60, commodity))
    assert match_all(world) == ()
