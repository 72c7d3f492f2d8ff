"""What the core answers to a command."""

from sectorwars.domain.event import Event
from sectorwars.domain.record import record
from sectorwars.domain.rejection import Rejection
from sectorwars.domain.rule import TracedVerdict


@record
class Accepted:
    """The command is granted: these events are its outcome, in order.

    `verdict` is what is to be told of a rule, beside the events and without consequence.
    """

    events: tuple[Event, ...]
    verdict: TracedVerdict | None = None


Decision = Accepted | Rejection
