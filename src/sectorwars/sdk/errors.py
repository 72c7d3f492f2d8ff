"""What can go wrong for a client, as exceptions that say what may be done next."""

from collections.abc import Mapping
from typing import Any

from sectorwars.domain.rejection import Retry


class ClientError(Exception):
    """Anything that the client reports."""


class UnreachableError(ClientError):
    """The server could not be reached; whether it has read what was sent is not known."""


class ForgedFrameError(ClientError):
    """A frame that the server is said to have sent does not bear its signature."""


class SessionEndedError(ClientError):
    """The server closed for good: `code` is the WebSocket's close code."""

    def __init__(self, code: int, reason: str) -> None:
        """Say with which code and for which reason."""
        super().__init__(f"{reason or 'closed'} ({code})")
        self.code = code
        self.reason = reason


class RefusedError(ClientError):
    """The server refused. `code` and `number` are as in docs/REJECTIONS.md.

    `retry_after_ms` is the wait that the server asks for; `limit` names a limit that was met, and
    `remaining` is what is left of it.
    """

    def __init__(
        self,
        code: str,
        retry: Retry,
        reason: str,
        *,
        number: int | None = None,
        retry_after_ms: int | None = None,
        limit: str | None = None,
        remaining: int | None = None,
    ) -> None:
        """Repeat what the server said."""
        super().__init__(f"{reason} ({code})")
        self.code = code
        self.retry = retry
        self.reason = reason
        self.number = number
        self.retry_after_ms = retry_after_ms
        self.limit = limit
        self.remaining = remaining


class InvalidRequestError(RefusedError):
    """The same request can never succeed (`never`)."""


class RejectedError(RefusedError):
    """The command is decided; once the situation has changed, send a new one (`new_id`)."""


class UnavailableError(RefusedError):
    """Nothing was done: the same may be sent again, after a wait (`same_id`, `later`)."""


_CLASSES: Mapping[Retry, type[RefusedError]] = {
    Retry.NEVER: InvalidRequestError,
    Retry.NEW_ID: RejectedError,
    Retry.SAME_ID: UnavailableError,
    Retry.LATER: UnavailableError,
}


def refusal_error(members: Mapping[str, Any]) -> RefusedError:
    """Return the exception for the members of an `error`, a fate or problem details.

    Raises:
        ValueError: these members are no refusal of this protocol.
    """
    code, reason = members.get("code"), members.get("reason", members.get("detail"))
    if not isinstance(code, str) or not isinstance(reason, str):
        raise ValueError("a refusal has a code and a reason")
    retry = Retry(str(members.get("retry")))
    return _CLASSES[retry](
        code,
        retry,
        reason,
        number=members.get("number"),
        retry_after_ms=members.get("retry_after_ms"),
        limit=members.get("limit"),
        remaining=members.get("remaining"),
    )
