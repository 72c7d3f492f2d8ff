"""Slowing down whoever guesses passwords, by address and by name."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, assert_never

from sectorwars.application.bus import BusUnavailableError, SharedWindow
from sectorwars.application.sliding_window import SlidingWindow
from sectorwars.domain.rejection import Refusal, Retry
from sectorwars.domain.values import MICROS_PER_SECOND, UnixMicros, div_ceil

FREE_ATTEMPTS: Final = 10
"""Attempts on a name before each further one has to wait."""
WAIT_SECONDS_MAX: Final = 60
"""Longest wait between attempts on a name: with the free ones about 70 an hour, fewer than the
100 of ASVS 4.0.3, 2.2.1, yet never a lock-out that an enemy could keep up for ever."""
FORGET_SECONDS: Final = 3_600
MINUTE_SECONDS: Final = 60
"""The window in which attempts of an address are counted."""

_MINUTE_MICROS: Final = MINUTE_SECONDS * MICROS_PER_SECOND
_KEYS_MAX: Final = 100_000


class Counted(StrEnum):
    """What a throttle counts."""

    ADDRESS = "address"
    NAME = "name"
    SUCCESS = "success"


Announce = Callable[[Counted, str, UnixMicros], None]


def tell_nobody(_counted: Counted, _key: str, _at: UnixMicros) -> None:
    """Stand for the other processes of a server that is alone."""


@dataclass(slots=True)
class _Failures:
    count: int
    last_at: UnixMicros


class SignInThrottle:
    """Limit attempts per address and minute, and make repeated failures on a name wait.

    An attempt counts as failed until it has succeeded, so that attempts side by side gain
    nothing. Names that nobody has are treated like others, so the answers tell nothing of them.
    """

    def __init__(
        self,
        per_minute: int,
        announce: Announce = tell_nobody,
        shared: SharedWindow | None = None,
    ) -> None:
        """Allow `per_minute` attempts a minute from an address.

        `announce` is told of what is counted here, so that other processes can `note` it. In
        `shared`, a window of as many, all processes count addresses together, to the exact
        number; while it is away, each goes by what it has counted and noted.
        """
        self._per_minute = per_minute
        self._announce = announce
        self._shared = shared
        self._addresses = SlidingWindow(per_minute, _MINUTE_MICROS, _KEYS_MAX)
        self._failures: OrderedDict[str, _Failures] = OrderedDict()

    async def admit_address(self, address: str, now: UnixMicros) -> Refusal | None:
        """Count an attempt from an address, or return why it has to wait."""
        wait_micros = await self._shared_wait_micros(address)
        if wait_micros == 0:
            wait_micros = self._addresses.wait_micros(address, now)
        if wait_micros == 0:
            self._addresses.record(address, now)
            self._announce(Counted.ADDRESS, address, now)
            return None
        return _wait(
            "auth_rate_limited",
            f"Only {self._per_minute} attempts a minute are taken from one address.",
            wait_micros,
            f"auth_rate_limit={self._per_minute}/min",
        )

    def admit_name(self, username_key: str, now: UnixMicros) -> Refusal | None:
        """Count an attempt on a name as failed, or return why it has to wait."""
        failures = self._failures_of(username_key, now)
        wait_micros = failures.last_at + _backoff_micros(failures.count) - now
        if wait_micros > 0:
            return _wait(
                "sign_in_delayed",
                "Too many attempts on this account; wait before the next.",
                wait_micros,
                f"sign_in_attempts={FREE_ATTEMPTS}",
            )
        self._fail(username_key, now)
        self._announce(Counted.NAME, username_key, now)
        return None

    def succeeded(self, username_key: str, now: UnixMicros) -> None:
        """Forget the failures of a name after a good password."""
        self._failures.pop(username_key, None)
        self._announce(Counted.SUCCESS, username_key, now)

    def note(self, counted: Counted, key: str, at: UnixMicros) -> None:
        """Count what another process has counted."""
        match counted:
            case Counted.ADDRESS:
                self._addresses.record(key, at)
            case Counted.NAME:
                self._fail(key, at)
            case Counted.SUCCESS:
                self._failures.pop(key, None)
            case _:
                assert_never(counted)

    async def _shared_wait_micros(self, address: str) -> int:
        if self._shared is None:
            return 0
        try:
            return await self._shared.admit(address)
        except BusUnavailableError:
            return 0

    def _failures_of(self, username_key: str, now: UnixMicros) -> _Failures:
        failures = self._failures.get(username_key)
        if failures is None or now - failures.last_at >= FORGET_SECONDS * MICROS_PER_SECOND:
            return _Failures(0, now)
        return failures

    def _fail(self, username_key: str, now: UnixMicros) -> None:
        failures = self._failures_of(username_key, now)
        if username_key not in self._failures and len(self._failures) >= _KEYS_MAX:
            self._failures.popitem(last=False)
        self._failures[username_key] = _Failures(failures.count + 1, now)
        self._failures.move_to_end(username_key)


def _backoff_micros(failures: int) -> int:
    if failures < FREE_ATTEMPTS:
        return 0
    doublings = min(failures - FREE_ATTEMPTS, WAIT_SECONDS_MAX.bit_length())
    return int(min(2**doublings, WAIT_SECONDS_MAX)) * MICROS_PER_SECOND


def _wait(code: str, detail: str, wait_micros: int, limit: str) -> Refusal:
    return Refusal(code, Retry.LATER, detail, div_ceil(wait_micros, 1_000), limit, remaining=0)
