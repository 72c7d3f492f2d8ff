"""The audit trail and accounts, for operators: each route by a permission of their role."""

from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime, StringConstraints

from sectorwars.api.errors import documented, problem_response
from sectorwars.api.paths import API_PREFIX
from sectorwars.api.permission import (
    BODY_CODES,
    OPERATOR_CODES,
    NamedAccount,
    NamedInQuery,
    requires,
)
from sectorwars.api.responses import json_response
from sectorwars.api.schemas import ID_LENGTH_MAX, ID_PATTERN, OperatorAccountView, RoleChange
from sectorwars.api.services import ServicesDep
from sectorwars.application.account import Account
from sectorwars.application.audit.search import CURSOR_PATTERN, PAGE_MAX
from sectorwars.application.audit.trail import Operator
from sectorwars.application.operators.permissions import Permission
from sectorwars.application.rows import AuditQuery
from sectorwars.domain.rejection import Refusal
from sectorwars.domain.values import UnixMicros, rfc3339, unix_micros
from sectorwars.protocol.shapes.audit import AuditPage

router = APIRouter(prefix=f"{API_PREFIX}/admin", tags=["administration"])

_PAGE: Final = 100

AwareTime = Annotated[AwareDatetime | None, Query(description="RFC 3339, with its zone.")]
_EntryKind = Annotated[str, StringConstraints(max_length=ID_LENGTH_MAX, pattern=ID_PATTERN)]


@router.get(
    "/audit",
    response_model=AuditPage,
    responses=documented(*OPERATOR_CODES, "invalid_request"),
    dependencies=[Depends(requires(Permission.READ_AUDIT))],
)
async def audit(
    services: ServicesDep,
    player: NamedInQuery = None,
    actor: NamedInQuery = None,
    kind: Annotated[list[_EntryKind], Query(max_length=16)] = [],  # noqa: B006 - read, never written
    since: AwareTime = None,
    until: AwareTime = None,
    cursor: Annotated[str | None, Query(pattern=CURSOR_PATTERN)] = None,
    limit: Annotated[int, Query(ge=1, le=PAGE_MAX)] = _PAGE,
) -> Any:
    """Page through the audit trail and the event log together, newest first.

    `player` finds what somebody did and what was done to him, `actor` only the former. `since` is
    included, `until` is not.
    """
    named = services.accounts.player_named
    query = AuditQuery(
        None if player is None else await named(player),
        None if actor is None else await named(actor),
        tuple(kind),
        _micros(since),
        _micros(until),
    )
    return json_response(await services.audit_search.page(query, cursor, limit))


@router.get(
    "/accounts/{account}",
    response_model=OperatorAccountView,
    responses=documented(*OPERATOR_CODES, "invalid_request", "unknown_account"),
    dependencies=[Depends(requires(Permission.READ_ACCOUNTS))],
)
async def account(account: NamedAccount, services: ServicesDep) -> Any:
    """Show an account."""
    return _account_answer(await services.accounts.account(account))


@router.put(
    "/accounts/{account}/role",
    response_model=OperatorAccountView,
    responses=documented(
        *OPERATOR_CODES,
        *BODY_CODES,
        *("invalid_request", "unknown_account", "role_changed", "own_role"),
    ),
)
async def change_role(
    account: NamedAccount,
    body: RoleChange,
    operator: Annotated[Operator, Depends(requires(Permission.CHANGE_ROLES))],
    services: ServicesDep,
) -> Any:
    """Give an account another role, which binds its holder from his next request on."""
    outcome = await services.accounts.change_role(
        operator, account, body.role, services.clock.now()
    )
    return _account_answer(outcome)


def _account_answer(outcome: Account | Refusal) -> Any:
    if isinstance(outcome, Refusal):
        return problem_response(outcome)
    return json_response(
        OperatorAccountView(
            player_id=outcome.player_id,
            username=outcome.username,
            role=outcome.role.value,
            created_at=rfc3339(outcome.created_at),
        )
    )


def _micros(moment: datetime | None) -> UnixMicros | None:
    return None if moment is None else unix_micros(moment)
