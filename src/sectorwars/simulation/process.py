"""One process of the server: the real command processor over a faulty store, until it dies."""

import asyncio
import contextlib
from collections.abc import Awaitable
from typing import Any, Final, TypeVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sectorwars.application.galaxy.birth import UniversePlan
from sectorwars.application.galaxy.running import Galaxy
from sectorwars.application.ports import (
    LeaseLostError,
    StoreUnavailableError,
)
from sectorwars.application.reading.forecast_board import ForecastBoard
from sectorwars.application.reading.projection import Committed
from sectorwars.application.rows import ReceiptKey
from sectorwars.application.writing.command_processor import (
    CommandProcessor,
    Fate,
    Outcome,
    ProcessorLimits,
    Recovered,
)
from sectorwars.application.writing.trade_limit import TradeLimit
from sectorwars.domain.command import CommandEnvelope
from sectorwars.engine.world import World
from sectorwars.persistence.memory.disk import MemoryDisk
from sectorwars.persistence.memory.market_archive import MemoryMarketArchive
from sectorwars.protocol.signing import FrameSigner
from sectorwars.simulation.faulty_store import FaultyEventStore
from sectorwars.simulation.findings import Findings
from sectorwars.simulation.referee import Referee
from sectorwars.simulation.virtual_time import VirtualClock
from sectorwars.simulation.weather import StoreWeather

_T = TypeVar("_T")

_SIGNER: Final = FrameSigner(Ed25519PrivateKey.from_private_bytes(bytes(32)), "simulation")
"""Always the same, so that a seed gives the same receipts."""
_SECTORS: Final = 20
_PREHISTORY_TICKS: Final = 60
_TRADES_PER_MINUTE: Final = 15
_RESTART_SECONDS: Final = 0.5
_RECOVERIES_MAX: Final = 20
"""The most recoveries in a row after which nothing becomes durable: a few failing commits."""
# Small, so that every bound is met now and then.
_LIMITS: Final = ProcessorLimits(
    inbox_max=8, batch_max=4, undurable_max=8, receipts_cached_max=16, commit_timeout_ms=2_000
)


class LostError(Exception):
    """No answer came: the request was lost, or the answer, or the server."""


