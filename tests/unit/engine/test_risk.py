"""The risk gate: each state, scope and side, and each cap, in their published order."""

import itertools

import pytest
from tests.small_galaxy import (
    HAVEN,
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
    CancelOrders,
    Command,
    RequestQuote,
    SetTradeCaps,
    SetTradingState,
    Trade,
    Undock,
)
from sectorwars.domain.event import GoodsTraded
from sectorwars.domain.ids import PlayerId
from sectorwars.domain.market import Side
from sectorwars.domain.rejection import RejectionCode
from sectorwars.domain.risk import SLOT_MICROS, TradeCaps, TradingScope, TradingState
from sectorwars.domain.values import UnixMicros
from sectorwars.engine.world import World

OPERATOR = PlayerId("op_1")
SUBJECTS = {TradingScope.GAME: None, TradingScope.PORT: HAVEN, TradingScope.PLAYER: PLAYER}
HALTS = {
    TradingScope.GAME: RejectionCode.GAME_HALTED,
    TradingScope.PLAYER: RejectionCode.PLAYER_HALTED,
    TradingScope.PORT: RejectionCode.PORT_HALTED,
}
ORDERS: list[tuple[Side, Command]] = [
    (side, command)
    for side in Side
    for command in (Trade(side, "ore", 5), RequestQuote(side, "ore", 5), order(side, 5, 40))
]


def _set(world: World, scope: TradingScope, state: TradingState) -> None:
    perform(world, SetTradingState(scope, SUBJECTS[scope], state, "test"), OPERATOR)


def _cap(world: World, **caps: int) -> None:
    perform(world, SetTradeCaps(PLAYER, TradeCaps(**caps), "test"), OPERATOR)


def _loaded() -> World:
    world = world_with_player()
    perform(world, Trade(Side.BUY, "ore", 20))
    return world


@pytest.mark.parametrize(("side", "command"), ORDERS)
@pytest.mark.parametrize("scope", TradingScope)
def test_a_halt_stops_both_sides_of_every_kind_of_order(
    scope: TradingScope, side: Side, command: Command
) -> None:
    world = _loaded()
    _set(world, scope, TradingState.HALTED)
    assert refusal(world, command) is HALTS[scope]
    _set(world, scope, TradingState.ACTIVE)
    perform(world, command)


@pytest.mark.parametrize(("side", "command"), ORDERS)
@pytest.mark.parametrize("scope", TradingScope)
def test_reducing_lets_nobody_buy_and_everybody_sell(
    scope: TradingScope, side: Side, command: Command
) -> None:
    world = _loaded()
    _set(world, scope, TradingState.REDUCING)
    if side is Side.BUY:
        assert refusal(world, command) is RejectionCode.REDUCING_ONLY
    else:
        perform(world, command)


@pytest.mark.parametrize("states", list(itertools.product(TradingState, repeat=3)), ids="-".join)
def test_the_strictest_state_holds_and_the_lowest_number_is_given(
    states: tuple[TradingState, ...],
) -> None:
    world = world_with_player()
    scopes = (TradingScope.GAME, TradingScope.PLAYER, TradingScope.PORT)
    for scope, state in zip(scopes, states, strict=True):
        _set(world, scope, state)
    expected = [
        HALTS[scope]
        for scope, state in zip(scopes, states, strict=True)
        if state is TradingState.HALTED
    ]
    if TradingState.REDUCING in states:
        expected.append(RejectionCode.REDUCING_ONLY)
    if expected:
        code = refusal(world, Trade(Side.BUY, "ore", 5))
        assert code is expected[0]
        assert code.number == min(code.number for code in expected)
    else:
        perform(world, Trade(Side.BUY, "ore", 5))


def test_a_halt_of_one_port_or_player_leaves_the_others_alone() -> None:
    world = world_with_player()
    (other,) = join(world, "pl_2")
    perform(world, SetTradingState(TradingScope.PORT, MINE, TradingState.HALTED, "t"), OPERATOR)
    _set(world, TradingScope.PLAYER, TradingState.HALTED)
    perform(world, Trade(Side.BUY, "ore", 5), other)


def test_orders_can_be_cancelled_and_ships_leave_through_any_halt() -> None:
    world = world_with_player()
    perform(world, order(Side.BUY, 5, 40))
    for scope in TradingScope:
        _set(world, scope, TradingState.HALTED)
    perform(world, CancelOrders())
    perform(world, Undock())


def test_the_gate_is_met_before_the_berth() -> None:
    world = world_with_player()
    perform(world, Undock())
    _set(world, TradingScope.GAME, TradingState.HALTED)
    assert refusal(world, Trade(Side.BUY, "ore", 5)) is RejectionCode.GAME_HALTED


