"""Work that a signal to stop ends in good order."""

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from sectorwars.bootstrap.stop_signals import ToldToStop, on_stop, stoppable
from sectorwars.cli.failure import fail

T = TypeVar("T")


@contextmanager
def failing_when_stopped(sentence: str) -> Iterator[None]:
    """Say the sentence and exit with 2 if a signal to stop ends the block."""
    try:
        with stoppable():
            yield
    except (ToldToStop, asyncio.CancelledError):
        fail(sentence)


def run_to_end(work: Coroutine[Any, Any, T]) -> T:
    """Run `work` in a loop of its own, where a signal to stop cancels it."""

    async def cancellable() -> T:
        task = asyncio.current_task()
        if task is not None:
            on_stop(task.cancel, with_stdin=False)
        return await work

    return asyncio.run(cancellable())
