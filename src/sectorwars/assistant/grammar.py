"""From a message to what it speaks of: goods, ports, sectors, numbers and concepts.

A message is split into words; spans of words become nouns of the game, longest first, and only
what is left is looked up as a concept. So words inside the name of a port are never an order.
"""

import difflib
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from sectorwars.assistant.vocabulary import CONCEPTS, GOODS, NUMBER_WORDS, Concept
from sectorwars.domain.commodity import Commodity
from sectorwars.domain.ids import PortId, SectorId

WORDS_MAX: Final = 400
"""Only so many words of a message are read."""

_WORD: Final = re.compile(r"[-+]?\d+(?:[.,]\d+)*k?(?![a-z0-9])|[a-z0-9_]+(?:'[a-z]+)?|[.;:!?,]")
_NUMBER: Final = re.compile(r"(\d{1,3}(?:,\d{3})+|\d+)(k?)")
_PUNCTUATION: Final = frozenset(".;:!?,")
_CORRECTED_LENGTH_MIN: Final = 5
_SHORT_LENGTH: Final = 4
_SIMILARITY_MIN: Final = 0.8
_SHORT_SIMILARITY_MIN: Final = 0.85
"""Short words are alike by chance more easily; so a letter may be missing, none be wrong."""
_SPAN_WORDS_MAX: Final = 5
_DIGITS_MAX: Final = 12
_CONTINUING: Final = frozenset(
    ["what", "how", "about", "for", "of", "at", "in", "on", "the", "a", "or", "with", "here"]
)

Noun = TypeVar("Noun")


@dataclass(frozen=True, slots=True)
class Word:
    """A word that stands for no noun, spelt right, with its concepts.

    A number that is none has no value.
    """

    text: str
    concepts: frozenset[Concept] = frozenset()
    number: int | None = None
    numeric: bool = False


@dataclass(frozen=True, slots=True)
class Utterance:
    """What a message speaks of. `clauses` are its words between commas, full stops and "and"."""

    words: tuple[str, ...]
    clauses: tuple[tuple[Word, ...], ...]
    concepts: frozenset[Concept]
    goods: tuple[Commodity, ...]
    ports: tuple[PortId, ...]
    sectors: tuple[SectorId, ...]

    @property
    def said(self) -> frozenset[str]:
        """Return the words that stand for no noun, spelt right."""
        return frozenset(word.text for clause in self.clauses for word in clause)

    @property
    def bare(self) -> bool:
        """Whether it only names things, as a question that goes on from the last one does."""
        return bool(self.goods or self.ports) and self.said <= _CONTINUING


