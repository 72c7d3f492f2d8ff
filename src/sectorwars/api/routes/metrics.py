"""What Prometheus reads."""

import hmac
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from sectorwars.api.errors import problem_response
from sectorwars.api.services import ApiLimits, ServicesDep
from sectorwars.application.accounts.client_address import is_local
from sectorwars.domain.rejection import Refusal, Retry

router = APIRouter(tags=["server"])

_HIDDEN: Final = Refusal(
    "permission_denied",
    Retry.NEVER,
    "Metrics are shown on this machine only, or to who has the token of the settings.",
)


@router.get("/metrics", response_class=Response, include_in_schema=False)
async def metrics(request: Request, services: ServicesDep) -> Response:
    """Show all metrics in Prometheus's text format, to this machine or to who has the token."""
    return metrics_response(request, request.app.state.metrics_registry, services.limits)


def metrics_response(request: Request, registry: CollectorRegistry, limits: ApiLimits) -> Response:
    """Answer with all metrics, or with the refusal to show them."""
    if not _may_read(request, limits):
        return problem_response(_HIDDEN)
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


def _may_read(request: Request, limits: ApiLimits) -> bool:
    if limits.metrics_token is not None:
        given = request.headers.get("authorization", "")
        wanted = f"Bearer {limits.metrics_token}"
        return hmac.compare_digest(given.encode(), wanted.encode())
    peer = None if request.client is None else request.client.host
    return is_local(peer, request.headers.getlist("x-forwarded-for"), limits.trusted_proxies)
