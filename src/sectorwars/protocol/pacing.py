"""The pace of broadcast frames to a Foundation client, which drops those beyond 100 a minute.

Its limit is a fixed window of 60 s that we cannot see and that a reconnection does not reset, so
fewer than 100 frames in *any* 60 s are sent: a rotation of one market update a beat, a pulse
every 20 s, and the rest of the budget for snapshots.
"""

from collections import deque
from collections.abc import Sequence
from typing import Final

from sectorwars.domain.commodity import Commodity

WINDOW_SECONDS: Final = 60.0
BEAT_SECONDS: Final = 0.95
"""A little under the second that may pass between two updates, to leave room for a late timer."""
PULSE_SECONDS: Final = 20.0
SNAPSHOTS_PER_WINDOW: Final = 28
"""With at most 64 updates and six pulses in a window, these leave room for every update."""
PULSES_PER_WINDOW: Final = 6
FRAMES_PER_WINDOW: Final = 99


class Pacer:
    """Says what may be sent now; it belongs to the client's session and outlives connections."""

    __slots__ = ("_goods", "_next", "_pulse_at", "_pulses", "_sent", "_snapshots", "_updated_at")

    def __init__(self) -> None:
        """Start with nothing subscribed and nothing sent."""
        self._goods: list[Commodity] = []
        self._next = 0
        self._updated_at: float | None = None
        self._pulse_at: float | None = None
        self._sent: deque[float] = deque()
        self._snapshots: deque[float] = deque()
        self._pulses: deque[float] = deque()

    def follow(self, commodities: Sequence[Commodity]) -> None:
        """Rotate over these goods from now on."""
        self._goods = list(commodities)
        self._next = 0

    def snapshot(self, commodities: Sequence[Commodity], now: float) -> tuple[Commodity, ...]:
        """Return those of the goods whose snapshots may be sent at once.

        The others follow in the rotation, which begins with them.
        """
        room = min(self._room(now), SNAPSHOTS_PER_WINDOW - _recent(self._snapshots, now))
        sent = tuple(commodities[: max(room, 0)])
        self._snapshots.extend([now] * len(sent))
        self._sent.extend([now] * len(sent))
        if sent:
            self._updated_at = now
        self._next = len(sent) % len(self._goods) if self._goods else 0
        return sent

    def update(self, now: float) -> Commodity | None:
        """Return the good whose update is due, or None."""
        if not self._goods or self._room(now) <= 0:
            return None
        # Half a beat of tolerance: the timer that asks is never exact.
        if self._updated_at is not None and now - self._updated_at < BEAT_SECONDS / 2:
            return None
        commodity = self._goods[self._next]
        self._next = (self._next + 1) % len(self._goods)
        self._updated_at = now
        self._sent.append(now)
        return commodity

    def pulse(self, now: float, *, at_once: bool = False) -> bool:
        """Tell whether a pulse is to be sent: one is due, or `at_once` because it was asked for."""
        due = self._pulse_at is None or now - self._pulse_at >= PULSE_SECONDS - BEAT_SECONDS
        if not (due or at_once):
            return False
        if _recent(self._pulses, now) >= PULSES_PER_WINDOW or self._room(now) <= 0:
            return False
        self._pulse_at = now
        self._pulses.append(now)
        self._sent.append(now)
        return True

    def _room(self, now: float) -> int:
        return FRAMES_PER_WINDOW - _recent(self._sent, now)


def _recent(times: deque[float], now: float) -> int:
    while times and now - times[0] >= WINDOW_SECONDS:
        times.popleft()
    return len(times)
