"""The beat of the economy: one tick of 60 game seconds each 60 / time_scale real seconds."""

import asyncio
from collections.abc import Callable
from typing import Final

from sectorwars.application.ports import Clock
from sectorwars.domain.values import TICK_GAME_SECONDS

_PART_SECONDS: Final = 0.05
"""How long after each other the parts of a tick are prepared."""


class EconomyClock:
    """Calls `tick` at a steady beat; a beat that was missed is not made up for."""

    def __init__(
        self,
        clock: Clock,
        time_scale: int,
        tick: Callable[[], None],
        prepare: Callable[[int, int], None] | None = None,
    ) -> None:
        """Beat `time_scale` times as fast as real time.

        Between two beats, `prepare(part, parts)` is called for each part of the next tick's work,
        spread over the time; where a beat is too short for parts, for none.
        """
        self._clock = clock
        self._period_seconds = TICK_GAME_SECONDS / time_scale
        self._tick = tick
        self._prepare = prepare
        self._parts = 0 if prepare is None else int(self._period_seconds / _PART_SECONDS) - 1

    async def run(self) -> None:
        """Beat until cancelled."""
        due = self._clock.monotonic() + self._period_seconds
        while True:
            await self._prepare_until(due)
            await self._sleep_until(due)
            self._tick()
            due += self._period_seconds
            now = self._clock.monotonic()
            if due <= now:
                due = now + self._period_seconds

    async def _prepare_until(self, due: float) -> None:
        if self._prepare is None:
            return
        for part in range(self._parts):
            await self._sleep_until(due - (self._parts - part) * _PART_SECONDS)
            self._prepare(part, self._parts)

    async def _sleep_until(self, at: float) -> None:
        await asyncio.sleep(max(0.0, at - self._clock.monotonic()))
