"""The desk: what it takes on, what it refuses, and how a backtest ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from prometheus_client import REGISTRY
from structlog.testing import capture_logs
from tests.unit.application.backtest.recorded_life import (
    ALICE,
    BOB,
    RecordedLife,
    goods_both_ways,
    trader,
)

from sectorwars.application.backtest.desk import DRAFT, Asked, BacktestDesk
from sectorwars.application.backtest.findings import Findings
from sectorwars.application.backtest.run import NO_PAST
from sectorwars.application.backtest.store import KEPT_MAX, SILENT_MICROS_MAX, BacktestId, Status
from sectorwars.application.backtest.task import BacktestTask
from sectorwars.application.ports import StoreUnavailableError
from sectorwars.application.reading.queries import UnknownNounError
from sectorwars.domain.command import RegisterPlayer, Undock
from sectorwars.domain.ids import PlayerId, PortId, RuleId
from sectorwars.domain.rejection import Refusal, Retry
from sectorwars.domain.rule import RuleSpec
from sectorwars.domain.values import MICROS_PER_SECOND, Credits, Tick, UnixMicros
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


@pytest.fixture
async def life() -> RecordedLife:
    """An hour and a bit of recorded past."""
    life = await RecordedLife.born(ALICE, BOB)
    await life.live(HOUR + 1)
    return life


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


async def test_a_draft_is_tested_and_shown_with_all_it_did(life: RecordedLife) -> None:
    tested = await life.tested(ALICE, Asked(draft(life), credits=Credits(10_000)))
    assert (tested.status, tested.progress, tested.credits) == ("done", 100, 10_000)
    assert [rule.id for rule in tested.rules] == [DRAFT]
    assert tested.headline is not None
    assert tested.result is not None
    assert tested.headline.span.ticks == HOUR + 1
    assert tested.headline.trades_count == len(tested.result.trades) >= 2
    bought, sold = tested.result.trades[:2]
    assert (bought.trade.side, sold.trade.side) == ("buy", "sell")
    assert "by the rule" in bought.reasoning
    assert bought.trade.credits_after < 10_000
    assert bought.trace.verdict == "fired"
    assert sold.tick - bought.tick >= 30
    # Bought and sold back at once, which always loses.
    assert tested.headline.profit_credits < 0
    headline = tested.headline
    assert (headline.sales_count, headline.wins, headline.win_rate) == (1, 0, 0)
    assert tested.headline.max_drawdown_credits >= -tested.headline.profit_credits
    assert set(tested.result.blocked) == {"automation_cooldown"}
    assert tested.result.equity[0].equity == 10_000
    # It was looked at only.
    assert life.trades(ALICE) == []
    assert life.player(ALICE).automation.rules == {}


async def test_of_many_trades_the_first_are_listed(
    life: RecordedLife, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sectorwars.application.backtest.findings.TRADES_MAX", 1)
    tested = await life.tested(ALICE, Asked(draft(life)))
    assert tested.headline is not None
    assert tested.result is not None
    assert [traded.trade.side for traded in tested.result.trades] == ["buy"]
    count = tested.headline.trades_count
    assert count > 1
    assert f"Only the first 1 of {count} trades are listed." in tested.result.notes


async def test_stored_rules_are_tested_as_if_they_were_on(life: RecordedLife) -> None:
    rules = await life.automate(BOB, draft(life))
    tested = await life.tested(BOB, Asked(rules))
    assert tested.headline is not None
    assert tested.headline.trades_count >= 2
    assert tested.credits == life.writer.world.credits(BOB)


async def test_the_hold_is_empty_or_what_is_aboard(life: RecordedLife) -> None:
    commodity, _, bid = goods_both_ways(life)[0]
    await life.automate(ALICE, draft(life))
    await life.live(2)
    assert life.player(ALICE).ship.units(commodity) > 0
    sells_only = trader(commodity, 1, bid - 5)
    sold = await life.tested(ALICE, Asked(sells_only, hold="aboard"))
    nothing = await life.tested(ALICE, Asked(sells_only))
    assert (sold.headline and sold.headline.sales_count, sold.hold) == (1, "aboard")
    assert nothing.result is not None
    assert (nothing.result.trades, nothing.hold) == ([], "empty")
    assert set(nothing.result.blocked) == {"automation_credit_share"}


@pytest.mark.parametrize(
    ("from_tick", "hours", "span"),
    [
        (None, None, (0, 181)),
        (None, 1, (121, 181)),
        (60, None, (60, 181)),
        (60, 1, (60, 120)),
        (-500, 2, (0, 120)),
        (None, 100, (0, 181)),
    ],
)
async def test_the_span_is_what_was_asked_for_within_what_is_recorded(
    life: RecordedLife, from_tick: int | None, hours: int | None, span: tuple[int, int]
) -> None:
    await life.live(2 * HOUR)
    asked = Asked(
        draft(life), from_tick=None if from_tick is None else Tick(from_tick), hours=hours
    )
    tested = await life.tested(ALICE, asked)
    assert tested.result is not None
    ticks = [point.tick for point in tested.result.equity]
    assert (ticks[0], ticks[-1]) == span
    assert ticks == list(range(span[0], span[1] + 1))
    beyond = any("Nothing before" in note for note in tested.result.notes)
    assert beyond is (from_tick == -500 or hours == 100)


async def test_too_little_past_is_refused_with_how_long_to_wait() -> None:
    life = await RecordedLife.born(ALICE)
    desk = life.desk()
    assert (await desk.backtests(ALICE)).recorded is None
    await life.live(10)
    refusal = await refused(life.desk(), Asked(draft(life)))
    assert (refusal.code, refusal.retry_after_ms) == ("no_recorded_past", 50_000)
    recorded = (await life.desk().backtests(ALICE)).recorded
    assert recorded is not None
    assert recorded.game_hours == 0.17
    await life.live(50)
    assert isinstance(await life.desk().begin(ALICE, Asked(draft(life))), Backtest)
    late = await refused(life.desk(), Asked(draft(life), from_tick=Tick(59)))
    assert late.code == "no_recorded_past"


async def test_what_begins_in_the_future_is_refused_for_good(life: RecordedLife) -> None:
    present = await refused(life.desk(), Asked(draft(life), from_tick=Tick(HOUR + 1)))
    assert (present.code, present.retry_after_ms) == ("no_recorded_past", HOUR * 1_000)
    future = await refused(life.desk(), Asked(draft(life), from_tick=Tick(HOUR + 2)))
    assert (future.code, future.retry) == ("invalid_request", Retry.NEVER)
    assert future.retry_after_ms is None
    assert future.detail == (
        "from: this time has not come yet; in the galaxy it is 2102-01-01T01:01:00.000000Z."
    )


async def test_what_is_not_there_is_named(life: RecordedLife) -> None:
    desk = life.desk()
    missing = [
        ("unknown_player", Asked(draft(life)), PlayerId("nobody")),
        ("unknown_rule", Asked((RuleId("r-alice-1"),)), ALICE),
        ("unknown_port", Asked(draft(life), port_id=PortId("p9999")), ALICE),
    ]
    for code, asked, player_id in missing:
        with pytest.raises(UnknownNounError) as caught:
            await desk.begin(player_id, asked)
        assert caught.value.code == code
    commodity, _, _ = goods_both_ways(life)[0]
    invalid = await refused(desk, Asked(trader(commodity, 10**10, 1)))
    assert invalid.code == "invalid_rule"
    await life.do(ALICE, Undock())
    assert (await refused(life.desk(), Asked(draft_of(life)))).code == "not_docked"


def draft_of(life: RecordedLife) -> RuleSpec:
    commodity = next(iter(life.writer.world.ports_by_index)).spec.goods[0].commodity
    return trader(commodity, 2, 1)


async def test_a_rule_that_is_bound_says_the_port(life: RecordedLife) -> None:
    spec = draft(life)
    port = life.player(ALICE).ship.docked_port_id
    await life.do(ALICE, Undock())
    bound = RuleSpec(
        spec.name,
        spec.commodity,
        port,
        spec.buy_conditions,
        spec.sell_conditions,
        spec.risk_level,
        spec.max_investment_credits,
    )
    assert (await begun(life.desk(), Asked(bound))).port_id == port


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


async def test_anothers_backtest_is_none(life: RecordedLife) -> None:
    desk = life.desk()
    mine = await begun(desk, Asked(draft(life)))
    for attempt in (desk.backtest, desk.delete):
        with pytest.raises(UnknownNounError, match="no such backtest"):
            await attempt(BOB, mine.backtest_id)
    assert (await desk.backtests(BOB)).items == []
    assert len((await desk.backtests(ALICE)).items) == 1


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


async def test_the_oldest_go(life: RecordedLife) -> None:
    first = await life.tested(ALICE, Asked(draft(life)))
    for _ in range(KEPT_MAX):
        last = await life.tested(ALICE, Asked(draft(life)))
    shown = await life.desk().backtests(ALICE)
    ids = [one.backtest_id for one in shown.items]
    assert (len(ids), shown.kept_max) == (KEPT_MAX, KEPT_MAX)
    assert ids[0] == last.backtest_id
    assert first.backtest_id not in ids
    assert all(one.result is None and one.headline is not None for one in shown.items)
