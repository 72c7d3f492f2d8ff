"""The server itself: status, health, keys."""

from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response

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
    return health_response()


@router.get("/readyz", response_model=Readiness, responses=documented("not_ready"))
async def readyz(services: ServicesDep) -> Any:
    """Tell whether the server takes commands."""
    return readiness_response(services.not_ready())


@router.get("/.well-known/jwks.json", response_model=dict[str, Any])
async def jwks(services: ServicesDep) -> Any:
    """Publish the keys that signatures of frames and tokens are checked with (RFC 7517)."""
    return json_response(services.jwks())


def health_response() -> Response:
    """Answer that the process lives."""
    return json_response(Health("ok"))


def readiness_response(reason: str | None) -> Response:
    """Answer whether the process does its work; `reason` says why it does not."""
    if reason is not None:
        return problem_response(Refusal("not_ready", Retry.LATER, reason, retry_after_ms=1_000))
    return json_response(Readiness("ready"))
