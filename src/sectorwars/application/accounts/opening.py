"""Opening an account, whoever asks for it."""

from collections.abc import Callable
from typing import Final

from sectorwars.application.account import (
    Account,
    AccountRole,
    AccountStore,
    is_email,
    username_key,
)
from sectorwars.application.accounts.password import HasherBusyError, PasswordHasher, password_fault
from sectorwars.domain.ids import PlayerId
from sectorwars.domain.rejection import Refusal, Retry
from sectorwars.domain.values import UnixMicros

INVALID_USERNAME: Final = Refusal(
    "invalid_username", Retry.NEVER, "A username has 3 to 32 letters, digits, _ or -."
)
INVALID_EMAIL: Final = Refusal(
    "invalid_email", Retry.NEVER, "The e-mail address has not the form of one."
)
USERNAME_TAKEN: Final = Refusal("username_taken", Retry.NEVER, "The username is taken.")
HASHER_BUSY: Final = Refusal(
    "auth_busy", Retry.LATER, "Too many sign-ins are waiting.", retry_after_ms=1_000
)

_PLAYER_ID_BYTES: Final = 8


def account_fault(username: str, password: str, email: str | None) -> Refusal | None:
    """Return why no account can be opened with these, without asking who has one."""
    if username_key(username) is None:
        return INVALID_USERNAME
    fault = password_fault(password, username)
    if fault is not None:
        return Refusal("password_too_weak", Retry.NEVER, fault)
    return None if email is None or is_email(email) else INVALID_EMAIL


class AccountOpening:
    """Opens accounts under names that nobody has yet."""

    def __init__(
        self, store: AccountStore, hasher: PasswordHasher, entropy: Callable[[int], bytes]
    ) -> None:
        """Keep them in `store`; draw ids of n bytes from `entropy`."""
        self._store = store
        self._hasher = hasher
        self._entropy = entropy

    async def open(
        self,
        username: str,
        password: str,
        email: str | None,
        now: UnixMicros,
        role: AccountRole = AccountRole.PLAYER,
    ) -> Account | Refusal:
        """Open an account of that role.

        Raises:
            StoreUnavailableError: the store cannot be reached.
        """
        key = username_key(username)
        fault = account_fault(username, password, email)
        if fault is not None or key is None:
            return fault or INVALID_USERNAME
        if await self._store.find_by_username(key) is not None:
            return USERNAME_TAKEN
        try:
            password_hash = await self._hasher.hash(password)
        except HasherBusyError:
            return HASHER_BUSY
        player_id = PlayerId(f"pl_{self._entropy(_PLAYER_ID_BYTES).hex()}")
        account = Account(player_id, username, key, password_hash, email, role, created_at=now)
        return account if await self._store.add_account(account) else USERNAME_TAKEN
