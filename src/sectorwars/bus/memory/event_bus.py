"""Messages to all who listen, within one process."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from types import UnionType

from sectorwars.application.bus import BusMessage, BusUnavailableError, GatewayMessage
from sectorwars.bus.limits import BusLimits
from sectorwars.bus.memory.broker import MemoryBroker


class MemoryEventBus:
    """Hands every message to the broker's listeners."""

    def __init__(self, broker: MemoryBroker, limits: BusLimits) -> None:
        """Send over `broker`."""
        self._broker = broker
        self._limits = limits

    def publish(self, message: BusMessage) -> None:
        """Send a message without waiting; while the bus is away it is dropped."""
        if not self._broker.available:
            return
        for listener in self._broker.listeners:
            if listener.qsize() < self._limits.messages_max:
                listener.put_nowait(message)
            else:
                # As Redis cuts off a listener who does not read.
                listener.put_nowait(None)

    @contextlib.asynccontextmanager
    async def listen(
        self, *, to_gateways_only: bool = False
    ) -> AsyncIterator[AsyncIterator[BusMessage]]:
        """Listen from now on, to gateways and engine; the iterator ends with BusUnavailableError.

        Raises:
            BusUnavailableError: the bus cannot be reached.
        """
        if not self._broker.available:
            raise BusUnavailableError("the broker is away")
        waiting: asyncio.Queue[BusMessage | None] = asyncio.Queue()
        self._broker.listeners.append(waiting)
        try:
            yield _messages(waiting, GatewayMessage if to_gateways_only else BusMessage)
        finally:
            self._broker.listeners.remove(waiting)

    async def run(self) -> None:
        """Do nothing: messages arrive as they are published."""
        await asyncio.Event().wait()


async def _messages(
    waiting: asyncio.Queue[BusMessage | None], kinds: UnionType
) -> AsyncIterator[BusMessage]:
    while (message := await waiting.get()) is not None:
        if isinstance(message, kinds):
            yield message
    raise BusUnavailableError("the broker broke off")
