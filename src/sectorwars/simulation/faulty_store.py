"""A memory store on a bad day: slow, sometimes away, and dying around its commits."""

import asyncio
from collections.abc import Sequence
from typing import Final

from sectorwars.application.ports import (
    Batch,
    CommitFailedError,
    Lease,
    Receipt,
    ReceiptKey,
    StoreUnavailableError,
)
from sectorwars.domain.prng import Stream
from sectorwars.persistence.memory.disk import MemoryDisk
from sectorwars.persistence.memory.event_store import MemoryEventStore
from sectorwars.simulation.referee import Referee

_PERMILLE: Final = 1_000
_COMMIT_MS_MAX: Final = 40
_FAILED_BEFORE_PERMILLE: Final = 15
_FAILED_AFTER_PERMILLE: Final = 15
_SILENT_PERMILLE: Final = 5
_AWAY_PERMILLE: Final = 10


class FaultyEventStore(MemoryEventStore):
    """Fails by draws from a stream; whatever becomes durable is shown to the referee."""

    def __init__(self, disk: MemoryDisk, draws: Stream, referee: Referee) -> None:
        """Work on `disk`; faults begin when `faulty` is set."""
        super().__init__(disk)
        self._draws = draws
        self._referee = referee
        self.faulty = False

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
        fate = self._draws.below(_PERMILLE) if self.faulty else _PERMILLE
        await self._take_time()
        if fate < _FAILED_BEFORE_PERMILLE:
            self.die()
            raise CommitFailedError("the connection broke before the commit")
        await super().append(lease, batch)
        self._referee.see_durable(batch)
        await self._take_time()
        fate -= _FAILED_BEFORE_PERMILLE
        if fate < _FAILED_AFTER_PERMILLE:
            self.die()
            raise CommitFailedError("the connection broke after the commit")
        if fate < _FAILED_AFTER_PERMILLE + _SILENT_PERMILLE:
            await asyncio.Event().wait()

    def _be_away(self) -> None:
        if self.faulty and self._draws.below(_PERMILLE) < _AWAY_PERMILLE:
            raise StoreUnavailableError("the store is away")

    async def _take_time(self) -> None:
        if self.faulty:
            await asyncio.sleep(self._draws.below(_COMMIT_MS_MAX) / 1_000)
