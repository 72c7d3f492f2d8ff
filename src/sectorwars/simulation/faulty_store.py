"""A memory store on a bad day: slow, sometimes away, and dying around its commits."""

import asyncio
from collections.abc import Sequence

from sectorwars.application.ports import (
    CommitFailedError,
    StoreUnavailableError,
)
from sectorwars.application.rows import (
    Batch,
    Lease,
    Receipt,
    ReceiptKey,
)
from sectorwars.persistence.memory.disk import MemoryDisk
from sectorwars.persistence.memory.event_store import MemoryEventStore
from sectorwars.simulation.plan import StoreTrouble
from sectorwars.simulation.referee import Referee
from sectorwars.simulation.weather import StoreWeather


class FaultyEventStore(MemoryEventStore):
    """Fails as the weather is; whatever becomes durable is shown to the referee."""

    def __init__(self, disk: MemoryDisk, weather: StoreWeather, referee: Referee) -> None:
        """Work on `disk`."""
        super().__init__(disk)
        self._weather = weather
        self._referee = referee

    async def acquire_lease(self, holder: str) -> Lease:
        """Take the lease, if the store is not away.

        Raises:
            LeaseLostError: another live writer holds it.
            StoreUnavailableError: the store is away.
        """
        self._be_away()
        return await super().acquire_lease(holder)

    async def find_receipts(self, keys: Sequence[ReceiptKey]) -> dict[ReceiptKey, Receipt]:
        """Return the stored receipts among `keys`, after a while.

        Raises:
            StoreUnavailableError: the store is away.
        """
        self._be_away()
        await self._take_time()
        return await super().find_receipts(keys)

    async def append(self, lease: Lease, batch: Batch) -> None:
        """Make a batch durable, or fail before, or fail after, or never answer.

        Raises:
            LeaseLostError: the lease was taken over; nothing was written.
            CommitFailedError: the commit failed, or happened and nobody knows.
        """
        trouble = self._weather.next_commit()
        await self._take_time()
        if trouble is StoreTrouble.FAILS_BEFORE or self._weather.is_away:
            self.die()
            raise CommitFailedError("the connection broke before the commit")
        await super().append(lease, batch)
        self._referee.see_durable(batch)
        await self._take_time()
        if trouble is StoreTrouble.FAILS_AFTER:
            self.die()
            raise CommitFailedError("the connection broke after the commit")
        if trouble is StoreTrouble.SILENT:
            await asyncio.Event().wait()

    def _be_away(self) -> None:
        if self._weather.is_away:
            raise StoreUnavailableError("the store is away")

    async def _take_time(self) -> None:
        seconds = self._weather.answer_seconds()
        if seconds:
            await asyncio.sleep(seconds)
