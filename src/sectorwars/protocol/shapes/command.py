"""Shapes of what became of a command."""

from dataclasses import dataclass
from typing import Literal

RetryClass = Literal["never", "same_id", "new_id", "later"]


@dataclass(frozen=True, slots=True)
class CommandFate:
    """What became of a command that was not executed, or is not yet decided.

    `code` says why it was rejected, `number` is that code's.
    """

    command_id: str
    status: Literal["rejected", "pending", "never_seen"]
    retry: RetryClass
    detail: str
    code: str | None = None
    number: int | None = None
