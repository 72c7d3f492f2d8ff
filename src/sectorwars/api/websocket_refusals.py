"""Every code that a refusal over a WebSocket may have, with its number and class of retry."""

from collections.abc import Iterator
from typing import Any, Final

from sectorwars.application.accounts.authentication import TOKEN_REFUSALS
from sectorwars.application.aria.refusals import CONVERSATION_FULL, UNKNOWN_CONVERSATION
from sectorwars.application.processes.remote_commands import ENGINE_UNAVAILABLE
from sectorwars.application.writing import refusals
from sectorwars.domain.rejection import Refusal, Rejection, RejectionCode, Retry
from sectorwars.protocol.refusal import RefusalCode, refuse

_APPLICATION: Final = (
    refusals.COMMAND_ID_CONFLICT,
    refusals.COMMAND_ID_RESERVED,
    refusals.STOPPING,
    refusals.STORE_UNAVAILABLE,
    refusals.OUTCOME_UNKNOWN,
    ENGINE_UNAVAILABLE,
    UNKNOWN_CONVERSATION,
    CONVERSATION_FULL,
    *TOKEN_REFUSALS.values(),
)
_MEASURED: Final = (
    Refusal("busy", Retry.SAME_ID, "Too many commands are waiting."),
    Refusal("trading_timeout", Retry.SAME_ID, "The command waited too long."),
    Refusal("trade_rate_limited", Retry.LATER, "Too many trades within a minute."),
    Refusal("aria_rate_limited", Retry.LATER, "Too many messages to ARIA within a minute."),
    Refusal("message_too_long", Retry.NEVER, "The message to ARIA has too many characters."),
    Refusal("message_not_text", Retry.NEVER, "A message is plain text."),
    Refusal("message_empty", Retry.NEVER, "The message is empty."),
    Refusal("message_markup", Retry.NEVER, "A message is plain text without markup."),
)
"""Refusals whose own sentences say what was measured, or that are made where they are found."""


def websocket_refusals() -> list[dict[str, Any]]:
    """Return the codes of the engine by number, then those of the protocol and the application.

    `retry` lists each class that a code may come with; `meaning` is there where the engine's
    own sentence, which names what it met, does not take its place.
    """
    entries: dict[str, dict[str, Any]] = {
        code.value: {
            "code": code.value,
            "number": code.number,
            "retry": [Rejection(code, "").retry.value],
        }
        for code in sorted(RejectionCode, key=lambda code: code.number)
    }
    for refusal in _other_refusals():
        entry = entries.setdefault(
            refusal.code, {"code": refusal.code, "retry": [], "meaning": refusal.detail}
        )
        if refusal.retry.value not in entry["retry"]:
            entry["retry"].append(refusal.retry.value)
    return list(entries.values())


def _other_refusals() -> Iterator[Refusal]:
    yield from (refuse(code) for code in RefusalCode)
    yield from _APPLICATION
    # A question to ARIA has no id under which it could be sent again.
    yield Refusal("store_unavailable", Retry.LATER, refusals.STORE_UNAVAILABLE.detail)
    yield from _MEASURED
