"""Conversations, their messages and proposals, and where they are kept.

What a player writes is personal data: it lies apart from the core and goes when he deletes it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, NewType, Protocol

from sectorwars.application.writing.reserved_ids import ARIA_PREFIX
from sectorwars.domain.commodity import Commodity
from sectorwars.domain.ids import CommandId, PlayerId, PortId
from sectorwars.domain.market import Side
from sectorwars.domain.values import UnixMicros
from sectorwars.protocol.shapes.conversation import ProposalStatus

ConversationId = NewType("ConversationId", str)
MessageId = NewType("MessageId", str)
ProposalId = NewType("ProposalId", str)

CONVERSATIONS_MAX: Final = 100
"""A player keeps his latest so many conversations."""
MESSAGES_MAX: Final = 1_000
"""A conversation holds at most so many messages, ARIA's included."""
TITLE_LENGTH_MAX: Final = 60


def proposal_command_id(proposal_id: str) -> CommandId:
    """Name the command by which a proposal is executed, however often it is confirmed."""
    return CommandId(ARIA_PREFIX + proposal_id)


def confirmed_proposal(command_id: CommandId) -> ProposalId | None:
    """Return the proposal that a command has executed, None where it is none of ARIA's."""
    if not command_id.startswith(ARIA_PREFIX):
        return None
    return ProposalId(command_id.removeprefix(ARIA_PREFIX))


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation; `messages` counts them."""

    conversation_id: ConversationId
    player_id: PlayerId
    title: str
    messages: int
    created_at: UnixMicros
    updated_at: UnixMicros


@dataclass(frozen=True, slots=True)
class Message:
    """What the player or ARIA said."""

    message_id: MessageId
    author: Literal["player", "aria"]
    text: str
    at: UnixMicros


@dataclass(frozen=True, slots=True)
class StoredProposal:
    """An order that waits for the player's word; `price_bound` is for each single unit."""

    proposal_id: ProposalId
    player_id: PlayerId
    port_id: PortId
    side: Side
    commodity: Commodity
    quantity: int
    price_bound: int
    created_at: UnixMicros
    expires_at: UnixMicros
    status: ProposalStatus = "open"


@dataclass(frozen=True, slots=True)
class Exchange:
    """A message, its answer and the proposals in it: stored together or not at all."""

    question: Message
    answer: Message
    proposals: tuple[StoredProposal, ...]


class ConversationStore(Protocol):
    """Keeps conversations. Every method may raise `ports.StoreUnavailableError`."""

    async def add_exchange(self, conversation: Conversation, exchange: Exchange) -> None:
        """Add an exchange; the conversation is made with it, or takes over the given figures."""
        ...

    async def find(
        self, player_id: PlayerId, conversation_id: ConversationId
    ) -> Conversation | None:
        """Return a player's conversation; another player's is None."""
        ...

    async def conversations(self, player_id: PlayerId) -> Sequence[Conversation]:
        """Return a player's conversations, the latest first."""
        ...

    async def messages(self, conversation_id: ConversationId, limit: int) -> Sequence[Message]:
        """Return the latest `limit` messages of a conversation, oldest first."""
        ...

    async def delete(self, player_id: PlayerId, conversation_id: ConversationId) -> bool:
        """Delete a player's conversation with all that is in it; return False if he has none."""
        ...

    async def find_proposal(
        self, player_id: PlayerId, proposal_id: ProposalId
    ) -> StoredProposal | None:
        """Return a player's proposal; another player's is None."""
        ...

    async def close_proposal(self, proposal_id: ProposalId, status: ProposalStatus) -> bool:
        """Close an open proposal; return False, changing nothing, if it is not open."""
        ...
