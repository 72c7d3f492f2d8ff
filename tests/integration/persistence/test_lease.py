"""Commits that are cut off and writers that fall silent, on a real PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from sectorwars.application.ports import (
    CommitFailedError,
    LeaseLostError,
    StoreUnavailableError,
)
from sectorwars.application.rows import (
    Batch,
    Receipt,
    ReceiptKey,
)
from sectorwars.domain.ids import CommandId, PlayerId
from sectorwars.domain.values import UnixMicros
from sectorwars.persistence.postgres.cluster import EmbeddedCluster
from sectorwars.persistence.postgres.connection import Pool, open_pool
from sectorwars.persistence.postgres.event_store import LEASE_SECONDS, PostgresEventStore
from sectorwars.persistence.postgres.migration import migrate

KEY = ReceiptKey(PlayerId("ann"), CommandId("c1"))
RECEIPT = Receipt(KEY, b"digest", "executed", None, b"{}", UnixMicros(0))
BATCH = Batch((), (RECEIPT,), (), ())
_POLL_SECONDS = 0.01


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[Pool]:
    pool = await open_pool(database_url, connections_max=4)
    yield pool
    pool.terminate()


@pytest.fixture
async def operator(database_url: str) -> AsyncIterator[asyncpg.Connection[asyncpg.Record]]:
    """A second pair of hands in the database."""
    connection = await asyncpg.connect(database_url)
    yield connection
    connection.terminate()


async def writer_pid(operator: asyncpg.Connection[asyncpg.Record]) -> int:
    pid: int = await operator.fetchval("SELECT backend_pid FROM writer_lease")
    return pid


async def until_it_waits(operator: asyncpg.Connection[asyncpg.Record], pid: int) -> None:
    """Wait until a backend waits for a lock; the test's own time limit ends a vain wait."""
    blocked = "SELECT cardinality(pg_blocking_pids($1)) > 0"
    while not await operator.fetchval(blocked, pid):  # noqa: ASYNC110 - only PostgreSQL knows
        await asyncio.sleep(_POLL_SECONDS)


async def test_a_commit_cut_off_midway_leaves_nothing_and_can_be_repeated(
    pool: Pool, operator: asyncpg.Connection[asyncpg.Record]
) -> None:
    store = PostgresEventStore(pool)
    lease = await store.acquire_lease("writer")
    pid = await writer_pid(operator)
    async with operator.transaction():
        await operator.execute("SELECT 1 FROM log_head FOR UPDATE")
        commit = asyncio.create_task(store.append(lease, BATCH))
        await until_it_waits(operator, pid)
        await operator.execute("SELECT pg_terminate_backend($1)", pid)
        with pytest.raises(CommitFailedError):
            await commit

    renewed = await store.acquire_lease("writer")
    assert await store.find_receipts([KEY]) == {}
    await store.append(renewed, BATCH)
    assert await store.find_receipts([KEY]) == {KEY: RECEIPT}


async def test_an_heir_waits_for_a_commit_that_its_dead_writer_left_under_way(
    pool: Pool, database_url: str, operator: asyncpg.Connection[asyncpg.Record]
) -> None:
    """The writer never learns that this commit succeeds; whoever comes next must see it."""
    store = PostgresEventStore(pool)
    lease = await store.acquire_lease("writer")
    pid = await writer_pid(operator)
    heirs_pool = await open_pool(database_url, connections_max=2)
    heir = PostgresEventStore(heirs_pool)
    async with operator.transaction():
        await operator.execute("SELECT 1 FROM log_head FOR UPDATE")
        commit = asyncio.create_task(store.append(lease, BATCH))
        await until_it_waits(operator, pid)
        pool.terminate()
        with pytest.raises(CommitFailedError):
            await commit
        inheriting = asyncio.create_task(heir.acquire_lease("heir"))
        await until_it_waits(operator, await heirs_pid(operator))
        assert not inheriting.done()

    inherited = await inheriting

    assert inherited.version == lease.version + 1
    assert await heir.find_receipts([KEY]) == {KEY: RECEIPT}
    heirs_pool.terminate()


async def heirs_pid(operator: asyncpg.Connection[asyncpg.Record]) -> int:
    """Wait until somebody waits for the writer's advisory lock, and name his backend."""
    waiting = "SELECT pid FROM pg_locks WHERE NOT granted AND locktype = 'advisory'"
    pid: int | None = None
    while pid is None:
        await asyncio.sleep(_POLL_SECONDS)
        pid = await operator.fetchval(waiting)
    return pid


async def test_a_silent_writer_is_cut_off(
    pool: Pool, operator: asyncpg.Connection[asyncpg.Record]
) -> None:
    store = PostgresEventStore(pool)
    lease = await store.acquire_lease("silent")
    await operator.execute(
        "UPDATE writer_lease SET heartbeat_at = heartbeat_at - $1 * interval '1 second'",
        LEASE_SECONDS + 1,
    )

    heir = PostgresEventStore(pool)
    inherited = await heir.acquire_lease("heir")

    assert inherited.version == lease.version + 1
    with pytest.raises((CommitFailedError, LeaseLostError)):
        await store.append(lease, BATCH)
    assert await heir.find_receipts([KEY]) == {}


async def test_a_commit_is_a_sign_of_life(
    pool: Pool, operator: asyncpg.Connection[asyncpg.Record]
) -> None:
    store = PostgresEventStore(pool)
    lease = await store.acquire_lease("writer")
    await operator.execute(
        "UPDATE writer_lease SET heartbeat_at = heartbeat_at - interval '1 hour'"
    )
    await store.append(lease, BATCH)

    with pytest.raises(LeaseLostError, match="writer"):
        await PostgresEventStore(pool).acquire_lease("heir")


async def test_a_database_that_goes_away_is_said_to_be_away_until_it_is_back(
    data_dir: Path,
) -> None:
    cluster = EmbeddedCluster(data_dir)
    dsn = cluster.start()
    await migrate(dsn)
    pool = await open_pool(dsn, connections_max=3)
    store = PostgresEventStore(pool)
    lease = await store.acquire_lease("writer")
    cluster.stop()

    with pytest.raises(CommitFailedError):
        await store.append(lease, BATCH)
    for ask in (store.find_receipts([KEY]), store.load(), store.acquire_lease("writer")):
        with pytest.raises(StoreUnavailableError):
            await ask

    cluster.start()
    await store.append(await store.acquire_lease("writer"), BATCH)
    assert await store.find_receipts([KEY]) == {KEY: RECEIPT}
    pool.terminate()
    cluster.stop()
