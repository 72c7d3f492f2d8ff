"""What moved the market, from a memory store's log."""

from collections.abc import AsyncIterator

from sectorwars.application.rows import LoggedEvent, StockCheckpoint
from sectorwars.domain.event import StockCheckpointed, TickAdvanced
from sectorwars.domain.ids import PortId
from sectorwars.domain.values import Tick
from sectorwars.persistence.memory.disk import MemoryDisk


class MemoryMarketRecord:
    """Reads a memory store's disk."""

    def __init__(self, disk: MemoryDisk) -> None:
        """Read `disk`."""
        self._disk = disk

    async def checkpoint(self, until: Tick | None) -> StockCheckpoint | None:
        """Return the latest checkpoint up to the tick `until` that all kept ticks follow.

        Where there is none so early, and with None, it is the earliest; none is of the
        prehistory. None is returned where nothing is recorded yet.
        """
        kept = min(
            (logged.offset for logged in self._disk.log if isinstance(logged.event, TickAdvanced)),
            default=None,
        )
        if kept is None:
            return None
        found: StockCheckpoint | None = None
        for logged in self._disk.after(kept):
            event = logged.event
            if not isinstance(event, StockCheckpointed) or event.tick < 0:
                continue
            if found is not None and (until is None or event.tick > until):
                break
            found = StockCheckpoint(logged.offset, event.tick, event.stocks, event.versions)
        return found

    async def events(self, after: int, through: int, port_id: PortId) -> AsyncIterator[LoggedEvent]:
        """Yield the log's events of the offsets `after` + 1 to `through`; they are all ports'."""
        for logged in self._disk.after(after):
            if logged.offset <= through:
                yield logged
