"""The HTTP application, put together from what it is given."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from fastapi import FastAPI
from prometheus_client import CollectorRegistry
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware

from sectorwars.api.errors import install_error_handlers
from sectorwars.api.http_edge import HttpEdge
from sectorwars.api.openapi import openapi_of
from sectorwars.api.routes import (
    admin,
    advice,
    ai_forecasts,
    alerts,
    aria,
    asyncapi,
    authentication,
    automation,
    backtests,
    connections,
    galaxy,
    market,
    metrics,
    orders,
    player,
    quotes,
    server,
    trading,
    trading_controls,
)
from sectorwars.api.services import Services
from sectorwars.api.static_client import StaticClient
from sectorwars.observability.http_metrics import HttpMetrics

INTERFACE_VERSION: Final = "1"
"""The version of the interface, which the path names too; the software's is in the status."""


def create_app(
    services: Services,
    static_directory: Path,
    registry: CollectorRegistry,
    new_request_id: Callable[[], str],
) -> FastAPI:
    """Return the application; it starts and stops nothing, the services are the caller's.

    `static_directory` holds the built client, or nothing yet. `registry` is what /metrics shows.
    """
    limits = services.limits
    middleware = [
        Middleware(
            HttpEdge,
            clock=services.clock,
            metrics=HttpMetrics(registry),
            new_request_id=new_request_id,
            body_bytes_max=limits.body_bytes_max,
            denials=services.denials,
            trusted_proxies=limits.trusted_proxies,
        ),
        Middleware(StaticClient, directory=static_directory),
    ]
    if limits.allowed_origins:
        middleware.append(
            Middleware(
                CORSMiddleware,
                allow_origins=limits.allowed_origins,
                allow_methods=["GET", "POST", "PUT", "DELETE"],
                allow_headers=["Authorization", "Content-Type", "Idempotency-Key"],
                expose_headers=["Retry-After", "X-Request-Id"],
            )
        )
    app = FastAPI(
        title="Sectorwars 2102",
        version=INTERFACE_VERSION,
        # The framework's pages load scripts from elsewhere, which our policy forbids.
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        middleware=middleware,
    )
    app.state.services = services
    app.state.metrics_registry = registry
    install_error_handlers(app)
    for noun in (
        authentication,
        player,
        trading,
        orders,
        quotes,
        automation,
        backtests,
        galaxy,
        market,
        ai_forecasts,
        advice,
        alerts,
        aria,
        admin,
        trading_controls,
        connections,
        server,
        asyncapi,
        metrics,
    ):
        app.include_router(noun.router)

    def openapi() -> dict[str, Any]:
        return openapi_of(app)

    app.openapi = openapi  # type: ignore[method-assign]  # the framework's documented way
    return app
