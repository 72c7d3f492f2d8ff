"""The beat of the economy: one tick of 60 game seconds each 60 / time_scale real seconds."""

import asyncio
from collections.abc import Callable

from sectorwars.application.ports import Clock
from sectorwars.domain.values import TICK_GAME_SECONDS


class EconomyClock:
    """Calls `tick` at a steady beat; a beat that was missed is not made up for."""

    def __init__(self, clock: Clock, time_scale: int, tick: Callable[[], None]) -> None:
        """Beat `time_scale` times as fast as real time."""
        self._clock = clock
        self._period_seconds = TICK_GAME_SECONDS / time_scale
        self._tick = tick

    async def run(self) -> None:
        """Beat until cancelled."""
        due = self._clock.monotonic() + self._period_seconds
        while True:
            await asyncio.sleep(max(0.0, due - self._clock.monotonic()))
            self._tick()
            due += self._period_seconds
            now = self._clock.monotonic()
            if due <= now:
                due = now + self._period_seconds
