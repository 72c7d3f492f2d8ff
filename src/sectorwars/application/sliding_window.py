"""Exact limits of so many in so long, per key, over any window."""

from collections import OrderedDict, deque

from sectorwars.domain.values import UnixMicros


class SlidingWindow:
    """Count what happened per key in the last `window_micros`.

    At most `keys_max` keys are remembered; beyond that the one longest untouched is forgotten,
    so that an attacker with many keys costs bounded memory.
    """

    def __init__(self, limit: int, window_micros: int, keys_max: int) -> None:
        """Allow `limit` per key and window.

        Raises:
            ValueError: an argument is less than one.
        """
        if min(limit, window_micros, keys_max) < 1:
            raise ValueError("limit, window and number of keys are at least one")
        self._limit = limit
        self._window = window_micros
        self._keys_max = keys_max
        self._times: OrderedDict[str, deque[UnixMicros]] = OrderedDict()

    def wait_micros(self, key: str, now: UnixMicros) -> int:
        """Return how long until one more is allowed; 0 if it is now."""
        times = self._times.get(key)
        if times is None:
            return 0
        while times and times[0] <= now - self._window:
            times.popleft()
        if len(times) < self._limit:
            return 0
        return times[0] + self._window - now

    def record(self, key: str, now: UnixMicros) -> None:
        """Count one at `now`."""
        times = self._times.get(key)
        if times is None:
            if len(self._times) >= self._keys_max:
                self._times.popitem(last=False)
            times = self._times[key] = deque(maxlen=self._limit)
        else:
            self._times.move_to_end(key)
        times.append(now)
