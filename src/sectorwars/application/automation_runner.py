"""Judge all rules that are on, once a tick, on the market as the writer has it."""

from collections.abc import Callable, Iterator

from sectorwars.automation.judgement import Inputs, Judgement, judge
from sectorwars.automation.sizing import budget_credits, quantity_within
from sectorwars.domain.command import CommandEnvelope, JudgeRule, Origin
from sectorwars.domain.commodity import COMMODITY_SPECS, Commodity
from sectorwars.domain.ids import CommandId
from sectorwars.domain.market import Side, ask_price, bid_price, stock_capacity
from sectorwars.domain.player import Player
from sectorwars.domain.port import Port
from sectorwars.domain.rejection import RejectionCode
from sectorwars.domain.rule import Rule, SideState, Trace
from sectorwars.engine.world import World

_ARMED_AND_IDLE = SideState()


def judge_rules(
    world: World, confidence_milli: Callable[[Commodity], int | None]
) -> Iterator[CommandEnvelope]:
    """Yield a command for each side of a rule on which there is something to record or to do.

    The commands are to be executed one by one as they come: a later rule sees what an earlier one
    has traded. Their ids are functions of rule, side and tick, so a tick acts once.
    """
    for player in list(world.automated_players()):
        for rule in list(player.automation.rules.values()):
            if not rule.active:
                continue
            for side in Side:
                if not rule.spec.conditions(side):
                    continue
                command = _judged(world, player, rule, side, confidence_milli)
                if command is not None:
                    yield CommandEnvelope(
                        CommandId(f"rule-{rule.rule_id}-{side.value}-{world.tick}"),
                        player.player_id,
                        Origin.RULE,
                        command,
                    )


def _judged(
    world: World,
    player: Player,
    rule: Rule,
    side: Side,
    confidence_milli: Callable[[Commodity], int | None],
) -> JudgeRule | None:
    state = rule.state(side)
    port_id = player.ship.docked_port_id
    if port_id is None or rule.spec.port_id not in (None, port_id):
        if state.code == RejectionCode.NOT_DOCKED:
            return None
        detail = "The ship is not docked at the port of the rule."
        if rule.spec.port_id is None:
            detail = "The ship is not docked."
        trace = Trace(None, None, (), (), None, RejectionCode.NOT_DOCKED, detail)
        return JudgeRule(rule.rule_id, side, holds=False, quantity=None, trace=trace)
    port = world.ports[port_id]
    judgement = judge(rule.spec, side, _inputs(player, port, rule, confidence_milli))
    if judgement.holds:
        return _order(world, player, port, rule, side, judgement) if state.armed else None
    if state == _ARMED_AND_IDLE:
        return None
    trace = Trace(
        port_id, port.version, judgement.results, (), None, None, "The conditions do not hold."
    )
    return JudgeRule(rule.rule_id, side, holds=False, quantity=None, trace=trace)


def _inputs(
    player: Player,
    port: Port,
    rule: Rule,
    confidence_milli: Callable[[Commodity], int | None],
) -> Inputs:
    commodity = rule.spec.commodity
    ask = bid = None
    position = port.position(commodity)
    if position is not None:
        good, stock = port.spec.goods[position], port.stock[position]
        base = COMMODITY_SPECS[commodity].base_price_credits
        ask = ask_price(base, stock, good.target) if good.sells else None
        bid = bid_price(base, stock, good.target) if good.buys else None
    units = player.ship.units(commodity)
    return Inputs(
        ask_credits=ask,
        bid_credits=bid,
        units=units,
        cost_credits=player.ship.cost_of(commodity, units),
        confidence_milli=confidence_milli(commodity),
    )


def _order(
    world: World, player: Player, port: Port, rule: Rule, side: Side, judgement: Judgement
) -> JudgeRule:
    quantity = _quantity(world, player, port, rule, side)
    detail = (
        f"The conditions hold: {side.value} {quantity}."
        if quantity
        else "What the rule may invest, the hold and the port leave no unit to trade."
    )
    trace = Trace(
        port.spec.port_id, port.version, judgement.results, (), quantity or None, None, detail
    )
    return JudgeRule(rule.rule_id, side, holds=True, quantity=quantity or None, trace=trace)


def _quantity(world: World, player: Player, port: Port, rule: Rule, side: Side) -> int:
    commodity = rule.spec.commodity
    position = port.position(commodity)
    if position is None:
        return 0
    good, stock = port.spec.goods[position], port.stock[position]
    ship = player.ship
    if side is Side.BUY:
        units_max = min(stock, ship.cargo_capacity - ship.units_aboard())
    else:
        units_max = min(ship.units(commodity), stock_capacity(good.target) - stock)
    budget = budget_credits(rule.spec, side, world.credits(player.player_id))
    base = COMMODITY_SPECS[commodity].base_price_credits
    return quantity_within(side, base, stock, good.target, budget, units_max)
