"""One order, once each, durable before it is known: under retries, faults, floods and stops."""

import asyncio
import json
from collections.abc import Sequence

import pytest
from tests.small_core import (
    BUY_10,
    SELL_10,
    idle_core,
    running_core,
    virtual,
)
from tests.small_galaxy import BETA, PLAYER, RESORT, envelope

from sectorwars.application.ports import LeaseLostError
from sectorwars.application.rows import (
    Receipt,
    ReceiptKey,
)
from sectorwars.application.state.recovery import restore
from sectorwars.application.writing import refusals
from sectorwars.application.writing.command_processor import ProcessorLimits
from sectorwars.domain.command import (
    AdvanceTick,
    CompleteJourney,
    Dock,
    RegisterPlayer,
    Trade,
    Travel,
    Undock,
)
from sectorwars.domain.commodity import Commodity
from sectorwars.domain.event import JourneyCompleted, TickAdvanced
from sectorwars.domain.ids import PlayerId
from sectorwars.domain.market import Side
from sectorwars.domain.rejection import Refusal
from sectorwars.persistence.memory.event_store import MemoryEventStore
from sectorwars.protocol.shapes.command import CommandFate
from sectorwars.simulation.digest import differences, world_digest
from sectorwars.simulation.virtual_time import VirtualClock, run_virtually


@virtual
async def test_fifty_buys_with_money_for_one_execute_once(clock: VirtualClock) -> None:
    async with running_core(clock) as core:
        await core.executed(Undock())
        await core.executed(Travel(BETA))
        await asyncio.sleep(6)
        await core.executed(Dock(RESORT))
        dear = Trade(Side.BUY, "luxury", 30)
        outcomes = await asyncio.gather(*(core.send(dear) for _ in range(50)))
        codes = [outcome.code for outcome in outcomes if isinstance(outcome, Receipt)]
        assert codes == [None] + ["insufficient_credits"] * 49
        assert len(core.trades()) == 1
        assert 0 <= core.galaxy.projection.world.credits(PLAYER) < 50_000 // 2


@virtual
async def test_a_retry_gets_the_same_bytes_and_trades_once(clock: VirtualClock) -> None:
    async with running_core(clock) as core:
        first, again = await core.send(BUY_10, "c-1"), await core.send(BUY_10, "c-1")
        assert isinstance(first, Receipt)
        assert first == again
        assert len(core.trades()) == 1


@virtual
async def test_a_retry_is_answered_from_the_store_when_memory_has_forgotten(
    clock: VirtualClock,
) -> None:
    limits = ProcessorLimits(batch_max=1, undurable_max=1, receipts_cached_max=2)
    async with running_core(clock, limits) as core:
        first = await core.send(BUY_10, "c-1")
        await core.send(SELL_10, "c-2")
        await core.send(Undock(), "c-3")
        assert await core.send(BUY_10, "c-1") == first
        assert len(core.trades()) == 2


@virtual
async def test_a_receipt_that_memory_forgets_while_the_store_is_asked_is_still_known(
    clock: VirtualClock,
) -> None:
    limits = ProcessorLimits(batch_max=2, undurable_max=2, receipts_cached_max=4)
    async with running_core(clock, limits) as core:
        first = await core.send(BUY_10, "c-1")
        for later in ("c-2", "c-3", "c-4"):
            await core.executed(BUY_10, later)
        core.store.open.clear()
        core.store.waiting.clear()
        displacing = core.send(BUY_10, "c-5")
        await core.store.waiting.wait()
        find_receipts = core.store.find_receipts

        async def find_after_the_commit(keys: Sequence[ReceiptKey]) -> dict[ReceiptKey, Receipt]:
            core.store.open.set()
            await displacing
            return await find_receipts(keys)

        core.store.find_receipts = find_after_the_commit  # type: ignore[method-assign]
        again, other = core.send(BUY_10, "c-1"), core.send(BUY_10, "c-6")
        assert await again == first
        await other
        assert len(core.trades()) == 6


