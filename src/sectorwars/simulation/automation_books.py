"""The referee's own books of automation rules: who may fire, who had to, and within which caps."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from sectorwars.domain.event import (
    AutomationSwitched,
    DisconnectPauseSet,
    Event,
    GoodsTraded,
    HaulerCalled,
    OrderClosed,
    PortsSettled,
    RuleCreated,
    RuleDeleted,
    RuleRearmed,
    RuleToggled,
    StockCheckpointed,
    TickAdvanced,
)
from sectorwars.domain.ids import PlayerId, PortId, RuleId
from sectorwars.domain.market import Side
from sectorwars.domain.rule import (
    AUTOMATED_DAILY_LOSS_MAX_CREDITS,
    AUTOMATED_SHARE_MAX_PERCENT,
    AUTOMATED_TRADE_INTERVAL_SECONDS,
    AUTOMATED_TRADES_PER_HOUR_MAX,
    DAY_MICROS,
    HOUR_MICROS,
    INVESTED_PERCENT,
    INVESTMENT_MAX_CREDITS,
    RULES_MAX,
    Comparison,
    Condition,
    ConditionType,
    RuleSpec,
    TracedVerdict,
    Verdict,
)
from sectorwars.domain.values import MICROS_PER_SECOND, Tick
from sectorwars.simulation.findings import Findings
from sectorwars.simulation.market_books import MarketBooks

_INTERVAL_MICROS: Final = AUTOMATED_TRADE_INTERVAL_SECONDS * MICROS_PER_SECOND


_Waiting = tuple[RuleId, Side, PortId]
"""A side of a rule, and the port where its player is docked."""


@dataclass(slots=True)
class _Rule:
    player_id: PlayerId
    spec: RuleSpec
    active: bool = False
    armed: dict[Side, bool] = field(default_factory=lambda: dict.fromkeys(Side, True))
    blocked: set[Side] = field(default_factory=set)
    """The sides whose block has been told and may still stand."""


class AutomationBooks:
    """Judges each automated trade before the market books have entered it.

    A tick is judged as a whole: a rule that could fire when its judging began must have been
    judged by its end, unless another rule has moved the market of its port meanwhile.
    """

    def __init__(self, findings: Findings, market: MarketBooks) -> None:
        """Read prices, cargo and berths from `market`; report to `findings`."""
        self._check = findings.check
        self._market = market
        self._rules: dict[RuleId, _Rule] = {}
        self._switched_on: set[PlayerId] = set()
        self._pausing: set[PlayerId] = set()
        self._trades: dict[PlayerId, list[GoodsTraded]] = {}
        self._told: dict[Tick, list[TracedVerdict]] = {}
        self._fired: dict[tuple[RuleId, Side, Tick], TracedVerdict] = {}
        self._tick: Tick | None = None
        self._expected: list[_Waiting] | None = None
        self._resting: list[_Waiting] = []
        self._moved_ports: set[PortId] = set()

    @property
    def fired(self) -> int:
        """Return how many automated trades are durable."""
        return sum(map(len, self._trades.values()))

    def hear(self, verdicts: Iterable[TracedVerdict]) -> None:
        """Take down what a batch tells of rules, before its events are seen."""
        for verdict in verdicts:
            self._told.setdefault(verdict.tick, []).append(verdict)
            if verdict.verdict is Verdict.FIRED:
                self._fired[verdict.rule_id, verdict.side, verdict.tick] = verdict

    def close_batch(self) -> None:
        """See that all that was told to have fired in a batch has traded in it."""
        for rule_id, side, tick in self._fired:
            self._check(
                False, f"{rule_id} is told to {side} at tick {tick}, the log says otherwise"
            )
        self._fired.clear()

    def see(self, event: Event) -> None:
        """Judge an event that has become durable, and enter it."""
        self._follow_judging(event)
        match event:
            case GoodsTraded():
                if event.rule_id is not None:
                    self._see_trade(event, event.rule_id)
            case RuleCreated():
                self._check(event.rule_id not in self._rules, f"{event.rule_id} is made twice")
                self._rules[event.rule_id] = _Rule(event.player_id, event.spec)
                own = [rule for rule in self._rules.values() if rule.player_id == event.player_id]
                self._check(len(own) <= RULES_MAX, f"{event.player_id} has too many rules")
            case RuleDeleted():
                del self._rules[event.rule_id]
            case RuleToggled():
                rule = self._rules[event.rule_id]
                rule.active = event.active
                rule.armed = dict.fromkeys(Side, True)
                rule.blocked.clear()
            case DisconnectPauseSet():
                (self._pausing.add if event.active else self._pausing.discard)(event.player_id)
            case AutomationSwitched():
                wanted = self._pausing & self._switched_on
                self._check(
                    not event.disconnected or (event.player_id in wanted and not event.active),
                    f"{event.player_id} is paused and did not want it",
                )
                change = self._switched_on.add if event.active else self._switched_on.discard
                change(event.player_id)
            case RuleRearmed():
                self._see_rearming(event)
            case _:
                pass

    def _follow_judging(self, event: Event) -> None:
        """Note what must fire when a tick's judging begins; at its end, see that it was judged."""
        if isinstance(event, TickAdvanced):
            self._end_judging()
            self._tick = event.tick
        elif isinstance(event, HaulerCalled | PortsSettled | StockCheckpointed):
            pass
        elif self._tick is not None:
            if self._expected is None:
                self._expected = self._able_to_fire()
            if not _is_of_judging(event):
                self._end_judging()
            elif isinstance(event, GoodsTraded):
                self._moved_ports.add(event.port_id)

    def _end_judging(self) -> None:
        if self._tick is None:
            return
        expected = self._able_to_fire() if self._expected is None else self._expected
        for verdict in self._told.pop(self._tick, ()):
            rule = self._rules[verdict.rule_id]
            (rule.blocked.add if verdict.verdict is Verdict.BLOCKED else rule.blocked.discard)(
                verdict.side
            )
        for rule_id, side, port_id in expected:
            rule = self._rules[rule_id]
            self._check(
                not rule.armed[side] or side in rule.blocked or port_id in self._moved_ports,
                f"{rule_id} was to {side} at tick {self._tick} and was passed over",
            )
        for rule_id, side, port_id in self._resting:
            if port_id not in self._moved_ports:
                self._rules[rule_id].blocked.discard(side)
        self._tick = self._expected = None
        self._moved_ports.clear()

    def _able_to_fire(self) -> list[_Waiting]:
        """Return the sides that can fire; those that were looked at and cannot are resting."""
        able: list[_Waiting] = []
        self._resting = []
        for rule_id, rule in self._rules.items():
            port_id = self._market.berths.get(rule.player_id)
            if port_id is None or rule.spec.port_id not in (None, port_id):
                continue
            if not rule.active or rule.player_id not in self._switched_on:
                continue
            for side in Side:
                fires = rule.armed[side] and self._holds(rule, side, port_id)
                (able if fires else self._resting).append((rule_id, side, port_id))
        return able

    def _see_trade(self, event: GoodsTraded, rule_id: RuleId) -> None:
        name = f"the trade of {rule_id} at tick {event.tick}"
        rule = self._rules.get(rule_id)
        if rule is None:
            self._check(False, f"{name} is made by a rule that is not there")
            return
        self._check(rule.player_id == event.player_id, f"{name} is another player's")
        self._check(rule.active, f"{name} is made by a rule that is off")
        self._check(event.player_id in self._switched_on, f"{name} is made with automation off")
        self._check(rule.armed[event.side], f"{name} is a second one on one trigger")
        self._check(rule.spec.commodity is event.commodity, f"{name} is in another good")
        self._check(rule.spec.port_id in (None, event.port_id), f"{name} is at another port")
        self._check(
            self._holds(rule, event.side, event.port_id), f"{name} is made against its conditions"
        )
        told = self._fired.pop((rule_id, event.side, event.tick), None)
        self._check(
            told is not None and told.trace.quantity == event.quantity,
            f"{name} is not told as it is",
        )
        rule.armed[event.side] = False
        self._see_caps(event, rule, name)
        self._trades.setdefault(event.player_id, []).append(event)

    def _see_caps(self, event: GoodsTraded, rule: _Rule, name: str) -> None:
        past = self._trades.get(event.player_id, [])
        hour = [trade for trade in past if event.at - trade.at < HOUR_MICROS]
        day = [trade for trade in past if event.at - trade.at < DAY_MICROS]
        self._check(
            not past or event.at - past[-1].at >= _INTERVAL_MICROS,
            f"{name} comes too soon after another",
        )
        self._check(len(hour) < AUTOMATED_TRADES_PER_HOUR_MAX, f"{name} is one too many")
        self._check(
            -sum(trade.profit_credits or 0 for trade in day) < AUTOMATED_DAILY_LOSS_MAX_CREDITS,
            f"{name} goes on after too great a loss",
        )
        cost = event.total_credits + (event.fees_credits if event.side is Side.BUY else 0)
        budget = rule.spec.max_investment_credits * INVESTED_PERCENT[rule.spec.risk_level] // 100
        self._check(cost <= min(budget, INVESTMENT_MAX_CREDITS), f"{name} is above its budget")
        share = self._market.credits(event.player_id) * AUTOMATED_SHARE_MAX_PERCENT // 100
        self._check(
            event.side is Side.SELL or cost <= share, f"{name} takes too much of the credits"
        )

    def _see_rearming(self, event: RuleRearmed) -> None:
        name = f"the rearming of {event.rule_id} to {event.side}"
        rule = self._rules.get(event.rule_id)
        if rule is None:
            self._check(False, f"{name} is of a rule that is not there")
            return
        port_id = self._market.berths.get(rule.player_id)
        seen = port_id is not None and rule.spec.port_id in (None, port_id)
        self._check(
            not rule.armed[event.side]
            and port_id is not None
            and seen
            and not self._holds(rule, event.side, port_id),
            f"{name} has no cause",
        )
        rule.armed[event.side] = True

    def _holds(self, rule: _Rule, side: Side, port_id: PortId) -> bool:
        conditions = rule.spec.conditions(side)
        return bool(conditions) and all(
            self._is_met(condition, rule, side, port_id) for condition in conditions
        )

    def _is_met(self, condition: Condition, rule: _Rule, side: Side, port_id: PortId) -> bool:
        commodity = rule.spec.commodity
        bid = self._market.price(port_id, commodity, Side.SELL)
        if condition.type in (ConditionType.PRICE_BELOW, ConditionType.PRICE_ABOVE):
            price = self._market.price(port_id, commodity, side)
            return price is not None and _compare(price * 1_000, condition)
        units, cost = self._market.aboard(rule.player_id, commodity)
        if condition.type is ConditionType.AI_CONFIDENCE or bid is None or cost <= 0:
            # Nobody forecasts in a simulation.
            return False
        return _compare((bid * units - cost) * 100_000 // cost, condition)


def _is_of_judging(event: Event) -> bool:
    """Return whether an event may happen while a tick's rules are judged; orders fill with it."""
    if isinstance(event, GoodsTraded):
        return event.rule_id is not None or event.order_id is not None
    return isinstance(event, RuleRearmed | OrderClosed)


def _compare(value_milli: int, condition: Condition) -> bool:
    return {
        Comparison.LESS_THAN: value_milli < condition.value_milli,
        Comparison.GREATER_THAN: value_milli > condition.value_milli,
        Comparison.EQUALS: value_milli == condition.value_milli,
    }[condition.comparison]
