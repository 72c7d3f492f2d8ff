"""Automation rules: keeping them, switching them, and why they did or did not trade.

Paths and bodies are those of the Foundation client, which sends toggles and deletions with a JSON
content type and no body.
"""

from typing import Annotated, Any, Final

import msgspec
from fastapi import APIRouter, Path, Query

from sectorwars.api.commands import COMMAND_CODES, SubmissionDep
from sectorwars.api.errors import documented
from sectorwars.api.paths import API_PREFIX
from sectorwars.api.principal import TOKEN_CODES, PrincipalDep
from sectorwars.api.responses import json_response, receipt_response
from sectorwars.api.schemas import (
    AutomationToggle,
    DisconnectPauseChoice,
    NewRule,
    RuleIdText,
    RuleToggle,
)
from sectorwars.api.services import ServicesDep
from sectorwars.application.reading.rule_templates import RULE_TEMPLATES
from sectorwars.application.reading.rule_traces import TRACE_PAGE_MAX
from sectorwars.application.reading.rule_views import automation_limits
from sectorwars.domain.command import (
    CreateRule,
    DeleteRule,
    SetDisconnectPause,
    SwitchAutomation,
    ToggleRule,
)
from sectorwars.domain.ids import RuleId
from sectorwars.protocol.shapes.automation import (
    AutomationLimits,
    AutomationReceipt,
    AutomationStatus,
    DisconnectPauseReceipt,
    RuleDeletedReceipt,
    RuleReceipt,
    RuleTemplate,
    RuleTracePage,
    RuleView,
)

router = APIRouter(prefix=f"{API_PREFIX}/trading/automation", tags=["automation"])

_READ_CODES: Final = (*TOKEN_CODES, "unknown_player", "internal_error")
_TRACE_PAGE: Final = 50
_OFFSET_MAX: Final = 2**63 - 1
_RULE_RECEIPT: Final = msgspec.json.Decoder(RuleReceipt)

RulePath = Annotated[RuleIdText, Path()]


@router.get("/rules", response_model=list[RuleView], responses=documented(*_READ_CODES))
async def rules(principal: PrincipalDep, services: ServicesDep) -> Any:
    """List the player's rules, oldest first."""
    return json_response(services.queries.rules(principal.player_id))


@router.post(
    "/rules",
    status_code=201,
    response_model=RuleView,
    responses=documented(*COMMAND_CODES, "unknown_commodity", "invalid_rule", "rule_limit"),
)
async def create_rule(body: NewRule, submission: SubmissionDep) -> Any:
    """Store a rule under an id of the server's; it starts inactive."""
    outcome = await submission.outcome(CreateRule(body.spec()), body.command_id)
    return receipt_response(outcome, _rule, status=201)


@router.post(
    "/rules/{rule_id}/toggle",
    response_model=RuleView,
    responses=documented(*COMMAND_CODES, "unknown_rule"),
)
async def toggle_rule(
    rule_id: RulePath, submission: SubmissionDep, body: RuleToggle | None = None
) -> Any:
    """Switch a rule on or off; without `active` it flips."""
    toggle = body or RuleToggle()
    command = ToggleRule(RuleId(rule_id), toggle.active)
    return receipt_response(await submission.outcome(command, toggle.command_id), _rule)


@router.delete(
    "/rules/{rule_id}",
    response_model=RuleDeletedReceipt,
    responses=documented(*COMMAND_CODES, "unknown_rule"),
)
async def delete_rule(rule_id: RulePath, submission: SubmissionDep) -> Any:
    """Delete a rule and its traces."""
    return await submission.submit(DeleteRule(RuleId(rule_id)), None)


@router.get(
    "/rules/{rule_id}/traces",
    response_model=RuleTracePage,
    responses=documented(*_READ_CODES, "invalid_request", "unknown_rule", "store_unavailable"),
)
async def traces(
    rule_id: RulePath,
    principal: PrincipalDep,
    services: ServicesDep,
    cursor: Annotated[str | None, Query(pattern=r"^[0-9]{1,19}$")] = None,
    limit: Annotated[int, Query(ge=1, le=TRACE_PAGE_MAX)] = _TRACE_PAGE,
) -> Any:
    """Page through a rule's verdicts, newest first: what it saw, and what fired or blocked it."""
    before = None if cursor is None else min(int(cursor), _OFFSET_MAX)
    page = await services.rule_traces.page(principal.player_id, RuleId(rule_id), before, limit)
    return json_response(page)


@router.get("/status", response_model=AutomationStatus, responses=documented(*_READ_CODES))
async def status(principal: PrincipalDep, services: ServicesDep) -> Any:
    """Show the master switch and what was traded in the last 24 hours."""
    return json_response(services.queries.automation_status(principal.player_id))


@router.get("/limits", response_model=AutomationLimits, responses=documented(*_READ_CODES))
async def limits(_principal: PrincipalDep) -> Any:
    """Show what rules and automated trades are held to."""
    return json_response(automation_limits())


@router.post("/toggle", response_model=AutomationReceipt, responses=documented(*COMMAND_CODES))
async def toggle(submission: SubmissionDep, body: AutomationToggle | None = None) -> Any:
    """Turn the master switch; without `active` it flips."""
    switch = body or AutomationToggle()
    return await submission.submit(SwitchAutomation(switch.active), switch.command_id)


@router.post(
    "/disconnect-pause",
    response_model=DisconnectPauseReceipt,
    responses=documented(*COMMAND_CODES),
)
async def set_disconnect_pause(choice: DisconnectPauseChoice, submission: SubmissionDep) -> Any:
    """Choose whether automation pauses once the player's last connection has been gone a while."""
    return await submission.submit(SetDisconnectPause(choice.active), choice.command_id)


@router.get("/templates", response_model=list[RuleTemplate], responses=documented(*_READ_CODES))
async def templates(_principal: PrincipalDep) -> Any:
    """List rules to begin with."""
    return json_response(RULE_TEMPLATES)


def _rule(receipt: bytes) -> RuleView:
    return _RULE_RECEIPT.decode(receipt).rule
