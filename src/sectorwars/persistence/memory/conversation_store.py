"""Conversations in memory."""

from collections.abc import Sequence
from dataclasses import replace

from sectorwars.application.aria.conversation import (
    Conversation,
    ConversationId,
    Exchange,
    Message,
    ProposalId,
    StoredProposal,
)
from sectorwars.domain.ids import PlayerId
from sectorwars.protocol.shapes.conversation import ProposalStatus


class MemoryConversationStore:
    """Keep conversations as long as the process lives."""

    def __init__(self) -> None:
        """Start without conversations."""
        self._conversations: dict[ConversationId, Conversation] = {}
        self._messages: dict[ConversationId, list[Message]] = {}
        self._proposals: dict[ProposalId, tuple[ConversationId, StoredProposal]] = {}

    async def add_exchange(self, conversation: Conversation, exchange: Exchange) -> None:
        """Add an exchange; the conversation is made with it, or takes over the given figures."""
        name = conversation.conversation_id
        self._conversations[name] = conversation
        self._messages.setdefault(name, []).extend((exchange.question, exchange.answer))
        for proposal in exchange.proposals:
            self._proposals[proposal.proposal_id] = (name, proposal)

    async def find(
        self, player_id: PlayerId, conversation_id: ConversationId
    ) -> Conversation | None:
        """Return a player's conversation; another player's is None."""
        found = self._conversations.get(conversation_id)
        return found if found is not None and found.player_id == player_id else None

    async def conversations(self, player_id: PlayerId) -> Sequence[Conversation]:
        """Return a player's conversations, the latest first."""
        own = [found for found in self._conversations.values() if found.player_id == player_id]
        return sorted(own, key=lambda found: found.updated_at, reverse=True)

    async def messages(self, conversation_id: ConversationId, limit: int) -> Sequence[Message]:
        """Return the latest `limit` messages of a conversation, oldest first."""
        return self._messages.get(conversation_id, [])[-limit:]

    async def delete(self, player_id: PlayerId, conversation_id: ConversationId) -> bool:
        """Delete a player's conversation with all that is in it; return False if he has none."""
        if await self.find(player_id, conversation_id) is None:
            return False
        del self._conversations[conversation_id]
        del self._messages[conversation_id]
        self._proposals = {
            name: (owner, proposal)
            for name, (owner, proposal) in self._proposals.items()
            if owner != conversation_id
        }
        return True

    async def find_proposal(
        self, player_id: PlayerId, proposal_id: ProposalId
    ) -> StoredProposal | None:
        """Return a player's proposal; another player's is None."""
        if proposal_id not in self._proposals:
            return None
        _, proposal = self._proposals[proposal_id]
        return proposal if proposal.player_id == player_id else None

    async def close_proposal(self, proposal_id: ProposalId, status: ProposalStatus) -> bool:
        """Close an open proposal; return False, changing nothing, if it is not open."""
        if proposal_id not in self._proposals:
            return False
        owner, proposal = self._proposals[proposal_id]
        if proposal.status != "open":
            return False
        self._proposals[proposal_id] = (owner, replace(proposal, status=status))
        return True
