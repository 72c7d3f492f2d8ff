"""The galaxy's market, for everybody: indices, candles, the tape of trades, and news."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Query

from sectorwars.api.commodity import commodity_named
from sectorwars.api.errors import documented
from sectorwars.api.paths import API_PREFIX
from sectorwars.api.responses import json_response
from sectorwars.api.schemas import ID_PATTERN, MarketOverview
from sectorwars.api.services import ServicesDep
from sectorwars.application.reading.queries import CANDLES_MAX, TAPE_PAGE_MAX
from sectorwars.domain.commodity import COMMODITIES
from sectorwars.domain.ids import PortId
from sectorwars.protocol.shapes.market import (
    Candles,
    Interval,
    MarketNews,
    MarketRealtime,
    TradeTape,
)

router = APIRouter(prefix=f"{API_PREFIX}/market", tags=["market"])

_CANDLES: Final = 300
_TAPE_PAGE: Final = 50
_SEQUENCE_MAX: Final = 2**63 - 1

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
    port_id: Annotated[str | None, Query(max_length=64, pattern=ID_PATTERN)] = None,
    limit: Annotated[int, Query(ge=1, le=CANDLES_MAX)] = _CANDLES,
) -> Any:
    """Chart a good in game time: its index or, with `port_id`, its price at that port."""
    good = commodity_named(commodity)
    port = None if port_id is None else PortId(port_id)
    return json_response(await services.queries.candles(good, interval, port, limit))


@router.get(
    "/trades",
    response_model=TradeTape,
    responses=documented(
        "unknown_commodity",
        "unknown_port",
        "invalid_request",
        "store_unavailable",
        "internal_error",
    ),
)
async def trades(
    services: ServicesDep,
    commodity: Annotated[
        str | None,
        Query(max_length=64, json_schema_extra={"enum": [good.value for good in COMMODITIES]}),
    ] = None,
    port_id: Annotated[str | None, Query(max_length=64, pattern=ID_PATTERN)] = None,
    cursor: Annotated[str | None, Query(pattern=r"^[0-9]{1,19}$")] = None,
    limit: Annotated[int, Query(ge=1, le=TAPE_PAGE_MAX)] = _TAPE_PAGE,
) -> Any:
    """Page through the galaxy's trades of the last 24 game hours, newest first, without names."""
    good = None if commodity is None else commodity_named(commodity)
    port = None if port_id is None else PortId(port_id)
    before = None if cursor is None else min(int(cursor), _SEQUENCE_MAX)
    return json_response(await services.queries.tape(good, port, before, limit))


@router.get("/news", response_model=MarketNews, responses=documented("internal_error"))
async def news(services: ServicesDep) -> Any:
    """Tell what moves the economy: the largest moves, and ports that run short or over."""
    return json_response(services.queries.news())
