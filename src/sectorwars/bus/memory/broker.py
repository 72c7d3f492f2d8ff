"""What Redis is to processes, for the parts of one process that stand for several."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from sectorwars.application.bus import Answer, BusMessage
from sectorwars.application.rows import ReceiptKey
from sectorwars.application.sliding_window import SlidingWindow
from sectorwars.domain.command import CommandEnvelope


@dataclass(frozen=True, slots=True)
class Entry:
    """A command or a question in the queue, and how to answer it."""

    body: CommandEnvelope | ReceiptKey
    received_monotonic: float
    answer: Callable[[Answer], None]


class MemoryBroker:
    """The queue of commands, the listeners to messages, and shared limits; it can go away."""

    def __init__(self) -> None:
        """Start empty and reachable."""
        self.available = True
        self.entries: OrderedDict[int, Entry] = OrderedDict()
        self.added = asyncio.Event()
        self.listeners: list[asyncio.Queue[BusMessage | None]] = []
        self.windows: dict[str, SlidingWindow] = {}
        self.on_outage: list[Callable[[], None]] = []
        self._last_id = 0

    def add(self, entry: Entry) -> None:
        """Put an entry at the end of the queue."""
        self._last_id += 1
        self.entries[self._last_id] = entry
        self.added.set()

    def go_away(self) -> None:
        """Break off with everybody and forget what was waiting, as a Redis does that restarts."""
        self.available = False
        self.entries.clear()
        for listener in self.listeners:
            listener.put_nowait(None)
        for tell in self.on_outage:
            tell()

    def come_back(self) -> None:
        """Be reachable again."""
        self.available = True
