"""Answers: shapes as JSON, and the outcomes of commands."""

from collections.abc import Callable
from typing import Any, Final

import msgspec
from fastapi.responses import Response

from sectorwars.api.errors import problem_response, rejection_refusal
from sectorwars.application.rows import Receipt
from sectorwars.domain.rejection import Refusal
from sectorwars.protocol.shapes.command import CommandFate

_ENCODER: Final = msgspec.json.Encoder()
_FATE_DECODER: Final = msgspec.json.Decoder(CommandFate)
_JSON: Final = "application/json"


def json_response(shape: Any, status: int = 200) -> Response:
    """Answer with a shape of `protocol.shapes` or `api.schemas`."""
    return Response(_ENCODER.encode(shape), status, media_type=_JSON)


def outcome_response(outcome: Receipt | Refusal) -> Response:
    """Answer a command with its receipt, or with the problem that it was refused for."""
    answer = _problem_or_receipt(outcome)
    return answer if isinstance(answer, Response) else Response(answer.body, media_type=_JSON)


def receipt_response(
    outcome: Receipt | Refusal, shown: Callable[[bytes], Any], status: int = 200
) -> Response:
    """Answer a command with what `shown` makes of its receipt's body, or with the problem."""
    answer = _problem_or_receipt(outcome)
    return answer if isinstance(answer, Response) else json_response(shown(answer.body), status)


def _problem_or_receipt(outcome: Receipt | Refusal) -> Response | Receipt:
    """Return the problem that a command was refused for, or the receipt of an executed one."""
    if isinstance(outcome, Refusal):
        return problem_response(outcome)
    if outcome.status == "rejected":
        return problem_response(rejection_refusal(_FATE_DECODER.decode(outcome.body)))
    return outcome
