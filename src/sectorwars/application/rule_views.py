"""Wire shapes of automation rules, their status and their traces."""

from sectorwars.domain.event import RuleJudged
from sectorwars.domain.rule import (
    DAY_MICROS,
    AutomatedTrade,
    Automation,
    Condition,
    Rule,
    Verdict,
)
from sectorwars.domain.values import UnixMicros, game_rfc3339, rfc3339
from sectorwars.protocol.shapes import (
    AutomationAction,
    AutomationStatus,
    RuleCondition,
    RuleTrace,
    RuleView,
    TracedCap,
    TracedCondition,
)

MILLI = 1_000


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


def automation_status(automation: Automation, now: UnixMicros) -> AutomationStatus:
    """Show a player's automation over the last 24 hours of real time."""
    today = automation.since(UnixMicros(now - DAY_MICROS))
    return AutomationStatus(
        isActive=automation.active,
        totalProfitToday=sum(trade.profit_credits for trade in today),
        tradesExecuted=len(today),
        rulesActive=sum(rule.active for rule in automation.rules.values()),
        lastAction=_action(automation, automation.recent[-1]) if automation.recent else None,
    )


def rule_trace(event: RuleJudged) -> RuleTrace | None:
    """Show a verdict that mattered: fired or blocked."""
    verdict = event.state.verdict
    if verdict is Verdict.IDLE:
        return None
    trace = event.trace
    return RuleTrace(
        rule_id=event.rule_id,
        side=event.side.value,
        verdict="fired" if verdict is Verdict.FIRED else "blocked",
        at=rfc3339(event.at),
        game_time=game_rfc3339(event.tick),
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


def _action(automation: Automation, trade: AutomatedTrade) -> AutomationAction:
    rule = automation.rules.get(trade.rule_id)
    name = f"the rule {rule.spec.name}" if rule else "a rule since deleted"
    verb = "Bought" if trade.side.value == "buy" else "Sold"
    return AutomationAction(
        type=trade.side.value,
        commodity=trade.commodity.value,
        amount=trade.quantity,
        profit=trade.profit_credits,
        timestamp=rfc3339(trade.at),
        reasoning=f"{verb} {trade.quantity} {trade.commodity} for {trade.total_credits} credits: "
        f"the conditions of {name} held.",
    )
