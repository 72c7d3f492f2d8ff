"""Every code has its status, and every problem its members."""

import json
import re
from pathlib import Path

import pytest

import sectorwars.api
from sectorwars.api.errors import STATUS_BY_CODE, documented, problem_response, rejection_refusal
from sectorwars.application.accounts import authentication, opening
from sectorwars.application.operators import account_administration
from sectorwars.application.operators.permissions import Permission, permission_denied
from sectorwars.application.writing import refusals
from sectorwars.domain.rejection import Refusal, RejectionCode, Retry
from sectorwars.protocol.shapes.command import CommandFate


@pytest.mark.parametrize("code", RejectionCode)
def test_every_rejection_has_a_status(code: RejectionCode) -> None:
    assert STATUS_BY_CODE[code] in (404, 409, 422)


def test_every_refusal_of_the_application_has_a_status() -> None:
    constants = [
        value
        for module in (refusals, authentication, opening, account_administration)
        for value in vars(module).values()
        if isinstance(value, Refusal)
    ]
    made = [
        refusals.busy(1),
        refusals.too_late(1),
        refusals.trades_too_fast(1, 1),
        permission_denied(Permission.READ_AUDIT),
    ]
    tokens = list(authentication.TOKEN_REFUSALS.values())
    assert len(constants) >= 15
    assert {refusal.code for refusal in constants + made + tokens} <= STATUS_BY_CODE.keys()


def test_every_code_that_the_interface_names_has_a_status() -> None:
    folder = Path(sectorwars.api.__file__).parent
    named = {
        code
        for file in folder.rglob("*.py")
        for code in re.findall(r'Refusal\(\s*"(\w+)"', file.read_text())
    }
    assert len(named) >= 5
    assert named <= STATUS_BY_CODE.keys()


def test_a_problem_says_when_to_come_back_and_which_limit_was_met() -> None:
    refusal = Refusal("busy", Retry.SAME_ID, "Too many.", 1_001, "inbox=5", remaining=0)
    response = problem_response(refusal)
    assert response.status_code == 503
    assert response.headers["retry-after"] == "2"
    assert json.loads(bytes(response.body)) == {
        "type": "urn:sectorwars:problem:busy",
        "title": "Busy",
        "status": 503,
        "detail": "Too many.",
        "code": "busy",
        "retry": "same_id",
        "retry_after_ms": 1_001,
        "limit": "inbox=5",
        "remaining": 0,
    }


def test_a_stored_rejection_becomes_the_problem_it_was() -> None:
    fate = CommandFate("c", "rejected", "new_id", "Dock first.", "not_docked")
    assert rejection_refusal(fate) == Refusal("not_docked", Retry.NEW_ID, "Dock first.")
    with pytest.raises(ValueError, match="has no code"):
        rejection_refusal(CommandFate("c", "rejected", "new_id", "Dock first."))


def test_documentation_groups_codes_by_status() -> None:
    described = documented("busy", "token_missing", "server_stopping")
    assert list(described) == [401, 503]
    assert described[503]["description"] == "Service Unavailable: busy, server_stopping"
