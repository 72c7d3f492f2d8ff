"""The conversation with ARIA, and what becomes of her proposals."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response

from sectorwars.api.commands import COMMAND_CODES
from sectorwars.api.errors import documented, problem_response
from sectorwars.api.paths import API_PREFIX
from sectorwars.api.principal import TOKEN_CODES, PrincipalDep
from sectorwars.api.responses import json_response, outcome_response
from sectorwars.api.schemas import ID_PATTERN, AriaMessage
from sectorwars.api.services import ServicesDep
from sectorwars.domain.rejection import Refusal
from sectorwars.protocol.shapes.conversation import (
    AriaAnswer,
    ConversationExport,
    Conversations,
    ProposalDeclined,
)
from sectorwars.protocol.shapes.trade import TradeReceipt

router = APIRouter(prefix=f"{API_PREFIX}/aria", tags=["aria"])

_CODES: Final = (*TOKEN_CODES, "store_unavailable", "internal_error")
_PROPOSAL_CODES: Final = ("unknown_proposal", "proposal_used", "proposal_expired")

ConversationPath = Annotated[str, Path(max_length=64, pattern=ID_PATTERN)]
ProposalPath = Annotated[str, Path(max_length=64, pattern=ID_PATTERN)]


@router.post(
    "/messages",
    response_model=AriaAnswer,
    responses=documented(
        *_CODES,
        "malformed_json",
        "request_too_large",
        "unsupported_media_type",
        "invalid_request",
        "unknown_player",
        "aria_rate_limited",
        "message_empty",
        "message_too_long",
        "message_not_text",
        "message_markup",
        "unknown_conversation",
        "conversation_full",
    ),
)
async def message(body: AriaMessage, principal: PrincipalDep, services: ServicesDep) -> Any:
    """Ask ARIA; every number in her answer comes from one of its sources."""
    outcome = await services.aria.answer(principal.player_id, body.message, body.conversation_id)
    return problem_response(outcome) if isinstance(outcome, Refusal) else json_response(outcome)


@router.post(
    "/proposals/{proposal_id}/confirm",
    response_model=TradeReceipt,
    responses=documented(
        *COMMAND_CODES,
        *_PROPOSAL_CODES,
        "proposal_elsewhere",
        "trade_rate_limited",
        "not_docked",
        "not_sold_here",
        "not_bought_here",
        "insufficient_stock",
        "insufficient_hold",
        "insufficient_cargo",
        "port_full",
        "price_above_bound",
        "price_below_bound",
        "insufficient_credits",
        "port_insufficient_credits",
    ),
)
async def confirm(
    proposal_id: ProposalPath, principal: PrincipalDep, services: ServicesDep, request: Request
) -> Any:
    """Execute a proposal, once, under the command id `aria-` + its id."""
    outcome = await services.aria.confirm(
        principal.player_id, proposal_id, request.state.received_monotonic
    )
    return outcome_response(outcome)


@router.post(
    "/proposals/{proposal_id}/decline",
    response_model=ProposalDeclined,
    responses=documented(*_CODES, *_PROPOSAL_CODES, "invalid_request"),
)
async def decline(proposal_id: ProposalPath, principal: PrincipalDep, services: ServicesDep) -> Any:
    """Put a proposal aside for good."""
    outcome = await services.aria.decline(principal.player_id, proposal_id)
    return problem_response(outcome) if isinstance(outcome, Refusal) else json_response(outcome)


@router.get("/conversations", response_model=Conversations, responses=documented(*_CODES))
async def conversations(principal: PrincipalDep, services: ServicesDep) -> Any:
    """List the player's conversations, the latest first."""
    return json_response(await services.aria.conversations(principal.player_id))


@router.get(
    "/conversations/{conversation_id}",
    response_model=ConversationExport,
    responses=documented(*_CODES, "unknown_conversation", "invalid_request"),
)
async def export(
    conversation_id: ConversationPath, principal: PrincipalDep, services: ServicesDep
) -> Any:
    """Export everything that was said in a conversation."""
    outcome = await services.aria.export(principal.player_id, conversation_id)
    return problem_response(outcome) if isinstance(outcome, Refusal) else json_response(outcome)


@router.delete(
    "/conversations/{conversation_id}",
    status_code=204,
    response_model=None,
    responses=documented(*_CODES, "unknown_conversation", "invalid_request"),
)
async def delete(
    conversation_id: ConversationPath, principal: PrincipalDep, services: ServicesDep
) -> Any:
    """Delete a conversation with all that is in it."""
    refusal = await services.aria.delete(principal.player_id, conversation_id)
    return Response(status_code=204) if refusal is None else problem_response(refusal)
