"""Binding quotes: an offer by a port, kept for a few seconds for one player (ADR 0008)."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from sectorwars.domain.commodity import Commodity
from sectorwars.domain.ids import PlayerId, PortId, QuoteId
from sectorwars.domain.market import Fill, Side
from sectorwars.domain.record import record
from sectorwars.domain.values import MICROS_PER_SECOND, Credits, Quantity, UnixMicros

QUOTE_LIFE_SECONDS: Final = 10
QUOTE_SHARE_PERCENT: Final = 5
"""The most of a port's stock (purchases) or target (sales) that one quote reserves."""
QUOTES_SHARE_PERCENT: Final = 25
"""The most of it that all live quotes reserve together."""
QUOTE_WAIT_SECONDS_MIN: Final = 5
"""How long a player waits for his next quote after one that he let expire; doubled by each."""
QUOTE_WAIT_SECONDS_MAX: Final = 3_600


class QuoteEnd(StrEnum):
    """Why a quote is no longer live; one that was used ends with its trade."""

    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    """The player had left the port, so that he could not use it any more."""


@record
class Quote:
    """A live quote: its units (or the port's cash for them) are reserved until `expires_at`."""

    quote_id: QuoteId
    player_id: PlayerId
    port_id: PortId
    side: Side
    commodity: Commodity
    quantity: Quantity
    fills: tuple[Fill, ...]
    total_credits: Credits
    fees_credits: Credits
    market_version: int
    issued_at: UnixMicros
    expires_at: UnixMicros


@dataclass(slots=True)
class QuoteDesk:
    """A player's live quotes and how he has kept to earlier ones.

    `missed` counts the quotes in a row that he let expire; no quote is given before
    `allowed_at`.
    """

    live: dict[QuoteId, Quote] = field(default_factory=dict)
    serial: int = 0
    missed: int = 0
    allowed_at: int = 0

    def on(self, port: PortId, commodity: Commodity) -> Quote | None:
        """Return the live quote on a good at a port, if there is one."""
        return next(
            (
                quote
                for quote in self.live.values()
                if quote.port_id == port and quote.commodity is commodity
            ),
            None,
        )


def quote_wait_micros(missed: int) -> int:
    """Return how long a player waits after `missed` quotes in a row that he let expire."""
    seconds = QUOTE_WAIT_SECONDS_MIN << min(missed - 1, 16)
    return min(seconds, QUOTE_WAIT_SECONDS_MAX) * MICROS_PER_SECOND
