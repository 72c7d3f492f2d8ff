"""What Foundation clients' sessions follow, kept over restarts of the server.

That client authenticates again after a lost connection but never subscribes again, so what it
follows has to outlive not only its connections but the process that served them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from sectorwars.application.account import SessionId
from sectorwars.domain.commodity import Commodity
from sectorwars.domain.ids import PlayerId
from sectorwars.domain.values import UnixMicros

FoundationSessionKey = tuple[PlayerId, str]
"""A player and the id that his client made for its session."""


@dataclass(frozen=True, slots=True)
class FoundationSessionRow:
    """A client's session as it is kept.

    Args:
        player_id: the player.
        session_id: the id that the client made.
        sid: the sign-in session whose token opened it.
        goods: the goods whose prices it follows, in the order of its subscription.
        pulse: whether it follows the universe's pulse.
        signals: whether it follows the player's signals.
        seen_at: when its last connection was lost or, while it has one, when it was last seen.
    """

    player_id: PlayerId
    session_id: str
    sid: SessionId
    goods: tuple[Commodity, ...]
    pulse: bool
    signals: bool
    seen_at: UnixMicros

    @property
    def key(self) -> FoundationSessionKey:
        """Return what identifies the session."""
        return self.player_id, self.session_id


class FoundationSessionStore(Protocol):
    """Where the sessions are kept.

    Every method raises `StoreUnavailableError` when the store cannot be reached.
    """

    async def replace(
        self, changed: Sequence[FoundationSessionRow], gone: Sequence[FoundationSessionKey]
    ) -> None:
        """Put rows in the place of those with the same keys, and delete others, atomically."""
        ...

    async def find(self, key: FoundationSessionKey) -> FoundationSessionRow | None:
        """Return a session, or None where there is none."""
        ...

    async def recover(self, seen_after: UnixMicros) -> list[FoundationSessionRow]:
        """Return the sessions seen after a time, and delete the others."""
        ...


class FoundationSessionKeeper:
    """Writes to the store what has changed since it last did."""

    def __init__(
        self, store: FoundationSessionStore, sessions: Callable[[], Sequence[FoundationSessionRow]]
    ) -> None:
        """Keep in `store` what `sessions` returns."""
        self._store = store
        self._sessions = sessions
        self._kept: dict[FoundationSessionKey, FoundationSessionRow] = {}

    async def recover(self, seen_after: UnixMicros) -> list[FoundationSessionRow]:
        """Return the sessions that the server's last run left and that may still come back."""
        rows = await self._store.recover(seen_after)
        self._kept = {row.key: row for row in rows}
        return rows

    def disown(self, key: FoundationSessionKey) -> None:
        """Leave a session to another process, which keeps it from now on."""
        self._kept.pop(key, None)

    async def keep(self) -> None:
        """Make changes durable.

        Raises:
            StoreUnavailableError: nothing was written; the next call tries it again.
        """
        now = {row.key: row for row in self._sessions()}
        changed = [row for key, row in now.items() if self._kept.get(key) != row]
        gone = [key for key in self._kept if key not in now]
        if changed or gone:
            await self._store.replace(changed, gone)
            self._kept = now