@virtual
async def test_duplicates_in_flight_share_one_execution(clock: VirtualClock) -> None:
    async with running_core(clock) as core:
        core.store.open.clear()
        first = core.send(BUY_10, "c-1")
        await core.store.waiting.wait()
        late = [core.send(BUY_10, "c-1") for _ in range(3)]
        conflict = core.send(SELL_10, "c-1")
        assert await conflict == refusals.COMMAND_ID_CONFLICT
        assert not any(task.done() for task in (first, *late))
        core.store.open.set()
        receipts = await asyncio.gather(first, *late)
        assert receipts == [receipts[0]] * 4
        assert len(core.trades()) == 1


@virtual
async def test_another_payload_under_a_known_id_is_a_conflict(clock: VirtualClock) -> None:
    async with running_core(clock) as core:
        receipt = await core.send(BUY_10, "c-1")
        assert await core.send(Trade(Side.BUY, "ore", 11), "c-1") == refusals.COMMAND_ID_CONFLICT
        assert await core.send(BUY_10, "c-1") == receipt


@virtual
async def test_ids_of_another_player_are_his_own(clock: VirtualClock) -> None:
    async with running_core(clock) as core:
        other = PlayerId("pl_2")
        await core.send(RegisterPlayer(), "r", other)
        mine, his = await core.send(BUY_10, "c-1"), await core.send(BUY_10, "c-1", other)
        assert isinstance(mine, Receipt)
        assert isinstance(his, Receipt)
        assert mine.body != his.body
        fate = await core.fate("register", other)
        assert isinstance(fate, CommandFate)
        assert fate.status == "never_seen"


@virtual
async def test_rejections_are_kept_and_repeated(clock: VirtualClock) -> None:
    async with running_core(clock) as core:
        refused = await core.send(SELL_10, "c-1")
        assert isinstance(refused, Receipt)
        assert json.loads(refused.body) == {
            "command_id": "c-1",
            "status": "rejected",
            "retry": "new_id",
            "detail": "You have 0 units of ore aboard.",
            "code": "insufficient_cargo",
            "number": 503,
        }
        await core.executed(BUY_10)
        assert await core.send(SELL_10, "c-1") == refused
        assert await core.fate("c-1") == refused


@virtual
async def test_nothing_is_seen_before_it_is_durable(clock: VirtualClock) -> None:
    async with running_core(clock) as core:
        before = world_digest(core.galaxy.projection.world)
        core.store.open.clear()
        buying, asking = core.send(BUY_10, "c-1"), asyncio.ensure_future(core.fate("c-1"))
        await core.store.waiting.wait()
        await asyncio.sleep(5)
        assert not buying.done()
        assert not asking.done()
        assert core.committed == []
        assert world_digest(core.galaxy.projection.world) == before
        core.store.open.set()
        assert await asking == await buying
        assert [logged.event for logged in core.committed] == core.trades()


@virtual
async def test_a_commit_that_failed_is_doubted_and_the_retry_acts_once(
    clock: VirtualClock,
) -> None:
    async with running_core(clock) as core:
        core.store.faults.append("before")
        assert await core.send(BUY_10, "c-1") == refusals.OUTCOME_UNKNOWN
        fate = await core.fate("c-1")
        assert isinstance(fate, CommandFate)
        assert (fate.status, fate.retry) == ("never_seen", "same_id")
        await core.executed(BUY_10, "c-1")
        assert (len(core.trades()), core.recoveries) == (1, 2)
        assert core.missed == []


