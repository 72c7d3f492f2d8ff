"""Which permission a route needs: deny by default, asked of the account at each request."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Final

from fastapi import Path, Query

from sectorwars.api.errors import RefusedError
from sectorwars.api.principal import TOKEN_CODES, PrincipalDep
from sectorwars.api.services import AddressDep, ServicesDep
from sectorwars.application.account import ID_OR_NAME_PATTERN
from sectorwars.application.audit.trail import Operator
from sectorwars.application.operators.permissions import Permission
from sectorwars.domain.rejection import Refusal

OPERATOR_CODES: Final = (*TOKEN_CODES, "permission_denied", "store_unavailable", "internal_error")
"""What any operator's request may be refused for."""
BODY_CODES: Final = ("malformed_json", "request_too_large", "unsupported_media_type")
"""What any request with a body may be refused for besides."""

NamedAccount = Annotated[
    str, Path(pattern=ID_OR_NAME_PATTERN, description="A player id or a username.")
]

NamedInQuery = Annotated[
    str | None,
    Query(max_length=64, pattern=r"^[A-Za-z0-9_:-]+$", description="An id or a username."),
]


def requires(permission: Permission) -> Callable[..., Awaitable[Operator]]:
    """Make a dependency that gives the caller as an operator with this permission, or refuses."""

    async def permitted(
        principal: PrincipalDep, services: ServicesDep, address: AddressDep
    ) -> Operator:
        outcome = await services.authority.operator(principal, permission, address)
        if isinstance(outcome, Refusal):
            raise RefusedError(outcome)
        return outcome

    return permitted
