"""Passwords: which are good enough, and how they are hashed without stopping the event loop."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final, TypeVar

import argon2
from argon2.exceptions import InvalidHashError, VerificationError

T = TypeVar("T")

PASSWORD_LENGTH_MIN: Final = 8
PASSWORD_LENGTH_MAX: Final = 128

_COMMON_WORDS: Final = """
    password password1 password12 password123 password1234 passw0rd p@ssw0rd p@ssword 12345678
    123456789 1234567890 0123456789 987654321 9876543210 87654321 11111111 111111111 00000000
    88888888 99999999 12341234 11223344 112233445566 123123123 123321123 147258369 qwertyui
    qwertyuiop qwerty123 qwerty1234 qwerty12345 1q2w3e4r 1q2w3e4r5t 1qaz2wsx 1qazxsw2 qazwsxedc
    zaq12wsx asdfghjk asdfghjkl zxcvbnm1 abcd1234 abcdefgh abc12345 abc123456 a1234567 a12345678
    iloveyou iloveyou1 sunshine princess princess1 football football1 baseball basketball
    superman superman1 starwars startrek whatever trustno1 letmein1 letmein123 welcome1
    welcome123 changeme changeme1 adminadmin admin123 admin1234 administrator computer internet
    jennifer michelle corvette mercedes maverick midnight liverpool chocolate butterfly
    sectorwars sectorwars1 sectorwars2102
"""
_COMMONEST: Final = frozenset(_COMMON_WORDS.split())
"""Passwords that every guessing list starts with, of those long enough to be allowed (public
breach statistics), and this game's own name."""


class HasherBusyError(Exception):
    """More passwords are waiting to be hashed than the limit allows."""


@dataclass(frozen=True, slots=True)
class HashCost:
    """Argon2id's work factors; the defaults are OWASP's minimum (Password Storage Cheat Sheet)."""

    memory_kib: int = 19_456
    passes: int = 2
    lanes: int = 1


def password_fault(password: str, username: str) -> str | None:
    """Say in a sentence why a password will not do, or return None if it will."""
    if len(password) < PASSWORD_LENGTH_MIN:
        return f"The password needs at least {PASSWORD_LENGTH_MIN} characters."
    if len(password) > PASSWORD_LENGTH_MAX:
        return f"The password may have at most {PASSWORD_LENGTH_MAX} characters."
    folded = password.casefold()
    if folded == username.casefold():
        return "The password must differ from the username."
    if folded in _COMMONEST or len(set(folded)) == 1:
        return "This password is among the first that are guessed; choose another."
    return None


class PasswordHasher:
    """Hash and check passwords with Argon2id in a few threads of its own.

    A storm of logins queues here, at most `waiting_max` deep, and leaves the event loop its core.
    """

    def __init__(self, cost: HashCost, workers: int = 1, waiting_max: int = 200) -> None:
        """Start with `workers` threads."""
        self._argon2 = argon2.PasswordHasher(
            time_cost=cost.passes, memory_cost=cost.memory_kib, parallelism=cost.lanes
        )
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix="password")
        self._waiting = 0
        self._waiting_max = waiting_max
        # Checked for names that nobody has, so that they take as long as those that somebody has.
        self._decoy = self._argon2.hash("no account has this hash")

    async def hash(self, password: str) -> str:
        """Return the password's hash with its salt and work factors, in PHC format.

        Raises:
            HasherBusyError: too many are waiting.
        """
        return await self._run(lambda: self._argon2.hash(password))

    async def verify(self, password: str, password_hash: str | None) -> bool:
        """Tell whether the password has the hash; None takes as long, and is False.

        Raises:
            HasherBusyError: too many are waiting.
        """
        matches = await self._run(lambda: self._matches(password, password_hash or self._decoy))
        return matches and password_hash is not None

    def is_outdated(self, password_hash: str) -> bool:
        """Tell whether the hash was made with other work factors than today's."""
        return self._argon2.check_needs_rehash(password_hash)

    def close(self) -> None:
        """End the threads once what they are at is done."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _matches(self, password: str, password_hash: str) -> bool:
        try:
            return self._argon2.verify(password_hash, password)
        except (VerificationError, InvalidHashError):
            return False

    async def _run(self, work: Callable[[], T]) -> T:
        if self._waiting >= self._waiting_max:
            raise HasherBusyError
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._waiting -= 1
