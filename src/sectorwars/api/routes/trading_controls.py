"""The states and caps of the risk gate, for operators: each route by a permission of their role."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Path

from sectorwars.api.commands import COMMAND_CODES, Arrival, ArrivalDep
from sectorwars.api.errors import documented
from sectorwars.api.paths import API_PREFIX
from sectorwars.api.permission import OPERATOR_CODES, NamedAccount, requires
from sectorwars.api.responses import json_response, outcome_response
from sectorwars.api.schemas import TradeCapsChange, TradingStateChange
from sectorwars.api.services import Services, ServicesDep
from sectorwars.application.account import ID_OR_NAME_PATTERN
from sectorwars.application.audit.trail import Operator
from sectorwars.application.operators.permissions import Permission
from sectorwars.domain.command import SetTradeCaps, SetTradingState
from sectorwars.domain.ids import PlayerId
from sectorwars.domain.risk import TradingScope
from sectorwars.protocol.shapes.risk import (
    TradeCapsReceipt,
    TradeCapsView,
    TradingStateReceipt,
    TradingStateView,
)

router = APIRouter(prefix=f"{API_PREFIX}/admin", tags=["administration"])

_CONTROL_CODES: Final = (*COMMAND_CODES, "permission_denied")

NamedPort = Annotated[str, Path(pattern=ID_OR_NAME_PATTERN)]
MarketHalter = Annotated[Operator, Depends(requires(Permission.HALT_MARKETS))]
CapSetter = Annotated[Operator, Depends(requires(Permission.SET_TRADE_CAPS))]


@router.get(
    "/trading-state",
    response_model=TradingStateView,
    responses=documented(*OPERATOR_CODES),
    dependencies=[Depends(requires(Permission.READ_TRADING_CONTROLS))],
)
async def game_state(services: ServicesDep) -> Any:
    """Show whether anybody may trade."""
    return json_response(services.trading_controls.state(TradingScope.GAME, None))


@router.put(
    "/trading-state",
    response_model=TradingStateReceipt,
    responses=documented(*_CONTROL_CODES),
)
async def set_game_state(
    body: TradingStateChange, operator: MarketHalter, services: ServicesDep, arrival: ArrivalDep
) -> Any:
    """Open, restrict or halt all trading."""
    return await _set_state(TradingScope.GAME, None, body, operator, services, arrival)


@router.get(
    "/trading-state/ports/{port_id}",
    response_model=TradingStateView,
    responses=documented(*OPERATOR_CODES, "invalid_request", "unknown_port"),
    dependencies=[Depends(requires(Permission.READ_TRADING_CONTROLS))],
)
async def port_state(port_id: NamedPort, services: ServicesDep) -> Any:
    """Show what is set for a port."""
    return json_response(services.trading_controls.state(TradingScope.PORT, port_id))


@router.put(
    "/trading-state/ports/{port_id}",
    response_model=TradingStateReceipt,
    responses=documented(*_CONTROL_CODES, "unknown_port"),
)
async def set_port_state(
    port_id: NamedPort,
    body: TradingStateChange,
    operator: MarketHalter,
    services: ServicesDep,
    arrival: ArrivalDep,
) -> Any:
    """Open, restrict or halt trading at a port."""
    return await _set_state(TradingScope.PORT, port_id, body, operator, services, arrival)


@router.get(
    "/trading-state/players/{player}",
    response_model=TradingStateView,
    responses=documented(*OPERATOR_CODES, "invalid_request", "unknown_player"),
    dependencies=[Depends(requires(Permission.READ_TRADING_CONTROLS))],
)
async def player_state(player: NamedAccount, services: ServicesDep) -> Any:
    """Show what is set for a player."""
    player_id = await services.accounts.player_named(player)
    return json_response(services.trading_controls.state(TradingScope.PLAYER, player_id))


@router.put(
    "/trading-state/players/{player}",
    response_model=TradingStateReceipt,
    responses=documented(*_CONTROL_CODES, "unknown_player"),
)
async def set_player_state(
    player: NamedAccount,
    body: TradingStateChange,
    operator: Annotated[Operator, Depends(requires(Permission.HALT_PLAYERS))],
    services: ServicesDep,
    arrival: ArrivalDep,
) -> Any:
    """Open, restrict or halt a player's trading."""
    player_id = await services.accounts.player_named(player)
    return await _set_state(TradingScope.PLAYER, player_id, body, operator, services, arrival)


@router.get(
    "/trade-caps",
    response_model=TradeCapsView,
    responses=documented(*OPERATOR_CODES),
    dependencies=[Depends(requires(Permission.READ_TRADING_CONTROLS))],
)
async def game_caps(services: ServicesDep) -> Any:
    """Show the caps on what everybody trades."""
    return json_response(services.trading_controls.caps(None))


@router.put("/trade-caps", response_model=TradeCapsReceipt, responses=documented(*_CONTROL_CODES))
async def set_game_caps(
    body: TradeCapsChange, operator: CapSetter, services: ServicesDep, arrival: ArrivalDep
) -> Any:
    """Set all caps on what everybody trades."""
    return await _set_caps(None, body, operator, services, arrival)


@router.get(
    "/trade-caps/players/{player}",
    response_model=TradeCapsView,
    responses=documented(*OPERATOR_CODES, "invalid_request", "unknown_player"),
    dependencies=[Depends(requires(Permission.READ_TRADING_CONTROLS))],
)
async def player_caps(player: NamedAccount, services: ServicesDep) -> Any:
    """Show a player's own caps; everybody's bind him too, and the lower of each holds."""
    player_id = await services.accounts.player_named(player)
    return json_response(services.trading_controls.caps(player_id))


@router.put(
    "/trade-caps/players/{player}",
    response_model=TradeCapsReceipt,
    responses=documented(*_CONTROL_CODES, "unknown_player"),
)
async def set_player_caps(
    player: NamedAccount,
    body: TradeCapsChange,
    operator: CapSetter,
    services: ServicesDep,
    arrival: ArrivalDep,
) -> Any:
    """Set all of a player's own caps."""
    player_id = await services.accounts.player_named(player)
    return await _set_caps(player_id, body, operator, services, arrival)


async def _set_state(
    scope: TradingScope,
    subject: str | None,
    body: TradingStateChange,
    operator: Operator,
    services: Services,
    arrival: Arrival,
) -> Any:
    outcome = await services.trading_controls.set_state(
        operator,
        SetTradingState(scope, subject, body.state, body.reason),
        arrival.command_id(body.command_id),
        arrival.received_monotonic,
    )
    return outcome_response(outcome)


async def _set_caps(
    player_id: PlayerId | None,
    body: TradeCapsChange,
    operator: Operator,
    services: Services,
    arrival: Arrival,
) -> Any:
    outcome = await services.trading_controls.set_caps(
        operator,
        SetTradeCaps(player_id, body.caps.caps(), body.reason),
        arrival.command_id(body.command_id),
        arrival.received_monotonic,
    )
    return outcome_response(outcome)