@pytest.mark.parametrize(
    ("cap", "code"),
    [
        ("units_per_trade", RejectionCode.CAP_TRADE_UNITS),
        ("trades_per_hour", RejectionCode.CAP_HOUR_TRADES),
        ("units_of_a_good_per_day", RejectionCode.CAP_DAY_GOOD_UNITS),
        ("credits_per_trade", RejectionCode.CAP_TRADE_CREDITS),
        ("credits_per_hour", RejectionCode.CAP_HOUR_CREDITS),
        ("credits_per_day", RejectionCode.CAP_DAY_CREDITS),
    ],
)
def test_each_cap_lets_through_what_meets_it_and_nothing_more(
    cap: str, code: RejectionCode
) -> None:
    trade = Trade(Side.BUY, "ore", 10)
    (traded,) = perform(world_with_player(), trade)
    assert isinstance(traded, GoodsTraded)
    exact = 1 if cap.startswith("trades") else traded.quantity
    if cap.startswith("credits"):
        exact = traded.total_credits
    world = world_with_player()
    _cap(world, **{cap: exact - 1})
    assert refusal(world, trade) is code
    dearest = traded.fills[-1].price_credits
    assert refusal(world, order(Side.BUY, 10, dearest)) is code
    _cap(world, **{cap: exact})
    assert perform(world, trade) == (traded,)


def test_all_caps_together_are_given_by_their_numbers() -> None:
    world = world_with_player()
    caps = {
        "units_per_trade": RejectionCode.CAP_TRADE_UNITS,
        "trades_per_hour": RejectionCode.CAP_HOUR_TRADES,
        "units_of_a_good_per_day": RejectionCode.CAP_DAY_GOOD_UNITS,
        "credits_per_trade": RejectionCode.CAP_TRADE_CREDITS,
        "credits_per_hour": RejectionCode.CAP_HOUR_CREDITS,
        "credits_per_day": RejectionCode.CAP_DAY_CREDITS,
    }
    given = []
    names = list(caps)
    for i in range(len(names)):
        _cap(world, **dict.fromkeys(names[i:], 0))
        given.append(refusal(world, Trade(Side.BUY, "ore", 10)))
    assert given == list(caps.values())
    assert given == sorted(given, key=lambda code: code.number)


def test_caps_count_both_sides_and_roll_with_the_minute() -> None:
    world = world_with_player()
    start = UnixMicros(NOW - NOW % SLOT_MICROS + SLOT_MICROS)
    _cap(world, trades_per_hour=2, units_of_a_good_per_day=25)
    perform(world, Trade(Side.BUY, "ore", 10), now=start)
    perform(world, Trade(Side.SELL, "ore", 10), now=later(90, start))
    again, more = Trade(Side.BUY, "energy", 1), Trade(Side.BUY, "ore", 6)
    hour = later(61 * 60, start)
    assert refusal(world, again, now=UnixMicros(hour - 1)) is RejectionCode.CAP_HOUR_TRADES
    assert refusal(world, more, now=hour) is RejectionCode.CAP_DAY_GOOD_UNITS
    perform(world, again, now=hour)
    day = later(24 * 3_600 + 60, start)
    assert refusal(world, more, now=UnixMicros(day - 1)) is RejectionCode.CAP_DAY_GOOD_UNITS
    perform(world, more, now=day)


def test_the_games_caps_bind_everybody_who_has_no_lower_ones() -> None:
    world = world_with_player()
    (other,) = join(world, "pl_2")
    perform(world, SetTradeCaps(None, TradeCaps(units_per_trade=10), "test"), OPERATOR)
    _cap(world, units_per_trade=5)
    trade = Trade(Side.BUY, "ore", 8)
    assert refusal(world, trade) is RejectionCode.CAP_TRADE_UNITS
    perform(world, trade, other)
    assert refusal(world, Trade(Side.BUY, "ore", 11), other) is RejectionCode.CAP_TRADE_UNITS


def test_what_an_open_order_fills_counts_as_its_owners_trade() -> None:
    world = world_with_player()
    (maker,) = join(world, "pl_2")
    perform(world, order(Side.BUY, 10, 52), maker)
    perform(world, Trade(Side.BUY, "ore", 4))
    perform(world, Trade(Side.SELL, "ore", 4, 52))
    assert world.players[maker].window.trades_within(NOW, 60) == 1
    assert world.players[maker].window.credits_within(NOW, 60) == 4 * 52


def test_an_order_whose_owner_is_capped_waits_until_the_cap_lets_it() -> None:
    world = world_with_player()
    perform(world, order(Side.BUY, 10, 54))
    assert match_all(world) == ()
    _cap(world, trades_per_hour=0)
    world.ports[HAVEN].stock[0] = 3_000
    assert match_all(world) == ()
    _cap(world, credits_per_hour=1)
    assert match_all(world) == ()
    _cap(world, trades_per_hour=1)
    assert match_all(world) != ()
