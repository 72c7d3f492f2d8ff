"""Judge all rules that are on, once a tick, on the market as the writer has it."""

from collections.abc import Callable, Iterator
from typing import Final

from sectorwars.application.writing.reserved_ids import RULE_PREFIX
from sectorwars.automation.judgement import Inputs, holds, judge
from sectorwars.automation.sizing import budget_credits, quantity_within
from sectorwars.domain.command import CommandEnvelope, JudgeRule, Origin
from sectorwars.domain.commodity import Commodity
from sectorwars.domain.ids import CommandId, PortId, RuleId
from sectorwars.domain.market import Side
from sectorwars.domain.player import Player
from sectorwars.domain.port import Port
from sectorwars.domain.rejection import RejectionCode
from sectorwars.domain.rule import Rule, RuleSpec, Trace, TracedVerdict, Verdict
from sectorwars.domain.values import UnixMicros
from sectorwars.engine.berth import means
from sectorwars.engine.handlers.automation import cap_met
from sectorwars.engine.matching import Taker, port_units
from sectorwars.engine.world import World

_SIDES: Final = tuple(Side)

_Quote = tuple[int, int | None, int | None]
"""A port's version, and what it then asks and bids for a good."""


class StandingBlocks:
    """What each side of a rule was last told to be blocked by, so that it is told once.

    It is the writer's own memory: what still stands after a restart is told once more.
    """

    def __init__(self) -> None:
        """Start with nothing told."""
        self._codes: dict[tuple[RuleId, Side], str | None] = {}

    def code(self, rule_id: RuleId, side: Side) -> str | None:
        """Return what a side was last told to be blocked by, or None."""
        return self._codes.get((rule_id, side))

    def lift(self, rule_id: RuleId, side: Side) -> None:
        """Note that nothing blocks a side any more."""
        self._codes.pop((rule_id, side), None)

    def is_news(self, verdict: TracedVerdict) -> bool:
        """Note a verdict; return whether it is another than was told last."""
        key = (verdict.rule_id, verdict.side)
        if verdict.verdict is Verdict.FIRED:
            self._codes.pop(key, None)
            return True
        told = self._codes.get(key)
        self._codes[key] = verdict.trace.code
        return told != verdict.trace.code


def judge_rules(
    world: World,
    confidence_milli: Callable[[Commodity], int | None],
    blocks: StandingBlocks,
    now: UnixMicros,
) -> Iterator[CommandEnvelope]:
    """Yield a command for each side of a rule on which there is something to tell or to do.

    The commands are to be executed one by one as they come: a later rule sees what an earlier one
    has traded. Their ids are functions of rule, side and tick, so a tick acts once.
    """
    look = _Look(world, confidence_milli, blocks, now)
    for player in list(world.automated_players()):
        for rule in list(player.automation.rules.values()):
            if not rule.active:
                continue
            for side in _SIDES:
                if not rule.spec.conditions(side):
                    continue
                command = look.judged(player, rule, side)
                if command is not None:
                    yield CommandEnvelope(
                        CommandId(f"{RULE_PREFIX}{rule.rule_id}-{side.value}-{world.tick}"),
                        player.player_id,
                        Origin.RULE,
                        command,
                    )


class _Look:
    """What rules see during a tick; a good's quotes at a port are reckoned once a version."""

    def __init__(
        self,
        world: World,
        confidence_milli: Callable[[Commodity], int | None],
        blocks: StandingBlocks,
        now: UnixMicros,
    ) -> None:
        self._world = world
        self._confidence_milli = confidence_milli
        self._blocks = blocks
        self._now = now
        self._quotes: dict[tuple[PortId, Commodity], _Quote] = {}

    def judged(self, player: Player, rule: Rule, side: Side) -> JudgeRule | None:
        """Return what there is to tell or to do about a side of a rule."""
        spec = rule.spec
        port_id = player.ship.docked_port_id
        if port_id is None or spec.port_id not in (None, port_id):
            told = self._blocks.code(rule.rule_id, side) == RejectionCode.NOT_DOCKED
            return None if told else _not_docked(rule, side)
        port = self._world.ports[port_id]
        inputs = self._inputs(player, port, spec.commodity)
        if holds(spec, side, inputs):
            if side in rule.spent or self._is_blocked_as_before(player, rule, side):
                return None
            return self._order(player, port, rule, side, inputs)
        self._blocks.lift(rule.rule_id, side)
        if side not in rule.spent:
            return None
        trace = Trace(port_id, port.version, (), (), None, None, "The conditions do not hold.")
        return JudgeRule(rule.rule_id, side, holds=False, quantity=None, trace=trace)

    def _is_blocked_as_before(self, player: Player, rule: Rule, side: Side) -> bool:
        """Tell whether a cap still forbids what it forbade, so that no order need be sized."""
        told = self._blocks.code(rule.rule_id, side)
        if told is None:
            return False
        refusal = cap_met(player.automation, rule, self._now)
        return refusal is not None and refusal.code == told

    def _inputs(self, player: Player, port: Port, commodity: Commodity) -> Inputs:
        key = (port.spec.port_id, commodity)
        quote = self._quotes.get(key)
        if quote is None or quote[0] != port.version:
            quote = self._quotes[key] = _quote(port, commodity)
        ship = player.ship
        units = ship.units(commodity) if commodity in ship.cargo else 0
        return Inputs(
            ask_credits=quote[1],
            bid_credits=quote[2],
            units=units,
            cost_credits=ship.cost_of(commodity, units),
            confidence_milli=self._confidence_milli(commodity),
        )

    def _order(
        self, player: Player, port: Port, rule: Rule, side: Side, inputs: Inputs
    ) -> JudgeRule:
        quantity = self._quantity(player, port, rule.spec, side)
        detail = (
            f"The conditions hold: {side.value} {quantity}."
            if quantity
            else "What the rule may invest, the hold and the port leave no unit to trade."
        )
        results = judge(rule.spec, side, inputs).results
        trace = Trace(port.spec.port_id, port.version, results, (), quantity or None, None, detail)
        return JudgeRule(rule.rule_id, side, holds=True, quantity=quantity or None, trace=trace)

    def _quantity(self, player: Player, port: Port, spec: RuleSpec, side: Side) -> int:
        position = port.position(spec.commodity)
        if position is None:
            return 0
        taker = Taker(player, port, position, spec.commodity, side)
        units_max = min(port_units(port, position, side), means(taker))
        stock = port.ask_stock(position) if side is Side.BUY else port.bid_stock(position)
        budget = budget_credits(spec, side, self._world.credits(player.player_id))
        _, base, target = port.terms[position]
        return quantity_within(side, base, stock, target, budget, units_max)


def _not_docked(rule: Rule, side: Side) -> JudgeRule:
    detail = "The ship is not docked."
    if rule.spec.port_id is not None:
        detail = "The ship is not docked at the port of the rule."
    trace = Trace(None, None, (), (), None, RejectionCode.NOT_DOCKED, detail)
    return JudgeRule(rule.rule_id, side, holds=False, quantity=None, trace=trace)


def _quote(port: Port, commodity: Commodity) -> _Quote:
    position = port.position(commodity)
    if position is None:
        return port.version, None, None
    return port.version, port.ask(position), port.bid(position)
