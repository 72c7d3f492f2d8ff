"""Accounts and sign-in sessions: personal data, apart from the core, which knows ids only."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NewType, Protocol

from sectorwars.domain.ids import PlayerId
from sectorwars.domain.values import UnixMicros

SessionId = NewType("SessionId", str)

USERNAME_LENGTH_MIN: Final = 3
USERNAME_LENGTH_MAX: Final = 32
USERNAME_PATTERN: Final = r"^[A-Za-z0-9_-]{3,32}$"
ID_OR_NAME_PATTERN: Final = r"^[A-Za-z0-9_-]{1,64}$"
"""What ids of players and ports and usernames consist of."""
EMAIL_LENGTH_MAX: Final = 254
"""The longest address that a mail path can hold (RFC 5321, 4.5.3.1.3)."""
EMAIL_PATTERN: Final = (
    r"^[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}"
    r"@[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
    r"(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)+$"
)
"""What browsers take for an address (HTML Living Standard, 4.10.5.1.5), with a dotted domain."""

_USERNAME: Final = re.compile(USERNAME_PATTERN)
_EMAIL: Final = re.compile(EMAIL_PATTERN)


class AccountRole(StrEnum):
    """What an account may do."""

    PLAYER = "player"
    MODERATOR = "moderator"
    ADMIN = "admin"
    SERVICE = "service"


@dataclass(frozen=True, slots=True)
class Account:
    """Who a player is outside the game. `username_key` is the name as compared."""

    player_id: PlayerId
    username: str
    username_key: str
    password_hash: str
    email: str | None
    role: AccountRole
    created_at: UnixMicros


@dataclass(frozen=True, slots=True)
class Session:
    """A login and all tokens that came of it; `sid` is in each of its access tokens."""

    sid: SessionId
    player_id: PlayerId
    created_at: UnixMicros
    expires_at: UnixMicros


@dataclass(frozen=True, slots=True)
class RefreshRotated:
    """The refresh token was good and is spent now; the next one took its place."""

    session: Session
    account: Account


@dataclass(frozen=True, slots=True)
class RefreshReused:
    """The token had been spent before, so one of two holders stole it; `session` is revoked."""

    session: Session


class AccountStore(Protocol):
    """Where accounts, sessions and the digests of refresh tokens are kept.

    Every method raises `StoreUnavailableError` when the store cannot be reached.
    """

    async def add_account(self, account: Account) -> bool:
        """Add an account; return False, changing nothing, if its `username_key` is taken."""
        ...

    async def find_by_username(self, username_key: str) -> Account | None:
        """Return the account of that name."""
        ...

    async def find_by_player(self, player_id: PlayerId) -> Account | None:
        """Return the account of that player."""
        ...

    async def replace_password_hash(self, player_id: PlayerId, password_hash: str) -> None:
        """Store a new hash of the player's password."""
        ...

    async def change_role(
        self, player_id: PlayerId, role: AccountRole, expected: AccountRole
    ) -> bool:
        """Give the player's account another role; return False if its role is not `expected`."""
        ...

    async def accounts_with(self, roles: Collection[AccountRole]) -> list[Account]:
        """Return the accounts that have one of the roles, in the order of their names."""
        ...

    async def add_session(self, session: Session, refresh_digest: bytes) -> None:
        """Add a session with its first refresh token."""
        ...

    async def rotate_refresh(
        self, refresh_digest: bytes, next_digest: bytes, now: UnixMicros
    ) -> RefreshRotated | RefreshReused | None:
        """Spend a refresh token of a live session and put the next in its place, atomically.

        A token that was spent before revokes its session. Returns None for an unknown token and
        for one whose session is revoked or over.
        """
        ...

    async def revoke_session(self, sid: SessionId, now: UnixMicros) -> bool:
        """End a session; return False if there is no such live one."""
        ...

    async def revoked_sessions(self, now: UnixMicros) -> Sequence[tuple[SessionId, UnixMicros]]:
        """Return the revoked sessions that would not be over by now, and when they would be."""
        ...

    async def delete_expired_sessions(self, now: UnixMicros) -> int:
        """Forget the sessions that are over, with their tokens; return how many."""
        ...


def username_key(username: str) -> str | None:
    """Return the form in which names are compared, or None for what cannot be a name."""
    return username.lower() if _USERNAME.fullmatch(username) else None


def is_email(text: str) -> bool:
    """Tell whether the text has the form of an e-mail address."""
    return len(text) <= EMAIL_LENGTH_MAX and _EMAIL.fullmatch(text) is not None


async def player_named(store: AccountStore, text: str) -> PlayerId:
    """Return the id of the player whose id or name the text is.

    A text that is neither is taken for the id of a player whose account was erased.

    Raises:
        StoreUnavailableError: the store cannot be reached.
    """
    account = await find_account(store, text)
    return PlayerId(text) if account is None else account.player_id


async def find_account(store: AccountStore, named: str) -> Account | None:
    """Return the account of a player's id or of a name.

    Ids come first, so that nobody hides behind another's id as his name.

    Raises:
        StoreUnavailableError: the store cannot be reached.
    """
    account = await store.find_by_player(PlayerId(named))
    key = username_key(named)
    return await store.find_by_username(key) if account is None and key else account
