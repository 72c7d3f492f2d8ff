"""Refusals as RFC 9457 problem details; the only table from codes to HTTP statuses."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from http import HTTPStatus
from typing import Any, Final

import msgspec
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException
from starlette.types import Receive, Scope, Send

from sectorwars.api.field_faults import field_faults
from sectorwars.application.ports import StoreUnavailableError
from sectorwars.application.reading.queries import UnknownNounError
from sectorwars.domain.rejection import Refusal, RejectionCode, Retry
from sectorwars.domain.values import div_ceil
from sectorwars.protocol.refusal import CODE_BY_FIELD
from sectorwars.protocol.shapes.command import CommandFate

PROBLEM_MEDIA_TYPE: Final = "application/problem+json"
PROBLEM_SCHEMA: Final = {"$ref": "#/components/schemas/Problem"}

STATUS_BY_CODE: Final[dict[str, int]] = {
    # The engine's rejections.
    RejectionCode.INVALID_ORDER_LIFE: 422,
    RejectionCode.UNKNOWN_ORDER: 404,
    RejectionCode.UNKNOWN_QUOTE: 404,
    RejectionCode.INVALID_CAP: 422,
    RejectionCode.GAME_HALTED: 409,
    RejectionCode.PLAYER_HALTED: 409,
    RejectionCode.PORT_HALTED: 409,
    RejectionCode.REDUCING_ONLY: 409,
    RejectionCode.CAP_TRADE_UNITS: 409,
    RejectionCode.CAP_HOUR_TRADES: 409,
    RejectionCode.CAP_DAY_GOOD_UNITS: 409,
    RejectionCode.CAP_TRADE_CREDITS: 409,
    RejectionCode.CAP_HOUR_CREDITS: 409,
    RejectionCode.CAP_DAY_CREDITS: 409,
    RejectionCode.ORDER_LIMIT: 409,
    RejectionCode.NO_OPEN_ORDERS: 409,
    RejectionCode.PRICE_OUTSIDE_COLLAR: 409,
    RejectionCode.QUOTE_CLOSED: 409,
    RejectionCode.QUOTE_MISMATCH: 409,
    RejectionCode.QUOTE_OPEN: 409,
    RejectionCode.QUOTE_WAIT: 409,
    RejectionCode.QUOTE_SHARE: 409,
    RejectionCode.UNKNOWN_PLAYER: 404,
    RejectionCode.PLAYER_EXISTS: 409,
    RejectionCode.INVALID_RULE: 422,
    RejectionCode.UNKNOWN_RULE: 404,
    RejectionCode.RULE_LIMIT: 409,
    RejectionCode.AUTOMATION_OFF: 409,
    RejectionCode.RULE_INACTIVE: 409,
    RejectionCode.AUTOMATION_COOLDOWN: 409,
    RejectionCode.AUTOMATION_HOURLY_LIMIT: 409,
    RejectionCode.AUTOMATION_DAILY_LOSS: 409,
    RejectionCode.AUTOMATION_TRADE_CAP: 409,
    RejectionCode.AUTOMATION_CREDIT_SHARE: 409,
    RejectionCode.IN_TRANSIT: 409,
    RejectionCode.UNKNOWN_SECTOR: 404,
    RejectionCode.UNKNOWN_PORT: 404,
    RejectionCode.UNKNOWN_COMMODITY: 404,
    RejectionCode.INVALID_QUANTITY: 422,
    RejectionCode.INVALID_PRICE_BOUND: 422,
    RejectionCode.STILL_DOCKED: 409,
    RejectionCode.ALREADY_DOCKED: 409,
    RejectionCode.NOT_DOCKED: 409,
    RejectionCode.SAME_SECTOR: 409,
    RejectionCode.NO_WARP: 409,
    RejectionCode.PORT_ELSEWHERE: 409,
    RejectionCode.NOT_SOLD_HERE: 409,
    RejectionCode.NOT_BOUGHT_HERE: 409,
    RejectionCode.INSUFFICIENT_TURNS: 409,
    RejectionCode.INSUFFICIENT_STOCK: 409,
    RejectionCode.INSUFFICIENT_HOLD: 409,
    RejectionCode.INSUFFICIENT_CARGO: 409,
    RejectionCode.PORT_FULL: 409,
    RejectionCode.PRICE_ABOVE_BOUND: 409,
    RejectionCode.PRICE_BELOW_BOUND: 409,
    RejectionCode.INSUFFICIENT_CREDITS: 409,
    RejectionCode.PORT_INSUFFICIENT_CREDITS: 409,
    # The command processor's refusals.
    "command_id_conflict": 409,
    "command_id_reserved": 409,
    "trade_rate_limited": 429,
    "busy": 503,
    "engine_unavailable": 503,
    "server_stopping": 503,
    "trading_timeout": 503,
    "outcome_unknown": 504,
    "never_seen": 404,
    # ARIA and alerts.
    "aria_rate_limited": 429,
    "message_empty": 422,
    "message_too_long": 422,
    "message_not_text": 422,
    "message_markup": 422,
    "unknown_conversation": 404,
    "conversation_full": 409,
    "unknown_proposal": 404,
    "proposal_used": 409,
    "proposal_expired": 410,
    "proposal_elsewhere": 409,
    "unknown_alert": 404,
    "alert_limit": 409,
    # Backtests.
    "no_recorded_past": 409,
    "backtest_in_hand": 409,
    "backtest_queue_full": 503,
    "unknown_backtest": 404,
    # Authentication.
    "token_missing": 401,
    "token_invalid": 401,
    "token_expired": 401,
    "session_revoked": 401,
    "invalid_credentials": 401,
    "service_proof_invalid": 401,
    "refresh_token_invalid": 401,
    "refresh_token_reused": 401,
    "username_taken": 409,
    "invalid_username": 422,
    "invalid_email": 422,
    "password_too_weak": 422,
    "auth_rate_limited": 429,
    "sign_in_delayed": 429,
    "auth_busy": 503,
    # Operators.
    "permission_denied": 403,
    "unknown_account": 404,
    "unknown_connection": 404,
    "role_changed": 409,
    "admin_exists": 409,
    "own_role": 409,
    # HTTP itself.
    "malformed_json": 400,
    "bad_request": 400,
    "not_found": 404,
    "method_not_allowed": 405,
    "request_timeout": 408,
    "request_too_large": 413,
    "unsupported_media_type": 415,
    "invalid_request": 422,
    "command_id_mismatch": 422,
    "internal_error": 500,
    "store_unavailable": 503,
    "not_ready": 503,
}

MALFORMED_JSON: Final = Refusal(
    "malformed_json",
    Retry.NEVER,
    "The body is not valid JSON, gives a key twice, or is nested too deeply.",
)
STORE_UNAVAILABLE: Final = Refusal(
    "store_unavailable", Retry.LATER, "The database cannot be reached just now.", 1_000
)
INTERNAL_ERROR: Final = Refusal(
    "internal_error", Retry.SAME_ID, "The server failed; the failure has been recorded."
)
UNSUPPORTED_MEDIA_TYPE: Final = Refusal(
    "unsupported_media_type", Retry.NEVER, "Send the body as application/json."
)

_HTTP_REFUSALS: Final[dict[int, Refusal]] = {
    400: MALFORMED_JSON,
    404: Refusal("not_found", Retry.NEVER, "There is nothing at this path."),
    405: Refusal("method_not_allowed", Retry.NEVER, "This path does not take that method."),
    413: Refusal("request_too_large", Retry.NEVER, "The request body is larger than allowed."),
    415: UNSUPPORTED_MEDIA_TYPE,
}
_FIELD_BY_CODE: Final[dict[str, str]] = {
    "invalid_username": "username",
    "username_taken": "username",
    "invalid_email": "email",
    "password_too_weak": "password",
}

FieldError = Mapping[str, str]


class RefusedError(Exception):
    """Leave a request with a refusal, from where no answer can be returned."""

    def __init__(self, refusal: Refusal) -> None:
        """Answer with `refusal`."""
        super().__init__(refusal.code)
        self.refusal = refusal


class ProblemResponse(Response):
    """A refusal as application/problem+json; `state["problem_code"]` of the scope has its code."""

    media_type = PROBLEM_MEDIA_TYPE

    def __init__(self, code: str, content: bytes, status: int, headers: Mapping[str, str]) -> None:
        """Answer with `content`, which says `code`."""
        super().__init__(content, status, headers)
        self._code = code

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Tell the edge the code, and send."""
        scope.setdefault("state", {})["problem_code"] = self._code
        await super().__call__(scope, receive, send)


