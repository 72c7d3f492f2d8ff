"""Wire shapes of automation rules, their status and their traces."""

from typing import Final, assert_never

from sectorwars.domain.commodity import Commodity
from sectorwars.domain.event import AutomationEvent, GoodsTraded, PlayerEvent
from sectorwars.domain.ids import RuleId
from sectorwars.domain.market import Side
from sectorwars.domain.rule import (
    AUTOMATED_DAILY_LOSS_MAX_CREDITS,
    AUTOMATED_SHARE_MAX_PERCENT,
    AUTOMATED_TRADE_INTERVAL_SECONDS,
    AUTOMATED_TRADES_PER_HOUR_MAX,
    CONDITIONS_MAX,
    DAY_MICROS,
    INVESTMENT_MAX_CREDITS,
    NAME_LENGTH_MAX,
    NAME_LENGTH_MIN,
    RULES_MAX,
    AutomatedTrade,
    Automation,
    Comparison,
    Condition,
    ConditionType,
    Rule,
    TracedVerdict,
)
from sectorwars.domain.values import UnixMicros, game_rfc3339, rfc3339
from sectorwars.protocol.shapes.automation import (
    AutomationAction,
    AutomationLimits,
    AutomationStatus,
    RuleCondition,
    RuleTrace,
    RuleView,
    TracedCap,
    TracedCondition,
)

MILLI: Final = 1_000
_COMPARISON_WORDS: Final[dict[Comparison, str]] = {
    Comparison.LESS_THAN: "below",
    Comparison.GREATER_THAN: "above",
    Comparison.EQUALS: "equal to",
}


def rule_view(rule: Rule) -> RuleView:
    """Show a rule as it is stored."""
    spec = rule.spec
    return RuleView(
        id=rule.rule_id,
        name=spec.name,
        commodity=spec.commodity.value,
        buyConditions=[_condition(condition) for condition in spec.buy_conditions],
        sellConditions=[_condition(condition) for condition in spec.sell_conditions],
        riskLevel=spec.risk_level.value,
        maxInvestment=spec.max_investment_credits,
        isActive=rule.active,
        portId=spec.port_id,
    )


def automation_limits() -> AutomationLimits:
    """Show what rules and automated trades are held to."""
    return AutomationLimits(
        rules=RULES_MAX,
        conditions_of_a_side=CONDITIONS_MAX,
        name_length_min=NAME_LENGTH_MIN,
        name_length_max=NAME_LENGTH_MAX,
        investment_credits=INVESTMENT_MAX_CREDITS,
        trades_per_hour=AUTOMATED_TRADES_PER_HOUR_MAX,
        seconds_between_trades=AUTOMATED_TRADE_INTERVAL_SECONDS,
        loss_credits_in_24_hours=AUTOMATED_DAILY_LOSS_MAX_CREDITS,
        share_of_credits_percent=AUTOMATED_SHARE_MAX_PERCENT,
    )


def automation_status(automation: Automation, now: UnixMicros) -> AutomationStatus:
    """Show a player's automation over the last 24 hours of real time."""
    today = automation.since(UnixMicros(now - DAY_MICROS))
    return AutomationStatus(
        isActive=automation.active,
        totalProfitToday=sum(trade.profit_credits for trade in today),
        tradesExecuted=len(today),
        rulesActive=sum(rule.active for rule in automation.rules.values()),
        lastAction=_action(automation, automation.recent[-1]) if automation.recent else None,
        pauseOnDisconnect=automation.pause_on_disconnect,
        pausedAt=None if automation.paused_at is None else rfc3339(automation.paused_at),
    )


def automation_after(event: PlayerEvent, automation: Automation) -> AutomationStatus | None:
    """Show how an event has left its player's automation; None where it did not touch it."""
    by_rule = isinstance(event, GoodsTraded) and event.rule_id is not None
    if not by_rule and not isinstance(event, AutomationEvent):
        return None
    return automation_status(automation, event.at)


def rule_trace(verdict: TracedVerdict) -> RuleTrace:
    """Show why a rule did or did not trade."""
    trace = verdict.trace
    return RuleTrace(
        rule_id=verdict.rule_id,
        side=verdict.side.value,
        verdict=verdict.verdict.value,
        at=rfc3339(verdict.at),
        game_time=game_rfc3339(verdict.tick),
        port_id=trace.port_id,
        market_version=trace.market_version,
        conditions=[
            TracedCondition(
                type=result.condition.type.value,
                comparison=result.condition.comparison.value,
                value=result.condition.value_milli / MILLI,
                input=None if result.input_milli is None else result.input_milli / MILLI,
                holds=result.holds,
            )
            for result in trace.conditions
        ],
        caps=[TracedCap(cap.name, cap.used, cap.limit) for cap in trace.caps],
        quantity=trace.quantity,
        code=trace.code,
        detail=trace.detail,
    )


def _condition(condition: Condition) -> RuleCondition:
    return RuleCondition(
        condition.type.value, condition.value_milli / MILLI, condition.comparison.value
    )


def trade_reasoning(
    automation: Automation,
    rule_id: RuleId,
    side: Side,
    quantity: int,
    commodity: Commodity,
    total_credits: int,
) -> str:
    """Say in a sentence why a rule has traded: its name and its conditions."""
    verb = "Bought" if side is Side.BUY else "Sold"
    traded = f"{verb} {quantity} {commodity.spoken} for {total_credits} credits"
    rule = automation.rules.get(rule_id)
    if rule is None:
        return f"{traded} by a rule since deleted."
    conditions = " and ".join(condition_in_words(c, side) for c in rule.spec.conditions(side))
    return f"{traded} by the rule {rule.spec.name}: {conditions}."


def reasoning_of(event: PlayerEvent, automation: Automation) -> str | None:
    """Say in a sentence why a rule has traded; None where none did."""
    if not isinstance(event, GoodsTraded) or event.rule_id is None:
        return None
    return trade_reasoning(
        automation,
        event.rule_id,
        event.side,
        event.quantity,
        event.commodity,
        event.total_credits,
    )


def _action(automation: Automation, trade: AutomatedTrade) -> AutomationAction:
    return AutomationAction(
        type=trade.side.value,
        commodity=trade.commodity.value,
        amount=trade.quantity,
        profit=trade.profit_credits,
        timestamp=rfc3339(trade.at),
        reasoning=trade_reasoning(
            automation,
            trade.rule_id,
            trade.side,
            trade.quantity,
            trade.commodity,
            trade.total_credits,
        ),
    )


def condition_in_words(condition: Condition, side: Side) -> str:
    """Say what a condition of a side asks for, as in "ask below 900"."""
    compared = f"{_COMPARISON_WORDS[condition.comparison]} {_decimal(condition.value_milli)}"
    match condition.type:
        case ConditionType.PRICE_BELOW | ConditionType.PRICE_ABOVE:
            return f"{'ask' if side is Side.BUY else 'bid'} {compared}"
        case ConditionType.MARGIN_EXCEEDS:
            return f"margin {compared} %"
        case ConditionType.AI_CONFIDENCE:
            return f"forecast confidence {compared}"
        case _:
            assert_never(condition.type)


def _decimal(milli: int) -> str:
    whole, thousandths = divmod(abs(milli), MILLI)
    sign = "-" if milli < 0 else ""
    return f"{sign}{whole}.{thousandths:03}".rstrip("0").rstrip(".")
