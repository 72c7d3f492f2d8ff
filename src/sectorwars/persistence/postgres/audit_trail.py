"""The audit trail in PostgreSQL."""

from collections.abc import Sequence
from typing import Final

import asyncpg
import msgspec

from sectorwars.application.audit import entry_hash
from sectorwars.application.ports import AuditEntry, AuditRecord, StoreUnavailableError
from sectorwars.domain.values import UnixMicros
from sectorwars.persistence.postgres.connection import Pool, acquire

_DETAILS: Final = msgspec.json.Decoder(dict[str, str | int])
_JSON: Final = msgspec.json.Encoder()

_INSERT: Final = """
    INSERT INTO audit_log (entry, at, kind, actor, payload, hash)
    VALUES ($1, timestamptz 'epoch' + $2::bigint * interval '1 microsecond', $3, $4, $5, $6)
"""
_RECORDS: Final = """
    SELECT entry, (extract(epoch FROM at) * 1000000)::bigint, kind, actor, payload, hash
    FROM audit_log WHERE entry > $1 ORDER BY entry LIMIT $2
"""


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
                details = _JSON.encode(entry.details).decode()
                rows.append((number, entry.at, entry.kind, entry.actor, details, previous))
            await connection.executemany(_INSERT, rows)
            await connection.execute(
                "UPDATE audit_head SET last_entry = $1, hash = $2", number, previous
            )

    async def records(self, after: int, limit: int) -> list[AuditRecord]:
        """Return at most `limit` records with numbers above `after`, in order."""
        async with acquire(self._pool) as connection:
            rows = await connection.fetch(_RECORDS, after, limit)
        return [
            AuditRecord(
                number,
                AuditEntry(UnixMicros(at), kind, actor, _DETAILS.decode(payload)),
                stored_hash,
            )
            for number, at, kind, actor, payload, stored_hash in rows
        ]

    async def head(self) -> tuple[int, bytes]:
        """Return the number and the hash of the last record."""
        async with acquire(self._pool) as connection:
            head = await connection.fetchrow("SELECT last_entry, hash FROM audit_head")
        return _found(head)


def _found(head: asyncpg.Record | None) -> tuple[int, bytes]:
    if head is None:
        raise StoreUnavailableError("The database has no audit trail: its schema is damaged.")
    return head[0], head[1]
