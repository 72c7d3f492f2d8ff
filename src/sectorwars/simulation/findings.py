"""What a run was found to break, and the shape by which two findings are the same one."""

import re
from typing import Final

FINDINGS_MAX: Final = 20
"""A run ends after so many findings."""

_NUMBER: Final = re.compile(r"\d+")


class Findings:
    """What a simulation has found to be wrong; the same sentence counts once."""

    def __init__(self, findings_max: int = FINDINGS_MAX) -> None:
        """Start without any; look no further after `findings_max`."""
        self.sentences: list[str] = []
        self._findings_max = findings_max

    def add(self, sentence: str) -> None:
        """Note something that must not be."""
        if sentence not in self.sentences and not self.full:
            self.sentences.append(sentence)

    def check(self, good: bool, sentence: str) -> None:
        """Note a sentence unless all is good."""
        if not good:
            self.add(sentence)

    @property
    def full(self) -> bool:
        """Return whether there is no need to look further."""
        return len(self.sentences) >= self._findings_max


def shape(sentence: str) -> str:
    """Return a finding without its numbers: the same promise broken at another place is equal.

    >>> shape("offset 7 follows 5") == shape("offset 31 follows 30")
    True
    """
    return _NUMBER.sub("#", sentence)
