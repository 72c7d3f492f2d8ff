"""What a player wants, told from what his message speaks of; the first that fits is taken."""

from collections.abc import Callable
from enum import Enum, auto
from typing import Final

from sectorwars.assistant.glossary import find_term
from sectorwars.assistant.grammar import Utterance, Word
from sectorwars.assistant.vocabulary import Concept


class Intent(Enum):
    """A kind of question or request."""

    TRADE = auto()
    RULE_WHY = auto()
    RULES = auto()
    FORECAST_RECORD = auto()
    FORECAST = auto()
    TERM = auto()
    COST = auto()
    BEST_PLACE = auto()
    NEWS = auto()
    WAY = auto()
    PROFIT = auto()
    PRICE = auto()
    ROUTE = auto()
    SHIP = auto()
    HELP = auto()
    UNKNOWN = auto()


_ORDERING: Final = frozenset({Concept.BUY, Concept.SELL})
_ASKING: Final = frozenset(
    {"how", "what", "when", "whats", "what's", "is", "are", "did", "does", "should"}
)
_PERSONAL: Final = frozenset({"my", "i", "me", "mine", "am", "i'm"})


def order_clause(utterance: Utterance) -> tuple[Word, ...] | None:
    """Return the clause that gives an order: a verb of trade in front, only fillers before it.

    Whatever else the message says changes nothing about that: what follows from an order is a
    proposal or a question in return, never a trade.
    """
    for clause in utterance.clauses:
        for place, word in enumerate(clause):
            if word.concepts & _ORDERING:
                quantified = any(
                    other.numeric or Concept.ALL in other.concepts for other in clause[place + 1 :]
                )
                questioned = any(
                    Concept.WHERE in other.concepts or other.text in _ASKING for other in clause
                )
                if not questioned and (quantified or utterance.goods):
                    return clause[place:]
                break
            if Concept.FILLER not in word.concepts and Concept.HELP not in word.concepts:
                break
    return None


def _why_no_rule(utterance: Utterance) -> bool:
    concepts = utterance.concepts
    asked = Concept.WHY in concepts or bool({"not", "didn't", "didnt"} & {*utterance.words})
    fired = Concept.FIRE in concepts and (Concept.WHY in concepts or not utterance.goods)
    return asked and (Concept.RULE in concepts or fired)


def _record(utterance: Utterance) -> bool:
    concepts, words = utterance.concepts, {*utterance.words}
    judged = Concept.RECORD in concepts or bool(words & {"good", "well"})
    return bool(words & {"accuracy", "accurate"}) or (Concept.FORECAST in concepts and judged)


def _term(utterance: Utterance) -> bool:
    words = utterance.words
    asked = Concept.MEANING in utterance.concepts or bool(
        {*words[:2]} & {"what", "what's", "whats", "explain", "define"}
    )
    named = bool(utterance.goods or utterance.ports or {*words} & _PERSONAL)
    return asked and not named and find_term(words) is not None


def _cost(utterance: Utterance) -> bool:
    return bool(utterance.goods) and any(
        word.numeric for clause in utterance.clauses for word in clause
    )


def _best_place(utterance: Utterance) -> bool:
    concepts = utterance.concepts
    sought = concepts & {Concept.WHERE, Concept.BEST, Concept.CHEAP, Concept.DEAR}
    return bool(utterance.goods and sought)


def _way(utterance: Utterance) -> bool:
    return bool(utterance.ports or utterance.sectors) and (
        Concept.ROUTE in utterance.concepts or bool({"to", "get"} <= {*utterance.words})
    )


def _price(utterance: Utterance) -> bool:
    priced = bool(utterance.concepts & {Concept.PRICE, Concept.COST})
    return bool(utterance.goods or utterance.ports) or priced


def _advised(utterance: Utterance) -> bool:
    concepts = utterance.concepts
    if concepts & {Concept.ROUTE, Concept.ADVICE}:
        return True
    return bool(concepts & _ORDERING) and bool({"what", "which"} & {*utterance.words})


def _ship(utterance: Utterance) -> bool:
    own = utterance.concepts & {Concept.SHIP, Concept.CARGO, Concept.CREDITS}
    return bool(own) or (Concept.WHERE in utterance.concepts and "am" in utterance.words)


def _news(utterance: Utterance) -> bool:
    return Concept.NEWS in utterance.concepts and not utterance.goods


_RULES: Final[tuple[tuple[Intent, Callable[[Utterance], bool]], ...]] = (
    (Intent.TRADE, lambda utterance: order_clause(utterance) is not None),
    (Intent.RULE_WHY, _why_no_rule),
    (Intent.TERM, _term),
    (Intent.FORECAST_RECORD, _record),
    (Intent.FORECAST, lambda utterance: Concept.FORECAST in utterance.concepts),
    (Intent.RULES, lambda utterance: Concept.RULE in utterance.concepts),
    (Intent.COST, _cost),
    (Intent.BEST_PLACE, _best_place),
    (Intent.NEWS, _news),
    (Intent.WAY, _way),
    (
        Intent.PROFIT,
        lambda utterance: Concept.PROFIT in utterance.concepts and not utterance.goods,
    ),
    (Intent.PRICE, _price),
    (Intent.SHIP, _ship),
    (Intent.ROUTE, _advised),
    (Intent.HELP, lambda utterance: Concept.HELP in utterance.concepts),
    (Intent.HELP, lambda utterance: Concept.GREETING in utterance.concepts),
)


def intent_of(utterance: Utterance) -> Intent:
    """Return what a message wants."""
    for intent, fits in _RULES:
        if fits(utterance):
            return intent
    return Intent.UNKNOWN
