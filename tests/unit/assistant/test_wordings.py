"""What ARIA is for, asked in several wordings each, one of them misspelt."""

import pytest
from tests.unit.assistant.test_intent import LEXICON

from sectorwars.assistant.grammar import parse
from sectorwars.assistant.intent import Intent, intent_of

WORDINGS = {
    Intent.PRICE: (
        "what are the prices at Haven",
        "how much is ore",
        "what's ore going for",
        "priec of ore at Deep Mine",
        "show me the market",
    ),
    Intent.BEST_PLACE: (
        "price of ore anywhere",
        "where can I sell ore",
        "best place to buy fuel",
        "wehre can i buy ore",
    ),
    Intent.COST: (
        "what would 50 ore cost",
        "how much would I get for 20 ore",
        "waht wuold 50 enregy cost",
    ),
    Intent.FORECAST: (
        "forecast for ore",
        "is ore going up",
        "why is ore expected to fall",
        "will ore get cheaper",
        "What will ore cost in 6 hours, and why?",
        "price of ore in 24h",
        "forcast for ore",
    ),
    Intent.FORECAST_RECORD: (
        "how good have the forecasts been",
        "how often are you right",
        "can I trust your forecasts",
        "how acurate are your forecasts",
    ),
    Intent.SHIP: (
        "my ship",
        "how much money do I have",
        "what do I own",
        "how rich am I",
        "my crago",
        "my credtis",
    ),
    Intent.PROFIT: (
        "my profit today",
        "how much money did I make",
        "did I lose money today",
        "how am I doing today",
        "my porfit today",
    ),
    Intent.RULES: ("my rules", "is my automation on", "what are my rules doing", "my ruels"),
    Intent.RULE_WHY: (
        "why did my rule not fire",
        "why hasn't my automation bought anything",
        "whats wrong with my rule",
        "why did my rul not fire",
    ),
    Intent.ROUTE: (
        "What pays from here?",
        "best trade from here",
        "how do I make money",
        "what should I buy",
        "how do i get rich",
        "where should I go",
        "any tips",
        "best tarde from here",
        "waht shoud i buy",
        "how do I earn mony",
    ),
    Intent.WAY: (
        "how do I get to Deep Mine",
        "take me to Haven",
        "where is Haven",
        "rotue to Haven",
    ),
    Intent.NEWS: ("any news", "what is happening in the economy", "headlines", "biggst movers"),
    Intent.TERM: (
        "what is the spread?",
        "what does bid mean",
        "explain the margin",
        "waht is the spread",
    ),
    Intent.HELP: ("what can you do", "who are you", "what can I ask you", "hepl me"),
    Intent.TRADE: ("sell 10 ore", "I'd like to buy 10 ore", "sell all my ore", "purchas 10 ore"),
    Intent.UNKNOWN: ("tell me a joke", "asdf qwer", "who won the cup", "how old are you"),
}


@pytest.mark.parametrize(
    ("text", "intent"),
    [(text, intent) for intent, texts in WORDINGS.items() for text in texts],
)
def test_every_wording_is_understood(text: str, intent: Intent) -> None:
    assert intent_of(parse(text, LEXICON)) is intent


def test_no_intent_lacks_wordings() -> None:
    assert set(WORDINGS) == set(Intent)
    assert all(len(texts) >= 3 for texts in WORDINGS.values())