def split(text: str) -> list[str]:
    """Split a text into lower-case words, numbers and marks; accents do not count."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return _WORD.findall(plain.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'"))[:WORDS_MAX]


class NameBook(Generic[Noun]):
    """Names of one kind of noun; a name's first word stands for it where no other has it."""

    def __init__(self, names: Iterable[tuple[str, Noun]]) -> None:
        """Learn names; they are compared without regard to case."""
        self._nouns: dict[tuple[str, ...], Noun] = {}
        first_words: dict[str, list[Noun]] = {}
        for name, noun in names:
            words = tuple(split(name))
            if words:
                self._nouns[words] = noun
                first_words.setdefault(words[0], []).append(noun)
        for word, nouns in first_words.items():
            if len(nouns) == 1 and word not in CONCEPTS and word not in GOODS:
                self._nouns.setdefault((word,), nouns[0])
        self._long_words = {
            span[0]: noun
            for span, noun in self._nouns.items()
            if len(span) == 1 and len(span[0]) >= _CORRECTED_LENGTH_MIN
        }

    def find(self, span: tuple[str, ...]) -> Noun | None:
        """Return what these words name."""
        return self._nouns.get(span)

    def guess(self, word: str) -> Noun | None:
        """Return what a misspelt word most likely names."""
        near = _nearest(word, self._long_words)
        return None if near is None else self._long_words[near]


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The names of this galaxy."""

    ports: NameBook[PortId]
    sectors: NameBook[SectorId]


_GOODS_BOOK: Final = NameBook(
    [*((name, good) for name, good in GOODS.items()), *((good.value, good) for good in Commodity)]
)


def parse(text: str, lexicon: Lexicon) -> Utterance:
    """Read a message."""
    tokens = split(text)
    goods: list[Commodity] = []
    ports: list[PortId] = []
    sectors: list[SectorId] = []
    clauses: list[list[Word]] = [[]]
    place = 0
    while place < len(tokens):
        length = 1
        for length in range(min(_SPAN_WORDS_MAX, len(tokens) - place), 0, -1):
            span = tuple(tokens[place : place + length])
            if _take(span, lexicon, goods, ports, sectors):
                break
        else:
            length = 1
            token = tokens[place]
            word = _word(token)
            if token in _PUNCTUATION or Concept.CLAUSE in word.concepts:
                clauses.append([])
            elif word.concepts or word.numeric:
                clauses[-1].append(word)
            elif not _guess(token, lexicon, goods, ports):
                clauses[-1].append(_corrected(word))
        place += length
    spoken = tuple(tuple(clause) for clause in clauses if clause)
    return Utterance(
        words=tuple(tokens),
        clauses=spoken,
        concepts=frozenset().union(*(word.concepts for clause in spoken for word in clause)),
        goods=tuple(dict.fromkeys(goods)),
        ports=tuple(dict.fromkeys(ports)),
        sectors=tuple(dict.fromkeys(sectors)),
    )


def _take(
    span: tuple[str, ...],
    lexicon: Lexicon,
    goods: list[Commodity],
    ports: list[PortId],
    sectors: list[SectorId],
) -> bool:
    port = lexicon.ports.find(span)
    if port is not None:
        ports.append(port)
        return True
    sector = lexicon.sectors.find(span)
    if sector is not None:
        sectors.append(sector)
        return True
    good = _GOODS_BOOK.find(span)
    if good is not None:
        goods.append(good)
        return True
    return False


def _guess(token: str, lexicon: Lexicon, goods: list[Commodity], ports: list[PortId]) -> bool:
    good = _GOODS_BOOK.guess(token)
    if good is not None:
        goods.append(good)
        return True
    if _nearest(token, CONCEPTS) is not None:
        return False
    port = lexicon.ports.guess(token)
    if port is not None:
        ports.append(port)
        return True
    return False


def _word(token: str) -> Word:
    if token[0].isdigit() or token[0] in "+-":
        match = _NUMBER.fullmatch(token.removeprefix("+"))
        if match is None or len(match[1]) > _DIGITS_MAX:
            return Word(token, numeric=True)
        thousands = 1_000 if match[2] else 1
        return Word(token, number=int(match[1].replace(",", "")) * thousands, numeric=True)
    if token in NUMBER_WORDS:
        return Word(token, number=NUMBER_WORDS[token], numeric=True)
    return Word(token, CONCEPTS.get(token, frozenset()))


def _corrected(word: Word) -> Word:
    near = _swapped(word.text) or _nearest(word.text, CONCEPTS) or _nearest_short(word.text)
    return word if near is None else Word(near, CONCEPTS[near])


def _swapped(word: str) -> str | None:
    """Return the word of a concept whose letters after the first are in another order here."""
    if len(word) < _SHORT_LENGTH:
        return None
    letters = sorted(word)
    return next((name for name in CONCEPTS if name[0] == word[0] and sorted(name) == letters), None)


def _nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that a misspelt one stands for: alike, and alike at its start."""
    if len(word) < _CORRECTED_LENGTH_MIN:
        return None
    return _alike(word, known, _SIMILARITY_MIN)


def _nearest_short(word: str) -> str | None:
    """Return the word of a concept that lacks a letter here."""
    return _alike(word, CONCEPTS, _SHORT_SIMILARITY_MIN) if len(word) == _SHORT_LENGTH else None


def _alike(word: str, known: Iterable[str], similarity_min: float) -> str | None:
    candidates: Sequence[str] = [
        name for name in known if len(name) >= _SHORT_LENGTH and name[0] == word[0]
    ]
    near = difflib.get_close_matches(word, candidates, n=1, cutoff=similarity_min)
    return near[0] if near else None
