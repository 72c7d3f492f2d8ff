"""Decide on automation rules: keeping them, and letting them trade within the caps."""

from dataclasses import replace
from typing import Final

from sectorwars.domain.command import (
    CreateRule,
    DeleteRule,
    JudgeRule,
    SetDisconnectPause,
    SwitchAutomation,
    ToggleRule,
    Trade,
)
from sectorwars.domain.event import (
    AutomationSwitched,
    DisconnectPauseSet,
    GoodsTraded,
    RuleCreated,
    RuleDeleted,
    RuleRearmed,
    RuleToggled,
)
from sectorwars.domain.ids import CommandId, rule_id
from sectorwars.domain.market import Side
from sectorwars.domain.player import Player
from sectorwars.domain.rejection import Rejection, RejectionCode
from sectorwars.domain.rule import (
    AUTOMATED_DAILY_LOSS_MAX_CREDITS,
    AUTOMATED_SHARE_MAX_PERCENT,
    AUTOMATED_TRADE_INTERVAL_SECONDS,
    AUTOMATED_TRADES_PER_HOUR_MAX,
    CONDITIONS_MAX,
    DAY_MICROS,
    HOUR_MICROS,
    INVESTMENT_MAX_CREDITS,
    NAME_LENGTH_MAX,
    NAME_LENGTH_MIN,
    RULES_MAX,
    VALUE_MILLI_MAX,
    Automation,
    Cap,
    Rule,
    RuleSpec,
    Trace,
    TracedVerdict,
    Verdict,
)
from sectorwars.domain.values import MICROS_PER_SECOND, UnixMicros
from sectorwars.engine.dealing import completed
from sectorwars.engine.decision import Accepted, Decision
from sectorwars.engine.handlers import trading
from sectorwars.engine.risk import count_refusal, state_refusal
from sectorwars.engine.world import World

_MARKUP: Final = frozenset("<>")
"""Names are shown in pages and told to assistants; what could be taken for markup stays out."""


def create(
    world: World, player: Player, command: CreateRule, command_id: CommandId, now: UnixMicros
) -> Decision:
    """Store a rule, inactive."""
    fault = rule_fault(world, command.spec)
    if fault is not None:
        return Rejection(RejectionCode.INVALID_RULE, fault)
    automation = player.automation
    if len(automation.rules) >= RULES_MAX:
        return Rejection(
            RejectionCode.RULE_LIMIT, f"You have {RULES_MAX} rules, which is the limit; delete one."
        )
    serial = automation.rule_serial + 1
    name = rule_id(player.player_id, serial)
    return Accepted((RuleCreated(player.player_id, command_id, now, name, serial, command.spec),))


def delete(player: Player, command: DeleteRule, command_id: CommandId, now: UnixMicros) -> Decision:
    """Delete a rule."""
    if command.rule_id not in player.automation.rules:
        return _unknown_rule()
    return Accepted((RuleDeleted(player.player_id, command_id, now, command.rule_id),))


def toggle(player: Player, command: ToggleRule, command_id: CommandId, now: UnixMicros) -> Decision:
    """Switch a rule on or off."""
    rule = player.automation.rules.get(command.rule_id)
    if rule is None:
        return _unknown_rule()
    active = not rule.active if command.active is None else command.active
    return Accepted((RuleToggled(player.player_id, command_id, now, rule.rule_id, active),))


def switch(
    player: Player, command: SwitchAutomation, command_id: CommandId, now: UnixMicros
) -> Decision:
    """Turn the master switch."""
    active = not player.automation.active if command.active is None else command.active
    return Accepted((AutomationSwitched(player.player_id, command_id, now, active),))


def set_disconnect_pause(
    player: Player, command: SetDisconnectPause, command_id: CommandId, now: UnixMicros
) -> Decision:
    """Keep the player's choice of what becomes of his automation without him."""
    return Accepted((DisconnectPauseSet(player.player_id, command_id, now, command.active),))


