"""Bringing a player into the galaxy, once."""

from tests.small_core import SmallCore, idle_core, virtual
from tests.small_galaxy import PLAYER

from sectorwars.application.accounts.enrolment import Enrolment
from sectorwars.application.writing import refusals
from sectorwars.domain.event import PlayerRegistered
from sectorwars.simulation.virtual_time import VirtualClock


def _enrolment(core: SmallCore) -> Enrolment:
    return Enrolment(
        core.processor, lambda player: player in core.galaxy.projection.world.players, core.clock
    )


def _arrivals(core: SmallCore) -> int:
    return sum(isinstance(logged.event, PlayerRegistered) for logged in core.disk.log)


@virtual
async def test_a_player_is_enrolled_once_however_often_it_is_asked_for(
    clock: VirtualClock,
) -> None:
    async with idle_core(clock) as (core, writing):
        assert await _enrolment(core).enrol(PLAYER) is None
        assert await _enrolment(core).enrol(PLAYER) is None
        assert _arrivals(core) == 1
        core.processor.stop()
        await writing


@virtual
async def test_an_enrolment_in_doubt_is_made_good_by_the_next(clock: VirtualClock) -> None:
    async with idle_core(clock) as (core, writing):
        core.store.faults.extend(["after", "before"])
        assert await _enrolment(core).enrol(PLAYER) == refusals.OUTCOME_UNKNOWN
        # The projection has caught up with what was committed unseen.
        assert await _enrolment(core).enrol(PLAYER) is None
        assert _arrivals(core) == 1
        core.processor.stop()
        await writing


@virtual
async def test_a_refusal_is_passed_on(clock: VirtualClock) -> None:
    async with idle_core(clock) as (core, writing):
        core.processor.stop()
        await writing
        assert await _enrolment(core).enrol(PLAYER) == refusals.STOPPING
        assert _arrivals(core) == 0
