"""Accounts and sessions in PostgreSQL."""

from collections.abc import Collection, Sequence
from typing import Final

import asyncpg

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
from sectorwars.persistence.postgres.connection import Connection, Pool, acquire

_ADD_ACCOUNT: Final = """
    INSERT INTO accounts
        (player_id, username, username_key, password_hash, email, role, created_at_us)
    VALUES ($1, $2, $3, $4, $5, $6, $7)
    ON CONFLICT (username_key) DO NOTHING RETURNING true
"""
_CHANGE_ROLE: Final = """
    UPDATE accounts SET role = $2 WHERE player_id = $1 AND role = $3 RETURNING true
"""
_ACCOUNTS_WITH: Final = """
    SELECT * FROM accounts WHERE role = ANY ($1::text[]) ORDER BY username_key COLLATE "C"
"""
_ADD_SESSION: Final = """
    WITH session AS (
        INSERT INTO sessions (sid, player_id, created_at_us, expires_at_us)
        VALUES ($1, $2, $3, $4)
    )
    INSERT INTO refresh_tokens (refresh_digest, sid) VALUES ($5, $1)
"""
# The row locks make two uses of one token follow each other.
_LOCK_FOR_ROTATION: Final = """
    SELECT sid, player_id, created_at_us, expires_at_us, spent_at_us
    FROM sessions JOIN refresh_tokens USING (sid)
    WHERE refresh_digest = $1 AND revoked_at_us IS NULL AND expires_at_us > $2
    FOR UPDATE
"""
_ROTATE_REFRESH: Final = """
    WITH spent AS (UPDATE refresh_tokens SET spent_at_us = $3 WHERE refresh_digest = $1),
         next AS (INSERT INTO refresh_tokens (refresh_digest, sid) VALUES ($2, $4))
    SELECT * FROM accounts WHERE player_id = $5
"""
_REVOKE_SESSION: Final = """
    UPDATE sessions SET revoked_at_us = $2
    WHERE sid = $1 AND revoked_at_us IS NULL AND expires_at_us > $2 RETURNING true
"""
_DELETE_EXPIRED: Final = """
    WITH over AS (DELETE FROM sessions WHERE expires_at_us <= $1 RETURNING 1)
    SELECT count(*) FROM over
"""


class PostgresAccountStore:
    """Keep accounts in the tables `accounts`, `sessions` and `refresh_tokens`."""

    def __init__(self, pool: Pool) -> None:
        """Use connections of `pool`."""
        self._pool = pool

    async def add_account(self, account: Account) -> bool:
        """Add an account; return False, changing nothing, if its `username_key` is taken."""
        async with acquire(self._pool) as connection:
            added = await connection.fetchval(
                _ADD_ACCOUNT,
                account.player_id,
                account.username,
                account.username_key,
                account.password_hash,
                account.email,
                account.role.value,
                account.created_at,
            )
        return added is not None

    async def find_by_username(self, username_key: str) -> Account | None:
        """Return the account of that name."""
        async with acquire(self._pool) as connection:
            row = await connection.fetchrow(
                "SELECT * FROM accounts WHERE username_key = $1", username_key
            )
        return None if row is None else _account(row)

    async def find_by_player(self, player_id: PlayerId) -> Account | None:
        """Return the account of that player."""
        async with acquire(self._pool) as connection:
            row = await connection.fetchrow(
                "SELECT * FROM accounts WHERE player_id = $1", player_id
            )
        return None if row is None else _account(row)

    async def replace_password_hash(self, player_id: PlayerId, password_hash: str) -> None:
        """Store a new hash of the player's password."""
        async with acquire(self._pool) as connection:
            await connection.execute(
                "UPDATE accounts SET password_hash = $2 WHERE player_id = $1",
                player_id,
                password_hash,
            )

    async def change_role(
        self, player_id: PlayerId, role: AccountRole, expected: AccountRole
    ) -> bool:
        """Give the player's account another role; return False if its role is not `expected`."""
        async with acquire(self._pool) as connection:
            changed = await connection.fetchval(_CHANGE_ROLE, player_id, role.value, expected.value)
        return changed is not None

    async def accounts_with(self, roles: Collection[AccountRole]) -> list[Account]:
        """Return the accounts that have one of the roles, in the order of their names."""
        async with acquire(self._pool) as connection:
            rows = await connection.fetch(_ACCOUNTS_WITH, [role.value for role in roles])
        return [_account(row) for row in rows]

    async def add_session(self, session: Session, refresh_digest: bytes) -> None:
        """Add a session with its first refresh token."""
        async with acquire(self._pool) as connection:
            await connection.execute(
                _ADD_SESSION,
                session.sid,
                session.player_id,
                session.created_at,
                session.expires_at,
                refresh_digest,
            )

    async def rotate_refresh(
        self, refresh_digest: bytes, next_digest: bytes, now: UnixMicros
    ) -> RefreshRotated | RefreshReused | None:
        """Spend a refresh token of a live session and put the next in its place, atomically."""
        async with acquire(self._pool) as connection, connection.transaction():
            row = await connection.fetchrow(_LOCK_FOR_ROTATION, refresh_digest, now)
            if row is None:
                return None
            session = _session(row)
            if row["spent_at_us"] is not None:
                await self._revoke(connection, session.sid, now)
                return RefreshReused(session)
            account = await connection.fetchrow(
                _ROTATE_REFRESH,
                refresh_digest,
                next_digest,
                now,
                session.sid,
                session.player_id,
            )
            assert account is not None  # noqa: S101 - the foreign key of sessions says so
            return RefreshRotated(session, _account(account))

    async def revoke_session(self, sid: SessionId, now: UnixMicros) -> bool:
        """End a session; return False if there is no such live one."""
        async with acquire(self._pool) as connection:
            return await self._revoke(connection, sid, now)

    async def revoked_sessions(self, now: UnixMicros) -> Sequence[tuple[SessionId, UnixMicros]]:
        """Return the revoked sessions that would not be over by now, and when they would be."""
        async with acquire(self._pool) as connection:
            rows = await connection.fetch(
                "SELECT sid, expires_at_us FROM sessions"
                " WHERE revoked_at_us IS NOT NULL AND expires_at_us > $1",
                now,
            )
        return [(SessionId(sid), UnixMicros(expires_at)) for sid, expires_at in rows]

    async def delete_expired_sessions(self, now: UnixMicros) -> int:
        """Forget the sessions that are over, with their tokens; return how many."""
        async with acquire(self._pool) as connection:
            deleted: int = await connection.fetchval(_DELETE_EXPIRED, now)
        return deleted

    async def _revoke(self, connection: Connection, sid: SessionId, now: UnixMicros) -> bool:
        revoked = await connection.fetchval(_REVOKE_SESSION, sid, now)
        return revoked is not None


def _account(row: asyncpg.Record) -> Account:
    return Account(
        PlayerId(row["player_id"]),
        row["username"],
        row["username_key"],
        row["password_hash"],
        row["email"],
        AccountRole(row["role"]),
        UnixMicros(row["created_at_us"]),
    )


def _session(row: asyncpg.Record) -> Session:
    return Session(
        SessionId(row["sid"]),
        PlayerId(row["player_id"]),
        UnixMicros(row["created_at_us"]),
        UnixMicros(row["expires_at_us"]),
    )
