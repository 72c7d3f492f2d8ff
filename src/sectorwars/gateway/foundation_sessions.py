"""The sessions of Foundation clients, which outlive their connections for a while."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from sectorwars.application.account import SessionId
from sectorwars.application.accounts.tokens import Principal
from sectorwars.application.foundation_session import FoundationSessionKey, FoundationSessionRow
from sectorwars.domain.ids import PlayerId
from sectorwars.domain.values import MICROS_PER_SECOND, UnixMicros
from sectorwars.protocol.effect import Moment
from sectorwars.protocol.foundation import FoundationStream

if TYPE_CHECKING:
    from sectorwars.gateway.connection import Connection

_SEEN_GRAIN_MICROS: Final = 10 * MICROS_PER_SECOND
"""How exactly is kept when a connected client was last seen, so that rows change seldom."""


@dataclass(slots=True)
class FoundationSession:
    """A Foundation client's session over its connections, the newest of which speaks.

    While there is no `connection`, `lost` says when the last one was lost.
    """

    sid: SessionId
    lost: Moment
    stream: FoundationStream = field(default_factory=FoundationStream)
    connection: "Connection | None" = None


class FoundationSessions:
    """The live sessions of this process and those that were lost lately."""

    def __init__(self, linger_seconds: float) -> None:
        """Remember a session for `linger_seconds` after its last connection was lost.

        `changed` is set when what a client follows must be made durable at once.
        """
        self.changed = asyncio.Event()
        self._linger_seconds = linger_seconds
        self._sessions: dict[FoundationSessionKey, FoundationSession] = {}

    def find(self, player_id: PlayerId, session_id: str) -> FoundationSession | None:
        """Return the client's session, if it is live or was lost lately."""
        return self._sessions.get((player_id, session_id))

    def begin(self, principal: Principal, session_id: str, moment: Moment) -> FoundationSession:
        """Start a session for a client."""
        session = FoundationSession(principal.sid, moment)
        self._sessions[(principal.player_id, session_id)] = session
        self.changed.set()
        return session

    def give_up(self, player_id: PlayerId, session_id: str) -> FoundationSession | None:
        """Forget a session, if there is one, and return it."""
        return self._sessions.pop((player_id, session_id), None)

    def leave(
        self, player_id: PlayerId, session_id: str, connection: "Connection", moment: Moment
    ) -> None:
        """Let the session wait for its client's return, if the connection was its newest."""
        session = self._sessions.get((player_id, session_id))
        if session is not None and session.connection is connection:
            session.connection = None
            session.lost = moment

    def forget_lost(self, moment: Moment) -> None:
        """Forget the sessions that nobody came back to."""
        for key, session in list(self._sessions.items()):
            lost_for = moment.monotonic - session.lost.monotonic
            if session.connection is None and lost_for > self._linger_seconds:
                del self._sessions[key]

    def forget_of(self, sid: SessionId) -> None:
        """Forget the sessions of a sign-in session that was ended."""
        for key, session in list(self._sessions.items()):
            if session.sid == sid:
                del self._sessions[key]

    def rows(self, moment: Moment) -> list[FoundationSessionRow]:
        """Return the sessions as they are to be kept."""
        seen_at = UnixMicros(moment.wall - moment.wall % _SEEN_GRAIN_MICROS)
        return [
            FoundationSessionRow(
                player_id,
                session_id,
                session.sid,
                session.stream.goods,
                session.stream.pulse,
                session.stream.signals,
                session.lost.wall if session.connection is None else seen_at,
            )
            for (player_id, session_id), session in self._sessions.items()
        ]

    def restore(self, rows: Iterable[FoundationSessionRow], moment: Moment) -> None:
        """Take over the sessions that an earlier run kept; their clients may return."""
        for row in rows:
            lost_for = max(moment.wall - row.seen_at, 0) / MICROS_PER_SECOND
            lost = Moment(row.seen_at, moment.monotonic - lost_for)
            stream = FoundationStream(goods=row.goods, pulse=row.pulse, signals=row.signals)
            self._sessions[row.key] = FoundationSession(row.sid, lost, stream)
