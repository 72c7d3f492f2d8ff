"""Rules, their status and their traces as they are shown."""

from dataclasses import replace

import pytest

from sectorwars.application.reading.rule_views import (
    automation_status,
    rule_trace,
    rule_view,
    trade_reasoning,
)
from sectorwars.domain.commodity import Commodity
from sectorwars.domain.ids import PlayerId, PortId, RuleId
from sectorwars.domain.market import Side
from sectorwars.domain.rule import (
    AutomatedTrade,
    Automation,
    Cap,
    Comparison,
    Condition,
    ConditionResult,
    ConditionType,
    RiskLevel,
    Rule,
    RuleSpec,
    Trace,
    TracedVerdict,
    Verdict,
)
from sectorwars.domain.values import MICROS_PER_SECOND, Tick, UnixMicros, rfc3339
from sectorwars.protocol.shapes.automation import RuleCondition, TracedCap, TracedCondition

NOW = UnixMicros(1_800_000_000 * MICROS_PER_SECOND)
RULE = RuleId("r-pl_1-1")
BELOW = Condition(ConditionType.PRICE_BELOW, Comparison.LESS_THAN, 61_500)
MARGIN = Condition(ConditionType.MARGIN_EXCEEDS, Comparison.GREATER_THAN, -5_250)
SURE = Condition(ConditionType.AI_CONFIDENCE, Comparison.EQUALS, 700)
SPEC = RuleSpec(
    "Cheap ore", Commodity.ORE, None, (BELOW, SURE), (MARGIN, BELOW), RiskLevel.MODERATE, 900
)


def _automation(*trades: AutomatedTrade) -> Automation:
    rule = Rule(RULE, PlayerId("pl_1"), SPEC, NOW, active=True)
    return Automation(active=True, rules={RULE: rule}, rule_serial=1, recent=list(trades))


def _trade(seconds_ago: int, profit: int = 0, rule_id: RuleId = RULE) -> AutomatedTrade:
    at = UnixMicros(NOW - seconds_ago * MICROS_PER_SECOND)
    return AutomatedTrade(at, rule_id, Side.SELL, Commodity.ORE, 4, 240, profit)


def test_a_rule_is_shown_in_the_clients_words() -> None:
    view = rule_view(_automation().rules[RULE])
    assert view.buyConditions == [
        RuleCondition("price_below", 61.5, "less_than"),
        RuleCondition("ai_confidence", 0.7, "equals"),
    ]
    assert (view.id, view.commodity, view.riskLevel) == (RULE, "ore", "moderate")
    assert (view.maxInvestment, view.isActive, view.portId) == (900, True, None)


def test_the_status_covers_24_hours_and_the_last_trade_however_old() -> None:
    status = automation_status(
        _automation(_trade(90_000, 7), _trade(80_000, -3), _trade(9, 5)), NOW
    )
    assert (status.totalProfitToday, status.tradesExecuted, status.rulesActive) == (2, 2, 1)
    old = automation_status(_automation(_trade(90_000, 7)), NOW)
    assert (old.totalProfitToday, old.tradesExecuted) == (0, 0)
    assert old.lastAction is not None
    assert (old.lastAction.type, old.lastAction.amount, old.lastAction.profit) == ("sell", 4, 7)
    assert automation_status(Automation(), NOW).lastAction is None
    assert (old.pauseOnDisconnect, old.pausedAt) == (False, None)
    paused = automation_status(Automation(pause_on_disconnect=True, paused_at=NOW), NOW)
    assert (paused.pauseOnDisconnect, paused.pausedAt) == (True, rfc3339(NOW))


@pytest.mark.parametrize(
    ("side", "said"),
    [
        (Side.BUY, ("Bought 4 ore for 240 credits by the rule Cheap ore: "
         "ask below 61.5 and forecast confidence equal to 0.7.")),
        (Side.SELL, ("Sold 4 ore for 240 credits by the rule Cheap ore: "
         "margin above -5.25 % and bid below 61.5.")),
    ],
)  # fmt: skip
def test_the_reasoning_names_the_rule_and_its_conditions(side: Side, said: str) -> None:
    assert trade_reasoning(_automation(), RULE, side, 4, Commodity.ORE, 240) == said


def test_a_rule_that_is_gone_is_called_so() -> None:
    status = automation_status(_automation(_trade(1, rule_id=RuleId("r-pl_1-0"))), NOW)
    assert status.lastAction is not None
    assert status.lastAction.reasoning == "Sold 4 ore for 240 credits by a rule since deleted."


def test_a_verdict_that_mattered_is_shown_with_all_it_saw() -> None:
    results = (ConditionResult(BELOW, 60_000, True), ConditionResult(SURE, None, False))
    trace = Trace(
        PortId("p0001"), 7, results, (Cap("trades_in_an_hour", 3, 20),), 5, "not_docked", "Why."
    )
    blocked = TracedVerdict(PlayerId("pl_1"), RULE, Side.BUY, Verdict.BLOCKED, NOW, Tick(61), trace)
    shown = rule_trace(blocked)
    assert (shown.verdict, shown.side, shown.code, shown.detail) == (
        "blocked", "buy", "not_docked", "Why.",
    )  # fmt: skip
    assert shown.conditions == [
        TracedCondition("price_below", "less_than", 61.5, 60.0, True),
        TracedCondition("ai_confidence", "equals", 0.7, None, False),
    ]
    assert shown.caps == [TracedCap("trades_in_an_hour", 3, 20)]
    assert (shown.port_id, shown.market_version, shown.quantity) == ("p0001", 7, 5)
    assert shown.game_time == "2102-01-01T01:01:00.000000Z"
    assert rule_trace(replace(blocked, verdict=Verdict.FIRED)).verdict == "fired"
