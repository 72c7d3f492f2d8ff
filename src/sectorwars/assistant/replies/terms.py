"""Answers about the terms of the game, what ARIA can do, and what she does not understand."""

from typing import Final

from sectorwars.assistant.glossary import TERMS, find_term
from sectorwars.assistant.results import (
    Term,
)
from sectorwars.assistant.talk import Composition, Talk
from sectorwars.domain.values import rfc3339

_SUGGESTIONS: Final = (
    "Prices here",
    "Where can I sell ore?",
    "What should I trade?",
    "Forecast for energy",
    "My ship",
)


async def term(talk: Talk) -> Composition:
    """Explain a term."""
    name = find_term(talk.utterance.words)
    if name is None:
        return await unknown(talk)
    found = Term(None, rfc3339(talk.question.now), name, TERMS[name])
    return Composition(found.text, (("term", found),))


async def capabilities(talk: Talk) -> Composition:
    """Say what she can do."""
    return Composition(
        "I am ARIA. I can tell prices here, at any port and on average; the best place to buy or "
        "sell a good; what an order would cost; what is forecast, why, and how good the forecasts "
        "have been; your ship, cargo, credits and profit; your rules and why one did not fire; "
        "what pays from here and the way to a port; the largest moves of the market; and what the "
        "terms of the game mean. Ask me for a trade and I propose it: only you can confirm it.",
        suggestions=_SUGGESTIONS,
    )


async def unknown(_talk: Talk) -> Composition:
    """Say that she did not understand."""
    return Composition(
        "I did not understand that, so I have done nothing. You could ask one of these.",
        suggestions=_SUGGESTIONS,
    )
