"""What players did, as the log in memory has it."""

from collections.abc import Iterator
from itertools import islice

from sectorwars.application.audit.hash_chain import GENESIS_HASH, chain_hash
from sectorwars.application.audit.search import AuditedEvent, event_fits
from sectorwars.application.rows import (
    AuditQuery,
    ChainedEvent,
)
from sectorwars.domain.event import TickAdvanced
from sectorwars.persistence.event_codec import encode_event, event_kind
from sectorwars.persistence.memory.disk import MemoryDisk


class MemoryEventArchive:
    """Searches the log on a `MemoryDisk`."""

    def __init__(self, disk: MemoryDisk) -> None:
        """Read what an event store has written on `disk`."""
        self._disk = disk

    async def search(self, query: AuditQuery, before: int | None, limit: int) -> list[ChainedEvent]:
        """Return at most `limit` `AuditedEvent`s that fit, newest first, below `before`."""
        found = (
            chained
            for chained in reversed(list(self._chain()))
            if (before is None or chained.offset < before)
            and isinstance(chained.event, AuditedEvent)
            and event_fits(chained.kind, chained.event, query)
        )
        return list(islice(found, limit))

    async def head(self) -> tuple[int, bytes]:
        """Return the log's last offset and the hash of its last permanent event."""
        last_hash = GENESIS_HASH
        for chained in self._chain():
            last_hash = chained.hash
        return self._disk.last_offset, last_hash

    def _chain(self) -> Iterator[ChainedEvent]:
        last_hash = GENESIS_HASH
        for logged in self._disk.log:
            event = logged.event
            if not isinstance(event, TickAdvanced):
                last_hash = chain_hash(last_hash, logged.offset, encode_event(event))
                yield ChainedEvent(logged.offset, event_kind(event), event, last_hash)
