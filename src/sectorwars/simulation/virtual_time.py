"""An event loop on which time passes only when nobody has anything left to do."""

import asyncio
import selectors
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, Final, TypeVar

from sectorwars.domain.values import MICROS_PER_SECOND, UnixMicros

_T = TypeVar("_T")

_START_MICROS: Final = 4_165_516_800 * MICROS_PER_SECOND
"""Real time at the start of every simulation: 2102-01-01T00:00:00Z."""


class StalledError(Exception):
    """Everybody waits and nothing is due: without outside help, nothing will ever happen."""


class _NoSelector(selectors.BaseSelector):
    """Watches files that never become ready; told to wait, it turns the clock forward."""

    def __init__(self) -> None:
        self.now_seconds = 0.0
        self._keys: dict[int, selectors.SelectorKey] = {}

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        fd = fileobj if isinstance(fileobj, int) else fileobj.fileno()
        key = self._keys[fd] = selectors.SelectorKey(fileobj, fd, events, data)
        return key

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        return self._keys.pop(fileobj if isinstance(fileobj, int) else fileobj.fileno())

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise StalledError
        self.now_seconds += max(0.0, timeout)
        return []

    def get_map(self) -> Mapping[Any, selectors.SelectorKey]:
        return self._keys


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """Runs timers in their order without waiting; the same program runs the same each time.

    It serves no sockets and no threads.
    """

    def __init__(self) -> None:
        """Start at second 0."""
        self._virtual = _NoSelector()
        super().__init__(self._virtual)

    def time(self) -> float:
        """Return the virtual seconds that have passed."""
        return self._virtual.now_seconds


class VirtualClock:
    """The clock of a virtual loop; `jump_micros` sets its real time off by so much."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Follow `loop`."""
        self._loop = loop
        self.jump_micros = 0

    def now(self) -> UnixMicros:
        """Return real UTC time."""
        passed = round(self._loop.time() * MICROS_PER_SECOND)
        return UnixMicros(_START_MICROS + passed + self.jump_micros)

    def monotonic(self) -> float:
        """Return seconds on a clock that never goes back."""
        return self._loop.time()


def run_virtually(main: Callable[[VirtualClock], Coroutine[Any, Any, _T]]) -> _T:
    """Run `main` to its end on a virtual loop of its own.

    Raises:
        StalledError: it waits for something that cannot happen.
    """
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(main(VirtualClock(runner.get_loop())))
