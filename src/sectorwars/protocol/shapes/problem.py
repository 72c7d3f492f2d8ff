"""The shape of a refusal."""

from dataclasses import dataclass, field
from typing import Any

from sectorwars.protocol.shapes.command import RetryClass


@dataclass(frozen=True, slots=True)
class Problem:
    """A refusal as RFC 9457 problem details; a WebSocket refusal carries the same members.

    `number` is there where the engine refused: the lower it is, the earlier that was checked.
    `limit` names a limit that was met, with its value, and `remaining` says what is left of it.
    """

    type: str
    title: str
    status: int
    detail: str
    code: str
    retry: RetryClass
    number: int | None = None
    retry_after_ms: int | None = None
    limit: str | None = None
    remaining: int | None = None
    errors: list[dict[str, Any]] = field(default_factory=list)
