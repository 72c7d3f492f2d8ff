"""Who is calling, by the bearer token of the request."""

from typing import Annotated, Final

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from sectorwars.api.errors import RefusedError
from sectorwars.api.services import ServicesDep
from sectorwars.application.accounts.tokens import Principal
from sectorwars.domain.rejection import Refusal

TOKEN_CODES: Final = ("token_missing", "token_invalid", "token_expired", "session_revoked")

_BEARER: Final = HTTPBearer(
    auto_error=False, bearerFormat="JWT", description="The access token of a login."
)


async def _principal(
    request: Request,
    services: ServicesDep,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)],
) -> Principal:
    token = None if credentials is None else credentials.credentials
    outcome = services.authenticator.verify(token, services.clock.now())
    if isinstance(outcome, Refusal):
        raise RefusedError(outcome)
    request.state.player_id = outcome.player_id
    return outcome


PrincipalDep = Annotated[Principal, Depends(_principal)]
