"""Shapes of open orders, of the book they rest in, and of binding quotes."""

from dataclasses import dataclass
from typing import Literal

from sectorwars.protocol.shapes.trade import FillRun, Side, TradeReport

CloseReason = Literal["filled", "cancelled", "disconnected", "expired"]


@dataclass(frozen=True, slots=True)
class OrderView:
    """A limit order. `held_credits` are put aside for what remains of it (purchases).

    `is_acting` says whether its owner is docked where it rests, so that it can be filled;
    `close_reason` and `closed_at` are null while it is open.
    """

    order_id: str
    port_id: str
    side: Side
    commodity: str
    quantity: int
    filled: int
    filled_credits: int
    limit_credits: int
    held_credits: int
    cancel_on_disconnect: bool
    is_acting: bool
    placed_at: str
    expires_at: str
    close_reason: CloseReason | None
    closed_at: str | None


@dataclass(frozen=True, slots=True)
class OrderReceipt:
    """The answer to a placed order: the order after what was filled at once, and those trades."""

    command_id: str
    status: Literal["executed"]
    order: OrderView
    trades: list[TradeReport]


@dataclass(frozen=True, slots=True)
class OrderClose:
    """An order that was closed, and how much of it had been filled."""

    order_id: str
    port_id: str
    reason: CloseReason
    filled: int
    filled_credits: int


@dataclass(frozen=True, slots=True)
class CancelReceipt:
    """The answer to an executed cancel."""

    command_id: str
    status: Literal["executed"]
    closed: list[OrderClose]
    credits_after: int


@dataclass(frozen=True, slots=True)
class OrderHistory:
    """A page of a player's orders, newest first."""

    items: list[OrderView]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class BookLevel:
    """All acting orders of a side at one price."""

    price_credits: int
    quantity: int
    orders: int


@dataclass(frozen=True, slots=True)
class GoodBook:
    """The acting orders for a good at a port, best price first."""

    commodity: str
    buys: list[BookLevel]
    sells: list[BookLevel]


@dataclass(frozen=True, slots=True)
class OrderBookView:
    """The open orders for a good at a port, best price first, beside the port's own quote."""

    port_id: str
    commodity: str
    version: int
    as_of: str
    bid_price: int | None
    ask_price: int | None
    buys: list[BookLevel]
    sells: list[BookLevel]


@dataclass(frozen=True, slots=True)
class QuoteView:
    """A binding offer of a port, good until `expires_at` for a trade that names it."""

    quote_id: str
    port_id: str
    side: Side
    commodity: str
    quantity: int
    fills: list[FillRun]
    total_credits: int
    fees_credits: int
    market_version: int
    issued_at: str
    expires_at: str


@dataclass(frozen=True, slots=True)
class QuoteClose:
    """A quote that is no longer live; `withdrawn`: the player left the port.

    `next_quote_at` is the time before which the player is given no other; null for no wait.
    """

    quote_id: str
    reason: Literal["used", "expired", "withdrawn"]
    next_quote_at: str | None = None


@dataclass(frozen=True, slots=True)
class QuoteReceipt:
    """The answer to a granted quote.

    `signature` is Ed25519, base64url, over the canonical JSON (RFC 8785) of `quote`, by the key
    of published frames, which the JWKS lists under `kid`: whoever is shown a quote can check it.
    """

    command_id: str
    status: Literal["executed"]
    quote: QuoteView
    kid: str
    signature: str


@dataclass(frozen=True, slots=True)
class QuoteList:
    """A player's live quotes, oldest first.

    `next_quote_at` is the time before which he is given no other; null for no wait.
    """

    quotes: list[QuoteView]
    next_quote_at: str | None