class SimulatedProcess:
    """Starts from the disk, serves, and is stopped, killed or fenced off by a later one.

    A contested process has a rival over the same disk, to whom it may lose the lease.
    """

    def __init__(
        self,
        name: str,
        disk: MemoryDisk,
        seed: int,
        clock: VirtualClock,
        weather: StoreWeather,
        referee: Referee,
        findings: Findings,
    ) -> None:
        """Serve the universe of `seed`, which is born where the disk is empty."""
        self.is_contested = False
        self._is_stopping = False
        self._disk = disk
        self._clock = clock
        self._referee = referee
        self._findings = findings
        self._calls: dict[asyncio.Future[Any], None] = {}
        self._recovered: Recovered | None = None
        self._recovered_at = self._recoveries = 0
        self._writing: asyncio.Task[None] | None = None
        self._galaxy = Galaxy(
            FaultyEventStore(disk, weather, referee),
            MemoryMarketArchive(disk),
            clock,
            UniversePlan(seed, _SECTORS, _PREHISTORY_TICKS),
            name,
            ForecastBoard(),
            _SIGNER,
        )
        self._processor = CommandProcessor(
            self._galaxy.store,
            clock,
            self._recover,
            self._take_over,
            TradeLimit(_TRADES_PER_MINUTE),
            _LIMITS,
        )

    @property
    def is_alive(self) -> bool:
        """Return whether it serves."""
        return self._writing is not None and not self._writing.done()

    @property
    def world(self) -> World:
        """Return the committed world that this process shows."""
        return self._galaxy.projection.world

    @property
    def shown_offset(self) -> int:
        """Return the offset up to which this process shows the log."""
        return self._galaxy.projection.offset

    async def start(self) -> None:
        """Recover from the disk and begin to serve.

        Raises:
            LeaseLostError: another process serves.
        """
        while True:
            with contextlib.suppress(StoreUnavailableError):
                recovered = await self._recover()
                break
            await asyncio.sleep(_RESTART_SECONDS)
        self._referee.begin_life()
        self._writing = asyncio.create_task(self._processor.run(recovered))

    async def stop(self) -> None:
        """Stop as on SIGTERM: all that was accepted is decided and made durable."""
        self._is_stopping = True
        self._processor.stop()
        await self._end()
        holds_lease = self._disk.lease_is_live and self._disk.lease == self._galaxy.lease
        if holds_lease and self._failure() is None and self._recovered is not None:
            self._referee.see_world("the writer's world", self._recovered.writer.world)
            self._referee.see_world("the projection", self.world)
        await self._galaxy.store.release_lease(self._galaxy.lease)

    async def crash(self) -> None:
        """Die as by SIGKILL: callers hear nothing, memory is gone, the disk stays."""
        for call in list(self._calls):
            call.cancel()
        if self._writing is not None:
            self._writing.cancel()
        await self._end()
        await self._galaxy.store.release_lease(self._galaxy.lease)

    def see_projection(self) -> None:
        """Have the referee look at what is shown, if that is all that is durable."""
        if self.shown_offset == self._disk.last_offset:
            self._referee.see_world("the projection", self.world)

    def tick(self) -> None:
        """Beat the economy's clock."""
        self._processor.tick()

    async def submit(self, envelope: CommandEnvelope) -> Outcome:
        """Hand a command in.

        Raises:
            LostError: the process died meanwhile.
        """
        return await self._call(self._processor.submit(envelope, self._clock.monotonic()))

    async def fate(self, key: ReceiptKey) -> Fate:
        """Ask what became of a command.

        Raises:
            LostError: the process died meanwhile.
        """
        return await self._call(self._processor.fate(key))

    def check_end(self) -> None:
        """Note it as a finding if the writer has ended by itself.

        It may where a rival has fenced it off, and where the store was away as it stopped.
        """
        failure = self._failure()
        fenced_off = self.is_contested and isinstance(failure, LeaseLostError)
        gave_up = self._is_stopping and isinstance(failure, StoreUnavailableError)
        if failure is None or fenced_off or gave_up:
            return
        self._findings.add(f"the writer died of {type(failure).__name__}: {failure}")

    def _failure(self) -> BaseException | None:
        writing = self._writing
        if writing is None or not writing.done() or writing.cancelled():
            return None
        return writing.exception()

    async def _end(self) -> None:
        if self._writing is not None:
            await asyncio.wait({self._writing})
        self.check_end()

    async def _recover(self) -> Recovered:
        recovered = await self._galaxy.recover(self._take_over, lambda _done, _ticks: None)
        self._referee.see_world("the restored world", recovered.writer.world)
        self._referee.see_world("the projection", self.world)
        if self._disk.last_offset != self._recovered_at:
            self._recovered_at, self._recoveries = self._disk.last_offset, 0
        self._recoveries += 1
        if self._recoveries > _RECOVERIES_MAX:
            reason = "the writer recovers and recovers, and nothing becomes durable"
            self._findings.end(reason)
            raise RuntimeError(reason)
        self._recovered = recovered
        return recovered

    def _take_over(self, committed: Committed) -> None:
        self._galaxy.projection.apply(committed)
        if committed.events and committed.events[-1].offset > self._disk.last_offset:
            self._findings.add("events were shown before they were durable")

    async def _call(self, call: Awaitable[_T]) -> _T:
        task: asyncio.Future[_T] = asyncio.ensure_future(call)
        self._calls[task] = None
        await asyncio.wait({task})
        del self._calls[task]
        if task.cancelled():
            raise LostError
        return task.result()
