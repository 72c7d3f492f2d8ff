"""Why ARIA does not take a message, or a word on a proposal."""

import re
import unicodedata
from typing import Final

from sectorwars.application.aria.conversation import MESSAGES_MAX
from sectorwars.domain.rejection import Refusal, Retry

MESSAGE_LENGTH_MAX: Final = 2_000

_MARKUP: Final = re.compile(r"<\s*[/!?a-zA-Z]|&#?\w+;")
_NOT_TEXT: Final = frozenset({"Cc", "Cn", "Co", "Cs"})
_WHITE_SPACE: Final = frozenset("\n\r\t")

UNKNOWN_CONVERSATION: Final = Refusal(
    "unknown_conversation", Retry.NEVER, "You have no such conversation."
)
UNKNOWN_PROPOSAL: Final = Refusal("unknown_proposal", Retry.NEVER, "You have no such proposal.")
PROPOSAL_USED: Final = Refusal(
    "proposal_used",
    Retry.NEVER,
    "The proposal has been decided on already; ask for the trade again.",
)
PROPOSAL_EXPIRED: Final = Refusal(
    "proposal_expired", Retry.NEVER, "The proposal has expired; ask for the trade again."
)
PROPOSAL_ELSEWHERE: Final = Refusal(
    "proposal_elsewhere",
    Retry.NEVER,
    "Your ship is no longer docked at the port of the proposal; ask for the trade again there.",
)
CONVERSATION_FULL: Final = Refusal(
    "conversation_full",
    Retry.NEVER,
    f"The conversation has {MESSAGES_MAX} messages, which is the limit; start a new one.",
    limit=f"messages={MESSAGES_MAX}",
    remaining=0,
)


def rate_limited(per_minute: int, retry_after_ms: int) -> Refusal:
    """Refuse because the player has written as many messages in a minute as he may."""
    return Refusal(
        "aria_rate_limited",
        Retry.LATER,
        f"You have sent {per_minute} messages within a minute; the next may follow shortly.",
        retry_after_ms=retry_after_ms,
        limit=f"aria_rate_limit={per_minute}/min",
        remaining=0,
    )


def message_fault(text: str) -> Refusal | None:
    """Return why a message is not taken, or None where it is."""
    if len(text) > MESSAGE_LENGTH_MAX:
        return Refusal(
            "message_too_long",
            Retry.NEVER,
            f"A message has at most {MESSAGE_LENGTH_MAX} characters.",
            limit=f"message_length={MESSAGE_LENGTH_MAX}",
        )
    if any(
        unicodedata.category(letter) in _NOT_TEXT and letter not in _WHITE_SPACE for letter in text
    ):
        return Refusal("message_not_text", Retry.NEVER, "A message is plain text.")
    if not text.strip():
        return Refusal("message_empty", Retry.NEVER, "The message is empty.")
    if _MARKUP.search(text):
        return Refusal("message_markup", Retry.NEVER, "A message is plain text without markup.")
    return None
