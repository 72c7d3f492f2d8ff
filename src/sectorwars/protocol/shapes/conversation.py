"""Shapes of the conversation with ARIA."""

from dataclasses import dataclass
from typing import Literal

from sectorwars.protocol.shapes.trade import Side

ProposalStatus = Literal["open", "executed", "rejected", "declined"]


@dataclass(frozen=True, slots=True)
class Source:
    """A tool that an answer's figures come from; `market_version` null: it read no market."""

    tool: str
    market_version: int | None
    as_of: str


@dataclass(frozen=True, slots=True)
class OrderPreview:
    """The exact order of a proposal and what it comes to at the market version named.

    `price_allowance` is the room, in credits a unit, that the bound leaves for the price to move.
    """

    side: Side
    commodity: str
    quantity: int
    port_id: str
    port_name: str
    price_bound: int
    price_allowance: int
    total_credits: int
    fees_credits: int
    market_version: int


@dataclass(frozen=True, slots=True)
class Proposal:
    """An order that only the player's confirmation executes, once, until `expires_at`."""

    proposal_id: str
    kind: Literal["trade"]
    preview: OrderPreview
    expires_at: str


@dataclass(frozen=True, slots=True)
class AriaAnswer:
    """An answer; every number in it comes from one of its sources."""

    conversation_id: str
    message_id: str
    answer: str
    sources: list[Source]
    proposals: list[Proposal]
    suggestions: list[str]
    provider: str


@dataclass(frozen=True, slots=True)
class ProposalDeclined:
    """The answer to a proposal that the player declined."""

    proposal_id: str
    status: Literal["declined"]


@dataclass(frozen=True, slots=True)
class ConversationSummary:
    """A conversation in the list of them."""

    conversation_id: str
    title: str
    messages: int
    created_at: str
    updated_at: str


@dataclass(frozen=True, slots=True)
class Conversations:
    """A player's conversations, the latest first."""

    conversations: list[ConversationSummary]


@dataclass(frozen=True, slots=True)
class ConversationMessage:
    """What the player or ARIA said."""

    message_id: str
    author: Literal["player", "aria"]
    text: str
    at: str


@dataclass(frozen=True, slots=True)
class ConversationExport:
    """A whole conversation, oldest message first."""

    conversation_id: str
    title: str
    created_at: str
    messages: list[ConversationMessage]
