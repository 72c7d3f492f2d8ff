"""What every store of Foundation clients' sessions does, in memory and in PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

import pytest

from sectorwars.application.account import SessionId
from sectorwars.application.foundation_session import (
    FoundationSessionKeeper,
    FoundationSessionKey,
    FoundationSessionRow,
    FoundationSessionStore,
)
from sectorwars.application.ports import StoreUnavailableError
from sectorwars.domain.commodity import Commodity
from sectorwars.domain.ids import PlayerId
from sectorwars.domain.values import UnixMicros
from sectorwars.persistence.memory.foundation_session_store import MemoryFoundationSessionStore
from sectorwars.persistence.postgres.connection import open_pool
from sectorwars.persistence.postgres.foundation_session_store import (
    PostgresFoundationSessionStore,
)

NOW = UnixMicros(1_800_000_000_000_000)
EARLIER = UnixMicros(NOW - 1)
ROW = FoundationSessionRow(
    PlayerId("pl_1"),
    "session_1_a",
    SessionId("sid-1"),
    (Commodity.ORE, Commodity.LUXURY, Commodity.FUEL),
    pulse=True,
    signals=False,
    seen_at=NOW,
)
OTHER = replace(ROW, player_id=PlayerId("pl_2"), goods=(), pulse=False, signals=True)


@pytest.fixture(params=["memory", "postgres"])
async def store(request: pytest.FixtureRequest) -> AsyncIterator[FoundationSessionStore]:
    if request.param == "memory":
        yield MemoryFoundationSessionStore()
    else:
        pool = await open_pool(request.getfixturevalue("database_url"), connections_max=2)
        yield PostgresFoundationSessionStore(pool)
        await pool.close()


async def kept(store: FoundationSessionStore) -> list[FoundationSessionRow]:
    return sorted(await store.recover(EARLIER), key=lambda row: row.key)


async def test_rows_come_back_as_they_were(store: FoundationSessionStore) -> None:
    await store.replace([ROW, OTHER], [])
    assert await kept(store) == [ROW, OTHER]


async def test_row_takes_the_place_of_the_one_before(store: FoundationSessionStore) -> None:
    await store.replace([ROW, OTHER], [])
    changed = replace(
        ROW, sid=SessionId("sid-2"), goods=(Commodity.ENERGY,), pulse=False, signals=True
    )
    await store.replace([changed], [])
    assert await kept(store) == [changed, OTHER]


async def test_rows_that_are_gone_are_deleted(store: FoundationSessionStore) -> None:
    await store.replace([ROW, OTHER], [])
    await store.replace([], [OTHER.key, (PlayerId("pl_3"), "never kept")])
    assert await kept(store) == [ROW]


async def test_row_is_found_by_its_key(store: FoundationSessionStore) -> None:
    await store.replace([ROW, OTHER], [])
    assert await store.find(OTHER.key) == OTHER
    assert await store.find((ROW.player_id, "session_1_b")) is None


async def test_rows_not_seen_lately_are_deleted(store: FoundationSessionStore) -> None:
    old = replace(OTHER, seen_at=EARLIER)
    await store.replace([ROW, old], [])
    assert await kept(store) == [ROW]
    assert await store.recover(UnixMicros(0)) == [ROW]


async def test_keeper_writes_what_changed_and_deletes_what_went() -> None:
    store = MemoryFoundationSessionStore()
    sessions = [ROW, OTHER]
    keeper = FoundationSessionKeeper(store, lambda: sessions)
    await keeper.keep()
    assert await kept(store) == [ROW, OTHER]
    sessions[:] = [replace(ROW, goods=())]
    await keeper.keep()
    assert await kept(store) == sessions


async def test_keeper_deletes_what_the_last_run_left_and_nobody_came_back_to() -> None:
    store = MemoryFoundationSessionStore()
    await store.replace([ROW, OTHER], [])
    sessions = [ROW]
    keeper = FoundationSessionKeeper(store, lambda: sessions)
    assert await keeper.recover(EARLIER) == [ROW, OTHER]
    await keeper.keep()
    assert await kept(store) == [ROW]


async def test_keeper_leaves_alone_what_another_process_keeps_now() -> None:
    store = MemoryFoundationSessionStore()
    sessions = [ROW, OTHER]
    keeper = FoundationSessionKeeper(store, lambda: sessions)
    await keeper.keep()
    sessions.remove(ROW)
    keeper.disown(ROW.key)
    await keeper.keep()
    assert await kept(store) == [ROW, OTHER]


async def test_keeper_tries_again_what_could_not_be_written() -> None:
    class AwayOnce(MemoryFoundationSessionStore):
        away = True

        async def replace(
            self, changed: Sequence[FoundationSessionRow], gone: Sequence[FoundationSessionKey]
        ) -> None:
            if self.away:
                self.away = False
                raise StoreUnavailableError("away")
            await super().replace(changed, gone)

    store = AwayOnce()
    keeper = FoundationSessionKeeper(store, lambda: [ROW])
    with pytest.raises(StoreUnavailableError):
        await keeper.keep()
    await keeper.keep()
    assert await kept(store) == [ROW]


async def test_database_that_is_away_is_said_to_be(database_url: str) -> None:
    pool = await open_pool(database_url, connections_max=1)
    store = PostgresFoundationSessionStore(pool)
    await pool.close()
    for attempt in (store.recover(EARLIER), store.replace([ROW], []), store.find(ROW.key)):
        with pytest.raises(StoreUnavailableError, match="cannot be reached"):
            await attempt
