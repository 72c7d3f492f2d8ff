"""WebSocket connections, for operators: what each is about, and closing one."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Path, Query

from sectorwars.api.errors import documented, problem_response
from sectorwars.api.paths import API_PREFIX
from sectorwars.api.permission import BODY_CODES, OPERATOR_CODES, NamedInQuery, requires
from sectorwars.api.responses import json_response
from sectorwars.api.schemas import ID_LENGTH_MAX, ID_PATTERN, ConnectionClosing
from sectorwars.api.services import ServicesDep
from sectorwars.application.audit.trail import Operator
from sectorwars.application.operators.permissions import Permission
from sectorwars.domain.rejection import Refusal
from sectorwars.protocol.shapes.connection import (
    ConnectionClosed,
    ConnectionExplanation,
    ConnectionPage,
)

router = APIRouter(prefix=f"{API_PREFIX}/admin/connections", tags=["administration"])

_PAGE: Final = 100
_PAGE_MAX: Final = 500

ConnectionName = Annotated[str, Path(max_length=ID_LENGTH_MAX, pattern=ID_PATTERN)]
Reader = Annotated[Operator, Depends(requires(Permission.READ_CONNECTIONS))]


@router.get(
    "",
    response_model=ConnectionPage,
    responses=documented(*OPERATOR_CODES, "invalid_request"),
)
async def connections(
    operator: Reader,
    services: ServicesDep,
    player: NamedInQuery = None,
    limit: Annotated[int, Query(ge=1, le=_PAGE_MAX)] = _PAGE,
) -> Any:
    """List the connections of the gateway that answers, the most troubled first."""
    player_id = None if player is None else await services.accounts.player_named(player)
    return json_response(await services.connections.page(operator, player_id, limit))


@router.get(
    "/{connection_id}",
    response_model=ConnectionExplanation,
    responses=documented(*OPERATOR_CODES, "invalid_request", "unknown_connection"),
)
async def connection(connection_id: ConnectionName, operator: Reader, services: ServicesDep) -> Any:
    """Explain a connection that is open or was closed lately."""
    return _answer(await services.connections.explain(operator, connection_id))


@router.post(
    "/{connection_id}/close",
    response_model=ConnectionClosed,
    responses=documented(*OPERATOR_CODES, *BODY_CODES, "invalid_request", "unknown_connection"),
)
async def close(
    connection_id: ConnectionName,
    body: ConnectionClosing,
    operator: Annotated[Operator, Depends(requires(Permission.CLOSE_CONNECTIONS))],
    services: ServicesDep,
) -> Any:
    """Close a connection; its client may come back at once."""
    return _answer(await services.connections.close(operator, connection_id, body.reason))


def _answer(outcome: ConnectionExplanation | ConnectionClosed | Refusal) -> Any:
    return problem_response(outcome) if isinstance(outcome, Refusal) else json_response(outcome)
