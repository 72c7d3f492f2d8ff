"""When the next commands are decided, and when the next commit begins."""

import asyncio
import contextlib
import math
from collections.abc import Callable, Iterator, Sized
from typing import Final

_SPACING_MS: Final = 2
"""How far apart commits begin, unless a crowd is waiting."""
_CROWD_MIN: Final = 32
"""So many waiting commands are a crowd, even when nothing is being made durable."""


class CommitPace:
    """Lets who decides and who commits take turns, so that a commit makes many commands durable.

    One by one, each would cost the store a look-up and a transaction, and be durable no sooner.
    """

    def __init__(
        self, waiting: Sized, undurable: Sized, batch_max: int, commit_latency_ms: int
    ) -> None:
        """Pace commits of at most `batch_max` of the commands that wait or are not durable yet.

        For more to come, commands are left undecided and a commit is put off for at most
        `commit_latency_ms` each.
        """
        self._waiting = waiting
        self._undurable = undurable
        self._batch_max = batch_max
        self._latency_ms = commit_latency_ms
        self._wake = asyncio.Event()
        self._decided = asyncio.Event()
        self._committed = asyncio.Event()
        self._commit_begun = -math.inf
        self._committing = self._gathering = False

    @property
    def has_decided(self) -> bool:
        """Return whether something was decided that no commit has been gathered for."""
        return self._decided.is_set()

    def hurry(self) -> None:
        """Wake who decides."""
        self._wake.set()

    def arrived(self) -> None:
        """Wake who decides, unless he lets more come and there is no crowd yet."""
        if not self._gathering or self._has_crowd():
            self._wake.set()

    def decided(self) -> None:
        """Tell who commits that there is something."""
        self._decided.set()

    def committed(self) -> None:
        """Tell who decides that all that had been gathered is durable."""
        self._committed.set()

    def forget(self) -> None:
        """Take back what was told of decisions: they are not to be committed."""
        self._decided.clear()

    async def rest(self, seconds: float | None) -> None:
        """Wait until woken, at most for `seconds`."""
        self._wake.clear()
        # Not wait_for: before Python 3.12 it may swallow a cancellation that meets the event.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._wake.wait()

    async def let_more_come(self, is_urgent: Callable[[], bool]) -> None:
        """Leave commands undecided while a commit is under way or was begun a moment ago."""
        now = asyncio.get_running_loop().time
        self._gathering = True
        try:
            while not (is_urgent() or self._has_crowd()):
                patience_ms = (
                    self._latency_ms if self._committing else min(self._latency_ms, _SPACING_MS)
                )
                seconds = self._commit_begun + patience_ms / 1_000 - now()
                if seconds <= 0:
                    return
                await self.rest(seconds)
        finally:
            self._gathering = False

    async def gather(self) -> None:
        """Wait for something to commit, and a little for more while there is more to decide.

        Half of a crowd is enough: while it is committed the other half is decided, and the two
        take turns. All of it together would leave the store idle while it is being decided.
        """
        await self._decided.wait()
        self._decided.clear()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._latency_ms / 1_000):
                while len(self._undurable) < min(self._batch_max, len(self._waiting)):
                    await self._decided.wait()
                    self._decided.clear()

    @contextlib.contextmanager
    def committing(self) -> Iterator[None]:
        """Stand around a commit."""
        self._committing = True
        self._commit_begun = asyncio.get_running_loop().time()
        try:
            yield
        finally:
            self._committing = False
            self._wake.set()

    async def commit_done(self) -> None:
        """Wait for the next `committed`."""
        self._committed.clear()
        await self._committed.wait()

    def _has_crowd(self) -> bool:
        """Return whether as many commands wait as are being made durable, or a batch of them."""
        crowd = max(_CROWD_MIN, len(self._undurable))
        return len(self._waiting) >= min(crowd, self._batch_max)
