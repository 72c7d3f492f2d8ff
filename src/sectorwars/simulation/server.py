"""The core as a process that is started, stopped and killed, behind a network that loses things."""

import asyncio
import contextlib
from collections.abc import Coroutine
from typing import Any, Final, TypeVar

from sectorwars.application.birth import UniversePlan
from sectorwars.application.command_processor import (
    CommandProcessor,
    Fate,
    Outcome,
    ProcessorLimits,
    Recovered,
)
from sectorwars.application.forecast_board import ForecastBoard
from sectorwars.application.galaxy import Galaxy
from sectorwars.application.ports import Receipt, ReceiptKey, StoreUnavailableError
from sectorwars.application.projection import Committed
from sectorwars.application.trade_limit import TradeLimit
from sectorwars.domain.command import CommandEnvelope
from sectorwars.domain.prng import Stream
from sectorwars.engine.world import World
from sectorwars.persistence.memory.disk import MemoryDisk
from sectorwars.persistence.memory.market_archive import MemoryMarketArchive
from sectorwars.simulation.faulty_store import FaultyEventStore
from sectorwars.simulation.referee import Findings, Referee
from sectorwars.simulation.virtual_time import VirtualClock

_T = TypeVar("_T")

_SECTORS: Final = 20
_PREHISTORY_TICKS: Final = 60
_TRADES_PER_MINUTE: Final = 60
_RESTART_SECONDS: Final = 0.5
# Small, so that every bound is met now and then.
_LIMITS: Final = ProcessorLimits(
    inbox_max=8, batch_max=4, undurable_max=8, receipts_cached_max=16, commit_timeout_ms=2_000
)


class LostError(Exception):
    """No answer came: the request was lost, or the answer, or the server."""


class SimulatedServer:
    """One life after the other of the real command processor, on one disk."""

    def __init__(
        self, clock: VirtualClock, seed: int, referee: Referee, findings: Findings
    ) -> None:
        """Serve the universe of `seed`, which is born at the first start."""
        self._clock = clock
        self._seed = seed
        self._referee = referee
        self._findings = findings
        self._disk = MemoryDisk()
        self._draws = Stream(seed, "store")
        self._lives = 0
        self._calls: dict[asyncio.Task[Any], None] = {}
        self._galaxy: Galaxy | None = None
        self._processor: CommandProcessor | None = None
        self._writing: asyncio.Task[None] | None = None
        self._recovered: Recovered | None = None

    @property
    def world(self) -> World | None:
        """Return the committed world that players see, or None while the server is down."""
        return self._galaxy.projection.world if self._galaxy and self._processor else None

    async def start(self) -> None:
        """Recover from the disk and begin to serve."""
        self._lives += 1
        store = FaultyEventStore(self._disk, self._draws, self._referee)
        store.faulty = self._lives > 1
        galaxy = Galaxy(
            store,
            MemoryMarketArchive(self._disk),
            self._clock,
            UniversePlan(self._seed, _SECTORS, _PREHISTORY_TICKS),
            f"life-{self._lives}",
            ForecastBoard(),
        )

        async def recover() -> Recovered:
            recovered = await galaxy.recover(take_over, lambda _done, _ticks: None)
            self._referee.see_world("the restored world", recovered.writer.world)
            self._referee.see_world("the projection", galaxy.projection.world)
            self._recovered = recovered
            return recovered

        def take_over(committed: Committed) -> None:
            galaxy.projection.apply(committed)
            if committed.events and committed.events[-1].offset > self._disk.last_offset:
                self._findings.add("events were shown before they were durable")

        while True:
            with contextlib.suppress(StoreUnavailableError):
                recovered = await recover()
                break
            await asyncio.sleep(_RESTART_SECONDS)
        store.faulty = True
        self._galaxy = galaxy
        self._processor = CommandProcessor(
            store, self._clock, recover, take_over, TradeLimit(_TRADES_PER_MINUTE), _LIMITS
        )
        self._writing = asyncio.create_task(self._processor.run(recovered))

    async def stop(self) -> None:
        """Stop as on SIGTERM: all that was accepted is decided and made durable."""
        if self._processor is None or self._writing is None or self._galaxy is None:
            return
        self._processor.stop()
        await self._end_of_writing(self._writing)
        if self._recovered is not None:
            self._referee.see_world("the writer's world", self._recovered.writer.world)
        self._referee.see_world("the projection", self._galaxy.projection.world)
        await self._galaxy.store.release_lease(self._galaxy.lease)
        self._processor = None

    async def crash(self) -> None:
        """Die as by SIGKILL: callers hear nothing, memory is gone, the disk stays."""
        if self._writing is None or self._galaxy is None:
            return
        self._processor = None
        for call in list(self._calls):
            call.cancel()
        self._writing.cancel()
        await self._end_of_writing(self._writing)
        await self._galaxy.store.release_lease(self._galaxy.lease)

    async def _end_of_writing(self, writing: asyncio.Task[None]) -> None:
        await asyncio.wait({writing})
        self.check_alive()

    def check_alive(self) -> None:
        """Note it as a finding if the writer has ended by itself."""
        writing = self._writing
        if writing is not None and writing.done() and not writing.cancelled():
            failure = writing.exception()
            if failure is not None:
                self._findings.add(f"the writer died of {type(failure).__name__}: {failure}")

    def tick(self) -> None:
        """Beat the economy's clock, if somebody is there to hear it."""
        if self._processor is not None:
            self._processor.tick()

    async def submit(self, envelope: CommandEnvelope) -> Outcome:
        """Hand a command in.

        Raises:
            LostError: the server died meanwhile, or is down.
        """
        if self._processor is None:
            raise LostError
        outcome = await self._call(self._processor.submit(envelope, self._clock.monotonic()))
        if isinstance(outcome, Receipt):
            self._referee.see_answer(outcome)
        return outcome

    async def fate(self, key: ReceiptKey) -> Fate:
        """Ask what became of a command.

        Raises:
            LostError: the server died meanwhile, or is down.
        """
        if self._processor is None:
            raise LostError
        fate = await self._call(self._processor.fate(key))
        if isinstance(fate, Receipt):
            self._referee.see_answer(fate)
        return fate

    async def _call(self, call: Coroutine[Any, Any, _T]) -> _T:
        task = asyncio.ensure_future(call)
        self._calls[task] = None
        await asyncio.wait({task})
        del self._calls[task]
        if task.cancelled():
            raise LostError
        return task.result()
