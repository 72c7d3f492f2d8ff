"""The writer over the bus: what a caller is told when it is away, or ahead of this process."""

from __future__ import annotations

import pytest
from tests.small_galaxy import PLAYER, envelope

from sectorwars.application.bus import Answer, BusUnavailableError
from sectorwars.application.ports import StoreUnavailableError
from sectorwars.application.processes.remote_commands import ENGINE_UNAVAILABLE, RemoteCommands
from sectorwars.application.rows import (
    Receipt,
    ReceiptKey,
)
from sectorwars.application.writing.refusals import OUTCOME_UNKNOWN
from sectorwars.domain.command import CommandEnvelope, Undock
from sectorwars.domain.ids import CommandId
from sectorwars.domain.values import UnixMicros
from sectorwars.protocol.shapes.command import CommandFate

KEY = ReceiptKey(PLAYER, CommandId("c1"))
RECEIPT = Receipt(KEY, b"", "executed", None, b"{}", UnixMicros(1))
NEVER_SEEN = CommandFate("c1", "never_seen", "same_id", "Unknown.")
COMMAND = envelope(Undock(), PLAYER, "c1")


class Bus:
    """Gives one answer, or none."""

    def __init__(self, answer: Answer | None) -> None:
        self._answer = answer

    async def submit(self, _: CommandEnvelope, received_monotonic: float) -> Answer:
        return await self.fate(KEY)

    async def fate(self, _: ReceiptKey) -> Answer:
        if self._answer is None:
            raise BusUnavailableError("away")
        return self._answer

    async def run(self) -> None:
        raise AssertionError("commands are only submitted and asked for here")


class Place:
    """Where this process is in the log."""

    def __init__(self, *, store_is_away: bool = False) -> None:
        self.waited_for: list[int] = []
        self._store_is_away = store_is_away

    async def reached(self, offset: int) -> None:
        self.waited_for.append(offset)
        if self._store_is_away:
            raise StoreUnavailableError("away")


async def test_an_answer_waits_until_this_process_shows_what_it_tells() -> None:
    place = Place()
    commands = RemoteCommands(Bus(Answer(RECEIPT, 7)), place.reached)
    assert await commands.submit(COMMAND, 0.0) == RECEIPT
    assert await commands.fate(KEY) == RECEIPT
    assert place.waited_for == [7, 7]


async def test_fates_and_refusals_are_passed_on() -> None:
    refused = RemoteCommands(Bus(Answer(OUTCOME_UNKNOWN, 0)), Place().reached)
    assert await refused.submit(COMMAND, 0.0) == OUTCOME_UNKNOWN
    fate = await refused.fate(KEY)
    assert isinstance(fate, CommandFate)
    assert fate.status == "pending"
    seen = RemoteCommands(Bus(Answer(NEVER_SEEN, 0)), Place().reached)
    assert await seen.fate(KEY) == NEVER_SEEN


async def test_without_the_bus_commands_are_refused_for_later() -> None:
    commands = RemoteCommands(Bus(None), Place().reached)
    assert await commands.submit(COMMAND, 0.0) == ENGINE_UNAVAILABLE
    fate = await commands.fate(KEY)
    assert isinstance(fate, CommandFate)
    assert fate.status == "pending"


async def test_an_answer_that_this_process_cannot_show_is_in_doubt() -> None:
    commands = RemoteCommands(Bus(Answer(RECEIPT, 7)), Place(store_is_away=True).reached)
    assert await commands.submit(COMMAND, 0.0) == OUTCOME_UNKNOWN


async def test_an_answer_of_the_wrong_kind_is_a_bug() -> None:
    commands = RemoteCommands(Bus(Answer(NEVER_SEEN, 0)), Place().reached)
    with pytest.raises(TypeError):
        await commands.submit(COMMAND, 0.0)
