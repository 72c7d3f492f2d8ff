"""The server as its players meet it: one process after the other, now and then two at once."""

import asyncio
from typing import assert_never

from sectorwars.application.ports import LeaseLostError
from sectorwars.application.rows import (
    Receipt,
    ReceiptKey,
)
from sectorwars.application.writing.command_processor import Fate, Outcome
from sectorwars.domain.command import CommandEnvelope
from sectorwars.domain.prng import Stream
from sectorwars.engine.world import World
from sectorwars.persistence.memory.disk import MemoryDisk
from sectorwars.persistence.memory.event_store import MemoryEventStore
from sectorwars.simulation.findings import Findings
from sectorwars.simulation.plan import ServerFault, ServerTrouble
from sectorwars.simulation.process import LostError, SimulatedProcess
from sectorwars.simulation.referee import Referee, command_name
from sectorwars.simulation.virtual_time import VirtualClock
from sectorwars.simulation.weather import StoreWeather


class SimulatedServer:
    """Keeps a process alive over one disk and passes players' messages to it."""

    def __init__(
        self,
        clock: VirtualClock,
        seed: int,
        weather: StoreWeather,
        referee: Referee,
        findings: Findings,
    ) -> None:
        """Serve the universe of `seed`, which is born at the first start."""
        self.lives = 0
        self.disk = MemoryDisk()
        self._clock = clock
        self._seed = seed
        self._weather = weather
        self._referee = referee
        self._findings = findings
        self._processes: list[SimulatedProcess] = []
        self._changing = asyncio.Lock()

    @property
    def world(self) -> World | None:
        """Return the committed world that players see, or None while the server is down."""
        return self._processes[-1].world if self._processes else None

    async def start(self) -> None:
        """Start a process; where another took the lease first, that one goes on serving.

        Raises:
            LeaseLostError: the lease is held though no process of this server lives.
        """
        self.lives += 1
        process = SimulatedProcess(
            f"life-{self.lives}",
            self.disk,
            self._seed,
            self._clock,
            self._weather,
            self._referee,
            self._findings,
        )
        process.is_contested = bool(self._processes)
        try:
            await process.start()
        except LeaseLostError:
            if not any(rival.is_alive for rival in self._processes):
                raise
            return
        self._processes.append(process)

    async def stop(self) -> None:
        """Stop whatever serves, as on SIGTERM."""
        async with self._changing:
            await self._stop_all()

    async def befall(self, fault: ServerFault) -> None:
        """Let a fault be; afterwards the server serves again."""
        async with self._changing:
            match fault.trouble:
                case ServerTrouble.CRASH:
                    while self._processes:
                        await self._processes.pop().crash()
                    await asyncio.sleep(fault.down_ms / 1_000)
                case ServerTrouble.STOP:
                    await self._stop_all()
                    await asyncio.sleep(fault.down_ms / 1_000)
                case ServerTrouble.LEASE_STOLEN:
                    for process in self._processes:
                        process.is_contested = True
                    self.disk.lease_is_live = False
                case ServerTrouble.INTRUDER:
                    await self._intrude()
                    return
                case _:
                    assert_never(fault.trouble)
            await self.start()

    async def beat(self) -> None:
        """Look at each process, beat its economy's clock, bury the dead, and keep one alive."""
        for process in self._processes:
            process.see_projection()
            process.tick()
        if self._changing.locked():
            return
        async with self._changing:
            for process in list(self._processes):
                if not process.is_alive:
                    process.check_end()
                    self._processes.remove(process)
            if not self._processes and not self._findings.full:
                await self.start()

    async def submit(self, envelope: CommandEnvelope, draws: Stream) -> Outcome:
        """Hand a command in to a process that serves.

        Raises:
            LostError: the server died meanwhile, or is down.
        """
        outcome = await self._choose(draws).submit(envelope)
        if isinstance(outcome, Receipt):
            self._see_answer(outcome)
        return outcome

    async def fate(self, key: ReceiptKey, draws: Stream) -> Fate:
        """Ask a process that serves what became of a command.

        Raises:
            LostError: the server died meanwhile, or is down.
        """
        fate = await self._choose(draws).fate(key)
        if isinstance(fate, Receipt):
            self._see_answer(fate)
        return fate

    def _choose(self, draws: Stream) -> SimulatedProcess:
        if not self._processes:
            raise LostError
        return draws.choice(self._processes)

    def _see_answer(self, receipt: Receipt) -> None:
        self._referee.see_answer(receipt)
        # A process that was fenced off and does not know it yet shows an old world; it answers
        # nothing new any more.
        if len(self._processes) == 1:
            self._findings.check(
                self._processes[0].shown_offset >= self._referee.offset_of(receipt.key),
                f"the outcome of {command_name(receipt.key)} was told before it was shown",
            )

    async def _stop_all(self) -> None:
        while self._processes:
            await self._processes[-1].stop()
            self._processes.pop()

    async def _intrude(self) -> None:
        intruder = MemoryEventStore(self.disk)
        held = self.disk.lease_is_live
        try:
            await intruder.acquire_lease("intruder")
        except LeaseLostError:
            return
        self._findings.check(not held, "a second writer was let in beside a live one")
        intruder.die()
