"""Rules: keeping them, and firing within the caps."""

from dataclasses import replace

import pytest
from tests.small_galaxy import (
    BETA,
    HAVEN,
    NOW,
    PLAYER,
    RESORT,
    envelope,
    join,
    order,
    perform,
    refusal,
    world_with_player,
)

from sectorwars.domain.command import (
    CreateRule,
    DeleteRule,
    Dock,
    JudgeRule,
    PauseAutomation,
    PlayerCommand,
    SetDisconnectPause,
    SetTradeCaps,
    SetTradingState,
    SwitchAutomation,
    ToggleRule,
    Undock,
)
from sectorwars.domain.commodity import Commodity
from sectorwars.domain.event import GoodsTraded, OrderClosed, RuleRearmed
from sectorwars.domain.ids import PlayerId, PortId, RuleId
from sectorwars.domain.ledger import player_account
from sectorwars.domain.market import Side
from sectorwars.domain.rejection import RejectionCode
from sectorwars.domain.risk import TradeCaps, TradingScope, TradingState
from sectorwars.domain.rule import (
    CONDITIONS_MAX,
    RULES_MAX,
    VALUE_MILLI_MAX,
    AutomatedTrade,
    Comparison,
    Condition,
    ConditionType,
    RiskLevel,
    RuleSpec,
    Trace,
    TracedVerdict,
    Verdict,
)
from sectorwars.domain.values import MICROS_PER_SECOND, Credits, UnixMicros
from sectorwars.engine.apply import apply
from sectorwars.engine.decision import Accepted
from sectorwars.engine.execute import execute
from sectorwars.engine.world import World

RULE = RuleId(f"r-{PLAYER}-1")
BELOW = Condition(ConditionType.PRICE_BELOW, Comparison.LESS_THAN, 90_000)
SPEC = RuleSpec("Cheap ore", Commodity.ORE, HAVEN, (BELOW,), (BELOW,), RiskLevel.MODERATE, 9_000)
TRACE = Trace(HAVEN, 0, (), (), None, None, "")
BLOCKED_TRACE = replace(TRACE, code="not_docked", detail="Not there.")


def _world() -> World:
    """Return a world whose player has an active rule and automation switched on."""
    world = world_with_player()
    perform(world, CreateRule(SPEC))
    perform(world, ToggleRule(RULE, None))
    perform(world, SwitchAutomation(None))
    return world


def _decide(world: World, command: JudgeRule, seconds: int = 0) -> Accepted:
    """Have a side judged and apply what came of it."""
    now = UnixMicros(NOW + seconds * MICROS_PER_SECOND)
    decision = execute(world, envelope(command), now)
    assert isinstance(decision, Accepted)
    for event in decision.events:
        apply(world, event)
    return decision


def _judge(
    world: World, quantity: int | None = 5, side: Side = Side.BUY, seconds: int = 0
) -> Accepted:
    return _decide(world, JudgeRule(RULE, side, True, quantity, TRACE), seconds)


def _fired(decision: Accepted) -> tuple[GoodsTraded, TracedVerdict]:
    (traded,) = decision.events
    assert isinstance(traded, GoodsTraded)
    assert decision.verdict is not None
    assert decision.verdict.verdict is Verdict.FIRED
    return traded, decision.verdict


def _blocked(decision: Accepted) -> TracedVerdict:
    assert decision.events == ()
    assert decision.verdict is not None
    assert decision.verdict.verdict is Verdict.BLOCKED
    return decision.verdict


def _blocked_by(world: World, quantity: int | None = 5, seconds: int = 0) -> str | None:
    return _blocked(_judge(world, quantity, seconds=seconds)).trace.code


def _past_trades(world: World, count: int, seconds_ago: int, profit: int = 0) -> None:
    at = UnixMicros(NOW - seconds_ago * MICROS_PER_SECOND)
    trade = AutomatedTrade(at, RULE, Side.SELL, Commodity.ORE, 1, 50, profit)
    world.players[PLAYER].automation.recent += [trade] * count


def test_a_rule_starts_inactive_and_is_switched_and_deleted() -> None:
    world = world_with_player()
    perform(world, CreateRule(SPEC))
    automation = world.players[PLAYER].automation
    assert (automation.active, automation.rules[RULE].active) == (False, False)
    perform(world, ToggleRule(RULE, True))
    perform(world, SwitchAutomation(True))
    assert (automation.active, automation.rules[RULE].active) == (True, True)
    assert [player.player_id for player in world.automated_players()] == [PLAYER]
    perform(world, SwitchAutomation(None))
    assert list(world.automated_players()) == []
    perform(world, DeleteRule(RULE))
    assert automation.rules == {}
    perform(world, CreateRule(SPEC))
    assert list(automation.rules) == [f"r-{PLAYER}-2"]


