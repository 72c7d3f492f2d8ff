"""Advice: what pays, by which way, how a good stands, and how the player trades."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Query

from sectorwars.api.commodity import commodity_named
from sectorwars.api.errors import documented
from sectorwars.api.paths import API_PREFIX
from sectorwars.api.principal import TOKEN_CODES, PrincipalDep
from sectorwars.api.responses import json_response
from sectorwars.api.schemas import ID_PATTERN
from sectorwars.api.services import ServicesDep
from sectorwars.application.advice.advisor import STOPS_MAX
from sectorwars.domain.commodity import COMMODITIES
from sectorwars.domain.ids import SectorId
from sectorwars.protocol.shapes.advice import (
    MarketAnalysis,
    OptimizedRoute,
    Recommendations,
    TradingProfile,
)

router = APIRouter(prefix=f"{API_PREFIX}/ai", tags=["advice"])

_READ_CODES: Final = (*TOKEN_CODES, "unknown_player", "internal_error")
_STOPS: Final = 2


@router.get("/recommendations", response_model=Recommendations, responses=documented(*_READ_CODES))
async def recommendations(principal: PrincipalDep, services: ServicesDep) -> Any:
    """Show what pays from where the player is, at the prices of now, every cost counted."""
    return json_response(services.advisor.recommendations(principal.player_id))


@router.get(
    "/optimize-route",
    response_model=OptimizedRoute,
    responses=documented(*_READ_CODES, "unknown_sector", "invalid_request"),
)
async def optimize_route(
    principal: PrincipalDep,
    services: ServicesDep,
    to_sector_id: Annotated[str | None, Query(max_length=64, pattern=ID_PATTERN)] = None,
    stops: Annotated[int, Query(ge=1, le=STOPS_MAX)] = _STOPS,
) -> Any:
    """Show the way to a sector with the fewest warps, or the best trades that follow one another.

    Without `to_sector_id` it is a round of at most `stops` trades from where the player is.
    """
    if to_sector_id is not None:
        return json_response(services.advisor.way(principal.player_id, SectorId(to_sector_id)))
    return json_response(services.advisor.tour(principal.player_id, stops))


@router.get(
    "/market-analysis/{commodity}",
    response_model=MarketAnalysis,
    responses=documented("unknown_commodity", "invalid_request", "internal_error"),
)
async def market_analysis(
    commodity: Annotated[
        str, Path(max_length=64, json_schema_extra={"enum": [good.value for good in COMMODITIES]})
    ],
    services: ServicesDep,
) -> Any:
    """Show a good's index, the best offers of all ports, and its published forecasts."""
    return json_response(services.advisor.market_analysis(commodity_named(commodity)))


@router.get(
    "/profile",
    response_model=TradingProfile,
    responses=documented(*_READ_CODES, "store_unavailable"),
)
async def profile(principal: PrincipalDep, services: ServicesDep) -> Any:
    """Show how the player trades, from his latest trades."""
    return json_response(await services.advisor.profile(principal.player_id))
