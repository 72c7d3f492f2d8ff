"""What every audit trail does, in memory and in PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import asyncpg
import pytest

from sectorwars.application.audit.hash_chain import GENESIS_HASH
from sectorwars.application.audit.trail_verification import verify_trail
from sectorwars.application.ports import (
    AuditChain,
    AuditTrail,
    StoreUnavailableError,
)
from sectorwars.application.rows import (
    AuditEntry,
    AuditQuery,
)
from sectorwars.domain.ids import PlayerId
from sectorwars.domain.values import UnixMicros
from sectorwars.persistence.memory.audit_trail import MemoryAuditTrail
from sectorwars.persistence.postgres.audit_trail import PostgresAuditTrail
from sectorwars.persistence.postgres.connection import open_pool

NOW = UnixMicros(1_800_000_000_000_001)
LOGIN = AuditEntry(NOW, "login", "pl_1", {"outcome": "success"}, "s_1", "address:1f")
ROLE = AuditEntry(
    UnixMicros(NOW + 2),
    "role_changed",
    "pl_2",
    {"outcome": "success"},
    "s_2",
    "address:2e",
    "pl_1",
    {"role": "admin"},
    {"role": "player"},
)
DENIALS = AuditEntry(NOW, "denials", None, {"code": "invalid_signature", "count": 3})


async def examined(chain: AuditChain) -> tuple[int, list[str]]:
    proof = await verify_trail(chain)
    return proof.looked_at, proof.findings


@pytest.fixture(params=["memory", "postgres"])
async def trail(request: pytest.FixtureRequest) -> AsyncIterator[AuditTrail]:
    if request.param == "memory":
        yield MemoryAuditTrail()
    else:
        pool = await open_pool(request.getfixturevalue("database_url"), connections_max=4)
        yield PostgresAuditTrail(pool)
        await pool.close()


async def test_an_empty_trail_ends_at_its_genesis(trail: AuditTrail) -> None:
    assert await trail.head() == (0, GENESIS_HASH)
    assert await trail.records(0, 10) == []
    assert await examined(trail) == (0, [])


async def test_entries_come_back_in_their_order_and_chained(trail: AuditTrail) -> None:
    await trail.append([LOGIN, DENIALS])
    await trail.append([ROLE])
    records = await trail.records(0, 10)
    assert [(record.number, record.entry) for record in records] == [
        (1, LOGIN),
        (2, DENIALS),
        (3, ROLE),
    ]
    assert len({record.hash for record in records}) == 3
    assert await trail.records(1, 1) == records[1:2]
    assert await trail.head() == (3, records[-1].hash)
    assert await examined(trail) == (3, [])


async def test_appends_side_by_side_make_one_chain(trail: AuditTrail) -> None:
    await asyncio.gather(*(trail.append([LOGIN, DENIALS]) for _ in range(20)))
    assert await examined(trail) == (40, [])


async def test_equal_entries_at_other_places_have_other_hashes(trail: AuditTrail) -> None:
    await trail.append([LOGIN, LOGIN, replace(LOGIN, at=UnixMicros(NOW + 1))])
    assert len({record.hash for record in await trail.records(0, 10)}) == 3


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (AuditQuery(), [5, 4, 3, 2, 1]),
        (AuditQuery(player_id=PlayerId("pl_1")), [5, 3, 1]),
        (AuditQuery(player_id=PlayerId("pl_3")), []),
        (AuditQuery(actor="pl_1"), [5, 1]),
        (AuditQuery(player_id=PlayerId("pl_1"), actor="pl_2"), [3]),
        (AuditQuery(kinds=("denials", "role_changed")), [4, 3, 2]),
        (AuditQuery(since=UnixMicros(NOW + 2)), [5, 4, 3]),
        (AuditQuery(until=UnixMicros(NOW + 2)), [2, 1]),
        (AuditQuery(since=UnixMicros(NOW + 1), until=UnixMicros(NOW + 3)), [3]),
    ],
)
async def test_what_fits_is_found_newest_first(
    trail: AuditTrail, query: AuditQuery, found: list[int]
) -> None:
    later = [replace(entry, at=UnixMicros(NOW + 3)) for entry in (DENIALS, LOGIN)]
    await trail.append([LOGIN, DENIALS, ROLE, *later])
    numbers = [record.number for record in await trail.search(query, None, 10)]
    assert numbers == found
    pages = [await trail.search(query, before, 1) for before in (None, *numbers)]
    assert [record.number for page in pages for record in page] == found


@pytest.mark.parametrize(
    ("lie", "finding"),
    [
        ("UPDATE audit_log SET actor = 'pl_2' WHERE entry = 2", "the record 2 breaks the chain"),
        (
            "UPDATE audit_log SET payload = '{\"count\": 1}' WHERE entry = 1",
            "the record 1 breaks the chain",
        ),
        ("UPDATE audit_log SET at = at + interval '1 us' WHERE entry = 3", "the record 3 breaks"),
        ("UPDATE audit_log SET kind = 'logim' WHERE entry = 1", "the record 1 breaks the chain"),
        ("UPDATE audit_log SET session_id = 's_3' WHERE entry = 3", "the record 3 breaks"),
        ("UPDATE audit_log SET address = NULL WHERE entry = 1", "the record 1 breaks the chain"),
        ("UPDATE audit_log SET subject = 'pl_3' WHERE entry = 3", "the record 3 breaks"),
        ("UPDATE audit_log SET before = NULL WHERE entry = 3", "the record 3 breaks the chain"),
        (
            "UPDATE audit_log SET after = jsonb_set(after, '{role}', '\"admin\"') WHERE entry = 3",
            "the record 3 breaks the chain",
        ),
        ("UPDATE audit_log SET payload = '[1e300]' WHERE entry = 2", "the record 2 breaks"),
        ("UPDATE audit_log SET payload = '99999999999999999' WHERE entry = 2", "the record 2 br"),
        ("UPDATE audit_log SET hash = set_byte(hash, 31, 7) WHERE entry = 2", "the record 2"),
        ("DELETE FROM audit_log WHERE entry = 2", "1 missing before 3"),
        ("DELETE FROM audit_log WHERE entry = 3", "the chain ends at 2, its head says 3"),
    ],
)
async def test_every_lie_is_found(database_url: str, lie: str, finding: str) -> None:
    pool = await open_pool(database_url, connections_max=2)
    trail = PostgresAuditTrail(pool)
    await trail.append([LOGIN, DENIALS, ROLE])
    await pool.execute(lie)
    _, findings = await examined(trail)
    await pool.close()
    assert findings
    assert findings[0].startswith(finding)


async def test_a_trail_that_is_away_says_so(database_url: str) -> None:
    pool = await open_pool(database_url, connections_max=1)
    trail = PostgresAuditTrail(pool)
    pool.terminate()
    for attempt in (trail.append([LOGIN]), trail.records(0, 1), trail.head()):
        with pytest.raises(StoreUnavailableError):
            await attempt


async def test_a_trail_without_its_head_is_damaged(database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    await connection.execute("DELETE FROM audit_head")
    await connection.close()
    pool = await open_pool(database_url, connections_max=1)
    with pytest.raises(StoreUnavailableError, match="damaged"):
        await PostgresAuditTrail(pool).append([LOGIN])
    await pool.close()
