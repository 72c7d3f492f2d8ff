"""What happened in a run, in the order of time, for a reader."""

from dataclasses import dataclass, fields
from enum import Enum

from sectorwars.domain.command import Command
from sectorwars.simulation.virtual_time import VirtualClock


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that happened `at_seconds` into a run, by which action."""

    at_seconds: float
    number: int
    text: str


class History:
    """Entries as they are made."""

    def __init__(self, clock: VirtualClock) -> None:
        """Take the time from `clock`."""
        self._clock = clock
        self.entries: list[Entry] = []

    def note(self, number: int, text: str) -> None:
        """Note what action `number` has done or met just now."""
        self.entries.append(Entry(self._clock.monotonic(), number, text))


def describe(command: Command) -> str:
    """Return a command in a line, without what it leaves at its default."""
    told = ", ".join(
        f"{one.name}={_value(getattr(command, one.name))}"
        for one in fields(command)
        if getattr(command, one.name) != one.default
    )
    return f"{type(command).__name__}({told})"


def _value(value: object) -> str:
    return repr(value.value) if isinstance(value, Enum) else repr(value)
