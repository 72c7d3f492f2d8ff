"""The list of refusals holds every code that a WebSocket may answer with, as the code has it."""

import ast
from pathlib import Path

import sectorwars
from sectorwars.api.websocket_refusals import websocket_refusals
from sectorwars.application.accounts.tokens import TokenFault
from sectorwars.domain.rejection import Rejection, RejectionCode, Retry
from sectorwars.protocol.refusal import RefusalCode, refuse

SOURCE = Path(sectorwars.__file__).parent
LISTED = {entry["code"]: entry for entry in websocket_refusals()}
SPEAKERS = (
    "application/writing/refusals.py",
    "application/processes/remote_commands.py",
    "application/aria/refusals.py",
    "gateway/gateway.py",
    "gateway/requests.py",
)
OVER_HTTP_ONLY = {"unknown_proposal", "proposal_used", "proposal_expired", "proposal_elsewhere"}


def test_rejections_have_their_numbers_and_come_first() -> None:
    first = list(LISTED.values())[: len(RejectionCode)]
    assert [entry["number"] for entry in first] == sorted(code.number for code in RejectionCode)
    for code in RejectionCode:
        assert LISTED[code]["retry"] == [Rejection(code, "No.").retry.value]


def test_refusals_of_the_protocol_are_listed() -> None:
    for code in RefusalCode:
        assert LISTED[code]["retry"] == [refuse(code).retry.value]
        assert LISTED[code]["meaning"] == refuse(code).detail


def test_refusals_of_the_application_are_listed() -> None:
    made: dict[str, set[str]] = {}
    for path in SPEAKERS:
        for node in ast.walk(ast.parse((SOURCE / path).read_text())):
            match node:
                case ast.Call(
                    func=ast.Name(id="Refusal"),
                    args=[ast.Constant(value=str() as code), ast.Attribute(attr=retry), *_],
                ):
                    made.setdefault(code, set()).add(Retry[retry].value)
    assert "busy" in made
    assert {code: set(LISTED[code]["retry"]) for code in made.keys() - OVER_HTTP_ONLY} == {
        code: made[code] for code in made.keys() - OVER_HTTP_ONLY
    }


def test_refused_tokens_are_listed() -> None:
    for fault in TokenFault:
        assert fault.value in LISTED
