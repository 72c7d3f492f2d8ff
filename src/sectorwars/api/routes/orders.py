"""Resting limit orders: placed, cancelled, looked up; and the book they rest in."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Query

from sectorwars.api.commands import COMMAND_CODES, SubmissionDep
from sectorwars.api.commodity import commodity_named
from sectorwars.api.errors import documented
from sectorwars.api.paths import API_PREFIX
from sectorwars.api.principal import TOKEN_CODES, PrincipalDep
from sectorwars.api.responses import json_response
from sectorwars.api.routes.trading import ORDER_CODES
from sectorwars.api.schemas import (
    CURSOR_PATTERN,
    ID_LENGTH_MAX,
    ID_PATTERN,
    LimitOrderRequest,
)
from sectorwars.api.services import ServicesDep
from sectorwars.application.reading.order_queries import OrderStatus
from sectorwars.application.reading.queries import HISTORY_PAGE_MAX
from sectorwars.domain.command import CancelOrder, CancelOrders, PlaceOrder
from sectorwars.domain.ids import OrderId, PortId
from sectorwars.domain.market import Side
from sectorwars.protocol.shapes.order import (
    CancelReceipt,
    OrderBookView,
    OrderHistory,
    OrderReceipt,
    OrderView,
)

router = APIRouter(prefix=f"{API_PREFIX}/trading", tags=["orders"])

_READ_CODES: Final = (*TOKEN_CODES, "invalid_request", "internal_error")
_PAGE: Final = 50
_SEQUENCE_MAX: Final = 2**63 - 1

OrderPath = Annotated[str, Path(max_length=128, pattern=ID_PATTERN)]


@router.post(
    "/orders",
    response_model=OrderReceipt,
    responses=documented(
        *COMMAND_CODES,
        *ORDER_CODES,
        "invalid_price_bound",
        "invalid_order_life",
        "order_limit",
        "price_outside_collar",
        "insufficient_cargo",
        "insufficient_credits",
        "cap_trade_credits",
        "cap_hour_credits",
        "cap_day_credits",
    ),
)
async def place(body: LimitOrderRequest, submission: SubmissionDep) -> Any:
    """Rest a limit order at the port where the ship is docked; what can be filled, is at once.

    Credits or cargo for it are put aside. It acts only while the ship is docked there.
    """
    command = PlaceOrder(
        Side(body.side),
        body.commodity,
        body.quantity,
        body.limit_price,
        body.good_for_seconds,
        body.cancel_on_disconnect,
    )
    return await submission.submit(command, body.command_id)


@router.delete(
    "/orders/{order_id}",
    response_model=CancelReceipt,
    responses=documented(*COMMAND_CODES, "unknown_order"),
)
async def cancel(order_id: OrderPath, submission: SubmissionDep) -> Any:
    """Cancel an open order; the `Idempotency-Key` header makes a retry safe."""
    return await submission.submit(CancelOrder(OrderId(order_id)), None)


@router.delete(
    "/orders",
    response_model=CancelReceipt,
    responses=documented(*COMMAND_CODES, "no_open_orders"),
)
async def cancel_all(
    submission: SubmissionDep,
    port_id: Annotated[str | None, Query(max_length=ID_LENGTH_MAX, pattern=ID_PATTERN)] = None,
) -> Any:
    """Cancel all open orders, or those at a port."""
    command = CancelOrders(None if port_id is None else PortId(port_id))
    return await submission.submit(command, None)


@router.get(
    "/orders",
    response_model=OrderHistory,
    responses=documented(*_READ_CODES, "unknown_player", "store_unavailable"),
)
async def orders(
    principal: PrincipalDep,
    services: ServicesDep,
    status: OrderStatus = "all",
    cursor: Annotated[str | None, Query(pattern=CURSOR_PATTERN)] = None,
    limit: Annotated[int, Query(ge=1, le=HISTORY_PAGE_MAX)] = _PAGE,
) -> Any:
    """Page through the player's orders, newest first, each with the reason of its close."""
    before = None if cursor is None else min(int(cursor), _SEQUENCE_MAX)
    page = await services.order_queries.page(principal.player_id, status, before, limit)
    return json_response(page)


@router.get(
    "/orders/{order_id}",
    response_model=OrderView,
    responses=documented(*_READ_CODES, "unknown_player", "unknown_order", "store_unavailable"),
)
async def order(order_id: OrderPath, principal: PrincipalDep, services: ServicesDep) -> Any:
    """Show an order of the player, open or closed."""
    return json_response(await services.order_queries.order(principal.player_id, OrderId(order_id)))


@router.get(
    "/orderbook/{port_id}/{commodity}",
    response_model=OrderBookView,
    responses=documented(*_READ_CODES, "unknown_port", "unknown_commodity"),
)
async def book(
    port_id: Annotated[str, Path(max_length=ID_LENGTH_MAX, pattern=ID_PATTERN)],
    commodity: Annotated[str, Path(max_length=ID_LENGTH_MAX)],
    _principal: PrincipalDep,
    services: ServicesDep,
) -> Any:
    """Show the acting orders for a good at a port, summed by price, beside the port's own quote."""
    return json_response(services.order_queries.book(PortId(port_id), commodity_named(commodity)))
