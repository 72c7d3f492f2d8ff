"""Backtests: what rules would have done over the recorded past."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Path
from fastapi.responses import Response

from sectorwars.api.errors import documented, problem_response
from sectorwars.api.paths import API_PREFIX
from sectorwars.api.principal import TOKEN_CODES, PrincipalDep
from sectorwars.api.responses import json_response
from sectorwars.api.schemas import ID_LENGTH_MAX, ID_PATTERN, BacktestRequest
from sectorwars.api.services import ServicesDep
from sectorwars.domain.rejection import Refusal
from sectorwars.protocol.shapes.backtest import Backtest, Backtests

router = APIRouter(prefix=f"{API_PREFIX}/trading/automation/backtests", tags=["automation"])

_CODES: Final = (*TOKEN_CODES, "store_unavailable", "internal_error")

BacktestPath = Annotated[str, Path(max_length=ID_LENGTH_MAX, pattern=ID_PATTERN)]


@router.get("", response_model=Backtests, responses=documented(*_CODES))
async def backtests(principal: PrincipalDep, services: ServicesDep) -> Any:
    """List the player's backtests, newest first, and the past that there is to test on."""
    return json_response(await services.backtests.backtests(principal.player_id))


@router.post(
    "",
    status_code=202,
    response_model=Backtest,
    responses=documented(
        *_CODES,
        "malformed_json",
        "request_too_large",
        "unsupported_media_type",
        "invalid_request",
        "unknown_player",
        "unknown_commodity",
        "unknown_port",
        "unknown_rule",
        "invalid_rule",
        "not_docked",
        "no_recorded_past",
        "backtest_in_hand",
        "backtest_queue_full",
    ),
)
async def begin_backtest(
    body: BacktestRequest, principal: PrincipalDep, services: ServicesDep
) -> Any:
    """Begin a backtest; ask for it by its id until it is done or has failed."""
    outcome = await services.backtests.begin(principal.player_id, body.asked())
    if isinstance(outcome, Refusal):
        return problem_response(outcome)
    return json_response(outcome, 202)


@router.get(
    "/{backtest_id}",
    response_model=Backtest,
    responses=documented(*_CODES, "unknown_backtest", "invalid_request"),
)
async def backtest(
    backtest_id: BacktestPath, principal: PrincipalDep, services: ServicesDep
) -> Any:
    """Show a backtest: how far it is, then its trades with their reasons, and its equity."""
    return json_response(await services.backtests.backtest(principal.player_id, backtest_id))


@router.delete(
    "/{backtest_id}",
    status_code=204,
    response_model=None,
    responses=documented(*_CODES, "unknown_backtest", "invalid_request"),
)
async def delete_backtest(
    backtest_id: BacktestPath, principal: PrincipalDep, services: ServicesDep
) -> Any:
    """Forget a backtest; one that is not done is stopped."""
    await services.backtests.delete(principal.player_id, backtest_id)
    return Response(status_code=204)
