"""Orders that are to go with their owner's connection go with it, after a grace, and only they."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.small_core import SmallCore, running_core, virtual
from tests.small_galaxy import PLAYER

from sectorwars.application import refusals
from sectorwars.application.cancel_on_disconnect import CancelOnDisconnect
from sectorwars.application.projection import Committed
from sectorwars.application.rows import Receipt
from sectorwars.domain.command import CommandEnvelope, PlaceOrder
from sectorwars.domain.event import OrderClosed
from sectorwars.domain.ids import CommandId, PlayerId
from sectorwars.domain.market import Side
from sectorwars.domain.order import CloseReason
from sectorwars.domain.rejection import Refusal
from sectorwars.simulation.virtual_time import VirtualClock

GRACE_SECONDS = 10.0


class Room:
    """A core, who is connected to it, and the guard that a test lets beat."""

    def __init__(self, core: SmallCore) -> None:
        self.core = core
        self.connected = True
        self.busy = False
        self.submitted: list[CommandEnvelope] = []
        self.guard = self.started()

    def started(self) -> CancelOnDisconnect:
        """Start a guard on the committed world as it is."""
        return CancelOnDisconnect(
            self.core.galaxy.projection,
            self,
            self.core.clock,
            lambda _: self.connected,
            GRACE_SECONDS,
            lambda: CommandId(f"auto-{len(self.submitted)}"),
        )

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