def problem_response(
    refusal: Refusal,
    errors: Sequence[FieldError] = (),
    headers: Mapping[str, str] | None = None,
) -> ProblemResponse:
    """Answer with a refusal as application/problem+json; `errors` name fields and their faults."""
    status = STATUS_BY_CODE[refusal.code]
    members: dict[str, Any] = {
        "type": f"urn:sectorwars:problem:{refusal.code}",
        "title": refusal.code.replace("_", " ").capitalize(),
        "status": status,
        "detail": refusal.detail,
        "code": refusal.code,
        "retry": refusal.retry.value,
    }
    if refusal.number is not None:
        members["number"] = refusal.number
    sent_headers = dict(headers or {})
    if refusal.retry_after_ms is not None:
        members["retry_after_ms"] = refusal.retry_after_ms
        sent_headers["Retry-After"] = str(div_ceil(refusal.retry_after_ms, 1_000))
    if refusal.limit is not None:
        members["limit"] = refusal.limit
    if refusal.remaining is not None:
        members["remaining"] = refusal.remaining
    field = _FIELD_BY_CODE.get(refusal.code)
    if field is not None:
        errors = [{"field": field, "message": refusal.detail}]
    if errors:
        members["errors"] = list(errors)
    if status == HTTPStatus.UNAUTHORIZED:
        sent_headers["WWW-Authenticate"] = 'Bearer realm="sectorwars"'
    return ProblemResponse(refusal.code, msgspec.json.encode(members), status, sent_headers)


