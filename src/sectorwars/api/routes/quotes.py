"""Binding quotes: what a port promises for a few seconds."""

from typing import Any

from fastapi import APIRouter

from sectorwars.api.commands import COMMAND_CODES, SubmissionDep
from sectorwars.api.errors import documented
from sectorwars.api.paths import API_PREFIX
from sectorwars.api.principal import TOKEN_CODES, PrincipalDep
from sectorwars.api.responses import json_response
from sectorwars.api.routes.trading import ORDER_CODES
from sectorwars.api.schemas import QuoteRequest
from sectorwars.api.services import ServicesDep
from sectorwars.domain.command import RequestQuote
from sectorwars.domain.market import Side
from sectorwars.protocol.shapes.order import QuoteList, QuoteReceipt

router = APIRouter(prefix=f"{API_PREFIX}/trading/quotes", tags=["quotes"])


@router.post(
    "",
    response_model=QuoteReceipt,
    responses=documented(
        *COMMAND_CODES,
        *ORDER_CODES,
        "quote_open",
        "quote_wait",
        "quote_share",
        "insufficient_stock",
        "port_full",
        "port_insufficient_credits",
    ),
)
async def request(body: QuoteRequest, submission: SubmissionDep) -> Any:
    """Ask the port where the ship is docked for exact prices, reserved until the quote expires.

    The quote is signed. A trade that names it gets just these prices. One that is let expire
    makes the next wait, twice as long each time.
    """
    command = RequestQuote(Side(body.side), body.commodity, body.quantity)
    return await submission.submit(command, body.command_id)


@router.get(
    "",
    response_model=QuoteList,
    responses=documented(*TOKEN_CODES, "unknown_player", "internal_error"),
)
async def live(principal: PrincipalDep, services: ServicesDep) -> Any:
    """List the player's live quotes."""
    return json_response(services.order_queries.quotes(principal.player_id))