@virtual
async def test_a_commit_that_happened_unseen_is_found_by_fate_and_retry(
    clock: VirtualClock,
) -> None:
    async with running_core(clock) as core:
        core.store.faults.append("after")
        assert await core.send(BUY_10, "c-1") == refusals.OUTCOME_UNKNOWN
        fate = await core.fate("c-1")
        assert isinstance(fate, Receipt)
        assert await core.send(BUY_10, "c-1") == fate
        assert len(core.trades()) == 1
        assert [logged.event for logged in core.missed] == core.trades()
        world = core.galaxy.projection.world
        assert world.credits(PLAYER) == json.loads(fate.body)["trade"]["credits_after"]


@virtual
async def test_a_store_that_never_answers_is_given_up(clock: VirtualClock) -> None:
    async with running_core(clock, ProcessorLimits(commit_timeout_ms=2_000)) as core:
        core.store.faults.append("silence")
        started = clock.monotonic()
        assert await core.send(BUY_10, "c-1") == refusals.OUTCOME_UNKNOWN
        assert clock.monotonic() - started == pytest.approx(2.0, abs=0.01)
        await core.executed(BUY_10, "c-1")
        assert len(core.trades()) == 1


@virtual
async def test_commands_that_follow_a_failed_batch_are_doubted_with_it(
    clock: VirtualClock,
) -> None:
    """They were decided on a world that the store never came to know."""
    async with running_core(clock) as core:
        core.store.open.clear()
        core.store.faults.append("before")
        buying = core.send(BUY_10, "buy")
        await core.store.waiting.wait()
        selling = core.send(SELL_10, "sell")
        await asyncio.sleep(0.01)
        core.store.open.set()
        assert await asyncio.gather(buying, selling) == [refusals.OUTCOME_UNKNOWN] * 2
        rejected = await core.send(SELL_10, "sell")
        assert isinstance(rejected, Receipt)
        assert rejected.code == "insufficient_cargo"
        assert core.trades() == []


@virtual
async def test_commands_wait_while_the_store_is_away(clock: VirtualClock) -> None:
    async with running_core(clock) as core:
        core.store.unavailable = 3
        core.store.faults.append("before")
        assert await core.send(BUY_10, "c-1") == refusals.OUTCOME_UNKNOWN
        assert not core.processor.writing
        await core.executed(BUY_10, "c-1")
        assert core.recoveries == 5


@virtual
async def test_commands_that_wait_too_long_for_the_store_are_refused(clock: VirtualClock) -> None:
    async with running_core(clock, ProcessorLimits(trading_timeout_ms=3_000)) as core:
        core.store.unavailable = 20
        core.store.faults.append("before")
        await core.send(BUY_10, "c-1")
        started = clock.monotonic()
        assert await core.send(BUY_10, "c-1") == refusals.STORE_UNAVAILABLE
        assert 3.0 <= clock.monotonic() - started < 5.0
        fate = await core.fate("c-1")
        assert isinstance(fate, CommandFate)
        assert fate.status == "pending"
        core.store.unavailable = 0


@virtual
async def test_receipts_that_cannot_be_read_leave_commands_in_line(clock: VirtualClock) -> None:
    async with running_core(clock) as core:
        core.store.receipts_away = True
        outcomes = await asyncio.gather(core.send(BUY_10, "a"), core.send(SELL_10, "b"))
        assert [o.status for o in outcomes if isinstance(o, Receipt)] == ["executed"] * 2
        assert core.recoveries == 2


@virtual
async def test_fates_are_told_at_their_place_in_the_order(clock: VirtualClock) -> None:
    async with running_core(clock) as core:
        asked_before = asyncio.ensure_future(core.fate("c-1"))
        await asyncio.sleep(0)
        buying = core.send(BUY_10, "c-1")
        await asyncio.sleep(0)
        asked_after = asyncio.ensure_future(core.fate("c-1"))
        fate = await asked_before
        assert isinstance(fate, CommandFate)
        assert fate.status == "never_seen"
        assert await asked_after == await buying