@pytest.mark.parametrize(
    "spec",
    [
        replace(SPEC, name="ab"),
        replace(SPEC, name="x" * 51),
        replace(SPEC, max_investment_credits=0),
        replace(SPEC, max_investment_credits=100_001),
        replace(SPEC, port_id=PortId("p9999")),
        replace(SPEC, port_id=HAVEN, commodity=Commodity.LUXURY),
        replace(SPEC, name="  a  "),
        replace(SPEC, name="<script>"),
        replace(SPEC, name="two\nlines"),
        replace(SPEC, name="right\u202eleft"),
        replace(SPEC, name="lone \ud800"),
        replace(SPEC, buy_conditions=(replace(BELOW, value_milli=VALUE_MILLI_MAX + 1),)),
        replace(SPEC, sell_conditions=(replace(BELOW, value_milli=-VALUE_MILLI_MAX - 1),)),
        replace(SPEC, buy_conditions=(), sell_conditions=()),
        replace(SPEC, sell_conditions=(BELOW,) * (CONDITIONS_MAX + 1)),
    ],
)
def test_a_rule_that_cannot_be_kept_is_refused(spec: RuleSpec) -> None:
    assert refusal(world_with_player(), CreateRule(spec)) is RejectionCode.INVALID_RULE


def test_rules_are_bounded_and_must_be_known() -> None:
    world = world_with_player()
    for command in (DeleteRule(RULE), ToggleRule(RULE, None)):
        assert refusal(world, command) is RejectionCode.UNKNOWN_RULE
    judging = JudgeRule(RULE, Side.BUY, True, 1, TRACE)
    assert refusal(world, judging) is RejectionCode.UNKNOWN_RULE
    for _ in range(RULES_MAX):
        perform(world, CreateRule(replace(SPEC, port_id=None)))
    assert refusal(world, CreateRule(SPEC)) is RejectionCode.RULE_LIMIT


def test_a_rule_that_holds_trades_once_until_it_is_armed_again() -> None:
    world = _world()
    traded, verdict = _fired(_judge(world))
    assert (traded.rule_id, traded.quantity) == (RULE, 5)
    assert (verdict.rule_id, verdict.side, verdict.at) == (RULE, Side.BUY, NOW)
    automation = world.players[PLAYER].automation
    assert [trade.quantity for trade in automation.recent] == [5]
    assert automation.rules[RULE].spent == {Side.BUY}
    assert _judge(world, seconds=60) == Accepted(())
    failing = JudgeRule(RULE, Side.BUY, False, None, TRACE)
    assert perform(world, failing) == (RuleRearmed(PLAYER, NOW, RULE, Side.BUY),)
    assert automation.rules[RULE].spent == frozenset()
    assert _decide(world, failing) == Accepted(())
    _fired(_judge(world, seconds=90))


def test_switching_a_rule_arms_it_again() -> None:
    world = _world()
    _fired(_judge(world))
    perform(world, ToggleRule(RULE, True))
    assert world.players[PLAYER].automation.rules[RULE].spent == frozenset()


def test_a_sale_is_counted_with_its_profit() -> None:
    world = _world()
    _judge(world)
    sold, _ = _fired(_judge(world, side=Side.SELL, seconds=60))
    automation = world.players[PLAYER].automation
    assert automation.recent[-1].profit_credits == sold.profit_credits != 0
    assert automation.rules[RULE].spent == set(Side)


def test_what_could_not_be_looked_at_is_told_and_changes_nothing() -> None:
    world = _world()
    blocked = JudgeRule(RULE, Side.BUY, False, None, BLOCKED_TRACE)
    assert _blocked(_decide(world, blocked)).trace.code == "not_docked"
    _fired(_judge(world))
    _blocked(_decide(world, blocked))
    assert world.players[PLAYER].automation.rules[RULE].spent == {Side.BUY}


def test_what_blocks_comes_in_the_published_order() -> None:
    world = _world()
    automation = world.players[PLAYER].automation
    seen = []
    _past_trades(world, 19, 100, profit=-30_000)
    _past_trades(world, 1, 10)
    perform(world, ToggleRule(RULE, False))
    perform(world, SwitchAutomation(False))
    seen.append(_blocked_by(world))
    perform(world, SwitchAutomation(True))
    seen.append(_blocked_by(world))
    perform(world, ToggleRule(RULE, True))
    seen.append(_blocked_by(world))
    automation.recent[-1] = replace(automation.recent[0], profit_credits=0)
    seen.append(_blocked_by(world))
    del automation.recent[-2:]
    seen.append(_blocked_by(world))
    automation.recent.clear()
    seen.append(_blocked_by(world, 149))
    seen.append(_blocked_by(world, 151))
    assert seen == [
        "automation_off",
        "rule_inactive",
        "automation_cooldown",
        "automation_hourly_limit",
        "automation_daily_loss",
        "automation_credit_share",
        "insufficient_hold",
    ]
    assert _blocked_by(world, None) == "automation_credit_share"
    assert automation.recent == []


