"""Docking, undocking and warps: fees, times, turns, and every refusal in its order."""

from tests.small_galaxy import (
    ALPHA,
    BETA,
    GAMMA,
    HAVEN,
    MINE,
    NOW,
    PLAYER,
    RESORT,
    perform,
    refusal,
    world_with_player,
)

from sectorwars.domain.command import CompleteJourney, Dock, Travel, Undock
from sectorwars.domain.event import JourneyCompleted, JourneyStarted, ShipDocked, ShipUndocked
from sectorwars.domain.ids import PortId, SectorId
from sectorwars.domain.ledger import DEPARTURE_FEES, DOCKING_FEES, player_account
from sectorwars.domain.navigation import TURNS_MAX, Turns
from sectorwars.domain.player import STARTING_CREDITS
from sectorwars.domain.rejection import RejectionCode
from sectorwars.domain.values import MICROS_PER_SECOND, Credits, UnixMicros
from sectorwars.engine.handlers.flight import DEPARTURE_FEE_CREDITS, DOCKING_FEE_CREDITS
from sectorwars.engine.world import World


def _undocked() -> World:
    world = world_with_player()
    perform(world, Undock())
    return world


def test_docking_costs_a_fee() -> None:
    world = _undocked()
    (event,) = perform(world, Dock(MINE))
    assert isinstance(event, ShipDocked)
    assert event.fee_credits == DOCKING_FEE_CREDITS
    paid = DEPARTURE_FEE_CREDITS + DOCKING_FEE_CREDITS
    assert event.credits_after == STARTING_CREDITS - paid == world.credits(PLAYER)
    assert world.ledger.balance(DOCKING_FEES) == DOCKING_FEE_CREDITS
    assert world.players[PLAYER].ship.docked_port_id == MINE


def test_who_has_less_than_the_fee_pays_what_he_has() -> None:
    world = _undocked()
    world.ledger.balances[player_account(PLAYER)] = Credits(3)
    (event,) = perform(world, Dock(HAVEN))
    assert isinstance(event, ShipDocked)
    assert (event.fee_credits, event.credits_after) == (3, 0)


def test_docking_is_refused_in_the_published_order() -> None:
    world = world_with_player()
    assert refusal(world, Dock(PortId("p9999"))) is RejectionCode.UNKNOWN_PORT
    assert refusal(world, Dock(RESORT)) is RejectionCode.ALREADY_DOCKED
    perform(world, Undock())
    assert refusal(world, Dock(RESORT)) is RejectionCode.PORT_ELSEWHERE
    perform(world, Travel(BETA))
    assert refusal(world, Dock(HAVEN)) is RejectionCode.IN_TRANSIT


def test_undocking_costs_a_fee_and_names_the_port_left() -> None:
    world = world_with_player()
    (event,) = perform(world, Undock())
    assert isinstance(event, ShipUndocked)
    assert (event.port_id, event.sector_id) == (HAVEN, ALPHA)
    assert event.fee_credits == DEPARTURE_FEE_CREDITS
    assert world.credits(PLAYER) == STARTING_CREDITS - DEPARTURE_FEE_CREDITS
    assert world.ledger.balance(DEPARTURE_FEES) == DEPARTURE_FEE_CREDITS
    assert refusal(world, Undock()) is RejectionCode.NOT_DOCKED
    perform(world, Travel(BETA))
    assert refusal(world, Undock()) is RejectionCode.IN_TRANSIT


def test_a_warp_takes_time_by_distance_and_a_turn() -> None:
    world = _undocked()
    (event,) = perform(world, Travel(BETA))
    assert isinstance(event, JourneyStarted)
    assert event.journey.departed_at == NOW
    assert event.journey.arrives_at == NOW + 5 * MICROS_PER_SECOND
    assert event.turns == Turns(TURNS_MAX - 1, NOW)
    assert world.players[PLAYER].ship.sector_id == ALPHA
    assert world.next_deadline() == event.journey.arrives_at


def test_a_warp_is_refused_in_the_published_order() -> None:
    world = world_with_player()
    assert refusal(world, Travel(SectorId("s9999"))) is RejectionCode.UNKNOWN_SECTOR
    assert refusal(world, Travel(ALPHA)) is RejectionCode.STILL_DOCKED
    perform(world, Undock())
    world.players[PLAYER].turns = Turns(0, NOW)
    assert refusal(world, Travel(ALPHA)) is RejectionCode.SAME_SECTOR
    assert refusal(world, Travel(GAMMA)) is RejectionCode.NO_WARP
    assert refusal(world, Travel(BETA)) is RejectionCode.INSUFFICIENT_TURNS
    world.players[PLAYER].turns = Turns(1, NOW)
    perform(world, Travel(BETA))
    assert refusal(world, Travel(ALPHA)) is RejectionCode.IN_TRANSIT


def test_a_turn_that_has_come_back_can_be_flown() -> None:
    world = _undocked()
    world.players[PLAYER].turns = Turns(0, NOW)
    later = UnixMicros(NOW + 13 * MICROS_PER_SECOND)
    perform(world, Travel(BETA), now=later)
    assert world.players[PLAYER].turns == Turns(0, UnixMicros(NOW + 10 * MICROS_PER_SECOND))


def test_a_ship_arrives_when_it_is_due_and_once() -> None:
    world = _undocked()
    perform(world, Travel(BETA))
    due = UnixMicros(NOW + 5 * MICROS_PER_SECOND)
    assert perform(world, CompleteJourney(), now=UnixMicros(due - 1)) == ()
    assert perform(world, CompleteJourney(), now=due) == (JourneyCompleted(PLAYER, due, BETA),)
    assert world.players[PLAYER].ship.sector_id == BETA
    assert world.crowds == {ALPHA: 0, BETA: 1}
    assert world.players[PLAYER].ship.journey is None
    assert perform(world, CompleteJourney(), now=due) == ()
