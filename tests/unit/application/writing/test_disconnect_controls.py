"""What players want done once their connection is gone is done, after a grace, and only that."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from tests.small_core import SmallCore, running_core, virtual
from tests.small_galaxy import PLAYER

from sectorwars.application.reading.projection import Committed
from sectorwars.application.rows import Receipt
from sectorwars.application.writing import refusals
from sectorwars.application.writing.disconnect_controls import DisconnectControls
from sectorwars.domain.command import (
    CommandEnvelope,
    CreateRule,
    PlaceOrder,
    PlayerCommand,
    SetDisconnectPause,
    SwitchAutomation,
    ToggleRule,
)
from sectorwars.domain.commodity import Commodity
from sectorwars.domain.event import OrderClosed
from sectorwars.domain.ids import CommandId, PlayerId, RuleId
from sectorwars.domain.market import Side
from sectorwars.domain.order import CloseReason
from sectorwars.domain.rejection import Refusal
from sectorwars.domain.rule import (
    Automation,
    Comparison,
    Condition,
    ConditionType,
    RiskLevel,
    RuleSpec,
)
from sectorwars.simulation.virtual_time import VirtualClock

GRACE_SECONDS = 10.0
RULE = RuleId(f"r-{PLAYER}-1")
NEVER = Condition(ConditionType.PRICE_ABOVE, Comparison.GREATER_THAN, 10**9)
DEAR_ORE = RuleSpec("Dear ore", Commodity.ORE, None, (NEVER,), (), RiskLevel.MODERATE, 1_000)
PAUSE = SetDisconnectPause(active=True)


class Room:
    """A core, who is connected to it, and the guard that a test lets beat."""

    def __init__(self, core: SmallCore) -> None:
        self.core = core
        self.connected = True
        self.busy = False
        self.submitted: list[CommandEnvelope] = []
        self._serial = 0
        self.guard = self.started()

    def started(self) -> DisconnectControls:
        """Start a guard on the committed world as it is."""
        return DisconnectControls(
            self.core.galaxy.projection,
            self,
            self.core.clock,
            lambda _: self.connected,
            GRACE_SECONDS,
            self._new_id,
        )

    def _new_id(self) -> CommandId:
        self._serial += 1
        return CommandId(f"guard-{self._serial}")

    async def submit(
        self, envelope: CommandEnvelope, received_monotonic: float
    ) -> Receipt | Refusal:
        self.submitted.append(envelope)
        if self.busy:
            return refusals.busy(1)
        return await self.core.processor.submit(envelope, received_monotonic)

    async def place(self, *, cancel_on_disconnect: bool = True) -> str:
        order = PlaceOrder(Side.BUY, "ore", 1, 30, 3_600, cancel_on_disconnect)
        placed = await self.core.executed(order)
        self.guard.observe(Committed(tuple(self.core.committed), ()))
        name: str = placed["order"]["order_id"]
        return name

    async def automate(self, *wishes: PlayerCommand) -> None:
        """Switch on a rule that never trades, and ask for more."""
        for command in (
            CreateRule(DEAR_ORE),
            ToggleRule(RULE, active=True),
            SwitchAutomation(active=True),
            *wishes,
        ):
            await self.core.executed(command)
        self.guard.observe(Committed(tuple(self.core.committed), ()))

    @property
    def automation(self) -> Automation:
        return self.core.galaxy.projection.world.players[PLAYER].automation

    async def after(self, seconds: float) -> dict[str, CloseReason]:
        """Let time pass and the guard beat; return the orders closed by then, and why."""
        await asyncio.sleep(seconds)
        await self.guard.beat()
        events = [logged.event for logged in self.core.committed]
        return {event.order_id: event.reason for event in events if isinstance(event, OrderClosed)}


@asynccontextmanager
async def room(clock: VirtualClock) -> AsyncIterator[Room]:
    async with running_core(clock) as core:
        yield Room(core)


@virtual
async def test_only_orders_that_ask_for_it_go_and_only_after_the_grace(
    clock: VirtualClock,
) -> None:
    async with room(clock) as here:
        kept = await here.place(cancel_on_disconnect=False)
        meant = await here.place()
        assert await here.after(60) == {}
        here.connected = False
        assert await here.after(1) == {}
        assert await here.after(GRACE_SECONDS - 1) == {}
        assert await here.after(2) == {meant: CloseReason.DISCONNECTED}
        assert list(here.core.galaxy.projection.world.players[PLAYER].orders) == [kept]
        await here.after(60)
        assert len(here.submitted) == 1


@virtual
async def test_whoever_comes_back_in_time_keeps_them(clock: VirtualClock) -> None:
    async with room(clock) as here:
        await here.place()
        here.connected = False
        await here.after(1)
        await here.after(GRACE_SECONDS - 1)
        here.connected = True
        await here.after(1)
        here.connected = False
        await here.after(1)
        assert await here.after(GRACE_SECONDS - 1) == {}


@virtual
async def test_after_a_start_everybody_has_the_grace_again(clock: VirtualClock) -> None:
    async with room(clock) as here:
        name = await here.place()
        here.connected = False
        here.guard = here.started()
        assert await here.after(60) == {}
        assert await here.after(GRACE_SECONDS) == {name: CloseReason.DISCONNECTED}


@virtual
async def test_what_was_refused_is_asked_for_again(clock: VirtualClock) -> None:
    async with room(clock) as here:
        name = await here.place()
        here.connected, here.busy = False, True
        await here.after(1)
        assert await here.after(GRACE_SECONDS) == {}
        here.busy = False
        assert await here.after(1) == {name: CloseReason.DISCONNECTED}
        assert len({envelope.command_id for envelope in here.submitted}) == 2
        assert {envelope.player_id for envelope in here.submitted} == {PlayerId(PLAYER)}


@virtual
async def test_automation_pauses_after_the_grace_and_says_when(clock: VirtualClock) -> None:
    async with room(clock) as here:
        await here.automate(PAUSE)
        here.connected = False
        await here.after(1)
        await here.after(GRACE_SECONDS - 1)
        assert here.automation.active
        await here.after(2)
        assert (here.automation.active, here.automation.paused_at) == (False, clock.now())
        await here.after(60)
        assert len(here.submitted) == 1
        # One tap brings it back, and the reason is gone with it.
        await here.core.executed(SwitchAutomation(active=True))
        assert (here.automation.active, here.automation.paused_at) == (True, None)


@pytest.mark.parametrize(
    "wishes",
    [
        (),
        (PAUSE, SetDisconnectPause(active=False)),
        (PAUSE, SwitchAutomation(active=False)),
        (PAUSE, ToggleRule(RULE, active=False)),
    ],
    ids=["not chosen", "chosen no more", "off already", "nothing to pause"],
)
def test_automation_that_is_not_to_pause_goes_on(wishes: tuple[PlayerCommand, ...]) -> None:
    @virtual
    async def leave(clock: VirtualClock) -> None:
        async with room(clock) as here:
            await here.automate(*wishes)
            before = here.automation.active
            here.connected = False
            await here.after(1)
            await here.after(2 * GRACE_SECONDS)
            assert here.submitted == []
            assert (here.automation.active, here.automation.paused_at) == (before, None)

    leave()


@virtual
async def test_a_restart_forgets_neither_the_choice_nor_the_grace(clock: VirtualClock) -> None:
    async with room(clock) as here:
        await here.automate(PAUSE)
        here.connected = False
        here.guard = here.started()
        await here.after(60)
        assert here.automation.active
        await here.after(GRACE_SECONDS)
        assert not here.automation.active


@virtual
async def test_orders_go_and_rules_pause_in_one_beat(clock: VirtualClock) -> None:
    async with room(clock) as here:
        await here.automate(PAUSE)
        name = await here.place()
        here.connected = False
        await here.after(1)
        assert await here.after(GRACE_SECONDS) == {name: CloseReason.DISCONNECTED}
        assert not here.automation.active
        assert len({envelope.command_id for envelope in here.submitted}) == 2


@virtual
async def test_a_pause_that_comes_too_late_is_rejected_and_not_repeated(
    clock: VirtualClock,
) -> None:
    async with room(clock) as here:
        await here.automate(PAUSE)
        here.connected = False
        await here.after(1)
        await asyncio.sleep(GRACE_SECONDS)
        # He switches it off himself while the beat's command is under way.
        off = here.core.send(SwitchAutomation(active=False))
        await here.guard.beat()
        await off
        assert (here.automation.active, here.automation.paused_at) == (False, None)
        await here.after(60)
        assert len(here.submitted) == 1
