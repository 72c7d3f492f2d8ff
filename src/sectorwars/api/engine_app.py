"""What an engine of its own answers over HTTP: whether it lives and writes, and its metrics."""

from collections.abc import Callable

from prometheus_client import CollectorRegistry
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sectorwars.api.routes.metrics import metrics_response
from sectorwars.api.routes.server import health_response, readiness_response
from sectorwars.api.services import ApiLimits


def create_engine_app(
    registry: CollectorRegistry, not_ready: Callable[[], str | None], limits: ApiLimits
) -> Starlette:
    """Return the application of an engine; `not_ready` says why it does not write, or None."""

    async def healthz(_request: Request) -> Response:
        return health_response()

    async def readyz(_request: Request) -> Response:
        return readiness_response(not_ready())

    async def metrics(request: Request) -> Response:
        return metrics_response(request, registry, limits)

    return Starlette(
        routes=[
            Route("/healthz", healthz),
            Route("/readyz", readyz),
            Route("/metrics", metrics),
        ]
    )
