"""What every conversation store does, in memory and in PostgreSQL."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from sectorwars.application.account import Account, AccountRole
from sectorwars.application.aria.conversation import (
    Conversation,
    ConversationId,
    ConversationStore,
    Exchange,
    Message,
    MessageId,
    ProposalId,
    StoredProposal,
)
from sectorwars.application.ports import StoreUnavailableError
from sectorwars.domain.commodity import Commodity
from sectorwars.domain.ids import PlayerId, PortId
from sectorwars.domain.market import Side
from sectorwars.domain.values import UnixMicros
from sectorwars.persistence.memory.conversation_store import MemoryConversationStore
from sectorwars.persistence.postgres.account_store import PostgresAccountStore
from sectorwars.persistence.postgres.connection import open_pool
from sectorwars.persistence.postgres.conversation_store import PostgresConversationStore

NOW = UnixMicros(1_800_000_000_000_000)
ALICE, BOB = PlayerId("pl_alice"), PlayerId("pl_bob")
TALK = Conversation(ConversationId("c_1"), ALICE, "Prices", 2, NOW, NOW)
PROPOSAL = StoredProposal(
    ProposalId("pr_1"),
    ALICE,
    PortId("p0001"),
    Side.SELL,
    Commodity.ORE,
    10,
    50,
    NOW,
    UnixMicros(NOW + 60_000_000),
)


def exchange(number: int, *proposals: StoredProposal) -> Exchange:
    return Exchange(
        Message(MessageId(f"m_{number}q"), "player", f"question {number}", NOW),
        Message(MessageId(f"m_{number}a"), "aria", f"answer {number} “é”", NOW),
        proposals,
    )


@pytest.fixture(params=["memory", "postgres"])
async def store(request: pytest.FixtureRequest) -> AsyncIterator[ConversationStore]:
    if request.param == "memory":
        yield MemoryConversationStore()
    else:
        pool = await open_pool(request.getfixturevalue("database_url"), connections_max=2)
        accounts = PostgresAccountStore(pool)
        for player_id in (ALICE, BOB):
            account = Account(
                player_id, player_id, player_id, "$hash", None, AccountRole.PLAYER, NOW
            )
            assert await accounts.add_account(account)
        yield PostgresConversationStore(pool)
        await pool.close()


async def test_what_was_said_is_found_again_in_order(store: ConversationStore) -> None:
    first, second = exchange(1), exchange(2)
    await store.add_exchange(TALK, first)
    later = replace(TALK, messages=4, updated_at=UnixMicros(NOW + 1))
    await store.add_exchange(later, second)
    assert await store.find(ALICE, TALK.conversation_id) == later
    said = [first.question, first.answer, second.question, second.answer]
    assert list(await store.messages(TALK.conversation_id, 10)) == said
    assert list(await store.messages(TALK.conversation_id, 3)) == said[1:]


async def test_conversations_are_one_players_own(store: ConversationStore) -> None:
    await store.add_exchange(TALK, exchange(1, PROPOSAL))
    newer = replace(TALK, conversation_id=ConversationId("c_2"), updated_at=UnixMicros(NOW + 5))
    await store.add_exchange(newer, exchange(2))
    assert list(await store.conversations(ALICE)) == [newer, TALK]
    assert list(await store.conversations(BOB)) == []
    assert await store.find(BOB, TALK.conversation_id) is None
    assert await store.find_proposal(BOB, PROPOSAL.proposal_id) is None
    assert not await store.delete(BOB, TALK.conversation_id)
    assert await store.find(ALICE, TALK.conversation_id) == TALK


async def test_a_deleted_conversation_leaves_nothing(store: ConversationStore) -> None:
    await store.add_exchange(TALK, exchange(1, PROPOSAL))
    assert await store.delete(ALICE, TALK.conversation_id)
    assert not await store.delete(ALICE, TALK.conversation_id)
    assert await store.find(ALICE, TALK.conversation_id) is None
    assert list(await store.messages(TALK.conversation_id, 10)) == []
    assert await store.find_proposal(ALICE, PROPOSAL.proposal_id) is None
    assert not await store.close_proposal(PROPOSAL.proposal_id, "declined")


async def test_a_proposal_is_closed_once(store: ConversationStore) -> None:
    await store.add_exchange(TALK, exchange(1, PROPOSAL))
    assert await store.find_proposal(ALICE, PROPOSAL.proposal_id) == PROPOSAL
    assert await store.close_proposal(PROPOSAL.proposal_id, "executed")
    assert not await store.close_proposal(PROPOSAL.proposal_id, "declined")
    closed = await store.find_proposal(ALICE, PROPOSAL.proposal_id)
    assert closed == replace(PROPOSAL, status="executed")


async def test_a_database_that_is_away_is_said_to_be(database_url: str) -> None:
    pool = await open_pool(database_url, connections_max=1)
    await pool.close()
    with pytest.raises(StoreUnavailableError):
        await PostgresConversationStore(pool).conversations(ALICE)
