"""The audit trail in memory."""

from collections.abc import Sequence
from itertools import islice

from sectorwars.application.audit.hash_chain import GENESIS_HASH
from sectorwars.application.audit.search import fits
from sectorwars.application.audit.trail import entry_hash
from sectorwars.application.rows import (
    AuditEntry,
    AuditQuery,
    AuditRecord,
)


class MemoryAuditTrail:
    """Keeps the chain in a list."""

    def __init__(self) -> None:
        """Start empty."""
        self._records: list[AuditRecord] = []

    async def append(self, entries: Sequence[AuditEntry]) -> None:
        """Make entries durable, in their order, all or nothing."""
        for entry in entries:
            number, previous = await self.head()
            hash_ = entry_hash(previous, number + 1, entry)
            self._records.append(AuditRecord(number + 1, entry, hash_))

    async def records(self, after: int, limit: int) -> list[AuditRecord]:
        """Return at most `limit` records with numbers above `after`, in order."""
        return self._records[after : after + limit]

    async def head(self) -> tuple[int, bytes]:
        """Return the number and the hash of the last record."""
        if not self._records:
            return 0, GENESIS_HASH
        return self._records[-1].number, self._records[-1].hash

    async def search(self, query: AuditQuery, before: int | None, limit: int) -> list[AuditRecord]:
        """Return at most `limit` records that fit, newest first, with numbers below `before`."""
        found = (
            record
            for record in reversed(self._records)
            if (before is None or record.number < before) and fits(record.entry, query)
        )
        return list(islice(found, limit))
