"""Who is connected: by address, player and sign-in session, with what outlives a connection."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import TypeVar

from sectorwars.application.account import AccountRole, SessionId
from sectorwars.application.accounts.tokens import Principal
from sectorwars.domain.ids import PlayerId
from sectorwars.gateway.connection import Connection
from sectorwars.gateway.foundation_sessions import FoundationSessions
from sectorwars.gateway.neighbours import Neighbours
from sectorwars.protocol.effect import Moment
from sectorwars.protocol.foundation import FoundationDialect
from sectorwars.protocol.rate_limit import TokenBucket

Key = TypeVar("Key")


class Registry:
    """The open connections of this process."""

    def __init__(
        self, messages_per_second: int, linger_seconds: float, neighbours: Neighbours
    ) -> None:
        """Give each player `messages_per_second`, over all his connections together.

        Where he has connections at other gateways too, each gives him an equal part.
        """
        self.foundation = FoundationSessions(linger_seconds)
        self._messages_per_second = messages_per_second
        self._neighbours = neighbours
        self.connections: dict[Connection, None] = {}
        self._unauthenticated: Counter[str] = Counter()
        self._counted: Counter[str] = Counter()
        self._players: Counter[PlayerId] = Counter()
        self._buckets: dict[PlayerId, TokenBucket] = {}

    @property
    def players(self) -> Collection[PlayerId]:
        """Who has a connection."""
        return self._players.keys()

    @property
    def addresses(self) -> Mapping[str, int]:
        """How many connections count against the limit of each address."""
        return self._counted

    @property
    def players_online(self) -> int:
        """Return how many players have a connection."""
        return len(self._players)

    def is_connected(self, player_id: PlayerId) -> bool:
        """Return whether a player has a connection."""
        return player_id in self._players

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
            if self._players[principal.player_id] == 1:
                self._neighbours.arrived(principal.player_id)
            if principal.role is not AccountRole.SERVICE:
                self._count(connection)
        connection.principal = principal
        bucket = self._buckets.get(principal.player_id)
        if bucket is None:
            bucket = TokenBucket(self._part(principal.player_id), now)
            self._buckets[principal.player_id] = bucket
        return bucket

    def share_out(self, player_id: PlayerId, now: float) -> None:
        """Give a player what is his part now that he came to, or left, other gateways."""
        bucket = self._buckets.get(player_id)
        if bucket is not None:
            bucket.change_rate(self._part(player_id), now)

    def change_role(self, connection: Connection, principal: Principal, role: AccountRole) -> None:
        """Note that whom a connection speaks for has another role; services do not count."""
        connection.principal = replace(principal, role=role)
        if role is AccountRole.SERVICE:
            self._stop_counting(connection)
        elif principal.role is AccountRole.SERVICE:
            self._count(connection)

    def supersede(self, connection: Connection) -> None:
        """Let a connection fall silent; it no longer counts against its address."""
        self._stop_counting(connection)

    def leave(self, connection: Connection, moment: Moment) -> None:
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
            self.foundation.leave(principal.player_id, dialect.session_id, connection, moment)

    def forget(self, moment: Moment) -> None:
        """Forget sessions that nobody came back to, and buckets that are full again."""
        self.foundation.forget_lost(moment)
        for player_id, bucket in list(self._buckets.items()):
            if player_id not in self._players and bucket.idle(moment.monotonic):
                del self._buckets[player_id]

    def _part(self, player_id: PlayerId) -> int:
        return max(1, self._messages_per_second // (1 + self._neighbours.others_with(player_id)))

    def _count(self, connection: Connection) -> None:
        connection.counted = True
        self._counted[connection.client.address] += 1

    def _stop_counting(self, connection: Connection) -> None:
        if connection.counted:
            connection.counted = False
            _count_down(self._counted, connection.client.address)


def _count_down(counter: Counter[Key], key: Key) -> None:
    counter[key] -= 1
    if counter[key] <= 0:
        del counter[key]
