"""Backtests that wait, are at work and end: whose turn it is, and what nobody is to lose by."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from prometheus_client import REGISTRY
from structlog.testing import capture_logs
from tests.unit.application.backtest.at_desk import (
    HOUR,
    Held,
    begun,
    draft,
    ended,
    refused,
    settle,
    working,
)
from tests.unit.application.backtest.recorded_life import (
    ALICE,
    BOB,
    RecordedLife,
)

from sectorwars.application.backtest.desk import Asked
from sectorwars.application.backtest.findings import Findings
from sectorwars.application.backtest.run import NO_PAST
from sectorwars.application.backtest.store import SILENT_MICROS_MAX, BacktestId, Status
from sectorwars.application.backtest.task import BacktestTask
from sectorwars.application.ports import StoreUnavailableError
from sectorwars.application.reading.queries import UnknownNounError
from sectorwars.domain.command import RegisterPlayer
from sectorwars.domain.ids import PlayerId
from sectorwars.domain.values import MICROS_PER_SECOND, UnixMicros
from sectorwars.protocol.shapes.backtest import Backtest, BacktestFailure


async def test_one_is_in_hand_and_few_wait(life: RecordedLife) -> None:
    held = Held()
    desk = life.desk(held.run, queued_max=1)
    first = await begun(desk, Asked(draft(life)))
    assert (await refused(desk, Asked(draft(life)))).code == "backtest_queue_full"
    async with working(desk):
        await settle()
        again = await refused(desk, Asked(draft(life)))
        assert (again.code, again.retry_after_ms) == ("backtest_in_hand", 2_000)
        second = await begun(desk, Asked(draft(life)), BOB)
        await asyncio.sleep(1.1)
        shown = await desk.backtest(ALICE, first.backtest_id)
        assert (shown.status, shown.progress) == ("running", 37)
        assert (await desk.backtest(BOB, second.backtest_id)).status == "queued"
        held.outcome.set_result(BacktestFailure("no_recorded_past", "Gone."))
        await settle()
        failed = await desk.backtest(ALICE, first.backtest_id)
        assert failed.status == "failed"
        assert failed.failure == held.outcome.result()
        assert len(held.begun) == 2


async def test_deleting_one_stops_it(life: RecordedLife) -> None:
    held = Held()
    desk = life.desk(held.run)
    async with working(desk):
        running = await begun(desk, Asked(draft(life)))
        waiting = await begun(desk, Asked(draft(life)), BOB)
        await settle()
        await desk.delete(BOB, waiting.backtest_id)
        await desk.delete(ALICE, running.backtest_id)
        await asyncio.sleep(1.1)
        await settle()
        assert (len(held.begun), held.cancelled) == (1, 1)
        with pytest.raises(UnknownNounError, match="no such backtest"):
            await desk.backtest(ALICE, running.backtest_id)
        with pytest.raises(UnknownNounError, match="no such backtest"):
            await desk.delete(ALICE, running.backtest_id)


async def test_deleting_one_that_waits_makes_room(life: RecordedLife) -> None:
    held = Held()
    desk = life.desk(held.run, queued_max=1)
    for _ in range(3):
        waiting = await begun(desk, Asked(draft(life)))
        await desk.delete(ALICE, waiting.backtest_id)
    last = await begun(desk, Asked(draft(life)))
    async with working(desk):
        await settle()
        assert len(held.begun) == 1
        assert (await desk.backtest(ALICE, last.backtest_id)).status == "running"


async def test_one_may_come_while_those_that_wait_are_touched(
    life: RecordedLife, monkeypatch: pytest.MonkeyPatch
) -> None:
    carol = PlayerId("carol")
    await life.do(carol, RegisterPlayer())
    held = Held()
    desk = life.desk(held.run)
    touch = life.backtests.touch
    came: list[Backtest] = []

    async def touch_and_come(
        backtest_id: BacktestId, status: Status, percent: int, now: UnixMicros
    ) -> bool:
        if status == "queued" and not came:
            came.append(await begun(desk, Asked(draft(life)), carol))
        return await touch(backtest_id, status, percent, now)

    monkeypatch.setattr(life.backtests, "touch", touch_and_come)
    await begun(desk, Asked(draft(life)))
    await begun(desk, Asked(draft(life)), BOB)
    async with working(desk) as work:
        await settle()
        assert (len(came), work.done()) == (1, False)


async def test_those_deleted_at_another_process_make_room(life: RecordedLife) -> None:
    carol = PlayerId("carol")
    await life.do(carol, RegisterPlayer())
    held = Held()
    here, there = life.desk(held.run, queued_max=2), life.desk()
    for player_id in (ALICE, BOB):
        waiting = await begun(here, Asked(draft(life)), player_id)
        await there.delete(player_id, waiting.backtest_id)
    await begun(here, Asked(draft(life)))
    await begun(here, Asked(draft(life)), BOB)
    assert (await refused(here, Asked(draft(life)), carol)).code == "backtest_queue_full"


async def test_those_deleted_at_another_process_are_not_waited_for(life: RecordedLife) -> None:
    carol = PlayerId("carol")
    await life.do(carol, RegisterPlayer())
    held = Held()
    here, there = life.desk(held.run, queued_max=2), life.desk()
    async with working(here):
        await begun(here, Asked(draft(life)))
        await settle()
        waiting = [await begun(here, Asked(draft(life)), player_id) for player_id in (BOB, carol)]
        assert waiting_shown() == 2
        await there.delete(BOB, waiting[0].backtest_id)
        await asyncio.sleep(1.1)
        assert waiting_shown() == 1
    await here.close()
    assert waiting_shown() == 0


async def test_one_whose_turn_comes_while_others_are_looked_at_is_shown_at_work(
    life: RecordedLife, monkeypatch: pytest.MonkeyPatch
) -> None:
    carol = PlayerId("carol")
    await life.do(carol, RegisterPlayer())
    held = Held()

    async def run(task: BacktestTask, note: Callable[[int], None]) -> Findings | BacktestFailure:
        return NO_PAST if task.player_id == ALICE else await held.run(task, note)

    desk = life.desk(run, queued_max=2)
    await begun(desk, Asked(draft(life)))
    second = await begun(desk, Asked(draft(life)), BOB)
    touch = life.backtests.touch
    work: list[asyncio.Task[None]] = []

    async def touch_and_work(
        backtest_id: BacktestId, status: Status, percent: int, now: UnixMicros
    ) -> bool:
        if not work:
            work.append(asyncio.create_task(desk.work()))
            await settle()
        return await touch(backtest_id, status, percent, now)

    monkeypatch.setattr(life.backtests, "touch", touch_and_work)
    await begun(desk, Asked(draft(life)), carol)
    assert len(held.begun) == 1
    assert (await desk.backtest(BOB, second.backtest_id)).status == "running"
    work[0].cancel()
    await asyncio.wait(work)


def waiting_shown() -> float | None:
    return REGISTRY.get_sample_value("sectorwars_backtests_waiting")


def ended_as(outcome: str) -> float:
    return REGISTRY.get_sample_value("sectorwars_backtests_total", {"outcome": outcome}) or 0.0


async def test_an_end_is_counted_and_logged(life: RecordedLife) -> None:
    before, timed = ended_as("done"), seconds_counted()
    with capture_logs() as lines:
        done = await life.tested(ALICE, Asked(draft(life)))
    (line,) = [line for line in lines if line["event"] == "backtest_ended"]
    assert line["log_level"] == "info"
    assert (line["backtest_id"], line["outcome"]) == (done.backtest_id, "done")
    assert (line["ticks"], line["seconds"]) == (HOUR + 1, 0)
    assert (ended_as("done"), seconds_counted()) == (before + 1, timed + 1)


def seconds_counted() -> float:
    return REGISTRY.get_sample_value("sectorwars_backtest_seconds_count") or 0.0


async def test_a_stop_says_that_it_was_interrupted(life: RecordedLife) -> None:
    held = Held()
    desk = life.desk(held.run)
    running = await begun(desk, Asked(draft(life)))
    async with working(desk):
        await settle()
        waiting = await begun(desk, Asked(draft(life)), BOB)
    await desk.close()
    for player_id, one in ((ALICE, running), (BOB, waiting)):
        shown = await desk.backtest(player_id, one.backtest_id)
        assert shown.failure is not None
        assert (shown.status, shown.failure.code) == ("failed", "backtest_interrupted")
    assert held.cancelled == 1


async def test_one_whose_process_is_gone_is_shown_so_and_makes_room(life: RecordedLife) -> None:
    lost = await begun(life.desk(), Asked(draft(life)))
    life.at = UnixMicros(life.at + SILENT_MICROS_MAX + 1)
    desk = life.desk()
    shown = await desk.backtest(ALICE, lost.backtest_id)
    assert shown.failure is not None
    assert (shown.status, shown.failure.code) == ("failed", "backtest_interrupted")
    await begun(desk, Asked(draft(life)))
    statuses = [one.status for one in (await desk.backtests(ALICE)).items]
    assert statuses == ["queued", "failed"]


async def test_what_fails_is_shown_and_the_next_one_runs(
    life: RecordedLife, monkeypatch: pytest.MonkeyPatch
) -> None:
    faults: list[Exception | None] = [RuntimeError("broken"), StoreUnavailableError("away"), None]

    async def run(task: BacktestTask, note: Callable[[int], None]) -> BacktestFailure:
        fault = faults.pop(0)
        if fault is not None:
            raise fault
        await asyncio.sleep(10)
        raise AssertionError("it takes too long")

    monkeypatch.setattr("sectorwars.application.backtest.runner._RUN_SECONDS_MAX", 0.05)
    desk = life.desk(run)
    codes = []
    async with working(desk):
        for _ in range(3):
            one = await begun(desk, Asked(draft(life)))
            failure = (await ended(desk, ALICE, one)).failure
            codes.append(failure and failure.code)
    assert codes == ["internal_error", "internal_error", "backtest_too_long"]


async def test_the_desk_outlives_a_store_that_is_away(
    life: RecordedLife, monkeypatch: pytest.MonkeyPatch
) -> None:
    touch = life.backtests.touch
    monkeypatch.setattr(life.backtests, "touch", _away)
    desk = life.desk()
    async with working(desk) as work:
        await begun(desk, Asked(draft(life)))
        await settle()
        assert not work.done()
        monkeypatch.setattr(life.backtests, "touch", touch)
        other = await begun(desk, Asked(draft(life)), BOB)
        assert (await ended(desk, BOB, other)).status == "done"


async def test_the_desk_outlives_what_nobody_thought_of(
    life: RecordedLife, monkeypatch: pytest.MonkeyPatch
) -> None:
    touch, fail = life.backtests.touch, life.backtests.fail
    monkeypatch.setattr(life.backtests, "touch", _broken)
    desk = life.desk()
    before = ended_as("internal_error")
    async with working(desk):
        with capture_logs() as lines:
            broken = await begun(desk, Asked(draft(life)))
            shown = await ended(desk, ALICE, broken)
        assert shown.failure is not None
        assert shown.failure.code == "internal_error"
        (line,) = [line for line in lines if line["event"] == "backtest_failed"]
        assert (line["backtest_id"], line["log_level"]) == (broken.backtest_id, "error")
        assert ended_as("internal_error") == before + 1
        # Not even that can be stored.
        monkeypatch.setattr(life.backtests, "fail", _broken)
        lost = await begun(desk, Asked(draft(life)))
        await settle()
        assert (await desk.backtest(ALICE, lost.backtest_id)).status == "queued"
        monkeypatch.setattr(life.backtests, "fail", fail)
        monkeypatch.setattr(life.backtests, "touch", touch)
        other = await begun(desk, Asked(draft(life)), BOB)
        assert (await ended(desk, BOB, other)).status == "done"


async def test_what_a_killed_process_left_is_failed_at_the_next_start(life: RecordedLife) -> None:
    left = [await begun(life.desk(), Asked(draft(life)), player_id) for player_id in (ALICE, BOB)]
    desk = life.desk()
    await desk.recover()
    for player_id, one in zip((ALICE, BOB), left, strict=True):
        shown = await desk.backtest(player_id, one.backtest_id)
        assert shown.failure is not None
        assert shown.failure.code == "backtest_interrupted"
    await begun(desk, Asked(draft(life)))
    # A start that finds nothing says nothing.
    await desk.close()
    with capture_logs() as lines:
        await desk.recover()
    assert lines == []


async def test_one_whose_process_may_be_gone_says_how_long_it_is_in_the_way(
    life: RecordedLife,
) -> None:
    await begun(life.desk(), Asked(draft(life)))
    heard_at = life.at
    desk = life.desk()
    waits = []
    for seconds in (1, 3, 4, 30):
        life.at = UnixMicros(heard_at + seconds * MICROS_PER_SECOND)
        waits.append((await refused(desk, Asked(draft(life)))).retry_after_ms)
    assert waits == [2_000, 2_000, 26_001, 1]
    life.at = UnixMicros(life.at + 1_000)
    await begun(desk, Asked(draft(life)))


async def _broken(*_: object) -> bool:
    raise ValueError("nobody thought of this")


async def _away(*_: object) -> bool:
    raise StoreUnavailableError("away")
