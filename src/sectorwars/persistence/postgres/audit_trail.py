"""The audit trail in PostgreSQL."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import asyncpg
import msgspec

from sectorwars.application.audit.trail import entry_hash
from sectorwars.application.ports import StoreUnavailableError
from sectorwars.application.rows import (
    AuditEntry,
    AuditQuery,
    AuditRecord,
)
from sectorwars.domain.values import UnixMicros
from sectorwars.observability.metrics import AUDIT_ENTRIES
from sectorwars.persistence.postgres.connection import Connection, Pool, acquire

_JSON: Final = msgspec.json.Encoder()
# Of no type, so that an entry which was tampered with is read too, and breaks the chain.
_ANY_JSON: Final = msgspec.json.Decoder()

_INSERT: Final = """
    INSERT INTO audit_log (entry, at, kind, actor, session_id, address, subject, payload,
                           before, after, hash)
    VALUES ($1, timestamptz 'epoch' + $2::bigint * interval '1 microsecond', $3, $4, $5, $6, $7,
            $8, $9, $10, $11)
"""
_SELECT: Final = """
    SELECT entry, (extract(epoch FROM at) * 1000000)::bigint AS at_us, kind, actor, session_id,
           address, subject, payload, before, after, hash
    FROM audit_log
"""
_RECORDS: Final = f"{_SELECT} WHERE entry > $1 ORDER BY entry LIMIT $2"
_SEARCH: Final = f"""{_SELECT}
    WHERE entry < $1
      AND ($2::text IS NULL OR actor = $2 OR subject = $2)
      AND ($3::text IS NULL OR actor = $3)
      AND ($4::text[] IS NULL OR kind = ANY ($4))
      AND ($5::bigint IS NULL
           OR at >= timestamptz 'epoch' + $5 * interval '1 microsecond')
      AND ($6::bigint IS NULL
           OR at < timestamptz 'epoch' + $6 * interval '1 microsecond')
    ORDER BY entry DESC LIMIT $7
"""
_ENTRY_MAX: Final = 2**63 - 1


class PostgresAuditTrail:
    """Keeps the chain in `audit_log`; the lock on its head makes appending processes take turns.

    Every method raises StoreUnavailableError where the database cannot be reached.
    """

    def __init__(self, pool: Pool) -> None:
        """Use connections of `pool`."""
        self._pool = pool

    async def append(self, entries: Sequence[AuditEntry]) -> None:
        """Make entries durable, in their order, all or nothing."""
        async with acquire(self._pool) as connection, connection.transaction():
            number, previous = _found(
                await connection.fetchrow("SELECT last_entry, hash FROM audit_head FOR UPDATE")
            )
            rows = []
            for entry in entries:
                number += 1
                previous = entry_hash(previous, number, entry)
                rows.append((number, *_columns(entry), previous))
            await connection.executemany(_INSERT, rows)
            await connection.execute(
                "UPDATE audit_head SET last_entry = $1, hash = $2", number, previous
            )
        for entry in entries:
            AUDIT_ENTRIES.labels(entry.kind).inc()

    async def records(self, after: int, limit: int) -> list[AuditRecord]:
        """Return at most `limit` records with numbers above `after`, in order."""
        async with acquire(self._pool) as connection:
            return await ConnectedAuditChain(connection).records(after, limit)

    async def head(self) -> tuple[int, bytes]:
        """Return the number and the hash of the last record."""
        async with acquire(self._pool) as connection:
            return await ConnectedAuditChain(connection).head()

    async def search(self, query: AuditQuery, before: int | None, limit: int) -> list[AuditRecord]:
        """Return at most `limit` records that fit, newest first, with numbers below `before`."""
        async with acquire(self._pool) as connection:
            rows = await connection.fetch(
                _SEARCH,
                _ENTRY_MAX if before is None else before,
                query.player_id,
                query.actor,
                query.kinds or None,
                query.since,
                query.until,
                limit,
            )
        return [_record(row) for row in rows]


class ConnectedAuditChain:
    """The chain as one connection sees it, within its transaction if it is in one."""

    def __init__(self, connection: Connection) -> None:
        """Read over `connection`."""
        self._connection = connection

    async def records(self, after: int, limit: int) -> list[AuditRecord]:
        """Return at most `limit` records with numbers above `after`, in order."""
        return [_record(row) for row in await self._connection.fetch(_RECORDS, after, limit)]

    async def head(self) -> tuple[int, bytes]:
        """Return the number and the hash of the last record."""
        return _found(await self._connection.fetchrow("SELECT last_entry, hash FROM audit_head"))


def _columns(entry: AuditEntry) -> tuple[Any, ...]:
    return (
        entry.at,
        entry.kind,
        entry.actor,
        entry.session,
        entry.address,
        entry.subject,
        _JSON.encode(entry.details).decode(),
        _encoded(entry.before),
        _encoded(entry.after),
    )


def _record(row: asyncpg.Record) -> AuditRecord:
    entry = AuditEntry(
        UnixMicros(row["at_us"]),
        row["kind"],
        row["actor"],
        _ANY_JSON.decode(row["payload"]),
        row["session_id"],
        row["address"],
        row["subject"],
        _decoded(row["before"]),
        _decoded(row["after"]),
    )
    return AuditRecord(row["entry"], entry, row["hash"])


def _encoded(change: Mapping[str, Any] | None) -> str | None:
    return None if change is None else _JSON.encode(change).decode()


def _decoded(change: str | None) -> Any:
    return None if change is None else _ANY_JSON.decode(change)


def _found(head: asyncpg.Record | None) -> tuple[int, bytes]:
    if head is None:
        raise StoreUnavailableError("The database has no audit trail: its schema is damaged.")
    return head[0], head[1]
