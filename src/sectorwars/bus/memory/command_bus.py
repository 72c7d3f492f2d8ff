"""A gateway's way to the writer, within one process."""

import asyncio

from sectorwars.application.bus import Answer, BusUnavailableError
from sectorwars.application.ports import Clock
from sectorwars.application.rows import ReceiptKey
from sectorwars.application.writing import refusals
from sectorwars.bus.limits import BusLimits
from sectorwars.bus.memory.broker import Entry, MemoryBroker
from sectorwars.domain.command import CommandEnvelope


class MemoryCommandBus:
    """Puts commands into the broker's queue and waits for their answers."""

    def __init__(self, broker: MemoryBroker, clock: Clock, limits: BusLimits) -> None:
        """Send over `broker`."""
        self._broker = broker
        self._clock = clock
        self._limits = limits
        self._pending: set[asyncio.Future[Answer]] = set()
        broker.on_outage.append(self._doubt_pending)

    async def submit(self, envelope: CommandEnvelope, received_monotonic: float) -> Answer:
        """Have a command decided; it was received at `received_monotonic` seconds.

        Raises:
            BusUnavailableError: the command was not sent.
        """
        return await self._ask(envelope, received_monotonic)

    async def fate(self, key: ReceiptKey) -> Answer:
        """Ask what became of a command, at its place in the order.

        Raises:
            BusUnavailableError: the question was not sent.
        """
        return await self._ask(key, self._clock.monotonic())

    async def run(self) -> None:
        """Do nothing: answers come by themselves."""
        await asyncio.Event().wait()

    async def _ask(self, body: CommandEnvelope | ReceiptKey, received_monotonic: float) -> Answer:
        if not self._broker.available:
            raise BusUnavailableError("the broker is away")
        if len(self._broker.entries) >= self._limits.commands_max:
            return Answer(refusals.busy(self._limits.commands_max), 0)
        waiting: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._pending.add(waiting)
        waiting.add_done_callback(self._pending.discard)
        self._broker.add(Entry(body, received_monotonic, lambda answer: _settle(waiting, answer)))
        try:
            async with asyncio.timeout(self._limits.answer_ms_max / 1_000):
                return await waiting
        except TimeoutError:
            return Answer(refusals.OUTCOME_UNKNOWN, 0)

    def _doubt_pending(self) -> None:
        for waiting in tuple(self._pending):
            _settle(waiting, Answer(refusals.OUTCOME_UNKNOWN, 0))


def _settle(waiting: asyncio.Future[Answer], answer: Answer) -> None:
    if not waiting.done():
        waiting.set_result(answer)
