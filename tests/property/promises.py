"""What a port promised and what rests there, kept by hand from what was told of it.

Nothing here reads the world's own desks and books: these are held against it.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from sectorwars.domain.event import (
    Event,
    GoodsTraded,
    OrderClosed,
    OrderPlaced,
    QuoteClosed,
    QuoteIssued,
)
from sectorwars.domain.ids import OrderId, PlayerId, QuoteId
from sectorwars.domain.market import Side
from sectorwars.domain.order import CloseReason
from sectorwars.domain.quote import Quote, QuoteEnd
from sectorwars.domain.rejection import RejectionCode
from sectorwars.domain.values import MICROS_PER_SECOND, UnixMicros

FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 5, 3_600


@dataclass
class Promise:
    """A quote, and whether it is `live`, `used`, `expired` or `withdrawn`."""

    quote: Quote
    state: str = "live"


class Promises:
    """All quotes that were ever given, and who may ask for the next one when."""

    def __init__(self) -> None:
        self.all: dict[QuoteId, Promise] = {}
        self.allowed_at: dict[PlayerId, int] = {}
        self._missed: Counter[PlayerId] = Counter()

    def see(self, event: Event) -> None:
        """Take an event in, which must follow from what is known."""
        match event:
            case QuoteIssued(quote=quote):
                assert quote.quote_id not in self.all
                self.all[quote.quote_id] = Promise(quote)
            case QuoteClosed():
                self._end(event)
            case GoodsTraded(quote_id=str(name)):
                promise = self.all[name]
                assert promise.state == "live"
                quote = promise.quote
                assert event.at < quote.expires_at
                assert (event.player_id, event.side, event.quantity) == (
                    quote.player_id,
                    quote.side,
                    quote.quantity,
                )
                assert (event.fills, event.total_credits) == (quote.fills, quote.total_credits)
                assert event.fees_credits == quote.fees_credits
                promise.state = "used"
                self._missed[event.player_id] = max(0, self._missed[event.player_id] - 1)

    def live(self, player: PlayerId | None = None) -> list[Quote]:
        """Return the live quotes, of a player or of all."""
        return [
            promise.quote
            for promise in self.all.values()
            if promise.state == "live" and player in (None, promise.quote.player_id)
        ]

    def units(self, side: Side) -> int:
        """Return the units that live quotes of a side promise."""
        return sum(quote.quantity for quote in self.live() if quote.side is side)

    def fault_in_using(
        self, name: QuoteId, player: PlayerId, side: Side, quantity: int, now: UnixMicros
    ) -> RejectionCode | None:
        """Return why a quote must not be used so, or None where it must be kept."""
        promise = self.all[name]
        if promise.quote.player_id != player:
            return RejectionCode.UNKNOWN_QUOTE
        if promise.state != "live" or now >= promise.quote.expires_at:
            return RejectionCode.QUOTE_CLOSED
        if (side, quantity) != (promise.quote.side, promise.quote.quantity):
            return RejectionCode.QUOTE_MISMATCH
        return None

    def _end(self, event: QuoteClosed) -> None:
        promise = self.all[event.quote_id]
        assert promise.state == "live"
        is_over = event.at >= promise.quote.expires_at
        assert event.end is (QuoteEnd.EXPIRED if is_over else QuoteEnd.WITHDRAWN)
        promise.state = event.end.value
        self._missed[event.player_id] += 1
        missed = self._missed[event.player_id]
        wait = min(FIRST_WAIT_SECONDS * 2 ** (missed - 1), LONGEST_WAIT_SECONDS)
        assert event.missed == missed
        assert event.allowed_at == event.at + wait * MICROS_PER_SECOND
        self.allowed_at[event.player_id] = event.allowed_at


@dataclass
class Resting:
    """An order as it was placed, and what was told of it since."""

    placed: OrderPlaced
    filled: int = 0
    filled_credits: int = 0
    close: CloseReason | None = None

    @property
    def remaining(self) -> int:
        return self.placed.quantity - self.filled

    @property
    def held_credits(self) -> int:
        """The most that its remaining units cost, with what the tax on all of it comes to."""
        if self.placed.side is Side.SELL:
            return 0
        worth = self.placed.limit_credits * self.remaining
        return worth + _tax(self.filled_credits + worth) - _tax(self.filled_credits)


class Orders:
    """All orders that were ever placed."""

    def __init__(self) -> None:
        self.all: dict[OrderId, Resting] = {}

    def see(self, event: Event) -> None:
        """Take an event in, which must follow from what is known."""
        match event:
            case OrderPlaced():
                assert event.order_id not in self.all
                self.all[event.order_id] = Resting(event)
            case GoodsTraded():
                if event.order_id is not None:
                    self._fill(event.order_id, event.quantity, event.total_credits)
                for crossing in event.crossings:
                    units = crossing.quantity
                    self._fill(crossing.order_id, units, units * crossing.price_credits)
            case OrderClosed():
                order = self.all[event.order_id]
                assert order.close is None
                assert (event.filled, event.filled_credits) == (order.filled, order.filled_credits)
                assert (event.reason is CloseReason.FILLED) == (order.remaining == 0)
                if event.reason is CloseReason.EXPIRED:
                    assert event.at >= order.placed.expires_at
                order.close = event.reason

    def open(self, player: PlayerId) -> Iterator[Resting]:
        """Return the open orders of a player."""
        return (
            order
            for order in self.all.values()
            if order.close is None and order.placed.player_id == player
        )

    def _fill(self, name: OrderId, units: int, total: int) -> None:
        order = self.all[name]
        assert order.close is None
        assert units <= order.remaining
        order.filled += units
        order.filled_credits += total


def _tax(total: int) -> int:
    return -(-total // 100)
