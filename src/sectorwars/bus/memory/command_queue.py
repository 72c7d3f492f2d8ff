"""The engine's side of the command bus, within one process."""

import asyncio
from collections.abc import Callable

from sectorwars.application.bus import Answer
from sectorwars.application.writing.command_writer import CommandWriter
from sectorwars.bus.limits import FINISH_SECONDS_MAX
from sectorwars.bus.memory.broker import Entry, MemoryBroker
from sectorwars.domain.command import CommandEnvelope


class MemoryCommandQueue:
    """Takes commands from the broker's queue."""

    def __init__(self, broker: MemoryBroker) -> None:
        """Take from `broker`."""
        self._broker = broker
        self._finishing = False
        self._answering: set[asyncio.Task[None]] = set()

    async def serve(self, writer: CommandWriter, offset: Callable[[], int]) -> None:
        """Hand commands to `writer` in their order and its answers back, until cancelled."""
        taken = 0
        async with asyncio.TaskGroup() as tasks:
            while not self._finishing:
                self._broker.added.clear()
                for entry_id, entry in list(self._broker.entries.items()):
                    if entry_id > taken:
                        taken = entry_id
                        task = tasks.create_task(self._answer(writer, offset, entry_id, entry))
                        self._answering.add(task)
                        task.add_done_callback(self._answering.discard)
                await self._broker.added.wait()
            await asyncio.Event().wait()

    async def finish(self) -> None:
        """Take no more commands, and wait, a bounded time, until those taken have been answered.

        What is left in the queue is the next engine's.
        """
        self._finishing = True
        if self._answering:
            await asyncio.wait(self._answering, timeout=FINISH_SECONDS_MAX)

    async def _answer(
        self, writer: CommandWriter, offset: Callable[[], int], entry_id: int, entry: Entry
    ) -> None:
        if isinstance(entry.body, CommandEnvelope):
            answer = Answer(await writer.submit(entry.body, entry.received_monotonic), offset())
        else:
            answer = Answer(await writer.fate(entry.body), offset())
        if self._broker.entries.pop(entry_id, None) is not None:
            entry.answer(answer)