def pause(player: Player, command_id: CommandId, now: UnixMicros) -> Decision:
    """Turn the master switch off if the player wants it so while he has no connection."""
    automation = player.automation
    if not (automation.active and automation.pause_on_disconnect):
        return Rejection(
            RejectionCode.AUTOMATION_OFF, "Your automation is off, or runs on without you."
        )
    switched = AutomationSwitched(
        player.player_id, command_id, now, active=False, disconnected=True
    )
    return Accepted((switched,))


def judge(
    world: World, player: Player, command: JudgeRule, command_id: CommandId, now: UnixMicros
) -> Decision:
    """Say what comes of a side of a rule, trading where it is to and nothing forbids it."""
    rule = player.automation.rules.get(command.rule_id)
    if rule is None:
        return _unknown_rule()
    spent = command.side in rule.spent
    trace = replace(command.trace, caps=_caps(player.automation, now))
    if not command.holds:
        if trace.code is not None:
            return Accepted((), _verdict(world, rule, command.side, Verdict.BLOCKED, trace, now))
        rearmed = RuleRearmed(player.player_id, now, rule.rule_id, command.side)
        return Accepted((rearmed,) if spent else ())
    if spent:
        return Accepted(())
    outcome = _order(world, player, rule, command, command_id, now)
    if isinstance(outcome, GoodsTraded):
        order_caps = _order_caps(world, player, outcome)
        trace = replace(trace, caps=trace.caps + order_caps)
        outcome = _exceeded(order_caps) or outcome
    if isinstance(outcome, Rejection):
        trace = replace(trace, code=outcome.code, detail=outcome.detail)
        return Accepted((), _verdict(world, rule, command.side, Verdict.BLOCKED, trace, now))
    verdict = _verdict(world, rule, command.side, Verdict.FIRED, trace, now)
    return Accepted((outcome, *completed(world, outcome)), verdict)


def _verdict(
    world: World, rule: Rule, side: Side, verdict: Verdict, trace: Trace, now: UnixMicros
) -> TracedVerdict:
    return TracedVerdict(rule.player_id, rule.rule_id, side, verdict, now, world.tick, trace)


def _order(
    world: World,
    player: Player,
    rule: Rule,
    command: JudgeRule,
    command_id: CommandId,
    now: UnixMicros,
) -> GoodsTraded | Rejection:
    port_id = player.ship.docked_port_id
    refusal = (
        state_refusal(world, player, command.side, port_id)
        or count_refusal(world, player, rule.spec.commodity, command.quantity or 1, now)
        or cap_met(player.automation, rule, now)
    )
    if refusal is not None:
        return refusal
    if command.quantity is None:
        return Rejection(RejectionCode.AUTOMATION_CREDIT_SHARE, command.trace.detail)
    order = Trade(command.side, rule.spec.commodity.value, command.quantity)
    return trading.trade(world, player, order, command_id, now, rule.rule_id)


def cap_met(automation: Automation, rule: Rule, now: UnixMicros) -> Rejection | None:
    """Return why a rule may not trade at `now`, whatever the order, or None if it may."""
    if not automation.active:
        return Rejection(RejectionCode.AUTOMATION_OFF, "Your automation is switched off.")
    if not rule.active:
        return Rejection(RejectionCode.RULE_INACTIVE, "The rule is switched off.")
    interval_micros = AUTOMATED_TRADE_INTERVAL_SECONDS * MICROS_PER_SECOND
    if automation.since(UnixMicros(now - interval_micros)):
        return Rejection(
            RejectionCode.AUTOMATION_COOLDOWN,
            f"Automated trades are at least {AUTOMATED_TRADE_INTERVAL_SECONDS} s apart.",
        )
    if len(automation.since(UnixMicros(now - HOUR_MICROS))) >= AUTOMATED_TRADES_PER_HOUR_MAX:
        return Rejection(
            RejectionCode.AUTOMATION_HOURLY_LIMIT,
            f"{AUTOMATED_TRADES_PER_HOUR_MAX} automated trades were made within the last hour.",
        )
    if _daily_loss(automation, now) >= AUTOMATED_DAILY_LOSS_MAX_CREDITS:
        return Rejection(
            RejectionCode.AUTOMATION_DAILY_LOSS,
            f"Automated trades have lost {AUTOMATED_DAILY_LOSS_MAX_CREDITS} credits in 24 hours.",
        )
    return None


