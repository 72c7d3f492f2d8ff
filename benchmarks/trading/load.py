"""A load of traders, as fast as they are answered or at a steady rate, and its figures."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

Trade = Callable[[], Awaitable[None]]
"""Makes one trade durable; raises when it was not executed."""


@dataclass(frozen=True, slots=True)
class Run:
    """Trades a second over a run, and the milliseconds that single trades took."""

    per_second: float
    p50_ms: float
    p99_ms: float


async def run_load(traders: Sequence[Trade], seconds: float) -> Run:
    """Let all traders trade side by side for a while, each as soon as he was answered."""
    took: list[float] = []
    begun = time.perf_counter()
    end = begun + seconds

    async def trade_until_the_end(trade: Trade) -> None:
        while (started := time.perf_counter()) < end:
            await trade()
            took.append(time.perf_counter() - started)

    async with asyncio.TaskGroup() as group:
        for trade in traders:
            group.create_task(trade_until_the_end(trade))
    return _run(took, time.perf_counter() - begun)


async def run_paced(traders: Sequence[Trade], per_second: float, seconds: float) -> Run:
    """Let orders fall due at a steady rate, and time each from when it was due."""
    took: list[float] = []
    interval = 1 / per_second
    begun = time.perf_counter()
    end = begun + seconds

    async def trade_when_due(trade: Trade, due: float) -> None:
        while due < end:
            await asyncio.sleep(due - time.perf_counter())
            await trade()
            took.append(time.perf_counter() - due)
            due += interval * len(traders)

    async with asyncio.TaskGroup() as group:
        for place, trade in enumerate(traders):
            group.create_task(trade_when_due(trade, begun + place * interval))
    return _run(took, time.perf_counter() - begun)


def _run(took: list[float], elapsed: float) -> Run:
    took.sort()
    return Run(
        len(took) / elapsed,
        1_000 * took[len(took) // 2],
        1_000 * took[len(took) * 99 // 100],
    )