def rejection_refusal(fate: CommandFate) -> Refusal:
    """Turn the stored fate of a command that the engine rejected into a refusal."""
    if fate.code is None:
        raise ValueError(f"the rejected command {fate.command_id} has no code")
    return Refusal(fate.code, Retry(fate.retry), fate.detail)


def documented(*codes: str) -> dict[int | str, dict[str, Any]]:
    """Describe for OpenAPI the problems, by code, that a route may answer with."""
    by_status: dict[int, list[str]] = {}
    for code in codes:
        by_status.setdefault(STATUS_BY_CODE[code], []).append(code)
    return {
        status: {
            "description": f"{HTTPStatus(status).phrase}: {', '.join(sorted(listed))}",
            "content": {PROBLEM_MEDIA_TYPE: {"schema": PROBLEM_SCHEMA}},
        }
        for status, listed in sorted(by_status.items())
    }


def install_error_handlers(app: FastAPI) -> None:
    """Answer every failure of the application and of the framework with a problem."""
    app.add_exception_handler(RefusedError, _refused)
    app.add_exception_handler(HTTPException, _http_exception)
    app.add_exception_handler(RequestValidationError, _invalid_request)
    app.add_exception_handler(UnknownNounError, _unknown_noun)
    app.add_exception_handler(StoreUnavailableError, _store_unavailable)


async def _refused(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RefusedError)  # noqa: S101 - the framework's handler type is wide
    return problem_response(error.refusal)


async def _http_exception(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - the framework's handler type is wide
    refusal = _HTTP_REFUSALS.get(error.status_code)
    if refusal is None:
        retry = Retry.LATER if error.status_code >= 500 else Retry.NEVER
        code = "internal_error" if error.status_code >= 500 else "bad_request"
        refusal = Refusal(code, retry, HTTPStatus(error.status_code).phrase + ".")
    if error.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        # Raised at the edge, which gives the limit as the detail.
        refusal = replace(refusal, limit=error.detail)
    return problem_response(refusal, headers=error.headers)


async def _invalid_request(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - as above
    faults = error.errors()
    if any(fault["type"] == "json_invalid" for fault in faults):
        return problem_response(MALFORMED_JSON)
    errors = field_faults(faults)
    return problem_response(_first_fault(errors), errors)


async def _unknown_noun(_request: Request, error: Exception) -> Response:
    assert isinstance(error, UnknownNounError)  # noqa: S101 - the framework's handler type is wide
    return problem_response(Refusal(error.code, Retry.NEVER, error.detail))


async def _store_unavailable(_request: Request, _error: Exception) -> Response:
    return problem_response(STORE_UNAVAILABLE)


def _first_fault(errors: Sequence[FieldError]) -> Refusal:
    first = errors[0]
    code: str = CODE_BY_FIELD.get(first["field"], "invalid_request")
    return Refusal(code, Retry.NEVER, f"{first['field']}: {first['message']}.")
