"""The system's clocks, the only place where they are read."""

import time

from sectorwars.domain.values import UnixMicros


class SystemClock:
    """Reads the machine's clocks."""

    def now(self) -> UnixMicros:
        """Return real UTC time."""
        return UnixMicros(time.time_ns() // 1_000)

    def monotonic(self) -> float:
        """Return seconds on a clock that never goes back."""
        return time.monotonic()