def test_one_automated_trade_is_worth_no_more_than_its_cap() -> None:
    world = _world()
    perform(world, Undock())
    world.players[PLAYER].ship.sector_id = BETA
    perform(world, Dock(RESORT))
    perform(world, CreateRule(replace(SPEC, commodity=Commodity.LUXURY, port_id=RESORT)))
    second = RuleId(f"r-{PLAYER}-2")
    perform(world, ToggleRule(second, True))
    world.ledger.balances[player_account(PLAYER)] = Credits(10**9)
    verdict = _blocked(_decide(world, JudgeRule(second, Side.BUY, True, 120, TRACE)))
    assert verdict.trace.code == "automation_trade_cap"
    assert world.players[PLAYER].ship.units_aboard() == 0


def test_a_trace_tells_every_cap_that_was_looked_at() -> None:
    world = _world()
    _past_trades(world, 2, 100, profit=-7)
    traded, verdict = _fired(_judge(world))
    cost = traded.total_credits + traded.fees_credits
    assert [(cap.name, cap.used, cap.limit) for cap in verdict.trace.caps] == [
        ("seconds_since_last_trade", 30, 30),
        ("trades_in_an_hour", 2, 20),
        ("loss_in_24_hours", 14, 500_000),
        ("credits_in_a_trade", traded.total_credits, 100_000),
        ("share_of_credits", cost, 5_000),
    ]
    _, sold = _fired(_judge(world, side=Side.SELL, seconds=31))
    assert [cap.name for cap in sold.trace.caps][3:] == ["credits_in_a_trade"]
    blocked = _blocked(_decide(world, JudgeRule(RULE, Side.BUY, False, None, BLOCKED_TRACE)))
    assert len(blocked.trace.caps) == 3


def test_the_gate_stops_a_rule_before_its_own_caps_do() -> None:
    world = _world()
    perform(world, SwitchAutomation(False))
    operator = PlayerId("op_1")
    perform(world, SetTradeCaps(None, TradeCaps(units_per_trade=4), "test"), operator)
    assert _blocked_by(world) == "cap_trade_units"
    assert _blocked_by(world, quantity=None, seconds=1) == "automation_off"
    halt = SetTradingState(TradingScope.PORT, HAVEN, TradingState.HALTED, "test")
    perform(world, halt, operator)
    assert _blocked_by(world, seconds=2) == "port_halted"


def test_a_rules_trade_closes_the_orders_that_it_fills() -> None:
    world = _world()
    (maker,) = join(world, "pl_2")
    world.players[maker].ship.load(Commodity.ORE, 5, 200)
    perform(world, order(Side.SELL, 5, 50), maker)
    decision = _judge(world)
    trade, closed = decision.events
    assert isinstance(trade, GoodsTraded)
    assert isinstance(closed, OrderClosed)
    assert decision.verdict is not None
    assert decision.verdict.verdict is Verdict.FIRED
    assert (trade.rule_id, closed.player_id) == (RULE, maker)
    assert [one.player_id for one in trade.crossings] == [maker]


def test_automation_pauses_for_who_wants_it_and_says_when() -> None:
    world = _world()
    automation = world.players[PLAYER].automation
    perform(world, SetDisconnectPause(active=True))
    assert (automation.active, automation.pause_on_disconnect) == (True, True)
    perform(world, PauseAutomation(), now=NOW)
    assert (automation.active, automation.paused_at) == (False, NOW)
    assert _blocked_by(world) == RejectionCode.AUTOMATION_OFF
    perform(world, SwitchAutomation(None))
    assert (automation.active, automation.paused_at) == (True, None)
    assert automation.pause_on_disconnect


@pytest.mark.parametrize(
    "given",
    [
        (),
        (SetDisconnectPause(active=True), SetDisconnectPause(active=False)),
        (SetDisconnectPause(active=True), SwitchAutomation(active=False)),
    ],
    ids=["not chosen", "chosen no more", "off"],
)
def test_nothing_is_paused_that_is_off_or_to_go_on(given: tuple[PlayerCommand, ...]) -> None:
    world = _world()
    for command in given:
        perform(world, command)
    before = world.players[PLAYER].automation.active
    assert refusal(world, PauseAutomation()) is RejectionCode.AUTOMATION_OFF
    automation = world.players[PLAYER].automation
    assert (automation.active, automation.paused_at) == (before, None)
