"""The bounds of the bus."""

from dataclasses import dataclass
from typing import Final

FINISH_SECONDS_MAX: Final = 5.0
"""How long an engine that stops waits until what it took from the queue has been answered."""


@dataclass(frozen=True, slots=True)
class BusLimits:
    """Bounds of what waits on the bus.

    Args:
        commands_max: commands and questions that wait for the engine, of all gateways together.
        answer_ms_max: how long a gateway waits for the engine's answer.
        messages_max: messages that wait to be sent, or to be read by one listener.
    """

    commands_max: int = 10_000
    answer_ms_max: int = 15_000
    messages_max: int = 4_096
