"""The beat of the economy."""

import asyncio

from tests.small_core import virtual

from sectorwars.application.writing.economy_clock import EconomyClock
from sectorwars.simulation.virtual_time import VirtualClock


@virtual
async def test_the_beat_is_steady(clock: VirtualClock) -> None:
    beats: list[float] = []
    beating = asyncio.create_task(
        EconomyClock(clock, 60, lambda: beats.append(clock.monotonic())).run()
    )
    await asyncio.sleep(4.5)
    beating.cancel()
    assert beats == [1.0, 2.0, 3.0, 4.0]


@virtual
async def test_the_time_scale_sets_the_beat(clock: VirtualClock) -> None:
    beats: list[float] = []
    beating = asyncio.create_task(
        EconomyClock(clock, 240, lambda: beats.append(clock.monotonic())).run()
    )
    await asyncio.sleep(1.1)
    beating.cancel()
    assert beats == [0.25, 0.5, 0.75, 1.0]


@virtual
async def test_the_next_tick_is_prepared_in_parts_between_two_beats(clock: VirtualClock) -> None:
    events: list[tuple[float, str]] = []
    beating = asyncio.create_task(
        EconomyClock(
            clock,
            240,
            lambda: events.append((round(clock.monotonic(), 2), "tick")),
            lambda part, parts: events.append((round(clock.monotonic(), 2), f"{part}/{parts}")),
        ).run()
    )
    await asyncio.sleep(0.52)
    beating.cancel()
    assert events == [
        *((0.05, "0/4"), (0.1, "1/4"), (0.15, "2/4"), (0.2, "3/4"), (0.25, "tick")),
        *((0.3, "0/4"), (0.35, "1/4"), (0.4, "2/4"), (0.45, "3/4"), (0.5, "tick")),
    ]


@virtual
async def test_a_beat_too_short_for_parts_is_not_prepared(clock: VirtualClock) -> None:
    beats: list[float] = []
    parts: list[int] = []
    beating = asyncio.create_task(
        EconomyClock(
            clock,
            3_600,
            lambda: beats.append(clock.monotonic()),
            lambda part, _: parts.append(part),
        ).run()
    )
    await asyncio.sleep(0.05)
    beating.cancel()
    assert (len(beats), parts) == (2, [])


class _HeldUpClock(VirtualClock):
    """A monotonic clock that leaps, as when the machine was suspended."""

    leap_seconds = 0.0

    def monotonic(self) -> float:
        return super().monotonic() + self.leap_seconds


@virtual
async def test_missed_beats_are_not_made_up_for(clock: VirtualClock) -> None:
    held_up = _HeldUpClock(asyncio.get_running_loop())
    beats: list[float] = []
    beating = asyncio.create_task(
        EconomyClock(held_up, 60, lambda: beats.append(held_up.monotonic())).run()
    )
    await asyncio.sleep(1.5)
    held_up.leap_seconds = 100.0
    await asyncio.sleep(2)
    beating.cancel()
    assert beats == [1.0, 102.0, 103.0]
