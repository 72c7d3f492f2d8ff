"""What every command bus does, within one process and over a real Redis."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

import pytest
from tests.contract.bus.conftest import (
    LIMITS,
    PATIENT_SECONDS,
    Meeting,
    RedisMeeting,
    running,
)

from sectorwars.application.bus import Answer, BusUnavailableError, CommandBus
from sectorwars.application.rows import (
    Receipt,
    ReceiptKey,
)
from sectorwars.bus.limits import BusLimits
from sectorwars.clock import SystemClock
from sectorwars.domain.command import CommandEnvelope, Origin, Trade
from sectorwars.domain.ids import CommandId, PlayerId
from sectorwars.domain.market import Side
from sectorwars.domain.rejection import Refusal, Retry
from sectorwars.domain.values import UnixMicros
from sectorwars.protocol.shapes.command import CommandFate

PLAYER = PlayerId("pl_0123456789abcdef")
REFUSED = Refusal("trade_rate_limited", Retry.LATER, "Wait.", 250, "trade_rate_limit=30/min")


def command(number: int) -> CommandEnvelope:
    return CommandEnvelope(
        CommandId(f"c{number}"), PLAYER, Origin.REST, Trade(Side.BUY, "ore", number, 55)
    )


def receipt(envelope: CommandEnvelope) -> Receipt:
    key = ReceiptKey(PLAYER, envelope.command_id)
    return Receipt(key, b"\x00\xff", "executed", None, b'{"status":"executed"}', UnixMicros(7))


class Desk:
    """A writer that answers at once, or when it is told to."""

    def __init__(self) -> None:
        self.commands: list[CommandEnvelope] = []
        self.received: list[float] = []
        self.asked: list[ReceiptKey] = []
        self.open = asyncio.Event()
        self.open.set()
        self.arrived = asyncio.Event()
        self.outcome: Refusal | None = None

    async def submit(
        self, envelope: CommandEnvelope, received_monotonic: float
    ) -> Receipt | Refusal:
        self.commands.append(envelope)
        self.received.append(received_monotonic)
        self.arrived.set()
        await self.open.wait()
        return self.outcome or receipt(envelope)

    async def fate(self, key: ReceiptKey) -> Receipt | CommandFate:
        self.asked.append(key)
        return CommandFate(key.command_id, "never_seen", "same_id", "Unknown.")


async def when_connected(ask: Callable[[], Coroutine[Any, Any, Answer]]) -> Answer:
    """Ask as soon as the bus takes questions."""
    async with asyncio.timeout(PATIENT_SECONDS):
        while True:
            try:
                return await ask()
            except BusUnavailableError:
                await asyncio.sleep(0.01)


async def submit(bus: CommandBus, number: int) -> Answer:
    now = SystemClock().monotonic()
    return await when_connected(lambda: bus.submit(command(number), now))


@contextlib.asynccontextmanager
async def engine(meeting: Meeting, desk: Desk, offset: int = 41) -> AsyncIterator[None]:
    queue = meeting.command_queue()
    async with running(lambda: queue.serve(desk, lambda: offset)):
        yield


@contextlib.asynccontextmanager
async def connected(
    meeting: Meeting, gateway: str = "a", limits: BusLimits = LIMITS
) -> AsyncIterator[CommandBus]:
    """A gateway's side that has been answered once, so that it takes commands."""
    bus = meeting.command_bus(gateway, limits)
    async with running(bus.run):
        async with engine(meeting, Desk()):
            await when_connected(lambda: bus.fate(ReceiptKey(PLAYER, CommandId("hello"))))
        yield bus


async def test_a_command_is_answered_with_its_receipt_and_the_offset_behind_it(
    meeting: Meeting,
) -> None:
    desk = Desk()
    async with connected(meeting) as bus, engine(meeting, desk, offset=99):
        answer = await submit(bus, 3)
    assert answer == Answer(receipt(command(3)), 99)
    assert desk.commands == [command(3)]


async def test_refusals_and_fates_arrive_whole(meeting: Meeting) -> None:
    desk = Desk()
    desk.outcome = REFUSED
    key = ReceiptKey(PLAYER, CommandId("c1"))
    async with connected(meeting) as bus, engine(meeting, desk):
        assert (await submit(bus, 1)).outcome == REFUSED
        fate = await bus.fate(key)
    assert fate.outcome == CommandFate("c1", "never_seen", "same_id", "Unknown.")
    assert desk.asked == [key]


async def test_commands_that_waited_for_an_engine_reach_it_once_each(meeting: Meeting) -> None:
    desk = Desk()
    async with connected(meeting, limits=BusLimits(commands_max=50)) as bus:
        sent = [asyncio.create_task(submit(bus, number)) for number in range(20)]
        async with engine(meeting, desk):
            answers = await asyncio.gather(*sent)
    assert [answer.outcome for answer in answers] == [receipt(command(n)) for n in range(20)]
    assert len(desk.commands) == 20


