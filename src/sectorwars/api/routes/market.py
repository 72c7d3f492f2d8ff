"""The galaxy's market, for everybody: indices and candles."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Query

from sectorwars.api.commodity import commodity_named
from sectorwars.api.errors import documented
from sectorwars.api.paths import API_PREFIX
from sectorwars.api.responses import json_response
from sectorwars.api.schemas import MarketOverview
from sectorwars.api.services import ServicesDep
from sectorwars.application.queries import CANDLES_MAX
from sectorwars.domain.commodity import COMMODITIES
from sectorwars.domain.ids import PortId
from sectorwars.protocol.shapes.market import Candles, Interval, MarketRealtime

router = APIRouter(prefix=f"{API_PREFIX}/market", tags=["market"])

_CANDLES: Final = 300

CommodityPath = Annotated[
    str,
    Path(max_length=64, json_schema_extra={"enum": [good.value for good in COMMODITIES]}),
]


@router.get("/realtime", response_model=MarketOverview, responses=documented("internal_error"))
async def overview(services: ServicesDep) -> Any:
    """Show the indices of all goods at once."""
    return json_response(
        MarketOverview([services.queries.market_realtime(good) for good in COMMODITIES])
    )


@router.get(
    "/realtime/{commodity}",
    response_model=MarketRealtime,
    responses=documented("unknown_commodity", "invalid_request", "internal_error"),
)
async def realtime(commodity: CommodityPath, services: ServicesDep) -> Any:
    """Show a good's index over all ports, with its last 24 game hours."""
    return json_response(services.queries.market_realtime(commodity_named(commodity)))


@router.get(
    "/candles/{commodity}",
    response_model=Candles,
    responses=documented(
        "unknown_commodity",
        "unknown_port",
        "invalid_request",
        "store_unavailable",
        "internal_error",
    ),
)
async def candles(
    commodity: CommodityPath,
    services: ServicesDep,
    interval: Interval = "1m",
    port_id: Annotated[str | None, Query(max_length=64)] = None,
    limit: Annotated[int, Query(ge=1, le=CANDLES_MAX)] = _CANDLES,
) -> Any:
    """Chart a good in game time: its index or, with `port_id`, its price at that port."""
    good = commodity_named(commodity)
    port = None if port_id is None else PortId(port_id)
    return json_response(await services.queries.candles(good, interval, port, limit))
