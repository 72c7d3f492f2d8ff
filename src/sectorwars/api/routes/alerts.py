"""Alerts: those a player sets, and those that reached him."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Path
from fastapi.responses import Response

from sectorwars.api.commodity import commodity_named
from sectorwars.api.errors import documented, problem_response
from sectorwars.api.paths import API_PREFIX
from sectorwars.api.principal import TOKEN_CODES, PrincipalDep
from sectorwars.api.responses import json_response
from sectorwars.api.schemas import ID_PATTERN, AlertRequest
from sectorwars.api.services import ServicesDep
from sectorwars.application.alerts.alert import Condition
from sectorwars.domain.ids import PortId
from sectorwars.domain.rejection import Refusal
from sectorwars.protocol.shapes.advice import Alerts, PriceAlert

router = APIRouter(prefix=f"{API_PREFIX}/alerts", tags=["alerts"])

_CODES: Final = (*TOKEN_CODES, "store_unavailable", "internal_error")


@router.get("", response_model=Alerts, responses=documented(*_CODES))
async def alerts(principal: PrincipalDep, services: ServicesDep) -> Any:
    """List the alerts that the player has set, and the latest that reached him."""
    return json_response(await services.alerts.alerts(principal.player_id))


@router.post(
    "",
    status_code=201,
    response_model=PriceAlert,
    responses=documented(
        *_CODES,
        "malformed_json",
        "request_too_large",
        "unsupported_media_type",
        "invalid_request",
        "unknown_commodity",
        "unknown_port",
        "alert_limit",
    ),
)
async def set_alert(body: AlertRequest, principal: PrincipalDep, services: ServicesDep) -> Any:
    """Set an alert: it fires once when its condition comes true, and again after it was false.

    Without `port_id` it watches the good's index. At a port `price_below` watches the ask and
    `price_above` the bid.
    """
    outcome = await services.alerts.set(
        principal.player_id,
        commodity_named(body.commodity),
        None if body.port_id is None else PortId(body.port_id),
        Condition(body.condition),
        body.value,
    )
    if isinstance(outcome, Refusal):
        return problem_response(outcome)
    return json_response(outcome, 201)


@router.delete(
    "/{alert_id}",
    status_code=204,
    response_model=None,
    responses=documented(*_CODES, "unknown_alert", "invalid_request"),
)
async def delete_alert(
    alert_id: Annotated[str, Path(max_length=64, pattern=ID_PATTERN)],
    principal: PrincipalDep,
    services: ServicesDep,
) -> Any:
    """Delete an alert."""
    refusal = await services.alerts.delete(principal.player_id, alert_id)
    return Response(status_code=204) if refusal is None else problem_response(refusal)
