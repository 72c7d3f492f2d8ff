"""No closed cycle at one port, however it is split, gains anything."""

from hypothesis import given
from hypothesis import strategies as st
from tests.small_galaxy import (
    HAVEN,
    MINE,
    NOW,
    PLAYER,
    envelope,
    later,
    match_all,
    order,
    perform,
    world_with_player,
)

from sectorwars.domain.command import (
    PRICE_BOUND_MAX,
    QUANTITY_MAX,
    Execution,
    PlaceOrder,
    RequestQuote,
    SetTradeCaps,
    Trade,
)
from sectorwars.domain.commodity import BASE_PRICES, COMMODITY_INDEX, Commodity
from sectorwars.domain.event import GoodsTraded, QuoteIssued
from sectorwars.domain.ids import PlayerId
from sectorwars.domain.ledger import TRADE_TAX, port_account
from sectorwars.domain.market import Side, buy_ladder, ladder_total, sell_ladder
from sectorwars.domain.navigation import TURNS_MAX
from sectorwars.domain.order import reserve
from sectorwars.domain.player import STARTING_CREDITS
from sectorwars.domain.rejection import Rejection, RejectionCode
from sectorwars.domain.risk import TradeCaps
from sectorwars.domain.values import Credits
from sectorwars.engine.apply import apply
from sectorwars.engine.decision import Accepted
from sectorwars.engine.execute import execute
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


@given(stocks, st.lists(st.integers(1, 7), min_size=1, max_size=6), st.sampled_from(Side))
def test_an_order_cut_into_quotes_costs_what_it_costs_whole(
    stock: int, parts: list[int], side: Side
) -> None:
    whole, split = _world(stock), _world(stock)
    for world in (whole, split):
        world.players[PLAYER].ship.load(Commodity.ORE, 60, 3_000)
    one = _trade(whole, side, sum(parts))
    total = 0
    for part in parts:
        (issued,) = perform(split, RequestQuote(side, Commodity.ORE, part))
        assert isinstance(issued, QuoteIssued)
        quote_id = issued.quote.quote_id
        (used,) = perform(split, Trade(side, Commodity.ORE, part, quote_id=quote_id))
        assert isinstance(used, GoodsTraded)
        total += used.total_credits
    assert total == one.total_credits
    assert split.ports[HAVEN].stock == whole.ports[HAVEN].stock


@given(
    st.lists(st.tuples(st.booleans(), st.sampled_from(Side), st.integers(1, 30)), max_size=12),
    st.integers(0, 400),
    st.integers(200, 4_000),
)
def test_between_two_ports_no_more_is_gained_than_one_arbitrage_explains(
    steps: list[tuple[bool, Side, int]], wanted: int, stock: int
) -> None:
    """Energy from Haven, which trades it, to the mine, which buys it: along both curves at best."""
    world = world_with_player()
    haven, mine = world.ports[HAVEN], world.ports[MINE]
    haven.stock[1], mine.stock[1] = stock, wanted
    world.ledger.balances[port_account(MINE)] = Credits(10**6)
    for at_mine, side, quantity in steps:
        world.players[PLAYER].ship.docked_port_id = MINE if at_mine else HAVEN
        command = Trade(side, Commodity.ENERGY, quantity, execution=Execution.PARTIAL)
        decision = execute(world, envelope(command), NOW)
        if isinstance(decision, Accepted):
            for event in decision.events:
                apply(world, event)
    left = world.players[PLAYER].ship.units(Commodity.ENERGY)
    if left:
        world.players[PLAYER].ship.docked_port_id = HAVEN
        perform(world, Trade(Side.SELL, Commodity.ENERGY, left))
    moved = mine.stock[1] - wanted
    assert haven.stock[1] == stock - moved
    explained = 0
    if moved:
        base = BASE_PRICES[COMMODITY_INDEX[Commodity.ENERGY]]
        explained = ladder_total(sell_ladder(base, wanted, 100, moved)) - ladder_total(
            buy_ladder(base, stock, 2_000, moved)
        )
    taxes = world.ledger.balance(TRADE_TAX)
    assert world.credits(PLAYER) - STARTING_CREDITS + taxes <= explained


HUGE = st.sampled_from([-(2**63), -1, 0, 1, QUANTITY_MAX, PRICE_BOUND_MAX, 2**53, 2**63, 10**40])


@given(st.sampled_from(Side), HUGE, HUGE, HUGE)
def test_no_number_however_great_gets_past_the_form_or_beyond_what_is_exact(
    side: Side, quantity: int, limit: int, life: int
) -> None:
    """Every total that is stored or shown stays an integer that any client holds exactly."""
    world = world_with_player()
    world.players[PLAYER].ship.load(Commodity.ORE, 10, 500)
    commands = [
        Trade(side, "ore", quantity, limit),
        Trade(side, "ore", quantity, limit, execution=Execution.PARTIAL),
        RequestQuote(side, "ore", quantity),
        PlaceOrder(side, "ore", quantity, limit, life),
    ]
    for command in commands:
        decision = execute(world, envelope(command), NOW)
        if not 1 <= quantity <= QUANTITY_MAX:
            assert isinstance(decision, Rejection)
            assert decision.code is RejectionCode.INVALID_QUANTITY
        if isinstance(decision, Accepted):
            for event in decision.events:
                apply(world, event)
    assert all(abs(balance) < 2**53 for balance in world.ledger.balances.values())
    assert reserve(PRICE_BOUND_MAX, QUANTITY_MAX) < 2**53 // 4
    assert world.ledger.total() == 0


@given(st.lists(st.tuples(st.integers(-90, 90), st.sampled_from(Side)), min_size=1, max_size=12))
def test_a_clock_that_goes_back_gives_nothing_away(steps: list[tuple[int, Side]]) -> None:
    """Orders, quotes and windows at times that rise and fall: no credit appears, no cap lifts."""
    world = world_with_player()
    caps = SetTradeCaps(PLAYER, TradeCaps(trades_per_hour=3), "test")
    perform(world, caps, PlayerId("op_1"))
    for seconds, side in steps:
        now = later(seconds)
        for command in (
            Trade(side, "ore", 5),
            RequestQuote(side, "ore", 5),
            order(side, 5, 52, life_seconds=30),
        ):
            decision = execute(world, envelope(command), now)
            if isinstance(decision, Accepted):
                for event in decision.events:
                    apply(world, event)
        match_all(world, now)
        for deadline in world.due(now):
            assert deadline.at <= now
    assert world.players[PLAYER].trade_serial <= 3
    assert world.credits(PLAYER) <= STARTING_CREDITS
    assert world.ledger.total() == 0
    assert world.players[PLAYER].turns.at(later(-90)).count <= TURNS_MAX
