"""The core around the small galaxy, on virtual time, with a store whose faults a test decides."""

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.small_galaxy import NOW, PLAYER, envelope, small_universe

from sectorwars.application.galaxy.birth import UniversePlan, newborn, prehistory
from sectorwars.application.galaxy.running import Galaxy
from sectorwars.application.ports import (
    Clock,
    CommitFailedError,
    StoreUnavailableError,
)
from sectorwars.application.publishing.publications import Publisher
from sectorwars.application.reading.forecast_board import ForecastBoard
from sectorwars.application.reading.projection import Committed
from sectorwars.application.rows import (
    Batch,
    Lease,
    LoggedEvent,
    Receipt,
    ReceiptKey,
)
from sectorwars.application.writing.command_processor import (
    CommandProcessor,
    Fate,
    Outcome,
    ProcessorLimits,
    Recovered,
)
from sectorwars.application.writing.trade_limit import TradeLimit
from sectorwars.domain.command import Command, Origin, RegisterPlayer, Trade
from sectorwars.domain.event import GoodsTraded
from sectorwars.domain.ids import CommandId, PlayerId
from sectorwars.domain.market import Side
from sectorwars.persistence.memory.disk import MemoryDisk
from sectorwars.persistence.memory.event_store import MemoryEventStore
from sectorwars.persistence.memory.market_archive import MemoryMarketArchive
from sectorwars.protocol.signing import FrameSigner
from sectorwars.simulation.virtual_time import VirtualClock, run_virtually

QUOTE_SIGNER = FrameSigner(Ed25519PrivateKey.from_private_bytes(bytes(range(32))), "quotes")

BUY_10 = Trade(Side.BUY, "ore", 10)
SELL_10 = Trade(Side.SELL, "ore", 10)


class FaultyStore(MemoryEventStore):
    """A memory store; each append takes the next of `faults`, if any.

    `before` fails and writes nothing, `after` writes and then fails, `silence` writes and never
    answers. While `open` is cleared, appends wait in front of the disk.
    """

    def __init__(self, disk: MemoryDisk) -> None:
        super().__init__(disk)
        self.faults: deque[str | None] = deque()
        self.open = asyncio.Event()
        self.open.set()
        self.waiting = asyncio.Event()
        self.batches: list[Batch] = []
        self.unavailable = 0
        self.receipts_away = False

    async def acquire_lease(self, holder: str) -> Lease:
        if self.unavailable:
            self.unavailable -= 1
            raise StoreUnavailableError("away")
        return await super().acquire_lease(holder)

    async def find_receipts(self, keys: Any) -> dict[ReceiptKey, Receipt]:
        if self.receipts_away:
            self.receipts_away = False
            raise StoreUnavailableError("away")
        return await super().find_receipts(keys)

    async def append(self, lease: Lease, batch: Batch) -> None:
        self.waiting.set()
        await self.open.wait()
        fault = self.faults.popleft() if self.faults else None
        if fault != "before":
            await super().append(lease, batch)
            self.batches.append(batch)
        if fault == "silence":
            await asyncio.Event().wait()
        if fault is not None:
            self.die()
            raise CommitFailedError(fault)


class SmallCore:
    """A processor that runs, and what it has told its readers."""

    def __init__(self, clock: Clock, limits: ProcessorLimits, trades: int) -> None:
        self.clock = clock
        self.disk = MemoryDisk()
        self.store = FaultyStore(self.disk)
        self.galaxy = Galaxy(
            self.store,
            MemoryMarketArchive(self.disk),
            clock,
            UniversePlan(7),
            "test",
            ForecastBoard(),
            QUOTE_SIGNER,
        )
        self.committed: list[LoggedEvent] = []
        self.missed: list[LoggedEvent] = []
        self.recoveries = 0
        self.processor = CommandProcessor(
            self.store, clock, self.recover, self._on_committed, TradeLimit(trades), limits
        )
        self.publisher: Publisher | None = None
        self._serial = 0

    async def recover(self) -> Recovered:
        self.recoveries += 1
        return await self.galaxy.recover(self._on_missed, lambda done, ticks: None)

    def _on_committed(self, committed: Committed) -> None:
        assert committed.events == () or committed.events[-1].offset <= self.disk.last_offset
        if self.publisher is None:
            self.galaxy.projection.apply(committed)
        else:
            self.publisher.take_over(committed)
        self.committed.extend(committed.events)

    def _on_missed(self, committed: Committed) -> None:
        self.galaxy.projection.apply(committed)
        assert self.galaxy.projection.offset == committed.events[-1].offset
        self.missed.extend(committed.events)

    def send(
        self,
        command: Command,
        command_id: str | None = None,
        player_id: PlayerId = PLAYER,
        origin: Origin = Origin.REST,
    ) -> asyncio.Future[Outcome]:
        """Submit a command that was received just now, and come back at once."""
        self._serial += 1
        wrapped = envelope(command, player_id, command_id or f"auto-{self._serial}", origin)
        return self.processor.submit(wrapped, self.clock.monotonic())

    async def executed(
        self, command: Command, command_id: str | None = None, origin: Origin = Origin.REST
    ) -> dict[str, Any]:
        """Submit a command that must be executed; return its receipt's body."""
        outcome = await self.send(command, command_id, origin=origin)
        assert isinstance(outcome, Receipt), outcome
        assert outcome.status == "executed", outcome.body
        body: dict[str, Any] = json.loads(outcome.body)
        return body

    async def fate(self, command_id: str, player_id: PlayerId = PLAYER) -> Fate:
        return await self.processor.fate(ReceiptKey(player_id, CommandId(command_id)))

    async def tick(self, count: int) -> None:
        """Let the economy move by `count` ticks, one after the other, and make them durable."""
        for _ in range(count):
            self.processor.tick()
            await asyncio.sleep(0.001)

    def trades(self) -> list[GoodsTraded]:
        """Return the durable trades."""
        return [e.event for e in self.disk.log if isinstance(e.event, GoodsTraded)]


@asynccontextmanager
async def idle_core(
    clock: VirtualClock,
    limits: ProcessorLimits | None = None,
    trades: int = 1_000,
    prehistory_ticks: int = 1,
) -> AsyncIterator[tuple[SmallCore, asyncio.Task[None]]]:
    """Run a core without players; yield it and the task that a test is to end."""
    core = SmallCore(clock, limits or ProcessorLimits(), trades)
    lease = await core.store.acquire_lease("birth")
    async for batch in prehistory(newborn(small_universe(prehistory_ticks)), NOW):
        await core.store.append(lease, batch)
    yield core, asyncio.create_task(core.processor.run(await core.recover()))


@asynccontextmanager
async def running_core(
    clock: VirtualClock,
    limits: ProcessorLimits | None = None,
    trades: int = 1_000,
    prehistory_ticks: int = 1,
) -> AsyncIterator[SmallCore]:
    """Run a core with one player, docked at Haven; at the end, stop it and drain."""
    async with idle_core(clock, limits, trades, prehistory_ticks) as (core, writing):
        await core.executed(RegisterPlayer(), "register")
        core.committed.clear()
        core.store.batches.clear()
        core.store.waiting.clear()
        try:
            yield core
            assert not writing.done()
        finally:
            core.processor.stop()
            core.store.open.set()
            await writing


def virtual(test: Callable[[VirtualClock], Coroutine[Any, Any, None]]) -> Callable[[], None]:
    """Make a test of a coroutine function that is run on virtual time."""

    def run() -> None:
        run_virtually(test)

    run.__name__, run.__doc__ = test.__name__, test.__doc__
    return run
