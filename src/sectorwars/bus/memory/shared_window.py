"""A limit that the parts of one process count together, as several processes do in Redis."""

from typing import Final

from sectorwars.application.bus import BusUnavailableError
from sectorwars.application.ports import Clock
from sectorwars.application.sliding_window import SlidingWindow
from sectorwars.bus.memory.broker import MemoryBroker
from sectorwars.domain.values import MICROS_PER_SECOND

_KEYS_MAX: Final = 100_000


class MemorySharedWindow:
    """Counts at a broker."""

    def __init__(
        self, broker: MemoryBroker, clock: Clock, what: str, limit: int, seconds: int
    ) -> None:
        """Allow `limit` per key in any `seconds`; `what` is the same in all parts."""
        self._broker = broker
        self._clock = clock
        self._window = broker.windows.setdefault(
            what, SlidingWindow(limit, seconds * MICROS_PER_SECOND, _KEYS_MAX)
        )

    async def admit(self, key: str) -> int:
        """Count one and return 0; where it is one too many, return the microseconds to wait.

        Raises:
            BusUnavailableError: the broker is away.
        """
        if not self._broker.available:
            raise BusUnavailableError("The broker is away.")
        now = self._clock.now()
        wait_micros = self._window.wait_micros(key, now)
        if wait_micros == 0:
            self._window.record(key, now)
        return wait_micros
