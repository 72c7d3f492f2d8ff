"""What a command that takes long says meanwhile, on the standard error."""

import sys
import time
from collections.abc import Callable
from typing import Final

import click

_SECONDS: Final = 1.0
_MB: Final = 1_000_000


def once_a_second(words: Callable[[int, int], str]) -> Callable[[int, int], None]:
    """Make a reporter of how much is done of how much, that speaks to a terminal only.

    Args:
        words: says the two in a line.
    """
    spoken_at = time.monotonic()
    speaks = sys.stderr.isatty()

    def report(done: int, total: int) -> None:
        nonlocal spoken_at
        if speaks and time.monotonic() - spoken_at >= _SECONDS:
            spoken_at = time.monotonic()
            click.echo(words(done, total), err=True)

    return report


def megabytes(size_bytes: int) -> str:
    """Say a size in MB, of a million bytes each."""
    return f"{size_bytes / _MB:,.1f} MB"
