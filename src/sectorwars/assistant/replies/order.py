"""Requests for a trade: they become an order to propose, or a question in return."""

from typing import Final

from sectorwars.application.aria.provider import ProposedOrder
from sectorwars.assistant.grammar import Word
from sectorwars.assistant.intent import order_clause
from sectorwars.assistant.results import (
    OrderPreview,
)
from sectorwars.assistant.talk import Composition, Talk, spoken
from sectorwars.assistant.vocabulary import Concept
from sectorwars.domain.commodity import Commodity
from sectorwars.domain.market import Side
from sectorwars.domain.values import div_ceil

ALLOWANCE_PERCENT: Final = 5
ALLOWANCE_CREDITS_MIN: Final = 2
"""A proposal's price bound leaves so much room for the market to move until it is confirmed."""

_ONE_AT_A_TIME: Final = (
    "I propose one order for one good at a time, and nothing is traded before you confirm it. "
    "Name the good and how many units."
)


async def trade(talk: Talk) -> Composition:
    """Propose the order that was asked for, if the core would accept it now."""
    clause = order_clause(talk.utterance)
    if clause is None:
        raise ValueError("the message gives no order")
    side = Side.SELL if Concept.SELL in clause[0].concepts else Side.BUY
    goods = talk.utterance.goods
    if len(goods) != 1:
        return Composition(_ONE_AT_A_TIME, suggestions=_examples(talk, side))
    good = goods[0]
    elsewhere = _elsewhere(talk)
    if elsewhere is not None:
        return elsewhere
    quantity, bound, fault = _figures(talk, side, good)
    if quantity is None:
        return Composition(fault, suggestions=_examples(talk, side))
    preview = talk.tools.preview(
        talk.question.player_id, good, side, quantity, bound, talk.question.now
    )
    return _proposed(preview, good, bound)


def _elsewhere(talk: Talk) -> Composition | None:
    docked = talk.tools.docked_port(talk.question.player_id)
    named = talk.utterance.ports
    if not named or named == (docked,):
        return None
    name = talk.tools.world.ports[named[0]].spec.name
    return Composition(
        f"You trade where your ship is docked, and that is not {name}. Nothing is proposed.",
        suggestions=(f"How do I get to {name}?",),
    )


def _figures(talk: Talk, side: Side, good: Commodity) -> tuple[int | None, int | None, str]:
    """Return quantity and price bound, or None and what to ask the player."""
    quantities: list[Word] = []
    bounds: list[Word] = []
    before: Word | None = None
    for word in talk.words:
        if word.numeric:
            bounded = before is not None and Concept.BOUND in before.concepts
            (bounds if bounded else quantities).append(word)
        before = word
    if any(word.number is None for word in (*quantities, *bounds)):
        return None, None, "A quantity and a price are whole numbers. Nothing is proposed."
    if len(quantities) > 1 or len(bounds) > 1:
        return None, None, "I read more than one quantity or price; say it with one of each."
    bound = bounds[0].number if bounds else None
    if quantities:
        return quantities[0].number, bound, ""
    aboard = talk.tools.units_aboard(talk.question.player_id, good)
    everything = any(Concept.ALL in word.concepts for word in talk.words)
    if side is Side.SELL and everything and aboard:
        return aboard, bound, ""
    if side is Side.SELL and not aboard:
        return None, None, f"You have no {spoken(good.value)} aboard."
    return None, None, f"How many units of {spoken(good.value)}?"


def _examples(talk: Talk, side: Side) -> tuple[str, ...]:
    if side is Side.BUY:
        return ("Buy 10 ore", "What should I trade?")
    cargo = talk.tools.world.players[talk.question.player_id].ship.cargo
    offered = [f"Sell all {spoken(good.value)}" for good in cargo]
    return tuple(offered[:3]) or ("What do I carry?",)


def _proposed(preview: OrderPreview, good: Commodity, bound: int | None) -> Composition:
    results = (("preview", preview),)
    if preview.fault is not None or preview.port_id is None or preview.market_version is None:
        return Composition(f"That would be refused now: {preview.fault}", results)
    buying = preview.side is Side.BUY
    last = preview.last_price
    if bound is None:
        allowance = max(ALLOWANCE_CREDITS_MIN, div_ceil(last * ALLOWANCE_PERCENT, 100))
        bound = last + allowance if buying else max(1, last - allowance)
    order = ProposedOrder(
        port_id=preview.port_id,
        port_name=preview.port_name,
        side=preview.side,
        commodity=good,
        quantity=preview.quantity,
        price_bound=bound,
        price_allowance=abs(bound - last),
        total_credits=preview.total_credits,
        fees_credits=preview.fees_credits,
        market_version=preview.market_version,
    )
    limit = f"at most {bound}" if buying else f"at least {bound}"
    room = (
        f"{order.price_allowance} {'more' if buying else 'less'} than the "
        f"{'dearest' if buying else 'cheapest'} would be now"
        if order.price_allowance
        else f"no {'more' if buying else 'less'} than now"
    )
    joint = "plus" if buying else "less"
    return Composition(
        f"I propose to {preview.side.value} {preview.quantity} {spoken(preview.commodity)} at "
        f"{preview.port_name} for {preview.total_credits} credits {joint} "
        f"{preview.fees_credits} tax, {limit} credits for each unit, {room}. Nothing happens "
        "until you confirm it.",
        results,
        order,
    )
