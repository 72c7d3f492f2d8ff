"""Forecasts of index prices, and how good they have been; for everybody."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query

from sectorwars.api.errors import RefusedError, documented
from sectorwars.api.paths import API_PREFIX
from sectorwars.api.responses import json_response
from sectorwars.api.services import ServicesDep
from sectorwars.application.forecasts.scoreboard import DAYS_MAX
from sectorwars.domain.commodity import COMMODITIES, Commodity
from sectorwars.domain.rejection import Refusal, RejectionCode, Retry
from sectorwars.forecasting.horizon import Horizon
from sectorwars.protocol.shapes.forecast import ForecastHorizon, ForecastPerformance, PriceForecasts

router = APIRouter(prefix=f"{API_PREFIX}/ai", tags=["forecasts"])

_DAYS: Final = 30


@router.get(
    "/predictions",
    response_model=PriceForecasts,
    responses=documented("unknown_commodity", "invalid_request", "internal_error"),
)
async def predictions(
    services: ServicesDep,
    commodity: Annotated[
        str | None,
        Query(max_length=64, json_schema_extra={"enum": [good.value for good in COMMODITIES]}),
    ] = None,
    horizon: ForecastHorizon | None = None,
) -> Any:
    """Show the forecasts that stand, of one good or all, over one horizon or all."""
    span = None if horizon is None else Horizon(horizon)
    return json_response(services.queries.forecasts(_commodity(commodity), span))


@router.get(
    "/performance",
    response_model=ForecastPerformance,
    responses=documented("invalid_request", "store_unavailable", "internal_error"),
)
async def performance(
    services: ServicesDep, days: Annotated[int, Query(ge=1, le=DAYS_MAX)] = _DAYS
) -> Any:
    """Show how the present model's forecasts of the last game days have done."""
    return json_response(await services.forecast_scoreboard.performance(days))


def _commodity(name: str | None) -> Commodity | None:
    if name is None:
        return None
    try:
        return Commodity(name)
    except ValueError:
        detail = f"There is no good called {name!r}."
        raise RefusedError(Refusal(RejectionCode.UNKNOWN_COMMODITY, Retry.NEVER, detail)) from None
