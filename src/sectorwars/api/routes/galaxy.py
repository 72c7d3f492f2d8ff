"""The galaxy as a whole; for everybody."""

from typing import Any

from fastapi import APIRouter

from sectorwars.api.errors import documented
from sectorwars.api.paths import API_PREFIX
from sectorwars.api.responses import json_response
from sectorwars.api.services import ServicesDep
from sectorwars.protocol.shapes.galaxy import GalaxyMap

router = APIRouter(prefix=f"{API_PREFIX}/galaxy", tags=["galaxy"])


@router.get("/map", response_model=GalaxyMap, responses=documented("internal_error"))
async def galaxy_map(services: ServicesDep) -> Any:
    """Show every sector with its place, its ports and its warps."""
    return json_response(services.queries.galaxy_map())
