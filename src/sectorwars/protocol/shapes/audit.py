"""Shapes of what the audit trail and the event log hold against whom."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class AuditRow:
    """A record of one of the two chains.

    `log` names the chain and `number` the place in it: an entry of the audit trail (`audit_log`)
    or an offset of the event log (`events`). `subject` is whom or what it was done to, `session`
    the actor's sign-in session, `address` the pseudonym of where he was; events have neither of
    the latter. `details` of an event are its other members; `at` is None for the universe's birth.
    """

    log: Literal["audit_log", "events"]
    number: int
    at: str | None
    kind: str
    actor: str | None
    subject: str | None
    session: str | None
    address: str | None
    details: Mapping[str, Any]
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    hash: str


@dataclass(frozen=True, slots=True)
class AuditPage:
    """Rows, newest first; `next_cursor` is None on the last page."""

    rows: list[AuditRow]
    next_cursor: str | None
