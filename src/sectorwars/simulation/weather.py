"""What the one store of all processes has to suffer, and how long it takes to answer."""

from collections import deque
from typing import Final

from sectorwars.domain.prng import Stream
from sectorwars.simulation.plan import StoreFault, StoreTrouble
from sectorwars.simulation.virtual_time import VirtualClock

_ANSWER_MS_MAX: Final = 40
_SLOW_ANSWER_MS_MAX: Final = 1_200


class StoreWeather:
    """Calm until told otherwise; what is drawn hangs on seed and virtual time alone."""

    def __init__(self, clock: VirtualClock, seed: int) -> None:
        """Begin calm: the store answers at once."""
        self.is_calm = True
        self._clock = clock
        self._seed = seed
        self._commit_troubles: deque[StoreTrouble] = deque()
        self._away_until = self._slow_until = 0.0

    def befall(self, fault: StoreFault) -> None:
        """Let a fault be."""
        until = self._clock.monotonic() + fault.lasts_ms / 1_000
        match fault.trouble:
            case StoreTrouble.AWAY:
                self._away_until = until
            case StoreTrouble.SLOW:
                self._slow_until = until
            case _:
                self._commit_troubles.append(fault.trouble)

    @property
    def is_away(self) -> bool:
        """Return whether the store cannot be reached."""
        return self._clock.monotonic() < self._away_until

    def next_commit(self) -> StoreTrouble | None:
        """Return what befalls the commit that begins now."""
        return self._commit_troubles.popleft() if self._commit_troubles else None

    def answer_seconds(self) -> float:
        """Return how long the store takes for one exchange that begins now."""
        if self.is_calm:
            return 0.0
        now = self._clock.monotonic()
        draws = Stream(self._seed, "answer", round(now * 1_000_000))
        slow = now < self._slow_until
        return draws.below(_SLOW_ANSWER_MS_MAX if slow else _ANSWER_MS_MAX) / 1_000
