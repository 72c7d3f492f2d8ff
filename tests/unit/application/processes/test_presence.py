"""Who is connected over all gateways, as far as they say and are heard."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from tests.small_core import virtual

from sectorwars.application.bus import GatewayPresent, PlayerArrived
from sectorwars.application.processes.presence import (
    PRESENCE_SECONDS,
    SILENCE_SECONDS_MAX,
    Presence,
    announce_presence,
)
from sectorwars.bus.limits import BusLimits
from sectorwars.bus.memory.broker import MemoryBroker
from sectorwars.bus.memory.event_bus import MemoryEventBus
from sectorwars.domain.ids import PlayerId
from sectorwars.domain.values import UnixMicros
from sectorwars.simulation.virtual_time import VirtualClock

ANN, BOB = PlayerId("pl_ann"), PlayerId("pl_bob")


class SetClock:
    def __init__(self) -> None:
        self.seconds = 100.0

    def now(self) -> UnixMicros:
        return UnixMicros(0)

    def monotonic(self) -> float:
        return self.seconds


def listening(own: str | None = None) -> tuple[Presence, SetClock, Callable[[float], None]]:
    """Return who has listened long enough to know, and what lets time pass."""
    clock = SetClock()
    presence = Presence(clock, own)
    presence.began()
    clock.seconds += SILENCE_SECONDS_MAX

    def wait(seconds: float) -> None:
        clock.seconds += seconds
        presence.forget_silent()

    return presence, clock, wait


def test_a_player_is_connected_as_long_as_some_gateway_says_so() -> None:
    presence, _, _ = listening()
    presence.hear(GatewayPresent("a", (ANN, BOB), {}))
    presence.hear(GatewayPresent("b", (ANN,), {}))
    assert presence.players_online == 2
    presence.hear(GatewayPresent("a", (), {}))
    assert (presence.is_connected(ANN), presence.is_connected(BOB)) == (True, False)
    presence.hear(GatewayPresent("b", (), {}))
    assert not presence.is_connected(ANN)
    assert presence.players_online == 0


def test_who_arrives_counts_at_once_and_once() -> None:
    presence, _, _ = listening()
    presence.hear(PlayerArrived("a", ANN))
    presence.hear(PlayerArrived("a", ANN))
    presence.hear(GatewayPresent("a", (ANN,), {}))
    assert presence.players_online == 1
    presence.hear(GatewayPresent("a", (), {}))
    assert presence.players_online == 0


def test_a_gateway_that_was_killed_is_forgotten_with_its_players() -> None:
    presence, _, wait = listening()
    presence.hear(GatewayPresent("a", (ANN,), {"10.0.0.1": 3}))
    presence.hear(GatewayPresent("b", (BOB,), {"10.0.0.1": 1}))
    wait(SILENCE_SECONDS_MAX - 1)
    presence.hear(GatewayPresent("b", (BOB,), {"10.0.0.1": 1}))
    assert presence.is_connected(ANN)
    wait(1)
    assert (presence.is_connected(ANN), presence.is_connected(BOB)) == (False, True)
    assert presence.counted("10.0.0.1") == 1


def test_everybody_counts_as_connected_while_gateways_are_not_heard_or_have_just_been() -> None:
    presence, clock, _ = listening()
    assert not presence.is_connected(ANN)
    presence.broke_off()
    assert presence.is_connected(ANN)
    presence.began()
    assert presence.is_connected(ANN)
    clock.seconds += SILENCE_SECONDS_MAX
    assert not presence.is_connected(ANN)


def test_a_gateway_does_not_count_itself_among_the_others() -> None:
    presence, _, wait = listening("a")
    moved: list[PlayerId] = []
    presence.on_moved(moved.append)
    presence.hear(GatewayPresent("a", (ANN,), {"10.0.0.1": 5}))
    assert (presence.others_with(ANN), presence.counted("10.0.0.1"), moved) == (0, 0, [])
    presence.hear(PlayerArrived("b", ANN))
    presence.hear(GatewayPresent("c", (ANN,), {"10.0.0.1": 2}))
    assert (presence.others_with(ANN), presence.counted("10.0.0.1")) == (2, 2)
    assert moved == [ANN, ANN]
    presence.hear(GatewayPresent("b", (), {}))
    wait(SILENCE_SECONDS_MAX)
    assert (presence.others_with(ANN), moved) == (0, [ANN] * 4)


@virtual
async def test_a_gateway_says_who_is_connected_again_and_again(clock: VirtualClock) -> None:
    bus = MemoryEventBus(MemoryBroker(), BusLimits())
    presence = Presence(clock)
    players = {ANN}
    tasks = [
        asyncio.create_task(announce_presence(bus, "a", lambda: players, lambda: {"::1": 2})),
        asyncio.create_task(presence.run()),
    ]
    async with bus.listen() as messages:
        assert await anext(messages) == GatewayPresent("a", (ANN,), {"::1": 2})
        players.add(BOB)
        said = await anext(messages)
        assert isinstance(said, GatewayPresent)
        assert set(said.players) == {ANN, BOB}
        presence.hear(said)
        tasks[0].cancel()
        await asyncio.sleep(SILENCE_SECONDS_MAX + PRESENCE_SECONDS)
        assert presence.players_online == 0
    tasks[1].cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
