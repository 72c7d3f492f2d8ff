"""The gate: who may ask for what, and that asking changes nothing."""

import pytest
from tests.small_galaxy import BETA, HAVEN, NOW, envelope, refusal, small_world, world_with_player

from sectorwars.domain.command import (
    AdvanceTick,
    Command,
    CompleteJourney,
    Dock,
    RegisterPlayer,
    Trade,
    Travel,
    Undock,
)
from sectorwars.domain.ids import PlayerId
from sectorwars.domain.market import Side
from sectorwars.domain.rejection import RejectionCode
from sectorwars.engine.execute import execute
from sectorwars.simulation.digest import world_digest

PLAYERS_COMMANDS = [Undock(), Dock(HAVEN), Travel(BETA), Trade(Side.BUY, "ore", 1)]


@pytest.mark.parametrize("command", [*PLAYERS_COMMANDS, CompleteJourney()])
def test_a_stranger_is_refused_before_all_else(command: Command) -> None:
    assert refusal(small_world(), command) is RejectionCode.UNKNOWN_PLAYER


@pytest.mark.parametrize("command", [*PLAYERS_COMMANDS, RegisterPlayer()])
def test_a_players_command_without_a_player_is_a_bug(command: Command) -> None:
    with pytest.raises(ValueError, match=type(command).__name__):
        execute(small_world(), envelope(command, player_id=None), NOW)


@pytest.mark.parametrize("command", [*PLAYERS_COMMANDS, CompleteJourney(), AdvanceTick()])
def test_deciding_changes_nothing(command: Command) -> None:
    world = world_with_player()
    before = world_digest(world)
    execute(world, envelope(command), NOW)
    execute(world, envelope(RegisterPlayer(), PlayerId("pl_2")), NOW)
    assert world_digest(world) == before
