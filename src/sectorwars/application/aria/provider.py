"""Who answers for ARIA: what is asked of him, and what he hands back."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from sectorwars.domain.commodity import Commodity
from sectorwars.domain.ids import PlayerId, PortId
from sectorwars.domain.market import Side
from sectorwars.domain.values import UnixMicros
from sectorwars.protocol.shapes.conversation import Source


@dataclass(frozen=True, slots=True)
class Question:
    """A player's message; `earlier` are those he wrote before it, oldest first.

    Whose ship and money it is about is decided here, never by the text.
    """

    player_id: PlayerId
    text: str
    earlier: Sequence[str]
    now: UnixMicros


@dataclass(frozen=True, slots=True)
class ProposedOrder:
    """An order that the core would accept now; the totals are those of `market_version`.

    `price_allowance` is the room, in credits a unit, between the last unit's price now and the
    bound.
    """

    port_id: PortId
    port_name: str
    side: Side
    commodity: Commodity
    quantity: int
    price_bound: int
    price_allowance: int
    total_credits: int
    fees_credits: int
    market_version: int


@dataclass(frozen=True, slots=True)
class Reply:
    """A grounded answer with its sources, perhaps an order to propose, and what to ask next."""

    text: str
    sources: tuple[Source, ...]
    order: ProposedOrder | None = None
    suggestions: tuple[str, ...] = ()


class Provider(Protocol):
    """Answers questions. It can read the galaxy but change nothing."""

    @property
    def name(self) -> str:
        """The provider's name, shown with its answers."""
        ...

    async def answer(self, question: Question) -> Reply:
        """Answer a question.

        Raises:
            StoreUnavailableError: what the answer needs cannot be read just now.
        """
        ...
