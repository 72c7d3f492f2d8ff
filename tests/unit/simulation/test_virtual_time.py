"""Time that passes only when nobody has anything left to do."""

import asyncio
import time

import pytest

from sectorwars.simulation.virtual_time import StalledError, VirtualClock, run_virtually


def test_a_day_passes_in_no_time_and_in_order() -> None:
    seen: list[tuple[str, float, int]] = []

    async def main(clock: VirtualClock) -> int:
        started = clock.now()

        async def sleep(name: str, seconds: float) -> None:
            await asyncio.sleep(seconds)
            seen.append((name, clock.monotonic(), clock.now() - started))

        await asyncio.gather(sleep("day", 86_400), sleep("b", 1.5), sleep("a", 0.25))
        return len(seen)

    before = time.monotonic()
    assert run_virtually(main) == 3
    assert time.monotonic() - before < 30
    assert seen == [("a", 0.25, 250_000), ("b", 1.5, 1_500_000), ("day", 86_400, 86_400_000_000)]


def test_real_time_can_be_set_off_but_not_the_monotonic_clock() -> None:
    async def main(clock: VirtualClock) -> tuple[int, float]:
        before = clock.now()
        clock.jump_micros = -5
        return clock.now() - before, clock.monotonic()

    assert run_virtually(main) == (-5, 0.0)


def test_waiting_for_what_cannot_happen_is_noticed() -> None:
    async def main(clock: VirtualClock) -> None:
        await asyncio.Event().wait()

    with pytest.raises(StalledError):
        run_virtually(main)
