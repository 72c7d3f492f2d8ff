"""Who is connected: by address, player and sign-in session, with what outlives a connection."""

from collections import Counter
from dataclasses import dataclass, field
from typing import TypeVar

from sectorwars.application.account import AccountRole, SessionId
from sectorwars.application.tokens import Principal
from sectorwars.domain.ids import PlayerId
from sectorwars.gateway.connection import Connection
from sectorwars.protocol.foundation import FoundationDialect, FoundationStream
from sectorwars.protocol.rate_limit import TokenBucket

Key = TypeVar("Key")


@dataclass(slots=True)
class FoundationSession:
    """A Foundation client's session over its connections, the newest of which speaks."""

    sid: SessionId
    stream: FoundationStream = field(default_factory=FoundationStream)
    connection: Connection | None = None
    lost_at: float = 0.0


class Registry:
    """The open connections of this process."""

    def __init__(self, messages_per_second: int, linger_seconds: float) -> None:
        """Give each player `messages_per_second`, over all his connections together."""
        self._messages_per_second = messages_per_second
        self._linger_seconds = linger_seconds
        self.connections: dict[Connection, None] = {}
        self._unauthenticated: Counter[str] = Counter()
        self._counted: Counter[str] = Counter()
        self._players: Counter[PlayerId] = Counter()
        self._buckets: dict[PlayerId, TokenBucket] = {}
        self._foundation: dict[tuple[PlayerId, str], FoundationSession] = {}

    @property
    def players_online(self) -> int:
        """Return how many players have a connection."""
        return len(self._players)

    def unauthenticated(self, address: str) -> int:
        """Return how many connections of an address have not said who they are."""
        return self._unauthenticated[address]

    def counted(self, address: str) -> int:
        """Return how many connections count against an address's limit."""
        return self._counted[address]

    def of_session(self, sid: SessionId) -> list[Connection]:
        """Return the connections of a sign-in session."""
        return [
            connection
            for connection in self.connections
            if connection.principal is not None and connection.principal.sid == sid
        ]

    def open(self, connection: Connection) -> None:
        """Enter a new connection."""
        self.connections[connection] = None
        self._unauthenticated[connection.client.address] += 1

    def admit(self, connection: Connection, principal: Principal, now: float) -> TokenBucket:
        """Enter whom a connection speaks for; return the player's message bucket."""
        address = connection.client.address
        if connection.principal is None:
            _count_down(self._unauthenticated, address)
            self._players[principal.player_id] += 1
            if principal.role is not AccountRole.SERVICE:
                connection.counted = True
                self._counted[address] += 1
        connection.principal = principal
        bucket = self._buckets.get(principal.player_id)
        if bucket is None:
            bucket = TokenBucket(self._messages_per_second, now)
            self._buckets[principal.player_id] = bucket
        return bucket

    def supersede(self, connection: Connection) -> None:
        """Let a connection fall silent; it no longer counts against its address."""
        self._stop_counting(connection)

    def leave(self, connection: Connection, now: float) -> None:
        """Take a connection out; a Foundation session waits a while for its client's return."""
        del self.connections[connection]
        principal = connection.principal
        if principal is None:
            _count_down(self._unauthenticated, connection.client.address)
            return
        _count_down(self._players, principal.player_id)
        self._stop_counting(connection)
        dialect = connection.session.dialect
        if isinstance(dialect, FoundationDialect):
            session = self._foundation.get((principal.player_id, dialect.session_id))
            if session is not None and session.connection is connection:
                session.connection = None
                session.lost_at = now

    def foundation_session(self, player_id: PlayerId, session_id: str) -> FoundationSession | None:
        """Return the client's session, if it is live or was lost lately."""
        return self._foundation.get((player_id, session_id))

    def begin_foundation_session(self, principal: Principal, session_id: str) -> FoundationSession:
        """Start a session for a Foundation client."""
        session = FoundationSession(principal.sid)
        self._foundation[(principal.player_id, session_id)] = session
        return session

    def forget(self, now: float) -> None:
        """Forget sessions that nobody came back to, and buckets that are full again."""
        for key, session in list(self._foundation.items()):
            if session.connection is None and now - session.lost_at > self._linger_seconds:
                del self._foundation[key]
        for player_id, bucket in list(self._buckets.items()):
            if player_id not in self._players and bucket.idle(now):
                del self._buckets[player_id]

    def forget_session(self, sid: SessionId) -> None:
        """Forget the Foundation sessions of a sign-in session that was ended."""
        for key, session in list(self._foundation.items()):
            if session.sid == sid:
                del self._foundation[key]

    def _stop_counting(self, connection: Connection) -> None:
        if connection.counted:
            connection.counted = False
            _count_down(self._counted, connection.client.address)


def _count_down(counter: Counter[Key], key: Key) -> None:
    counter[key] -= 1
    if counter[key] <= 0:
        del counter[key]