@virtual
async def test_a_fate_asked_of_a_full_inbox_is_pending(clock: VirtualClock) -> None:
    async with running_core(clock, ProcessorLimits(inbox_max=1)) as core:
        buying = core.send(BUY_10, "c-1")
        await asyncio.sleep(0)
        fate = await core.fate("c-9")
        assert isinstance(fate, CommandFate)
        assert (fate.status, fate.retry) == ("pending", "later")
        assert isinstance(await buying, Receipt)


@virtual
async def test_a_command_that_comes_too_late_is_not_executed(clock: VirtualClock) -> None:
    async with running_core(clock) as core:
        await asyncio.sleep(20)
        received = clock.monotonic() - 10.001
        late = await core.processor.submit(envelope(BUY_10, command_id="c-1"), received)
        assert late == refusals.too_late(10_000)
        assert core.trades() == []
        in_time = await core.processor.submit(
            envelope(BUY_10, command_id="c-1"), clock.monotonic() - 10.0
        )
        assert isinstance(in_time, Receipt)
        # A receipt is looked up before freshness: the old retry is answered all the same.
        assert await core.processor.submit(envelope(BUY_10, command_id="c-1"), received) == in_time


@virtual
async def test_a_caller_who_goes_away_does_not_undo_his_command(clock: VirtualClock) -> None:
    async with running_core(clock) as core:
        core.store.open.clear()
        buying = core.send(BUY_10, "c-1")
        await core.store.waiting.wait()
        buying.cancel()
        await asyncio.wait([buying])
        core.store.open.set()
        fate = await core.fate("c-1")
        assert isinstance(fate, Receipt)
        assert fate.status == "executed"


@virtual
async def test_a_caller_who_goes_away_early_harms_nobody(clock: VirtualClock) -> None:
    async with running_core(clock) as core:
        gone = core.send(BUY_10, "c-1")
        await asyncio.sleep(0)
        gone.cancel()
        await core.executed(BUY_10, "c-2")
        assert len(core.trades()) == 2


@virtual
async def test_the_trade_limit_counts_executed_trades_only(clock: VirtualClock) -> None:
    async with running_core(clock, trades=2) as core:
        await core.send(SELL_10, "rejected")
        await core.executed(BUY_10, "c-1")
        await core.executed(SELL_10, "c-2")
        refused = await core.send(BUY_10, "c-3")
        assert isinstance(refused, Refusal)
        assert (refused.code, refused.limit) == ("trade_rate_limited", "trade_rate_limit=2/min")
        assert await core.send(BUY_10, "c-1") is not refused
        await core.executed(Undock())
        await asyncio.sleep((refused.retry_after_ms or 0) / 1_000)
        outcome = await core.send(BUY_10, "c-3")
        assert isinstance(outcome, Receipt)
        assert outcome.code == "not_docked"


@virtual
async def test_ticks_come_while_nobody_asks_for_anything(clock: VirtualClock) -> None:
    async with running_core(clock) as core:
        tick = core.galaxy.projection.world.tick
        for _ in range(3):
            core.processor.tick()
            await asyncio.sleep(1)
        assert core.galaxy.projection.world.tick == tick + 3
        assert all(isinstance(logged.event, TickAdvanced) for logged in core.committed)
        ore = core.galaxy.projection.board.realtime(Commodity.ORE, 0)
        assert ore.version == tick + 3


@virtual
async def test_ticks_that_fall_too_far_behind_are_skipped(clock: VirtualClock) -> None:
    async with running_core(clock, ProcessorLimits(ticks_behind_max=4)) as core:
        tick = core.galaxy.projection.world.tick
        for _ in range(9):
            core.processor.tick()
        await asyncio.sleep(1)
        assert core.galaxy.projection.world.tick == tick + 4


