"""Find who did what, when, in the audit trail and in the event log together."""

from collections import deque
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, Final, Literal

import msgspec

from sectorwars.application.ports import (
    AuditTrail,
    EventArchive,
)
from sectorwars.application.rows import (
    AuditEntry,
    AuditQuery,
    AuditRecord,
    ChainedEvent,
)
from sectorwars.domain.event import GoodsTraded, OperatorEvent, PlayerEvent, TradingStateSet
from sectorwars.domain.ids import PlayerId
from sectorwars.domain.values import UnixMicros, rfc3339
from sectorwars.protocol.shapes.audit import AuditPage, AuditRow

PAGE_MAX: Final = 1_000

AuditedEvent = PlayerEvent | OperatorEvent
"""The events that are somebody's act, or were done to somebody."""

CURSOR_PATTERN: Final = r"^[0-9]{1,18}-[0-9]{1,18}$"
_LOGS: Final[tuple[Literal["audit_log", "events"], ...]] = ("audit_log", "events")
_NUMBER_MAX: Final = 10**18 - 1


def fits(entry: AuditEntry, query: AuditQuery) -> bool:
    """Tell whether an entry of the audit trail is looked for."""
    return (
        (query.player_id is None or query.player_id in (entry.actor, entry.subject))
        and (query.actor is None or query.actor == entry.actor)
        and _fits(entry.kind, entry.at, query)
    )


def event_fits(kind: str, event: AuditedEvent, query: AuditQuery) -> bool:
    """Tell whether an event, named `kind` in the log, is looked for."""
    return (
        (query.player_id is None or query.player_id in _concerned(event))
        and (query.actor is None or query.actor == _actor(event))
        and _fits(kind, event.at, query)
    )


def in_window(at: UnixMicros | None, query: AuditQuery) -> bool:
    """Tell whether a time is in the query's window; what has none is before all windows."""
    if at is None:
        return query.since is None
    return (query.since is None or query.since <= at) and (query.until is None or at < query.until)


class AuditSearch:
    """Searches both chains, newest first; each row says which of them it is from."""

    def __init__(self, trail: AuditTrail, events: EventArchive) -> None:
        """Search `trail` and `events`."""
        self._trail = trail
        self._events = events

    async def page(self, query: AuditQuery, cursor: str | None, limit: int) -> AuditPage:
        """Return at most `limit` rows; `cursor` is the last page's `next_cursor`.

        Raises:
            StoreUnavailableError: the store cannot be reached.
        """
        places = dict(zip(_LOGS, _places(cursor), strict=True))
        records = await self._trail.search(query, places["audit_log"], limit + 1)
        events = await self._events.search(query, places["events"], limit + 1)
        found = _newest_first(records, events)
        rows = list(islice(found, limit))
        for row in rows:
            places[row.log] = row.number
        more = next(found, None) is not None
        return AuditPage(rows, "-".join(str(places[log]) for log in _LOGS) if more else None)


def trail_row(record: AuditRecord) -> AuditRow:
    """Show an entry of the audit trail."""
    entry = record.entry
    return AuditRow(
        log="audit_log",
        number=record.number,
        at=rfc3339(entry.at),
        kind=entry.kind,
        actor=entry.actor,
        subject=entry.subject,
        session=entry.session,
        address=entry.address,
        details=entry.details,
        before=entry.before,
        after=entry.after,
        hash=record.hash.hex(),
    )


def event_row(chained: ChainedEvent) -> AuditRow:
    """Show an event of the permanent log."""
    members: dict[str, Any] = msgspec.to_builtins(chained.event)
    at = members.pop("at", None)
    before, after = members.pop("before", None), members.pop("after", None)
    if isinstance(chained.event, TradingStateSet):
        before, after = {"state": before}, {"state": after}
    return AuditRow(
        log="events",
        number=chained.offset,
        at=None if at is None else rfc3339(at),
        kind=chained.kind,
        actor=members.pop("operator_id", None) or members.pop("player_id", None),
        subject=members.pop("subject", None),
        session=None,
        address=None,
        details=members,
        before=before,
        after=after,
        hash=chained.hash.hex(),
    )


def _actor(event: AuditedEvent) -> PlayerId:
    return event.operator_id if isinstance(event, OperatorEvent) else event.player_id


def _concerned(event: AuditedEvent) -> set[str | None]:
    """Return who did it, to whom it was done, and whose orders a trade met."""
    concerned: set[str | None] = {_actor(event)}
    if isinstance(event, OperatorEvent):
        concerned.add(event.subject)
    elif isinstance(event, GoodsTraded):
        concerned.update(crossing.player_id for crossing in event.crossings)
    return concerned


def _newest_first(
    records: Sequence[AuditRecord], events: Sequence[ChainedEvent]
) -> Iterator[AuditRow]:
    """Merge by time; each log keeps its own order, in which times may go back a little."""
    entries = deque(trail_row(record) for record in records)
    logged = deque(event_row(event) for event in events)
    while entries and logged:
        newer = entries if (entries[0].at or "") >= (logged[0].at or "") else logged
        yield newer.popleft()
    yield from entries
    yield from logged


def _places(cursor: str | None) -> tuple[int, ...]:
    if cursor is None:
        return _NUMBER_MAX, _NUMBER_MAX
    return tuple(int(number) for number in cursor.split("-"))


def _fits(kind: str, at: UnixMicros, query: AuditQuery) -> bool:
    return (not query.kinds or kind in query.kinds) and in_window(at, query)
