"""What the core answers to a command."""

from dataclasses import dataclass

from sectorwars.domain.event import Event
from sectorwars.domain.rejection import Rejection


@dataclass(frozen=True, slots=True)
class Accepted:
    """The command is granted: these events are its outcome, in order."""

    events: tuple[Event, ...]


Decision = Accepted | Rejection
