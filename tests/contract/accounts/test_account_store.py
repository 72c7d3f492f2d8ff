"""What every account store does, in memory and in PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from sectorwars.application.account import (
    Account,
    AccountRole,
    AccountStore,
    RefreshReused,
    RefreshRotated,
    Session,
    SessionId,
    find_account,
)
from sectorwars.application.ports import StoreUnavailableError
from sectorwars.domain.ids import PlayerId
from sectorwars.domain.values import UnixMicros
from sectorwars.persistence.memory.account_store import MemoryAccountStore
from sectorwars.persistence.postgres.account_store import PostgresAccountStore
from sectorwars.persistence.postgres.connection import open_pool

NOW = UnixMicros(1_800_000_000_000_000)
LATER = UnixMicros(NOW + 1_000_000)
OVER = UnixMicros(NOW + 86_400_000_000)
ALICE = Account(
    PlayerId("pl_alice"), "Alice", "alice", "$hash", "a@b.example", AccountRole.PLAYER, NOW
)
SESSION = Session(SessionId("s_1"), ALICE.player_id, NOW, OVER)


@pytest.fixture(params=["memory", "postgres"])
async def store(request: pytest.FixtureRequest) -> AsyncIterator[AccountStore]:
    if request.param == "memory":
        yield MemoryAccountStore()
    else:
        pool = await open_pool(request.getfixturevalue("database_url"), connections_max=4)
        yield PostgresAccountStore(pool)
        await pool.close()


async def test_an_account_is_found_by_name_and_by_player(store: AccountStore) -> None:
    assert await store.add_account(ALICE)
    assert await store.find_by_username("alice") == ALICE
    assert await store.find_by_player(ALICE.player_id) == ALICE
    assert await store.find_by_username("Alice") is None
    assert await store.find_by_player(PlayerId("pl_nobody")) is None


async def test_a_taken_name_is_not_given_twice(store: AccountStore) -> None:
    rivals = [replace(ALICE, player_id=PlayerId(f"pl_{i}"), username=f"ALICE{i}") for i in range(8)]
    added = await asyncio.gather(*(store.add_account(rival) for rival in rivals))
    assert added.count(True) == 1
    assert await store.find_by_username("alice") == rivals[added.index(True)]


async def test_a_password_hash_is_replaced(store: AccountStore) -> None:
    await store.add_account(ALICE)
    await store.replace_password_hash(ALICE.player_id, "$new")
    assert await store.find_by_player(ALICE.player_id) == replace(ALICE, password_hash="$new")


async def test_a_role_is_changed_by_who_knows_it(store: AccountStore) -> None:
    await store.add_account(ALICE)
    change = store.change_role
    assert not await change(ALICE.player_id, AccountRole.ADMIN, AccountRole.MODERATOR)
    assert not await change(PlayerId("pl_nobody"), AccountRole.ADMIN, AccountRole.PLAYER)
    assert await store.find_by_player(ALICE.player_id) == ALICE
    assert await change(ALICE.player_id, AccountRole.ADMIN, AccountRole.PLAYER)
    assert await store.find_by_player(ALICE.player_id) == replace(ALICE, role=AccountRole.ADMIN)


async def test_of_two_changes_of_a_role_at_once_one_is_made(store: AccountStore) -> None:
    await store.add_account(ALICE)
    wishes = [AccountRole.ADMIN, AccountRole.SERVICE, AccountRole.MODERATOR]
    changed = await asyncio.gather(
        *(store.change_role(ALICE.player_id, wish, AccountRole.PLAYER) for wish in wishes)
    )
    assert changed.count(True) == 1
    account = await store.find_by_player(ALICE.player_id)
    assert account is not None
    assert account.role is wishes[changed.index(True)]


async def test_accounts_are_found_by_their_role(store: AccountStore) -> None:
    accounts = [
        replace(ALICE, player_id=PlayerId(f"pl_{name}"), username_key=name, role=role)
        for name, role in (
            ("zoe", AccountRole.ADMIN),
            ("_a", AccountRole.MODERATOR),
            ("bob", AccountRole.PLAYER),
            ("adam", AccountRole.ADMIN),
        )
    ]
    for account in accounts:
        await store.add_account(account)
    zoe, under, _, adam = accounts
    assert await store.accounts_with({AccountRole.ADMIN}) == [adam, zoe]
    staff = await store.accounts_with({AccountRole.ADMIN, AccountRole.MODERATOR})
    assert staff == [under, adam, zoe]
    assert await store.accounts_with({AccountRole.SERVICE}) == []


async def test_somebody_is_found_by_his_id_before_another_by_his_name(store: AccountStore) -> None:
    mask = replace(ALICE, player_id=PlayerId("pl_mask"), username_key="pl_alice")
    await store.add_account(mask)
    assert await find_account(store, "PL_Alice") == mask
    await store.add_account(ALICE)
    assert await find_account(store, "pl_alice") == ALICE
    assert await find_account(store, "ALICE") == ALICE
    assert await find_account(store, "no name") is None


async def test_a_refresh_token_is_rotated_and_its_reuse_revokes(store: AccountStore) -> None:
    await _with_session(store)
    assert await store.rotate_refresh(b"first", b"second", LATER) == RefreshRotated(SESSION, ALICE)
    assert await store.rotate_refresh(b"second", b"third", LATER) == RefreshRotated(SESSION, ALICE)
    assert await store.rotate_refresh(b"first", b"x", LATER) == RefreshReused(SESSION)
    assert await store.rotate_refresh(b"third", b"y", LATER) is None
    assert list(await store.revoked_sessions(LATER)) == [(SESSION.sid, OVER)]


async def test_of_many_uses_at_once_one_is_the_first(store: AccountStore) -> None:
    await _with_session(store)
    outcomes = await asyncio.gather(
        *(store.rotate_refresh(b"first", b"next%d" % i, LATER) for i in range(8))
    )
    assert sum(isinstance(outcome, RefreshRotated) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, RefreshReused) for outcome in outcomes) == 1
    assert outcomes.count(None) == 6


async def test_unknown_and_late_refresh_tokens_give_nothing(store: AccountStore) -> None:
    await _with_session(store)
    assert await store.rotate_refresh(b"unknown", b"x", LATER) is None
    assert await store.rotate_refresh(b"first", b"x", OVER) is None
    assert isinstance(await store.rotate_refresh(b"first", b"x", LATER), RefreshRotated)


async def test_a_session_is_revoked_once(store: AccountStore) -> None:
    await _with_session(store)
    assert not await store.revoke_session(SessionId("s_none"), LATER)
    assert not await store.revoke_session(SESSION.sid, OVER)
    assert await store.revoke_session(SESSION.sid, LATER)
    assert not await store.revoke_session(SESSION.sid, LATER)
    assert await store.rotate_refresh(b"first", b"x", LATER) is None
    assert list(await store.revoked_sessions(LATER)) == [(SESSION.sid, OVER)]
    assert list(await store.revoked_sessions(OVER)) == []


async def test_expired_sessions_are_forgotten_with_their_tokens(store: AccountStore) -> None:
    await _with_session(store)
    longer = Session(SessionId("s_2"), ALICE.player_id, NOW, UnixMicros(OVER + 1))
    await store.add_session(longer, b"other")
    assert await store.delete_expired_sessions(LATER) == 0
    assert await store.delete_expired_sessions(OVER) == 1
    assert await store.rotate_refresh(b"first", b"x", LATER) is None
    rotated = await store.rotate_refresh(b"other", b"x", LATER)
    assert rotated == RefreshRotated(longer, ALICE)


async def test_a_database_that_is_away_is_said_to_be(database_url: str) -> None:
    pool = await open_pool(database_url, connections_max=1)
    store = PostgresAccountStore(pool)
    await pool.close()
    with pytest.raises(StoreUnavailableError, match="cannot be reached"):
        await store.find_by_username("alice")


async def _with_session(store: AccountStore) -> None:
    await store.add_account(ALICE)
    await store.add_session(SESSION, b"first")
