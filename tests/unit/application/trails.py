"""Stand-ins for the audit trail."""

from collections.abc import Sequence

from sectorwars.application.ports import StoreUnavailableError
from sectorwars.application.rows import AuditEntry
from sectorwars.persistence.memory.audit_trail import MemoryAuditTrail


class AbsentTrail(MemoryAuditTrail):
    """A trail that can be away."""

    away = False

    async def append(self, entries: Sequence[AuditEntry]) -> None:
        if self.away:
            raise StoreUnavailableError("away")
        await super().append(entries)

    async def entries(self) -> list[AuditEntry]:
        return [record.entry for record in await self.records(0, 10_000)]
