"""Decide on a newcomer's arrival in the galaxy."""

from sectorwars.domain.event import PlayerRegistered
from sectorwars.domain.ids import CommandId, PlayerId, ship_id
from sectorwars.domain.ledger import MINT, Posting, player_account
from sectorwars.domain.navigation import TURNS_MAX, Turns
from sectorwars.domain.player import STARTING_CREDITS
from sectorwars.domain.rejection import Rejection, RejectionCode
from sectorwars.domain.ship import ShipClass
from sectorwars.domain.values import Credits, UnixMicros
from sectorwars.engine.decision import Accepted, Decision
from sectorwars.engine.genesis import starter_port
from sectorwars.engine.world import World


def register(world: World, player_id: PlayerId, command_id: CommandId, now: UnixMicros) -> Decision:
    """Give a newcomer a ship, credits, turns and a berth at a starter port."""
    if player_id in world.players:
        return Rejection(RejectionCode.PLAYER_EXISTS, "This player is in the galaxy already.")
    port = starter_port(world)
    postings = (
        Posting(MINT, Credits(-STARTING_CREDITS)),
        Posting(player_account(player_id), STARTING_CREDITS),
    )
    event = PlayerRegistered(
        player_id,
        command_id,
        now,
        ship_id(player_id),
        ShipClass.LIGHT_FREIGHTER,
        port.spec.sector_id,
        port.spec.port_id,
        Turns(TURNS_MAX, now),
        postings,
    )
    return Accepted((event,))
