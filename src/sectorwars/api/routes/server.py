"""The server itself: status, health, keys."""

from typing import Any

from fastapi import APIRouter

from sectorwars.api.errors import documented, problem_response
from sectorwars.api.paths import API_PREFIX
from sectorwars.api.responses import json_response
from sectorwars.api.schemas import Health, Readiness
from sectorwars.api.services import ServicesDep
from sectorwars.domain.rejection import Refusal, Retry
from sectorwars.protocol.shapes.server import ServerStatus

router = APIRouter(tags=["server"])


@router.get(
    f"{API_PREFIX}/status", response_model=ServerStatus, responses=documented("internal_error")
)
async def status(services: ServicesDep) -> Any:
    """Show the server's time, the galaxy's date and the universe's size."""
    return json_response(services.queries.status())


@router.get("/healthz", response_model=Health)
async def healthz() -> Any:
    """Tell that the process answers."""
    return json_response(Health("ok"))


@router.get("/readyz", response_model=Readiness, responses=documented("not_ready"))
async def readyz(services: ServicesDep) -> Any:
    """Tell whether the server takes commands."""
    reason = services.not_ready()
    if reason is not None:
        return problem_response(Refusal("not_ready", Retry.LATER, reason, retry_after_ms=1_000))
    return json_response(Readiness("ready"))


@router.get("/.well-known/jwks.json", response_model=dict[str, Any])
async def jwks(services: ServicesDep) -> Any:
    """Publish the keys that signatures of frames and tokens are checked with (RFC 7517)."""
    return json_response(services.jwks)
