"""Register, sign in and out."""

from typing import Any, Final

from fastapi import APIRouter
from fastapi.responses import Response

from sectorwars.api.errors import documented, problem_response
from sectorwars.api.paths import API_PREFIX
from sectorwars.api.principal import TOKEN_CODES, PrincipalDep
from sectorwars.api.responses import json_response
from sectorwars.api.schemas import (
    AccountView,
    Credentials,
    RefreshRequest,
    Registration,
    TokenGrant,
)
from sectorwars.api.services import AddressDep, ServiceProofDep, ServicesDep
from sectorwars.application.accounts.authentication import Grant
from sectorwars.application.operators.permissions import ROLE_PERMISSIONS
from sectorwars.domain.rejection import Refusal
from sectorwars.domain.values import rfc3339

router = APIRouter(prefix=f"{API_PREFIX}/auth", tags=["authentication"])

_BODY_CODES: Final = (
    "malformed_json",
    "request_too_large",
    "unsupported_media_type",
    "invalid_request",
    "store_unavailable",
    "internal_error",
)
_ENROLMENT_CODES: Final = ("busy", "server_stopping", "trading_timeout", "outcome_unknown")
_SIGN_IN_CODES: Final = (
    *_BODY_CODES,
    *_ENROLMENT_CODES,
    "auth_rate_limited",
    "auth_busy",
    "service_proof_invalid",
)


def _answer(outcome: Grant | Refusal, status: int) -> Response:
    if isinstance(outcome, Refusal):
        return problem_response(outcome)
    grant = TokenGrant(
        access_token=outcome.access_token,
        refresh_token=outcome.refresh_token,
        token_type="bearer",  # noqa: S106 - the scheme's name (RFC 6750)
        expires_in=outcome.expires_in,
        player_id=outcome.player_id,
        username=outcome.username,
    )
    return json_response(grant, status)


@router.post(
    "/register",
    status_code=201,
    response_model=TokenGrant,
    responses=documented(
        *_SIGN_IN_CODES,
        "username_taken",
        "invalid_username",
        "invalid_email",
        "password_too_weak",
    ),
)
async def register(
    body: Registration, services: ServicesDep, address: AddressDep, proof: ServiceProofDep
) -> Any:
    """Open an account and get a ship, docked at a port, and credits to trade with."""
    outcome = await services.authenticator.register(
        body.username, body.password, body.email, address, services.clock.now(), proof
    )
    return _answer(outcome, 201)


@router.post(
    "/login",
    response_model=TokenGrant,
    responses=documented(*_SIGN_IN_CODES, "invalid_credentials", "sign_in_delayed"),
)
async def login(
    body: Credentials, services: ServicesDep, address: AddressDep, proof: ServiceProofDep
) -> Any:
    """Begin a session, of at most a day."""
    outcome = await services.authenticator.login(
        body.username, body.password, address, services.clock.now(), proof
    )
    return _answer(outcome, 200)


@router.post(
    "/refresh",
    response_model=TokenGrant,
    responses=documented(*_BODY_CODES, "refresh_token_invalid", "refresh_token_reused"),
)
async def refresh(body: RefreshRequest, services: ServicesDep, address: AddressDep) -> Any:
    """Exchange the refresh token, once, for a new pair; using one twice ends the session."""
    outcome = await services.authenticator.refresh(
        body.refresh_token, address, services.clock.now()
    )
    return _answer(outcome, 200)


@router.post(
    "/logout",
    status_code=204,
    response_class=Response,
    responses=documented(*TOKEN_CODES, "store_unavailable", "internal_error"),
)
async def logout(principal: PrincipalDep, services: ServicesDep, address: AddressDep) -> Response:
    """End the session: its tokens are void and its connections close."""
    await services.authenticator.logout(principal, address, services.clock.now())
    return Response(status_code=204)


@router.get(
    "/me",
    response_model=AccountView,
    responses=documented(*TOKEN_CODES, "store_unavailable", "internal_error"),
)
async def me(principal: PrincipalDep, services: ServicesDep) -> Any:
    """Show the caller's account."""
    account = await services.authenticator.account(principal)
    if isinstance(account, Refusal):
        return problem_response(account)
    return json_response(
        AccountView(
            player_id=account.player_id,
            username=account.username,
            email=account.email,
            role=account.role.value,
            permissions=sorted(ROLE_PERMISSIONS[account.role]),
            created_at=rfc3339(account.created_at),
            session_expires_at=rfc3339(principal.session_expires_at),
        )
    )
