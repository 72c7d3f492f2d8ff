"""A newcomer's ship, credits and berth."""

from tests.small_galaxy import ALPHA, HAVEN, NOW, PLAYER, perform, refusal, small_world

from sectorwars.domain.command import RegisterPlayer
from sectorwars.domain.event import PlayerRegistered
from sectorwars.domain.ledger import MINT
from sectorwars.domain.navigation import TURNS_MAX, Turns
from sectorwars.domain.player import STARTING_CREDITS
from sectorwars.domain.rejection import RejectionCode


def test_a_newcomer_lies_at_a_starter_port_with_credits_and_turns() -> None:
    world = small_world()
    minted = world.ledger.balance(MINT)
    (event,) = perform(world, RegisterPlayer())
    assert isinstance(event, PlayerRegistered)
    player = world.players[PLAYER]
    assert (player.registered_at, player.turns) == (NOW, Turns(TURNS_MAX, NOW))
    assert (player.ship.sector_id, player.ship.docked_port_id) == (ALPHA, HAVEN)
    assert (player.ship.cargo, player.trade_serial) == ({}, 0)
    assert world.credits(PLAYER) == STARTING_CREDITS == 50_000
    assert world.ledger.balance(MINT) == minted - STARTING_CREDITS
    assert world.ledger.total() == 0


def test_nobody_arrives_twice() -> None:
    world = small_world()
    perform(world, RegisterPlayer())
    assert refusal(world, RegisterPlayer()) is RejectionCode.PLAYER_EXISTS
