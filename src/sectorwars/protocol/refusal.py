"""Why a frame is refused: codes with retry class and sentence, in the shape all refusals have."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from sectorwars.domain.rejection import Refusal, RejectionCode, Retry


class RefusalCode(StrEnum):
    """A refusal by the protocol, before the engine is asked, in the order of the checks."""

    MESSAGE_RATE_EXCEEDED = "message_rate_exceeded"
    BINARY_NOT_SUPPORTED = "binary_not_supported"
    MALFORMED_FRAME = "malformed_frame"
    INVALID_REQUEST = "invalid_request"
    UNKNOWN_REQUEST = "unknown_request"
    NOT_AUTHENTICATED = "not_authenticated"
    ALREADY_AUTHENTICATED = "already_authenticated"
    INSECURE_TRANSPORT = "insecure_transport"
    PLAYER_MISMATCH = "player_mismatch"
    SESSION_MISMATCH = "session_mismatch"
    TOO_MANY_CONNECTIONS = "too_many_connections"
    TRADING_DISABLED = "trading_disabled"
    UNKNOWN_CHANNEL = "unknown_channel"
    TOO_MANY_SUBSCRIPTIONS = "too_many_subscriptions"
    TOO_MANY_REQUESTS = "too_many_requests"
    INVALID_SIGNATURE = "invalid_signature"
    COUNTER_NOT_RISING = "counter_not_rising"
    STALE_TIMESTAMP = "stale_timestamp"
    NOT_AVAILABLE_YET = "not_available_yet"
    REFUSALS_SUMMARISED = "refusals_summarised"


CODE_BY_FIELD: Final[Mapping[str, RejectionCode]] = {
    "quantity": RejectionCode.INVALID_QUANTITY,
    "max_price": RejectionCode.INVALID_PRICE_BOUND,
    "min_price": RejectionCode.INVALID_PRICE_BOUND,
    "limit_price": RejectionCode.INVALID_PRICE_BOUND,
    "good_for_seconds": RejectionCode.INVALID_ORDER_LIFE,
}
"""Fields of requests whose faults have a code of the engine's, whoever notices them."""


@dataclass(frozen=True, slots=True)
class _Rule:
    retry: Retry
    sentence: str


_RULES: Final[dict[RefusalCode, _Rule]] = {
    RefusalCode.MESSAGE_RATE_EXCEEDED: _Rule(Retry.LATER, "Too many messages a second."),
    RefusalCode.BINARY_NOT_SUPPORTED: _Rule(Retry.NEVER, "Only text frames are understood."),
    RefusalCode.MALFORMED_FRAME: _Rule(Retry.NEVER, "The frame is not one JSON object."),
    RefusalCode.INVALID_REQUEST: _Rule(
        Retry.NEVER, "The request lacks a member or has a wrong one."
    ),
    RefusalCode.UNKNOWN_REQUEST: _Rule(Retry.NEVER, "There is no such request."),
    RefusalCode.NOT_AUTHENTICATED: _Rule(Retry.NEVER, "Authenticate first."),
    RefusalCode.ALREADY_AUTHENTICATED: _Rule(
        Retry.NEVER, "The connection is already authenticated."
    ),
    RefusalCode.INSECURE_TRANSPORT: _Rule(
        Retry.NEVER, "A session key is given over TLS or loopback only."
    ),
    RefusalCode.PLAYER_MISMATCH: _Rule(Retry.NEVER, "The token is another player's."),
    RefusalCode.SESSION_MISMATCH: _Rule(Retry.NEVER, "The frame names another session."),
    RefusalCode.TOO_MANY_CONNECTIONS: _Rule(Retry.LATER, "Too many connections from this address."),
    RefusalCode.TRADING_DISABLED: _Rule(Retry.NEVER, "Trading in this dialect is switched off."),
    RefusalCode.UNKNOWN_CHANNEL: _Rule(Retry.NEVER, "There is no such channel."),
    RefusalCode.TOO_MANY_SUBSCRIPTIONS: _Rule(Retry.NEVER, "Too many subscriptions."),
    RefusalCode.TOO_MANY_REQUESTS: _Rule(Retry.LATER, "Too many requests await their answers."),
    RefusalCode.INVALID_SIGNATURE: _Rule(Retry.NEVER, "The signature does not fit the frame."),
    RefusalCode.COUNTER_NOT_RISING: _Rule(Retry.NEVER, "The counter must rise with every frame."),
    RefusalCode.STALE_TIMESTAMP: _Rule(
        Retry.SAME_ID,
        "The timestamp is too far from the server's clock; send it again with a fresh one.",
    ),
    RefusalCode.NOT_AVAILABLE_YET: _Rule(Retry.LATER, "This server does not offer that yet."),
    RefusalCode.REFUSALS_SUMMARISED: _Rule(Retry.LATER, "More requests were refused."),
}


def refuse(
    code: RefusalCode,
    detail: str | None = None,
    *,
    retry_after_ms: int | None = None,
    limit: str | None = None,
    remaining: int | None = None,
) -> Refusal:
    """Refuse with a code of the protocol; `detail` replaces the code's general sentence."""
    rule = _RULES[code]
    sentence = detail or rule.sentence
    return Refusal(code.value, rule.retry, sentence, retry_after_ms, limit, remaining)


def refusal_members(refusal: Refusal) -> dict[str, object]:
    """Return a refusal as the members of a frame's data; those that say nothing are left out."""
    members: dict[str, object] = {
        "code": refusal.code,
        "retry": refusal.retry.value,
        "reason": refusal.detail,
    }
    if refusal.number is not None:
        members["number"] = refusal.number
    if refusal.retry_after_ms is not None:
        members["retry_after_ms"] = refusal.retry_after_ms
    if refusal.limit is not None:
        members["limit"] = refusal.limit
    if refusal.remaining is not None:
        members["remaining"] = refusal.remaining
    return members


def rejection_members(fate: Mapping[str, Any]) -> dict[str, object]:
    """Return a rejected command's fate, as its JSON says it, as the members of a refusal."""
    return {
        "code": fate["code"],
        "number": fate["number"],
        "retry": fate["retry"],
        "reason": fate["detail"],
    }
