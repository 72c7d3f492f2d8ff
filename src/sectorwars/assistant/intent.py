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
_PERSONAL: Final = frozenset({"my", "i", "me", "mine", "am", "i'm"})
_DENYING: Final = frozenset(
    {"not", "nothing", "never", "wrong"}
    | {"didn't", "didnt", "doesn't", "doesnt", "hasn't", "hasnt", "isn't", "isnt"}
)
_FLYING: Final = frozenset({"get", "go", "take", "bring", "fly"})
_HOURS: Final = frozenset({"hour", "hours", "hrs", "1h", "6h", "24h", "tomorrow"})
"""Words that make a number before them a time to come, not a quantity."""
_PAST: Final = frozenset({"did", "was", "were", "last", "past", "ago", "yesterday"})
_LOOKING_BACK: Final = frozenset({"did", "today", "yesterday", "much", "many", "far"})


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
                questioned = any(other.concepts & {Concept.WHERE, Concept.ASK} for other in clause)
                if not questioned and (quantified or utterance.goods):
                    return clause[place:]
                break
            if Concept.FILLER not in word.concepts and Concept.HELP not in word.concepts:
                break
    return None


def _named(utterance: Utterance) -> bool:
    return bool(utterance.goods or utterance.ports or utterance.sectors)


def _why_no_rule(utterance: Utterance) -> bool:
    concepts = utterance.concepts
    asked = Concept.WHY in concepts or bool(utterance.said & _DENYING)
    fired = Concept.FIRE in concepts and (Concept.WHY in concepts or not utterance.goods)
    return asked and (Concept.RULE in concepts or fired)


def _record(utterance: Utterance) -> bool:
    concepts, said = utterance.concepts, utterance.said
    if said & {"accuracy", "accurate"}:
        return True
    if Concept.FORECAST in concepts:
        return Concept.RECORD in concepts or bool(said & {"good", "well"})
    # "Right", "record" and "hit" alone may be about anything; so ARIA or a rate must be meant.
    meant = said & {"you", "your", "track", "often", "rate"}
    return Concept.RECORD in concepts and bool(meant) and not _named(utterance)


def _forecast(utterance: Utterance) -> bool:
    if Concept.FORECAST in utterance.concepts:
        return True
    said = utterance.said
    if utterance.goods and said & _HOURS and not said & _PAST:
        return True
    to_come = "will" in said or ("going" in said and bool(said & {"up", "down"}))
    numeric = any(word.numeric for clause in utterance.clauses for word in clause)
    return bool(utterance.goods) and to_come and not utterance.ports and not numeric


def _term(utterance: Utterance) -> bool:
    first = [word for clause in utterance.clauses for word in clause][:2]
    asked = Concept.MEANING in utterance.concepts or any(
        word.text in {"what", "what's", "whats", "explain", "define"} for word in first
    )
    own = bool(utterance.said & _PERSONAL)
    return asked and not own and not _named(utterance) and find_term(utterance.words) is not None


def _cost(utterance: Utterance) -> bool:
    return bool(utterance.goods) and any(
        word.numeric for clause in utterance.clauses for word in clause
    )


def _best_place(utterance: Utterance) -> bool:
    concepts = utterance.concepts
    sought = concepts & {Concept.WHERE, Concept.BEST, Concept.CHEAP, Concept.DEAR}
    return bool(utterance.goods and sought)


def _way(utterance: Utterance) -> bool:
    concepts, said = utterance.concepts, utterance.said
    if not (utterance.ports or utterance.sectors):
        return False
    if Concept.ROUTE in concepts or ("to" in said and said & _FLYING):
        return True
    return Concept.WHERE in concepts and "is" in said and not utterance.goods


def _earning(utterance: Utterance) -> bool:
    """Tell whether the player asks how to earn, rather than what he has or has earned."""
    concepts, said = utterance.concepts, utterance.said
    if _named(utterance) or said & _LOOKING_BACK:
        return False
    if concepts & {Concept.EARN, Concept.DEAR} or "should" in said:
        return True
    if Concept.CREDITS in concepts and "get" in said:
        return True
    if Concept.PROFIT in concepts and {Concept.BEST, Concept.HERE} <= concepts:
        return True
    if Concept.ADVICE in concepts:
        return not said & _PERSONAL or bool(concepts & {Concept.ASK, Concept.BEST})
    return bool(concepts & {Concept.WHERE, Concept.ASK}) and bool(said & {"next", "go"})


def _profit(utterance: Utterance) -> bool:
    if utterance.goods:
        return False
    made = utterance.concepts & {Concept.PROFIT, Concept.EARN}
    return bool(made) or ("doing" in utterance.said and bool(utterance.said & _PERSONAL))


def _about_aria(utterance: Utterance) -> bool:
    said = utterance.said
    asked = "ask" in said and Concept.HELP in utterance.concepts
    return not _named(utterance) and (asked or ("you" in said and bool(said & {"who", "know"})))


def _price(utterance: Utterance) -> bool:
    priced = bool(utterance.concepts & {Concept.PRICE, Concept.COST})
    return bool(utterance.goods or utterance.ports) or priced


def _advised(utterance: Utterance) -> bool:
    concepts = utterance.concepts
    if concepts & {Concept.ROUTE, Concept.ADVICE}:
        return True
    return bool(concepts & _ORDERING) and bool({"what", "which"} & utterance.said)


def _ship(utterance: Utterance) -> bool:
    own = utterance.concepts & {Concept.SHIP, Concept.CARGO, Concept.CREDITS}
    return bool(own) or (Concept.WHERE in utterance.concepts and "am" in utterance.said)


def _news(utterance: Utterance) -> bool:
    return Concept.NEWS in utterance.concepts and not utterance.goods


_RULES: Final[tuple[tuple[Intent, Callable[[Utterance], bool]], ...]] = (
    (Intent.TRADE, lambda utterance: order_clause(utterance) is not None),
    (Intent.RULE_WHY, _why_no_rule),
    (Intent.TERM, _term),
    (Intent.FORECAST_RECORD, _record),
    (Intent.FORECAST, _forecast),
    (Intent.RULES, lambda utterance: Concept.RULE in utterance.concepts),
    (Intent.COST, _cost),
    (Intent.BEST_PLACE, _best_place),
    (Intent.NEWS, _news),
    (Intent.WAY, _way),
    (Intent.HELP, _about_aria),
    (Intent.ROUTE, _earning),
    (Intent.PROFIT, _profit),
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
