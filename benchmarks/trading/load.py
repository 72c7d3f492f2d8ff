"""A load of traders who each wait for an answer before the next order, and its figures."""

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
    """Let all traders trade side by side for a while."""
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
    elapsed = time.perf_counter() - begun
    took.sort()
    return Run(
        len(took) / elapsed,
        1_000 * took[len(took) // 2],
        1_000 * took[len(took) * 99 // 100],
    )
