"""Answers about prices, places, costs and the news."""

from typing import Final

from sectorwars.assistant.results import (
    GoodPrice,
    OrderCost,
    PlaceOffers,
    PortPrices,
    Result,
)
from sectorwars.assistant.talk import Composition, Talk, counted, number, spoken
from sectorwars.assistant.vocabulary import Concept
from sectorwars.domain.commodity import Commodity
from sectorwars.domain.ids import PortId
from sectorwars.domain.market import Side
from sectorwars.protocol.shapes.market import MarketRealtime, PortGoodQuote

_WHICH_GOOD: Final = "Which good do you mean?"
_GOODS_ANSWERED_MAX: Final = 3


async def price(talk: Talk) -> Composition:
    """Tell what goods cost: at the port that is meant, and on average."""
    utterance, player_id = talk.utterance, talk.question.player_id
    port_id = utterance.ports[0] if utterance.ports else talk.tools.docked_port(player_id)
    if not utterance.goods:
        return _port_list(talk, port_id)
    sentences: list[str] = []
    results: list[tuple[str, Result]] = []
    if port_id is not None:
        prices = talk.tools.port_prices(port_id, talk.question.now)
        results.append(("port_prices", prices))
        sentences += [_at_port(prices, good) for good in utterance.goods[:_GOODS_ANSWERED_MAX]]
    if not utterance.ports and Concept.HERE not in utterance.concepts:
        for good in utterance.goods[:_GOODS_ANSWERED_MAX]:
            index = talk.tools.good_price(good)
            results.append(("good_price", index))
            sentences.append(_index(index))
    if not sentences:
        return Composition(
            "Your ship is not docked, so there is no price here. Name a port, or ask for the "
            "best place.",
            suggestions=(f"Where is {spoken(utterance.goods[0].value)} cheapest?",),
        )
    named = spoken(utterance.goods[0].value)
    return Composition(
        " ".join(sentences),
        tuple(results),
        suggestions=(f"Where can I sell {named}?", f"Forecast for {named}"),
    )


async def best_place(talk: Talk) -> Composition:
    """Name the ports with the best offers for a good."""
    concepts = talk.utterance.concepts
    sides = [side for side in (_side(concepts),) if side is not None] or list(Side)
    now, player_id = talk.question.now, talk.question.player_id
    sentences: list[str] = []
    results: list[tuple[str, Result]] = []
    for good in talk.utterance.goods[:_GOODS_ANSWERED_MAX]:
        for side in sides:
            places = talk.tools.best_places(player_id, good, side, now)
            results.append(("best_places", places))
            sentences.append(_places(places))
    good_name = spoken(talk.utterance.goods[0].value)
    return Composition(
        " ".join(sentences), tuple(results), suggestions=(f"What would 50 {good_name} cost?",)
    )


async def cost(talk: Talk) -> Composition:
    """Tell what so many units cost or fetch, along the curve."""
    numbers = [word for word in talk.words if word.numeric]
    quantity = numbers[0].number
    if quantity is None:
        return Composition("I can only reckon with whole numbers of units.")
    good = talk.utterance.goods[0]
    sold = _side(talk.utterance.concepts) is Side.SELL or "get" in talk.utterance.words
    side = Side.SELL if sold else Side.BUY
    port_id = _port_for(talk, good, side)
    if port_id is None:
        return Composition(f"No port deals in {spoken(good.value)} that way just now.")
    reckoned = talk.tools.order_cost(port_id, good, side, quantity, talk.question.now)
    return Composition(
        _cost_sentence(reckoned),
        (("order_cost", reckoned),),
        suggestions=(f"Where is the best place to {side.value} {spoken(good.value)}?",),
    )


async def news(talk: Talk) -> Composition:
    """Tell the news of the economy."""
    found = talk.tools.news(talk.question.now)
    told = " ".join(f"{item.title}." for item in found.news.items)
    return Composition(
        told or "Nothing has moved within a game day, and no port runs short.",
        (("news", found),),
        suggestions=("What should I trade?",),
    )


def _side(concepts: frozenset[Concept]) -> Side | None:
    if concepts & {Concept.SELL, Concept.DEAR}:
        return Side.SELL
    return Side.BUY if concepts & {Concept.BUY, Concept.CHEAP} else None


def _port_for(talk: Talk, good: Commodity, side: Side) -> PortId | None:
    if talk.utterance.ports:
        return talk.utterance.ports[0]
    docked = talk.tools.docked_port(talk.question.player_id)
    return talk.tools.best_port(good, side) if docked is None else docked


def _port_list(talk: Talk, port_id: PortId | None) -> Composition:
    if port_id is None:
        return Composition(
            f"{_WHICH_GOOD} Your ship is not docked, so name a good or a port.",
            suggestions=("Price of ore", "What should I trade?"),
        )
    prices = talk.tools.port_prices(port_id, talk.question.now)
    goods = "; ".join(_quote(quote) for quote in prices.market.goods)
    return Composition(
        f"At {prices.market.name}: {goods}.",
        (("port_prices", prices),),
        suggestions=("What should I trade?",),
    )


def _at_port(prices: PortPrices, good: Commodity) -> str:
    for quote in prices.market.goods:
        if quote.commodity == good.value:
            return f"At {prices.market.name}: {_quote(quote)}."
    return f"{prices.market.name} does not deal in {spoken(good.value)}."


def _quote(quote: PortGoodQuote) -> str:
    parts = []
    if quote.sells:
        parts.append(f"asks {quote.ask_price}" if quote.ask_price else "sold out")
    if quote.buys:
        parts.append(f"bids {quote.bid_price}" if quote.bid_price else "full")
    return f"{spoken(quote.commodity)} {', '.join(parts)}, stock {quote.stock}"


def _index(result: GoodPrice) -> str:
    index = result.index
    return (
        f"All over the galaxy {spoken(index.commodity)} stands at {number(index.price)} credits, "
        f"{_change(index)} within a game day."
    )


def _change(index: MarketRealtime) -> str:
    if index.change_24h == 0:
        return "unchanged"
    direction = "up" if index.change_24h > 0 else "down"
    return f"{direction} {number(abs(index.change_24h))} %"


def _places(places: PlaceOffers) -> str:
    good = spoken(places.commodity)
    verb = "buy" if places.side is Side.BUY else "sell"
    if not places.best:
        return f"There is nowhere to {verb} {good} just now."
    first, *others = [
        f"{place.port_name} in {place.sector_name} at {place.price_credits} credits"
        + (
            ""
            if place.turns is None
            else f" ({counted(place.turns, 'turn')}, {place.seconds} s away)"
        )
        for place in places.best
    ]
    rest = f" Next: {'; '.join(others)}." if others else ""
    return f"The best place to {verb} {good} is {first}.{rest}"


def _cost_sentence(reckoned: OrderCost) -> str:
    good = spoken(reckoned.commodity)
    if reckoned.fault is not None:
        return reckoned.fault
    each = f"{reckoned.first_price} to {reckoned.last_price} credits a unit"
    if reckoned.first_price == reckoned.last_price:
        each = f"{reckoned.first_price} credits a unit"
    if reckoned.side is Side.BUY:
        return (
            f"At {reckoned.port_name} {reckoned.quantity} {good} cost {reckoned.total_credits} "
            f"credits plus {reckoned.fees_credits} tax, {reckoned.net_credits} in all, at {each}."
        )
    return (
        f"At {reckoned.port_name} {reckoned.quantity} {good} fetch {reckoned.total_credits} "
        f"credits less {reckoned.fees_credits} tax, {reckoned.net_credits} in all, at {each}."
    )
