"""The player, his ship, where it is and where it can go."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Path

from sectorwars.api.commands import COMMAND_CODES, SubmissionDep
from sectorwars.api.errors import documented
from sectorwars.api.paths import API_PREFIX
from sectorwars.api.principal import TOKEN_CODES, PrincipalDep
from sectorwars.api.responses import json_response
from sectorwars.api.schemas import ID_PATTERN, CommandRequest, Fleet
from sectorwars.api.services import ServicesDep
from sectorwars.domain.command import Travel
from sectorwars.domain.ids import SectorId
from sectorwars.protocol.shapes.account import PlayerState, ShipState
from sectorwars.protocol.shapes.galaxy import SectorView
from sectorwars.protocol.shapes.journey import AvailableMoves, JourneyReceipt

router = APIRouter(prefix=f"{API_PREFIX}/player", tags=["player"])

_READ_CODES: Final = (*TOKEN_CODES, "unknown_player", "internal_error")


@router.get("/state", response_model=PlayerState, responses=documented(*_READ_CODES))
async def state(principal: PrincipalDep, services: ServicesDep) -> Any:
    """Show credits, turns, place, ship and cargo."""
    return json_response(services.queries.player_state(principal.player_id, principal.username))


@router.get("/ships", response_model=Fleet, responses=documented(*_READ_CODES))
async def ships(principal: PrincipalDep, services: ServicesDep) -> Any:
    """List the player's ships."""
    return json_response(Fleet([services.queries.ship_state(principal.player_id)]))


@router.get("/current-ship", response_model=ShipState, responses=documented(*_READ_CODES))
async def current_ship(principal: PrincipalDep, services: ServicesDep) -> Any:
    """Show the ship that the player flies."""
    return json_response(services.queries.ship_state(principal.player_id))


@router.get("/current-sector", response_model=SectorView, responses=documented(*_READ_CODES))
async def current_sector(principal: PrincipalDep, services: ServicesDep) -> Any:
    """Show the sector where the ship is or, under way, the one it has left."""
    return json_response(services.queries.current_sector(principal.player_id))


@router.get("/available-moves", response_model=AvailableMoves, responses=documented(*_READ_CODES))
async def available_moves(principal: PrincipalDep, services: ServicesDep) -> Any:
    """List the warps from the ship's sector, with their time and turns."""
    return json_response(services.queries.available_moves(principal.player_id))


@router.post(
    "/move/{sector_id}",
    response_model=JourneyReceipt,
    responses=documented(
        *COMMAND_CODES,
        "unknown_sector",
        "still_docked",
        "same_sector",
        "no_warp",
        "insufficient_turns",
    ),
)
async def move(
    sector_id: Annotated[str, Path(max_length=64, pattern=ID_PATTERN)],
    submission: SubmissionDep,
    body: CommandRequest | None = None,
) -> Any:
    """Warp to a neighbouring sector; the ship must have undocked, and arrives by itself."""
    command_id = None if body is None else body.command_id
    return await submission.submit(Travel(SectorId(sector_id)), command_id)