@virtual
async def test_ships_arrive_on_time_without_being_asked(clock: VirtualClock) -> None:
    async with running_core(clock) as core:
        await core.executed(Undock())
        await core.executed(Travel(BETA))
        journey = core.galaxy.projection.world.players[PLAYER].ship.journey
        assert journey is not None
        await asyncio.sleep(4.9)
        assert core.galaxy.projection.world.players[PLAYER].ship.journey is journey
        await asyncio.sleep(0.2)
        arrived = core.committed[-1].event
        assert isinstance(arrived, JourneyCompleted)
        assert arrived.at == journey.departed_at + 5_000_000
        assert core.galaxy.projection.world.players[PLAYER].ship.sector_id == BETA


@virtual
async def test_time_in_the_log_never_goes_back(clock: VirtualClock) -> None:
    async with running_core(clock) as core:
        await core.executed(BUY_10)
        clock.jump_micros = -60_000_000
        await core.executed(SELL_10)
        bought, sold = core.trades()
        assert sold.at == bought.at


@virtual
async def test_a_stop_drains_what_is_waiting(clock: VirtualClock) -> None:
    async with running_core(clock) as core:
        tasks = [core.send(Trade(Side.BUY, "ore", 1)) for _ in range(20)]
        await asyncio.sleep(0)
        core.processor.stop()
        assert await core.send(BUY_10, "late") == refusals.STOPPING
        fate = await core.fate("late")
        assert isinstance(fate, CommandFate)
        assert fate.status == "pending"
        assert all(isinstance(outcome, Receipt) for outcome in await asyncio.gather(*tasks))
        assert len(core.trades()) == 20


async def _usurp(clock: VirtualClock) -> None:
    async with running_core(clock) as core:
        core.disk.lease_is_live = False
        await MemoryEventStore(core.disk).acquire_lease("usurper")
        assert await core.send(BUY_10, "c-1") == refusals.OUTCOME_UNKNOWN
        assert await core.send(BUY_10, "c-1") == refusals.STOPPING
        assert core.trades() == []


def test_a_writer_that_lost_its_lease_ends_and_answers_its_callers() -> None:
    with pytest.raises(LeaseLostError):
        run_virtually(_usurp)


async def _confuse(clock: VirtualClock) -> None:
    async with running_core(clock) as core:
        del core.galaxy.projection.world.players[PLAYER]
        assert await core.send(BUY_10) == refusals.OUTCOME_UNKNOWN


def test_a_bug_ends_the_writer_and_answers_its_callers() -> None:
    with pytest.raises(KeyError, match=PLAYER):
        run_virtually(_confuse)


@virtual
async def test_only_players_commands_are_submitted(clock: VirtualClock) -> None:
    async with running_core(clock) as core:
        for command, player_id in (
            (AdvanceTick(), PLAYER),
            (CompleteJourney(), PLAYER),
            (BUY_10, None),
        ):
            with pytest.raises(ValueError, match="players' commands"):
                await core.processor.submit(envelope(command, player_id), 0.0)


@virtual
async def test_after_any_fault_tables_and_projection_agree(clock: VirtualClock) -> None:
    async with running_core(clock) as core:
        for fault in ("before", "after", None, "after", "before"):
            core.store.faults.append(fault)
            core.processor.tick()
            await core.send(BUY_10)
            await core.send(Trade(Side.SELL, "ore", 3))
        state = await core.store.load()
        assert state is not None
        assert differences(restore(state), core.galaxy.projection.world) == []


async def _cancel_after(clock: VirtualClock, turns: int) -> None:
    """Wake the writer while it waits for an arrival; cancel it so many turns of the loop later."""
    async with idle_core(clock) as (core, writing):
        for command in (RegisterPlayer(), Undock(), Travel(BETA)):
            await core.executed(command)
        await asyncio.sleep(1)
        core.processor.tick()
        for _ in range(turns):
            await asyncio.sleep(0)
        writing.cancel()
        await asyncio.wait({writing}, timeout=60)
        assert writing.done()


@pytest.mark.parametrize("turns", range(6))
def test_a_writer_can_be_cancelled_at_any_moment(turns: int) -> None:
    run_virtually(lambda clock: _cancel_after(clock, turns))
