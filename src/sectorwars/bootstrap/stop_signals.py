"""Signals to stop, with and without an event loop to take them."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Callable, Iterator
from typing import Final

STOP_SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)
_READ_BYTES_MAX: Final = 1_024


class ToldToStop(BaseException):
    """A signal to stop came before the event loop could take it."""


@contextlib.contextmanager
def stoppable() -> Iterator[None]:
    """Turn a signal to stop into an exception while there is no event loop to take it.

    Else SIGTERM would end the process at once and leave the embedded PostgreSQL running.
    """

    def stop(_number: int, _frame: object) -> None:
        ignore_stop_signals()
        raise ToldToStop

    before = [(number, signal.signal(number, stop)) for number in STOP_SIGNALS]
    try:
        yield
    finally:
        for number, handler in before:
            signal.signal(number, handler)


def on_stop(stop: Callable[[], object], *, with_stdin: bool) -> None:
    """Have the running loop call `stop` at a signal to stop, in place of an earlier one.

    With `with_stdin`, the end of the standard input is one too: a process that another one runs
    must not outlive it.
    """
    loop = asyncio.get_running_loop()
    for number in STOP_SIGNALS:
        loop.add_signal_handler(number, stop)
    if not with_stdin:
        return
    stdin = sys.stdin.fileno()

    def read() -> None:
        if not os.read(stdin, _READ_BYTES_MAX):
            loop.remove_reader(stdin)
            stop()

    loop.add_reader(stdin, read)


def ignore_stop_signals() -> None:
    """Let nothing interrupt the way down, which is bounded in time by itself."""
    for number in STOP_SIGNALS:
        signal.signal(number, signal.SIG_IGN)
