"""A desk as tests come to it, and backtests that end when they are told to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from tests.unit.application.backtest.recorded_life import (
    ALICE,
    RecordedLife,
    goods_both_ways,
    trader,
)

from sectorwars.application.backtest.desk import Asked, BacktestDesk
from sectorwars.application.backtest.findings import Findings
from sectorwars.application.backtest.task import BacktestTask
from sectorwars.domain.ids import PlayerId
from sectorwars.domain.rejection import Refusal
from sectorwars.domain.rule import RuleSpec
from sectorwars.protocol.shapes.backtest import Backtest, BacktestFailure

HOUR = 60


class Held:
    """Runs backtests that end when they are told to."""

    def __init__(self) -> None:
        self.begun: list[BacktestTask] = []
        self.cancelled = 0
        self.outcome: asyncio.Future[BacktestFailure] = asyncio.get_running_loop().create_future()
        self.percent = 37

    async def run(
        self, task: BacktestTask, note: Callable[[int], None]
    ) -> Findings | BacktestFailure:
        self.begun.append(task)
        note(self.percent)
        try:
            return await asyncio.shield(self.outcome)
        except asyncio.CancelledError:
            self.cancelled += 1
            raise


def draft(life: RecordedLife) -> RuleSpec:
    commodity, ask, bid = goods_both_ways(life)[0]
    return trader(commodity, ask + 1, bid - 1)


@asynccontextmanager
async def working(desk: BacktestDesk) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.create_task(desk.work())
    yield task
    task.cancel()
    await asyncio.wait({task})


async def begun(desk: BacktestDesk, asked: Asked, player_id: PlayerId = ALICE) -> Backtest:
    outcome = await desk.begin(player_id, asked)
    assert isinstance(outcome, Backtest), outcome
    return outcome


async def refused(desk: BacktestDesk, asked: Asked, player_id: PlayerId = ALICE) -> Refusal:
    outcome = await desk.begin(player_id, asked)
    assert isinstance(outcome, Refusal), outcome
    return outcome


async def ended(desk: BacktestDesk, player_id: PlayerId, one: Backtest) -> Backtest:
    for _ in range(1_000):
        shown = await desk.backtest(player_id, one.backtest_id)
        if shown.status in {"done", "failed"}:
            return shown
        await asyncio.sleep(0.005)
    raise AssertionError(shown)


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)
