"""Decide on docking, undocking and warps."""

from typing import Final

from sectorwars.domain.command import Dock, Travel
from sectorwars.domain.event import JourneyCompleted, JourneyStarted, ShipDocked, ShipUndocked
from sectorwars.domain.ids import AccountId, CommandId
from sectorwars.domain.ledger import (
    DEPARTURE_FEES,
    DOCKING_FEES,
    Posting,
    player_account,
)
from sectorwars.domain.navigation import WARP_TURNS, Journey, Turns, warp_seconds
from sectorwars.domain.player import Player
from sectorwars.domain.rejection import Rejection, RejectionCode
from sectorwars.domain.values import MICROS_PER_SECOND, Credits, UnixMicros
from sectorwars.engine.decision import Accepted, Decision
from sectorwars.engine.handlers import quoting
from sectorwars.engine.world import World

DOCKING_FEE_CREDITS: Final = 5
DEPARTURE_FEE_CREDITS: Final = 5


def dock(
    world: World, player: Player, command: Dock, command_id: CommandId, now: UnixMicros
) -> Decision:
    """Dock at a port of the ship's sector, for a fee; who has less pays what he has."""
    ship = player.ship
    port = world.ports.get(command.port_id)
    if port is None:
        return Rejection(RejectionCode.UNKNOWN_PORT, f"There is no port {command.port_id!r}.")
    if ship.journey is not None:
        return _under_way()
    if ship.docked_port_id is not None:
        here = world.ports[ship.docked_port_id].spec.name
        return Rejection(RejectionCode.ALREADY_DOCKED, f"Your ship is docked at {here}.")
    if port.spec.sector_id != ship.sector_id:
        there = world.sectors[port.spec.sector_id].name
        return Rejection(
            RejectionCode.PORT_ELSEWHERE, f"{port.spec.name} is in {there}, not where your ship is."
        )
    credits_before = world.credits(player.player_id)
    fee = Credits(min(DOCKING_FEE_CREDITS, credits_before))
    return Accepted(
        (
            ShipDocked(
                player.player_id,
                command_id,
                now,
                port.spec.port_id,
                fee,
                Credits(credits_before - fee),
                _fee_postings(player, fee, DOCKING_FEES),
            ),
        )
    )


def undock(world: World, player: Player, command_id: CommandId, now: UnixMicros) -> Decision:
    """Leave the port, for a fee; who has less pays what he has. Live quotes end."""
    ship = player.ship
    if ship.journey is not None:
        return _under_way()
    if ship.docked_port_id is None:
        return Rejection(RejectionCode.NOT_DOCKED, "Your ship is not docked.")
    fee = Credits(min(DEPARTURE_FEE_CREDITS, world.credits(player.player_id)))
    left = ShipUndocked(
        player.player_id,
        command_id,
        now,
        ship.docked_port_id,
        ship.sector_id,
        fee,
        _fee_postings(player, fee, DEPARTURE_FEES),
    )
    return Accepted((*quoting.withdraw_all(world, player, now), left))


def travel(
    world: World, player: Player, command: Travel, command_id: CommandId, now: UnixMicros
) -> Decision:
    """Warp to a neighbouring sector; it costs a turn and takes real seconds."""
    ship = player.ship
    destination = world.sectors.get(command.to_sector_id)
    if destination is None:
        return Rejection(
            RejectionCode.UNKNOWN_SECTOR, f"There is no sector {command.to_sector_id!r}."
        )
    if ship.journey is not None:
        return _under_way()
    if ship.docked_port_id is not None:
        return Rejection(RejectionCode.STILL_DOCKED, "Undock before you warp.")
    origin = world.sectors[ship.sector_id]
    if destination is origin:
        return Rejection(RejectionCode.SAME_SECTOR, f"Your ship is in {origin.name} already.")
    if destination.sector_id not in origin.warps:
        return Rejection(
            RejectionCode.NO_WARP, f"No warp leads from {origin.name} to {destination.name}."
        )
    turns = player.turns.at(now)
    if turns.count < WARP_TURNS:
        return Rejection(
            RejectionCode.INSUFFICIENT_TURNS, "You have no turns left; one comes back every 10 s."
        )
    seconds = warp_seconds(origin, destination)
    arrives_at = UnixMicros(now + seconds * MICROS_PER_SECOND)
    journey = Journey(origin.sector_id, destination.sector_id, now, arrives_at)
    turns_left = Turns(turns.count - WARP_TURNS, turns.as_of)
    return Accepted((JourneyStarted(player.player_id, command_id, now, journey, turns_left),))


def complete_journey(player: Player, now: UnixMicros) -> Decision:
    """Let a ship arrive that is due; asked twice, or too early, nothing happens."""
    journey = player.ship.journey
    if journey is None or journey.arrives_at > now:
        return Accepted(())
    return Accepted((JourneyCompleted(player.player_id, now, journey.to_sector_id),))


def _fee_postings(player: Player, fee: Credits, account: AccountId) -> tuple[Posting, ...]:
    return (
        Posting(player_account(player.player_id), Credits(-fee)),
        Posting(account, fee),
    )


def _under_way() -> Rejection:
    return Rejection(RejectionCode.IN_TRANSIT, "Your ship is under way.")
