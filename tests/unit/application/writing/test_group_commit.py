"""How much one commit takes, how long it waits for it, and what is undurable meanwhile."""

import asyncio
from typing import Any

import pytest
from tests.small_core import (
    BUY_10,
    FaultyStore,
    running_core,
    virtual,
)

from sectorwars.application.rows import (
    Receipt,
    ReceiptKey,
)
from sectorwars.application.writing import refusals
from sectorwars.application.writing.command_processor import ProcessorLimits
from sectorwars.domain.command import (
    Trade,
)
from sectorwars.domain.market import Side
from sectorwars.domain.rejection import Refusal
from sectorwars.simulation.virtual_time import VirtualClock


@virtual
async def test_undurable_commands_are_bounded(clock: VirtualClock) -> None:
    limits = ProcessorLimits(batch_max=2, undurable_max=4)
    async with running_core(clock, limits) as core:
        core.store.open.clear()
        tasks = [core.send(Trade(Side.BUY, "ore", 1)) for _ in range(12)]
        await core.store.waiting.wait()
        await asyncio.sleep(1)
        assert core.processor.inbox_depth == 8
        core.store.open.set()
        assert all(isinstance(outcome, Receipt) for outcome in await asyncio.gather(*tasks))
        assert [len(batch.receipts) for batch in core.store.batches] == [2] * 6


@virtual
async def test_the_halves_of_a_crowd_take_turns(clock: VirtualClock) -> None:
    async with running_core(clock) as core:
        core.store.open.clear()
        crowd = [core.send(Trade(Side.BUY, "ore", 1)) for _ in range(100)]
        await core.store.waiting.wait()
        assert 0 < core.processor.inbox_depth <= 50
        core.store.open.set()
        await asyncio.gather(*crowd)
        first, second = (len(batch.receipts) for batch in core.store.batches)
        assert first + second == 100
        assert 50 <= first < 100


@virtual
async def test_what_trickles_in_during_a_commit_is_looked_up_together(clock: VirtualClock) -> None:
    async with running_core(clock, ProcessorLimits(commit_latency_ms=100)) as core:
        core.store.open.clear()
        crowd = [core.send(Trade(Side.BUY, "ore", 1)) for _ in range(4)]
        await core.store.waiting.wait()
        lookups: list[int] = []

        async def count_and_find(keys: Any) -> dict[ReceiptKey, Receipt]:
            lookups.append(len(keys))
            return await FaultyStore.find_receipts(core.store, keys)

        core.store.find_receipts = count_and_find  # type: ignore[method-assign]
        for _ in range(6):
            crowd.append(core.send(Trade(Side.BUY, "ore", 1)))
            await asyncio.sleep(0.001)
        assert lookups == []
        await asyncio.sleep(0.2)
        assert lookups == [6]
        core.store.open.set()
        await asyncio.gather(*crowd)


@virtual
async def test_a_crowd_is_looked_up_during_a_commit(clock: VirtualClock) -> None:
    async with running_core(clock, ProcessorLimits(commit_latency_ms=10_000)) as core:
        await asyncio.sleep(1)
        core.store.open.clear()
        crowd = [core.send(Trade(Side.BUY, "ore", 1))]
        await core.store.waiting.wait()
        crowd += [core.send(Trade(Side.BUY, "ore", 1)) for _ in range(31)]
        await asyncio.sleep(1)
        assert core.processor.inbox_depth == 31
        crowd.append(core.send(Trade(Side.BUY, "ore", 1)))
        await asyncio.sleep(1)
        assert core.processor.inbox_depth == 0
        core.store.open.set()
        await asyncio.gather(*crowd)


@virtual
async def test_commits_under_a_steady_load_begin_some_time_apart(clock: VirtualClock) -> None:
    async with running_core(clock) as core:
        await asyncio.sleep(1)
        before = len(core.store.batches)
        begun = clock.monotonic()
        await core.executed(BUY_10)
        assert clock.monotonic() == begun
        trickle = []
        for _ in range(7):
            trickle.append(core.send(Trade(Side.BUY, "ore", 1)))
            await asyncio.sleep(0.000_6)
        await asyncio.gather(*trickle)
        assert [len(batch.receipts) for batch in core.store.batches[before:]] == [1, 4, 3]


@virtual
async def test_a_commit_waits_only_so_long_for_more(clock: VirtualClock) -> None:
    find_at_once = FaultyStore.find_receipts
    async with running_core(clock, ProcessorLimits(commit_latency_ms=7)) as core:
        await asyncio.sleep(1)
        lookups = asyncio.Semaphore(0)

        async def find_when_let(keys: Any) -> dict[ReceiptKey, Receipt]:
            await lookups.acquire()
            return await find_at_once(core.store, keys)

        core.store.find_receipts = find_when_let  # type: ignore[method-assign]
        first = core.send(BUY_10)
        await asyncio.sleep(0.001)
        others = [core.send(BUY_10) for _ in range(3)]
        await asyncio.sleep(0.001)
        begun = clock.monotonic()
        lookups.release()
        await first
        assert clock.monotonic() - begun == pytest.approx(0.007)
        lookups.release()
        await asyncio.gather(*others)
        assert clock.monotonic() - begun == pytest.approx(0.007)


@virtual
async def test_a_full_inbox_refuses_and_names_its_limit(clock: VirtualClock) -> None:
    async with running_core(clock, ProcessorLimits(inbox_max=3)) as core:
        outcomes = await asyncio.gather(*(core.send(BUY_10) for _ in range(5)))
        busy = [outcome for outcome in outcomes if isinstance(outcome, Refusal)]
        assert busy == [refusals.busy(3)] * 2
        assert busy[0].limit == "inbox=3"
        assert len(core.trades()) == 3
        assert core.processor.inbox_depth == 0


@pytest.mark.parametrize(
    ("limits", "sentence"),
    [
        ({"batch_max": 4, "undurable_max": 3}, "undurable_max is less"),
        ({"batch_max": 4, "undurable_max": 8, "receipts_cached_max": 11}, "receipts_cached_max"),
    ],
)
def test_limits_that_would_lose_a_receipt_are_refused(
    limits: dict[str, int], sentence: str
) -> None:
    with pytest.raises(ValueError, match=sentence):
        ProcessorLimits(**limits)
