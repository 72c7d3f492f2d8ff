"""What a run was found to break, and the shape by which two findings are the same one."""

import re
from collections.abc import Callable
from typing import Final

FINDINGS_MAX: Final = 20
"""A run ends after so many findings."""

_NUMBER: Final = re.compile(r"\d+")


class Findings:
    """What a simulation has found to be wrong; the same sentence counts once.

    `full` says that there is no need to look further.
    """

    def __init__(self, enough: Callable[[str], bool] = lambda _: False) -> None:
        """Start without any; look no further after one that is `enough`."""
        self.sentences: list[str] = []
        self.full = False
        self._enough = enough

    def add(self, sentence: str) -> None:
        """Note something that must not be."""
        if sentence in self.sentences or self.full:
            return
        self.sentences.append(sentence)
        self.full = len(self.sentences) >= FINDINGS_MAX or self._enough(sentence)

    def end(self, sentence: str) -> None:
        """Note something after which the run cannot get anywhere."""
        self.add(sentence)
        self.full = True

    def check(self, good: bool, sentence: str) -> None:
        """Note a sentence unless all is good."""
        if not good:
            self.add(sentence)


def shape(sentence: str) -> str:
    """Return a finding without its numbers: the same promise broken at another place is equal.

    >>> shape("offset 7 follows 5") == shape("offset 31 follows 30")
    True
    """
    return _NUMBER.sub("#", sentence)
