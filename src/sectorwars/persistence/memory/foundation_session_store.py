"""Sessions of Foundation clients in memory."""

from collections.abc import Sequence

from sectorwars.application.foundation_session import FoundationSessionKey, FoundationSessionRow
from sectorwars.domain.values import UnixMicros


class MemoryFoundationSessionStore:
    """Keep sessions as long as the process lives."""

    def __init__(self) -> None:
        """Start without sessions."""
        self._rows: dict[FoundationSessionKey, FoundationSessionRow] = {}

    async def replace(
        self, changed: Sequence[FoundationSessionRow], gone: Sequence[FoundationSessionKey]
    ) -> None:
        """Put rows in the place of those with the same keys, and delete others, atomically."""
        self._rows.update((row.key, row) for row in changed)
        for key in gone:
            self._rows.pop(key, None)

    async def find(self, key: FoundationSessionKey) -> FoundationSessionRow | None:
        """Return a session, or None where there is none."""
        return self._rows.get(key)

    async def recover(self, seen_after: UnixMicros) -> list[FoundationSessionRow]:
        """Return the sessions seen after a time, and delete the others."""
        self._rows = {key: row for key, row in self._rows.items() if row.seen_at > seen_after}
        return list(self._rows.values())
