"""Signals to stop, while there is no event loop to take them."""

import contextlib
import signal
from collections.abc import Iterator
from typing import Final

STOP_SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)


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


def ignore_stop_signals() -> None:
    """Let nothing interrupt the way down, which is bounded in time by itself."""
    for number in STOP_SIGNALS:
        signal.signal(number, signal.SIG_IGN)
