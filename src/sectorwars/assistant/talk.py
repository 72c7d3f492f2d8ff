"""One turn of a conversation: what was asked, how it was read, and what is answered."""

from dataclasses import dataclass

from sectorwars.application.aria.provider import ProposedOrder, Question
from sectorwars.assistant.grammar import Utterance, Word
from sectorwars.assistant.results import (
    Result,
)
from sectorwars.assistant.tools import Toolbox


@dataclass(frozen=True, slots=True)
class Talk:
    """A question as it was read, with the tools to answer it."""

    question: Question
    utterance: Utterance
    tools: Toolbox

    @property
    def words(self) -> tuple[Word, ...]:
        """All words that name nothing, over all clauses."""
        return tuple(word for clause in self.utterance.clauses for word in clause)


@dataclass(frozen=True, slots=True)
class Composition:
    """An answer before it is checked: `results` are the tools' names and what they returned."""

    text: str
    results: tuple[tuple[str, Result], ...] = ()
    order: ProposedOrder | None = None
    suggestions: tuple[str, ...] = ()


def number(value: float) -> str:
    """Write a figure without needless zeros."""
    return str(value) if isinstance(value, int) else f"{value:.2f}".rstrip("0").rstrip(".")


def counted(count: int, noun: str) -> str:
    """Write a count with its noun."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def listed(items: list[str]) -> str:
    """Join items as a sentence does."""
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"


def spoken(commodity: str) -> str:
    """Write a good's name as people do."""
    return commodity.replace("_", " ")
