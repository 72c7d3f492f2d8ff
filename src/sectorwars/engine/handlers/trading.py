"""Decide on immediate trades at the port where the ship is docked."""

from bisect import bisect_left

from sectorwars.domain.command import Execution, Trade
from sectorwars.domain.commodity import Commodity
from sectorwars.domain.event import GoodsTraded
from sectorwars.domain.ids import CommandId, RuleId
from sectorwars.domain.ledger import port_account
from sectorwars.domain.market import Side, trade_tax
from sectorwars.domain.player import Player
from sectorwars.domain.quote import Quote
from sectorwars.domain.rejection import Rejection, RejectionCode
from sectorwars.domain.values import UnixMicros
from sectorwars.engine.berth import (
    berth,
    dealing_refusal,
    form_refusal,
    lack_of_means,
    means,
    means_refusal,
)
from sectorwars.engine.dealing import Cause, deal, quoted
from sectorwars.engine.handlers import quoting
from sectorwars.engine.matching import (
    Taker,
    Walk,
    own_worst_price,
    port_units,
    port_walk,
    walk,
)
from sectorwars.engine.risk import credits_refusal
from sectorwars.engine.world import World


def trade(
    world: World,
    player: Player,
    command: Trade,
    command_id: CommandId,
    now: UnixMicros,
    rule_id: RuleId | None = None,
) -> GoodsTraded | Rejection:
    """Buy or sell at once, at the best prices that the port and others' open orders offer.

    Without a price bound nobody is given worse prices than the port's own. `rule_id` names the
    rule that trades, if one does.
    """
    refusal = form_refusal(
        command.commodity, command.quantity, command.price_bound
    ) or quoting.unknown_refusal(player, command.quote_id)
    if refusal is not None:
        return refusal
    commodity = Commodity(command.commodity)
    taker = berth(world, player, command.side, commodity, command.quantity, command.port_id, now)
    if isinstance(taker, Rejection):
        return taker
    cause = Cause(command_id, rule_id)
    if command.quote_id is None:
        found = _found(world, taker, command, now)
    else:
        quote = quoting.usable(taker, command, now)
        if isinstance(quote, Rejection):
            return quote
        cause = Cause(command_id, rule_id, quote)
        found = means_refusal(taker, command.quantity) or _within(command, quoted(quote))
    if isinstance(found, Rejection):
        return found
    refusal = _funds_refusal(world, taker, found, cause.quote) or credits_refusal(
        world, player, found.total_credits, now
    )
    return refusal or deal(world, taker, found, cause, now)


def _found(world: World, taker: Taker, command: Trade, now: UnixMicros) -> Walk | Rejection:
    """Return what the market has for an order, or why it has not enough."""
    bound = command.price_bound
    has_book = taker.port.spec.port_id in world.books
    most = means(taker)
    offered = port_units(taker.port, taker.position, taker.side)
    if has_book and bound is not None:
        offered = walk(world, taker, command.quantity, None, now).quantity
    partial = command.execution is Execution.PARTIAL
    needed = 1 if partial else command.quantity
    if needed > offered:
        return _offer_refusal(taker, offered, needed)
    if needed > most:
        return lack_of_means(taker, most)
    quantity = min(command.quantity, offered, most)
    if bound is None and has_book:
        bound = own_worst_price(taker, quantity)
    cash = None
    if partial and taker.side is Side.SELL:
        cash = world.ledger.balance(port_account(taker.port.spec.port_id))
    if has_book or cash is not None:
        found = walk(world, taker, quantity, bound, now, cash)
    else:
        found = port_walk(taker, quantity, bound)
    if found.quantity < needed:
        return _within(command, walk(world, taker, quantity, None, now))
    return _affordable(world, taker, found, bound, now) if partial else found


def _affordable(
    world: World, taker: Taker, found: Walk, bound: int | None, now: UnixMicros
) -> Walk:
    """Return as much of what was found as its taker can pay for; all of it where no unit can."""
    if _funds_refusal(world, taker, found) is None:
        return found
    most = bisect_left(
        range(1, found.quantity),
        True,
        key=lambda units: (
            _funds_refusal(world, taker, walk(world, taker, units, bound, now)) is not None
        ),
    )
    return walk(world, taker, most, bound, now) if most else found


def _offer_refusal(taker: Taker, offered: int, needed: int) -> Rejection:
    """Say that a market has too little of a good, or too little room for what is aboard."""
    name, spoken = taker.port.spec.name, taker.commodity.spoken
    refusal = dealing_refusal(taker) if offered == 0 else None
    if refusal is not None:
        return refusal
    if taker.side is Side.BUY:
        return Rejection(
            RejectionCode.INSUFFICIENT_STOCK, f"{name} has {offered} units of {spoken}."
        )
    return means_refusal(taker, needed) or Rejection(
        RejectionCode.PORT_FULL, f"{name} has room for {offered} units of {spoken}."
    )


def _within(command: Trade, found: Walk) -> Walk | Rejection:
    """Hold the worst price of what was found against the order's bound."""
    worst, bound = found.fills[-1].price_credits, command.price_bound
    if bound is None:
        return found
    if command.side is Side.BUY and worst > bound:
        return Rejection(
            RejectionCode.PRICE_ABOVE_BOUND,
            f"The dearest unit costs {worst} credits, your bound is {bound}.",
        )
    if command.side is Side.SELL and worst < bound:
        return Rejection(
            RejectionCode.PRICE_BELOW_BOUND,
            f"The cheapest unit fetches {worst} credits, your bound is {bound}.",
        )
    return found


def _funds_refusal(
    world: World, taker: Taker, found: Walk, quote: Quote | None = None
) -> Rejection | None:
    """Say whether the buyer lacks credits; the port's are put aside where there is a quote."""
    if taker.side is Side.BUY:
        total = found.total_credits
        cost = total + trade_tax(total)
        credits_before = world.credits(taker.player.player_id)
        if cost <= credits_before:
            return None
        return Rejection(
            RejectionCode.INSUFFICIENT_CREDITS,
            f"It costs {cost} credits with fees, you have {credits_before}.",
        )
    port = taker.port.spec
    if quote is not None or found.port_credits <= world.ledger.balance(port_account(port.port_id)):
        return None
    return Rejection(
        RejectionCode.PORT_INSUFFICIENT_CREDITS,
        f"{port.name} cannot pay {found.port_credits} credits just now.",
    )