async def test_the_time_a_command_waited_at_its_gateway_counts(meeting: Meeting) -> None:
    desk = Desk()
    async with connected(meeting) as bus, engine(meeting, desk):
        received = SystemClock().monotonic() - 3.0
        await bus.submit(command(1), received)
    (seen,) = desk.received
    # Redis's entries know milliseconds.
    assert seen == pytest.approx(received, abs=1.0)
    assert seen < SystemClock().monotonic() - 2.9


async def test_each_gateway_gets_its_own_answers(meeting: Meeting) -> None:
    desk = Desk()
    async with connected(meeting, "a") as a, connected(meeting, "b") as b, engine(meeting, desk):
        of_a, of_b = await asyncio.gather(submit(a, 1), submit(b, 2))
    assert of_a.outcome == receipt(command(1))
    assert of_b.outcome == receipt(command(2))


async def test_a_full_queue_refuses_and_loses_nothing(meeting: Meeting) -> None:
    async with connected(meeting) as bus:
        waiting = [asyncio.create_task(submit(bus, number)) for number in range(5)]
        async with asyncio.timeout(PATIENT_SECONDS):
            done, kept = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        (refused,) = done
        outcome = refused.result().outcome
        assert isinstance(outcome, Refusal)
        assert (outcome.code, outcome.limit) == ("busy", "inbox=4")
        desk = Desk()
        async with engine(meeting, desk):
            answers = await asyncio.gather(*kept)
    assert len(answers) == len(desk.commands) == 4


async def test_what_a_killed_engine_had_taken_is_handed_to_the_next(meeting: Meeting) -> None:
    first, second = Desk(), Desk()
    first.open.clear()
    async with connected(meeting) as bus:
        waiting = asyncio.create_task(submit(bus, 1))
        async with engine(meeting, first):
            await first.arrived.wait()
        async with engine(meeting, second):
            answer = await waiting
    assert answer.outcome == receipt(command(1))
    assert first.commands == second.commands == [command(1)]


async def test_without_an_answer_in_time_the_outcome_is_unknown(meeting: Meeting) -> None:
    limits = BusLimits(answer_ms_max=1)
    async with connected(meeting, limits=BusLimits()):
        bus = meeting.command_bus("slow", limits)
        async with running(bus.run):
            outcome = (await submit(bus, 1)).outcome
    assert isinstance(outcome, Refusal)
    assert (outcome.code, outcome.retry) == ("outcome_unknown", Retry.SAME_ID)


async def test_a_caller_who_went_away_disturbs_nobody(meeting: Meeting) -> None:
    desk = Desk()
    desk.open.clear()
    async with connected(meeting) as bus, engine(meeting, desk):
        gone = asyncio.create_task(submit(bus, 1))
        await desk.arrived.wait()
        gone.cancel()
        desk.open.set()
        assert (await submit(bus, 2)).outcome == receipt(command(2))


async def test_an_outage_leaves_the_outcome_unknown_then_nothing_is_sent_then_it_heals(
    meeting: Meeting,
) -> None:
    desk = Desk()
    desk.open.clear()
    async with connected(meeting) as bus, engine(meeting, desk):
        waiting = asyncio.create_task(submit(bus, 1))
        await desk.arrived.wait()
        await meeting.go_away()
        outcome = (await waiting).outcome
        assert isinstance(outcome, Refusal)
        assert outcome.code == "outcome_unknown"
        with pytest.raises(BusUnavailableError):
            await bus.submit(command(2), SystemClock().monotonic())
        desk.open.set()
        await meeting.come_back()
        assert (await submit(bus, 3)).outcome == receipt(command(3))
    assert command(2) not in desk.commands


@pytest.mark.redis
async def test_requests_without_our_seal_are_thrown_away(redis_meeting: RedisMeeting) -> None:
    redis = redis_meeting.clients[0]
    stream = f"sectorwars:{redis_meeting.seal.namespace}:commands"
    desk = Desk()
    async with connected(redis_meeting) as bus, engine(redis_meeting, desk):
        await redis.xadd(stream, {"m": b"\x00" * 40})
        await redis.xadd(stream, {"other": b""})
        await submit(bus, 1)
        assert await redis.xlen(stream) == 0
    assert desk.commands == [command(1)]


async def test_an_engine_that_stops_answers_what_it_took_and_leaves_the_rest_to_the_next(
    meeting: Meeting,
) -> None:
    stopping, following = Desk(), Desk()
    stopping.open.clear()
    async with connected(meeting) as bus:
        queue = meeting.command_queue()
        async with running(lambda: queue.serve(stopping, lambda: 1)):
            taken = asyncio.create_task(submit(bus, 1))
            await stopping.arrived.wait()
            finishing = asyncio.create_task(queue.finish())
            left = asyncio.create_task(submit(bus, 2))
            await asyncio.sleep(0.05)
            assert not finishing.done()
            stopping.open.set()
            async with asyncio.timeout(PATIENT_SECONDS):
                await finishing
                assert (await taken).outcome == receipt(command(1))
            assert not left.done()
        async with engine(meeting, following), asyncio.timeout(PATIENT_SECONDS):
            assert (await left).outcome == receipt(command(2))
    assert stopping.commands == [command(1)]
    assert following.commands == [command(2)]
