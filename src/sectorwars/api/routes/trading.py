"""Docking, quotes at a port, orders, their receipts and their history."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Query
from fastapi.responses import Response

from sectorwars.api.commands import COMMAND_CODES, SubmissionDep
from sectorwars.api.errors import documented, problem_response
from sectorwars.api.paths import API_PREFIX
from sectorwars.api.principal import TOKEN_CODES, PrincipalDep
from sectorwars.api.responses import json_response
from sectorwars.api.schemas import BuyOrder, CommandRequest, DockRequest, SellOrder
from sectorwars.api.services import ServicesDep
from sectorwars.application.ports import Receipt, ReceiptKey
from sectorwars.application.queries import HISTORY_PAGE_MAX
from sectorwars.domain.command import Dock, Trade, Undock
from sectorwars.domain.ids import COMMAND_ID_LENGTH_MAX, CommandId, PortId
from sectorwars.domain.market import Side
from sectorwars.domain.rejection import Refusal, Retry
from sectorwars.protocol.shapes.account import RegistrationReceipt
from sectorwars.protocol.shapes.command import CommandFate
from sectorwars.protocol.shapes.journey import DockReceipt, JourneyReceipt, UndockReceipt
from sectorwars.protocol.shapes.market import PortMarket
from sectorwars.protocol.shapes.trade import TradeHistory, TradeReceipt

router = APIRouter(prefix=f"{API_PREFIX}/trading", tags=["trading"])

_READ_CODES: Final = (*TOKEN_CODES, "internal_error")
_TRADE_CODES: Final = (
    *COMMAND_CODES,
    "trade_rate_limited",
    "unknown_quote",
    "unknown_commodity",
    "invalid_quantity",
    "invalid_price_bound",
    "not_docked",
)
_UNKNOWN_QUOTE: Final = Refusal(
    "unknown_quote", Retry.NEVER, "There is no quote of that id; trade without one."
)
_HISTORY_PAGE: Final = 50
_OFFSET_MAX: Final = 2**63 - 1

AnyReceipt = TradeReceipt | JourneyReceipt | DockReceipt | UndockReceipt | RegistrationReceipt


@router.post(
    "/dock",
    response_model=DockReceipt,
    responses=documented(
        *COMMAND_CODES, "unknown_port", "already_docked", "port_elsewhere", "insufficient_credits"
    ),
)
async def dock(body: DockRequest, submission: SubmissionDep) -> Any:
    """Dock at a port of the ship's sector, for its fee."""
    return await submission.submit(Dock(PortId(body.port_id)), body.command_id)


@router.post(
    "/undock", response_model=UndockReceipt, responses=documented(*COMMAND_CODES, "not_docked")
)
async def undock(submission: SubmissionDep, body: CommandRequest | None = None) -> Any:
    """Leave the port."""
    return await submission.submit(Undock(), None if body is None else body.command_id)


@router.post(
    "/buy",
    response_model=TradeReceipt,
    responses=documented(
        *_TRADE_CODES,
        "not_sold_here",
        "insufficient_stock",
        "insufficient_hold",
        "price_above_bound",
        "insufficient_credits",
    ),
)
async def buy(body: BuyOrder, submission: SubmissionDep) -> Any:
    """Buy at the port where the ship is docked, unit by unit along the port's price curve."""
    if body.quote_id is not None:
        return problem_response(_UNKNOWN_QUOTE)
    order = Trade(Side.BUY, body.commodity, body.quantity, body.max_price)
    return await submission.submit(order, body.command_id)


@router.post(
    "/sell",
    response_model=TradeReceipt,
    responses=documented(
        *_TRADE_CODES,
        "not_bought_here",
        "insufficient_cargo",
        "port_full",
        "price_below_bound",
        "port_insufficient_credits",
    ),
)
async def sell(body: SellOrder, submission: SubmissionDep) -> Any:
    """Sell at the port where the ship is docked, unit by unit along the port's price curve."""
    if body.quote_id is not None:
        return problem_response(_UNKNOWN_QUOTE)
    order = Trade(Side.SELL, body.commodity, body.quantity, body.min_price)
    return await submission.submit(order, body.command_id)


@router.get(
    "/market/{port_id}",
    response_model=PortMarket,
    responses=documented(*_READ_CODES, "invalid_request", "unknown_port"),
)
async def market(
    port_id: Annotated[str, Path(max_length=64)], _principal: PrincipalDep, services: ServicesDep
) -> Any:
    """Show a port's goods: what it pays (bid), what it asks, and its stock."""
    return json_response(services.queries.port_market(PortId(port_id)))


@router.get(
    "/history",
    response_model=TradeHistory,
    responses=documented(*_READ_CODES, "invalid_request", "store_unavailable"),
)
async def history(
    principal: PrincipalDep,
    services: ServicesDep,
    cursor: Annotated[str | None, Query(pattern=r"^[0-9]{1,19}$")] = None,
    limit: Annotated[int, Query(ge=1, le=HISTORY_PAGE_MAX)] = _HISTORY_PAGE,
) -> Any:
    """Page through the player's trades, newest first; `cursor` is the last page's `next_cursor`."""
    before = None if cursor is None else min(int(cursor), _OFFSET_MAX)
    page = await services.queries.trade_history(principal.player_id, before, limit)
    return json_response(page)


@router.get(
    "/commands/{command_id}",
    response_model=AnyReceipt | CommandFate,
    responses=documented(*_READ_CODES, "invalid_request", "never_seen", "store_unavailable"),
)
async def command_fate(
    command_id: Annotated[str, Path(max_length=COMMAND_ID_LENGTH_MAX)],
    principal: PrincipalDep,
    services: ServicesDep,
) -> Any:
    """Tell what became of a command: its receipt, or rejected, pending or never seen."""
    fate = await services.processor.fate(ReceiptKey(principal.player_id, CommandId(command_id)))
    if isinstance(fate, Receipt):
        return Response(fate.body, media_type="application/json")
    if fate.status == "never_seen":
        return problem_response(Refusal("never_seen", Retry(fate.retry), fate.detail))
    return json_response(fate)
