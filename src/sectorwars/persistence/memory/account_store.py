"""Accounts and sessions in memory."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from sectorwars.application.account import (
    Account,
    AccountRole,
    RefreshReused,
    RefreshRotated,
    Session,
    SessionId,
)
from sectorwars.domain.ids import PlayerId
from sectorwars.domain.values import UnixMicros


@dataclass(slots=True)
class _Stored:
    session: Session
    revoked: bool = False


@dataclass(slots=True)
class _RefreshToken:
    sid: SessionId
    spent: bool = False


class MemoryAccountStore:
    """Keep accounts as long as the process lives."""

    def __init__(self) -> None:
        """Start without accounts."""
        self._accounts: dict[PlayerId, Account] = {}
        self._player_by_name: dict[str, PlayerId] = {}
        self._sessions: dict[SessionId, _Stored] = {}
        self._refresh_tokens: dict[bytes, _RefreshToken] = {}

    async def add_account(self, account: Account) -> bool:
        """Add an account; return False, changing nothing, if its `username_key` is taken."""
        if account.username_key in self._player_by_name:
            return False
        self._accounts[account.player_id] = account
        self._player_by_name[account.username_key] = account.player_id
        return True

    async def find_by_username(self, username_key: str) -> Account | None:
        """Return the account of that name."""
        player_id = self._player_by_name.get(username_key)
        return None if player_id is None else self._accounts[player_id]

    async def find_by_player(self, player_id: PlayerId) -> Account | None:
        """Return the account of that player."""
        return self._accounts.get(player_id)

    async def replace_password_hash(self, player_id: PlayerId, password_hash: str) -> None:
        """Store a new hash of the player's password."""
        account = self._accounts[player_id]
        self._accounts[player_id] = replace(account, password_hash=password_hash)

    async def change_role(
        self, player_id: PlayerId, role: AccountRole, expected: AccountRole
    ) -> bool:
        """Give the player's account another role; return False if its role is not `expected`."""
        account = self._accounts.get(player_id)
        if account is None or account.role is not expected:
            return False
        self._accounts[player_id] = replace(account, role=role)
        return True

    async def accounts_with(self, roles: Collection[AccountRole]) -> list[Account]:
        """Return the accounts that have one of the roles, in the order of their names."""
        found = [account for account in self._accounts.values() if account.role in roles]
        return sorted(found, key=lambda account: account.username_key)

    async def add_session(self, session: Session, refresh_digest: bytes) -> None:
        """Add a session with its first refresh token."""
        self._sessions[session.sid] = _Stored(session)
        self._refresh_tokens[refresh_digest] = _RefreshToken(session.sid)

    async def rotate_refresh(
        self, refresh_digest: bytes, next_digest: bytes, now: UnixMicros
    ) -> RefreshRotated | RefreshReused | None:
        """Spend a refresh token of a live session and put the next in its place, atomically."""
        token = self._refresh_tokens.get(refresh_digest)
        if token is None:
            return None
        stored = self._sessions[token.sid]
        if stored.revoked or stored.session.expires_at <= now:
            return None
        if token.spent:
            stored.revoked = True
            return RefreshReused(stored.session)
        token.spent = True
        self._refresh_tokens[next_digest] = _RefreshToken(token.sid)
        return RefreshRotated(stored.session, self._accounts[stored.session.player_id])

    async def revoke_session(self, sid: SessionId, now: UnixMicros) -> bool:
        """End a session; return False if there is no such live one."""
        stored = self._sessions.get(sid)
        if stored is None or stored.revoked or stored.session.expires_at <= now:
            return False
        stored.revoked = True
        return True

    async def revoked_sessions(self, now: UnixMicros) -> Sequence[tuple[SessionId, UnixMicros]]:
        """Return the revoked sessions that would not be over by now, and when they would be."""
        return [
            (sid, stored.session.expires_at)
            for sid, stored in self._sessions.items()
            if stored.revoked and stored.session.expires_at > now
        ]

    async def delete_expired_sessions(self, now: UnixMicros) -> int:
        """Forget the sessions that are over, with their tokens; return how many."""
        over = {sid for sid, kept in self._sessions.items() if kept.session.expires_at <= now}
        for sid in over:
            del self._sessions[sid]
        for digest in [d for d, token in self._refresh_tokens.items() if token.sid in over]:
            del self._refresh_tokens[digest]
        return len(over)
