"""Conversations in PostgreSQL."""

from collections.abc import Sequence
from typing import Final

import asyncpg

from sectorwars.application.aria.conversation import (
    Conversation,
    ConversationId,
    Exchange,
    Message,
    MessageId,
    ProposalId,
    StoredProposal,
)
from sectorwars.domain.commodity import Commodity
from sectorwars.domain.ids import PlayerId, PortId
from sectorwars.domain.market import Side
from sectorwars.domain.values import UnixMicros
from sectorwars.persistence.postgres.connection import Pool, acquire
from sectorwars.protocol.shapes.conversation import ProposalStatus

_PUT_CONVERSATION: Final = """
    INSERT INTO aria_conversations
        (conversation_id, player_id, title, messages, created_at_us, updated_at_us)
    VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (conversation_id) DO UPDATE
    SET messages = excluded.messages, updated_at_us = excluded.updated_at_us
"""
_ADD_MESSAGE: Final = """
    INSERT INTO aria_messages (conversation_id, message_id, author, body, at_us)
    VALUES ($1, $2, $3, $4, $5)
"""
_ADD_PROPOSAL: Final = """
    INSERT INTO aria_proposals
        (proposal_id, conversation_id, player_id, port_id, side, commodity, quantity,
         price_bound, created_at_us, expires_at_us, status)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
"""
_LATEST_MESSAGES: Final = """
    SELECT message_id, author, body, at_us FROM (
        SELECT * FROM aria_messages WHERE conversation_id = $1 ORDER BY position DESC LIMIT $2
    ) latest ORDER BY position
"""


class PostgresConversationStore:
    """Keep conversations in `aria_conversations`, `aria_messages` and `aria_proposals`."""

    def __init__(self, pool: Pool) -> None:
        """Use connections of `pool`."""
        self._pool = pool

    async def add_exchange(self, conversation: Conversation, exchange: Exchange) -> None:
        """Add an exchange; the conversation is made with it, or takes over the given figures."""
        name = conversation.conversation_id
        async with acquire(self._pool) as connection, connection.transaction():
            await connection.execute(
                _PUT_CONVERSATION,
                name,
                conversation.player_id,
                conversation.title,
                conversation.messages,
                conversation.created_at,
                conversation.updated_at,
            )
            await connection.executemany(
                _ADD_MESSAGE,
                [
                    (name, said.message_id, said.author, said.text, said.at)
                    for said in (exchange.question, exchange.answer)
                ],
            )
            for proposal in exchange.proposals:
                await connection.execute(
                    _ADD_PROPOSAL,
                    proposal.proposal_id,
                    name,
                    proposal.player_id,
                    proposal.port_id,
                    proposal.side.value,
                    proposal.commodity.value,
                    proposal.quantity,
                    proposal.price_bound,
                    proposal.created_at,
                    proposal.expires_at,
                    proposal.status,
                )

    async def find(
        self, player_id: PlayerId, conversation_id: ConversationId
    ) -> Conversation | None:
        """Return a player's conversation; another player's is None."""
        async with acquire(self._pool) as connection:
            row = await connection.fetchrow(
                "SELECT * FROM aria_conversations WHERE conversation_id = $1 AND player_id = $2",
                conversation_id,
                player_id,
            )
        return None if row is None else _conversation(row)

    async def conversations(self, player_id: PlayerId) -> Sequence[Conversation]:
        """Return a player's conversations, the latest first."""
        async with acquire(self._pool) as connection:
            rows = await connection.fetch(
                "SELECT * FROM aria_conversations WHERE player_id = $1 ORDER BY updated_at_us DESC",
                player_id,
            )
        return [_conversation(row) for row in rows]

    async def messages(self, conversation_id: ConversationId, limit: int) -> Sequence[Message]:
        """Return the latest `limit` messages of a conversation, oldest first."""
        async with acquire(self._pool) as connection:
            rows = await connection.fetch(_LATEST_MESSAGES, conversation_id, limit)
        return [
            Message(
                MessageId(row["message_id"]), row["author"], row["body"], UnixMicros(row["at_us"])
            )
            for row in rows
        ]

    async def delete(self, player_id: PlayerId, conversation_id: ConversationId) -> bool:
        """Delete a player's conversation with all that is in it; return False if he has none."""
        async with acquire(self._pool) as connection:
            deleted = await connection.fetchval(
                "DELETE FROM aria_conversations WHERE conversation_id = $1 AND player_id = $2"
                " RETURNING true",
                conversation_id,
                player_id,
            )
        return deleted is not None

    async def find_proposal(
        self, player_id: PlayerId, proposal_id: ProposalId
    ) -> StoredProposal | None:
        """Return a player's proposal; another player's is None."""
        async with acquire(self._pool) as connection:
            row = await connection.fetchrow(
                "SELECT * FROM aria_proposals WHERE proposal_id = $1 AND player_id = $2",
                proposal_id,
                player_id,
            )
        return None if row is None else _proposal(row)

    async def close_proposal(self, proposal_id: ProposalId, status: ProposalStatus) -> bool:
        """Close an open proposal; return False, changing nothing, if it is not open."""
        async with acquire(self._pool) as connection:
            closed = await connection.fetchval(
                "UPDATE aria_proposals SET status = $2"
                " WHERE proposal_id = $1 AND status = 'open' RETURNING true",
                proposal_id,
                status,
            )
        return closed is not None


def _conversation(row: asyncpg.Record) -> Conversation:
    return Conversation(
        ConversationId(row["conversation_id"]),
        PlayerId(row["player_id"]),
        row["title"],
        row["messages"],
        UnixMicros(row["created_at_us"]),
        UnixMicros(row["updated_at_us"]),
    )


def _proposal(row: asyncpg.Record) -> StoredProposal:
    return StoredProposal(
        proposal_id=ProposalId(row["proposal_id"]),
        player_id=PlayerId(row["player_id"]),
        port_id=PortId(row["port_id"]),
        side=Side(row["side"]),
        commodity=Commodity(row["commodity"]),
        quantity=row["quantity"],
        price_bound=row["price_bound"],
        created_at=UnixMicros(row["created_at_us"]),
        expires_at=UnixMicros(row["expires_at_us"]),
        status=row["status"],
    )