def _order_caps(world: World, player: Player, event: GoodsTraded) -> tuple[Cap, ...]:
    """Hold an order against what one automated trade may be worth, and take of the credits."""
    worth = Cap("credits_in_a_trade", event.total_credits, INVESTMENT_MAX_CREDITS)
    if event.side is Side.SELL:
        return (worth,)
    cost = event.total_credits + event.fees_credits
    allowed = world.credits(player.player_id) * AUTOMATED_SHARE_MAX_PERCENT // 100
    return (worth, Cap("share_of_credits", cost, allowed))


def _exceeded(caps: tuple[Cap, ...]) -> Rejection | None:
    worth, *share = caps
    if worth.used > worth.limit:
        return Rejection(
            RejectionCode.AUTOMATION_TRADE_CAP,
            f"An automated trade is worth at most {INVESTMENT_MAX_CREDITS} credits.",
        )
    if any(cap.used > cap.limit for cap in share):
        return Rejection(
            RejectionCode.AUTOMATION_CREDIT_SHARE,
            f"An automated trade takes at most {AUTOMATED_SHARE_MAX_PERCENT} % of your credits.",
        )
    return None


def _caps(automation: Automation, now: UnixMicros) -> tuple[Cap, ...]:
    last = automation.recent[-1].at if automation.recent else None
    waited = AUTOMATED_TRADE_INTERVAL_SECONDS
    if last is not None:
        waited = min(waited, (now - last) // MICROS_PER_SECOND)
    return (
        Cap("seconds_since_last_trade", waited, AUTOMATED_TRADE_INTERVAL_SECONDS),
        Cap(
            "trades_in_an_hour",
            len(automation.since(UnixMicros(now - HOUR_MICROS))),
            AUTOMATED_TRADES_PER_HOUR_MAX,
        ),
        Cap("loss_in_24_hours", _daily_loss(automation, now), AUTOMATED_DAILY_LOSS_MAX_CREDITS),
    )


def _daily_loss(automation: Automation, now: UnixMicros) -> int:
    trades = automation.since(UnixMicros(now - DAY_MICROS))
    return max(0, -sum(trade.profit_credits for trade in trades))


def rule_fault(world: World, spec: RuleSpec) -> str | None:
    """Say in a sentence why a rule cannot be stored."""
    if not NAME_LENGTH_MIN <= len(spec.name.strip()) <= len(spec.name) <= NAME_LENGTH_MAX:
        return f"A rule's name has {NAME_LENGTH_MIN} to {NAME_LENGTH_MAX} characters."
    if not spec.name.isprintable() or not _MARKUP.isdisjoint(spec.name):
        return "A rule's name holds neither control characters nor < and >."
    if not 1 <= spec.max_investment_credits <= INVESTMENT_MAX_CREDITS:
        return f"A rule may invest 1 to {INVESTMENT_MAX_CREDITS} credits."
    if spec.port_id is not None:
        port = world.ports.get(spec.port_id)
        if port is None:
            return f"There is no port {spec.port_id!r}."
        if port.position(spec.commodity) is None:
            return f"{port.spec.name} does not deal in {spec.commodity.spoken}."
    return _condition_fault(spec)


def _condition_fault(spec: RuleSpec) -> str | None:
    conditions = (*spec.buy_conditions, *spec.sell_conditions)
    if not conditions:
        return "A rule needs a condition to buy or to sell on."
    if max(len(spec.buy_conditions), len(spec.sell_conditions)) > CONDITIONS_MAX:
        return f"A side of a rule has at most {CONDITIONS_MAX} conditions."
    if any(abs(condition.value_milli) > VALUE_MILLI_MAX for condition in conditions):
        return "A condition's value lies between minus and plus a billion."
    return None


def _unknown_rule() -> Rejection:
    return Rejection(RejectionCode.UNKNOWN_RULE, "You have no such rule.")
