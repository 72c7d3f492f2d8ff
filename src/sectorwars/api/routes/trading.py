"""Docking, a port's market, immediate trades, their receipts, history and profit."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Query
from fastapi.responses import Response

from sectorwars.api.commands import COMMAND_CODES, SubmissionDep
from sectorwars.api.errors import documented, problem_response
from sectorwars.api.paths import API_PREFIX
from sectorwars.api.principal import TOKEN_CODES, PrincipalDep
from sectorwars.api.responses import json_response
from sectorwars.api.schemas import (
    CURSOR_PATTERN,
    ID_LENGTH_MAX,
    ID_PATTERN,
    BuyOrder,
    CommandRequest,
    DockRequest,
    SellOrder,
)
from sectorwars.api.services import ServicesDep
from sectorwars.application.reading.queries import HISTORY_PAGE_MAX
from sectorwars.application.rows import (
    Receipt,
    ReceiptKey,
)
from sectorwars.application.writing.receipts import ExecutedReceipt
from sectorwars.domain.command import Dock, Execution, Trade, Undock
from sectorwars.domain.ids import COMMAND_ID_LENGTH_MAX, CommandId, PortId, QuoteId
from sectorwars.domain.market import Side
from sectorwars.domain.rejection import Refusal, Retry
from sectorwars.protocol.shapes.command import CommandFate
from sectorwars.protocol.shapes.journey import DockReceipt, UndockReceipt
from sectorwars.protocol.shapes.market import PortMarket
from sectorwars.protocol.shapes.profit import ProfitStatement
from sectorwars.protocol.shapes.trade import TradeHistory, TradeReceipt

router = APIRouter(prefix=f"{API_PREFIX}/trading", tags=["trading"])

_READ_CODES: Final = (*TOKEN_CODES, "internal_error")
ORDER_CODES: Final = (
    "unknown_commodity",
    "invalid_quantity",
    "game_halted",
    "player_halted",
    "port_halted",
    "reducing_only",
    "cap_trade_units",
    "cap_hour_trades",
    "cap_day_good_units",
    "not_docked",
    "not_sold_here",
    "not_bought_here",
)
"""What anything that is to become a trade may be refused for."""
_TRADE_CODES: Final = (
    *COMMAND_CODES,
    *ORDER_CODES,
    "trade_rate_limited",
    "invalid_price_bound",
    "unknown_quote",
    "quote_closed",
    "quote_mismatch",
    "cap_trade_credits",
    "cap_hour_credits",
    "cap_day_credits",
)
_HISTORY_PAGE: Final = 50
_OFFSET_MAX: Final = 2**63 - 1


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
        "insufficient_stock",
        "insufficient_hold",
        "price_above_bound",
        "insufficient_credits",
    ),
)
async def buy(body: BuyOrder, submission: SubmissionDep) -> Any:
    """Buy at the port where the ship is docked, unit by unit along the port's price curve."""
    return await submission.submit(_trade(Side.BUY, body, body.max_price), body.command_id)


@router.post(
    "/sell",
    response_model=TradeReceipt,
    responses=documented(
        *_TRADE_CODES,
        "insufficient_cargo",
        "port_full",
        "price_below_bound",
        "port_insufficient_credits",
    ),
)
async def sell(body: SellOrder, submission: SubmissionDep) -> Any:
    """Sell at the port where the ship is docked, unit by unit along the port's price curve."""
    return await submission.submit(_trade(Side.SELL, body, body.min_price), body.command_id)


@router.get(
    "/market/{port_id}",
    response_model=PortMarket,
    responses=documented(*_READ_CODES, "invalid_request", "unknown_port"),
)
async def market(
    port_id: Annotated[str, Path(max_length=ID_LENGTH_MAX, pattern=ID_PATTERN)],
    _principal: PrincipalDep,
    services: ServicesDep,
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
    cursor: Annotated[str | None, Query(pattern=CURSOR_PATTERN)] = None,
    limit: Annotated[int, Query(ge=1, le=HISTORY_PAGE_MAX)] = _HISTORY_PAGE,
) -> Any:
    """Page through the player's trades, newest first; `cursor` is the last page's `next_cursor`."""
    before = None if cursor is None else min(int(cursor), _OFFSET_MAX)
    page = await services.queries.trade_history(principal.player_id, before, limit)
    return json_response(page)


@router.get(
    "/profit",
    response_model=ProfitStatement,
    responses=documented(*_READ_CODES, "unknown_player", "store_unavailable"),
)
async def profit(principal: PrincipalDep, services: ServicesDep) -> Any:
    """State the player's profit and loss, by good and in all, realised and unrealised."""
    return json_response(await services.profit_accounts.statement(principal.player_id))


@router.get(
    "/commands/{command_id}",
    response_model=ExecutedReceipt | CommandFate,
    responses=documented(*_READ_CODES, "invalid_request", "never_seen", "store_unavailable"),
)
async def command_fate(
    command_id: Annotated[str, Path(max_length=COMMAND_ID_LENGTH_MAX, pattern=ID_PATTERN)],
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


def _trade(side: Side, body: BuyOrder | SellOrder, price_bound: int | None) -> Trade:
    return Trade(
        side,
        body.commodity,
        body.quantity,
        price_bound,
        execution=Execution(body.fill),
        quote_id=None if body.quote_id is None else QuoteId(body.quote_id),
    )
