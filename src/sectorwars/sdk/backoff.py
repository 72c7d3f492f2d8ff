"""How long to wait before the next attempt."""

from collections.abc import Callable


class Backoff:
    """Waits that double up to a cap, each drawn evenly from nothing to its bound.

    Source: "Exponential Backoff And Jitter", AWS Architecture Blog (full jitter).
    """

    __slots__ = ("_cap_seconds", "_first_seconds", "_random", "attempts")

    def __init__(
        self, random: Callable[[], float], first_seconds: float = 0.25, cap_seconds: float = 30.0
    ) -> None:
        """Start with a bound of `first_seconds`; `random` gives numbers in [0, 1)."""
        self._random = random
        self._first_seconds = first_seconds
        self._cap_seconds = cap_seconds
        self.attempts = 0

    def next_seconds(self, retry_after_ms: int | None = None) -> float:
        """Count a failed attempt and return the wait, never less than the server asked for."""
        # The exponent is bounded because a float is.
        bound = min(self._cap_seconds, self._first_seconds * 2.0 ** min(self.attempts, 32))
        self.attempts += 1
        return (retry_after_ms or 0) / 1_000 + bound * self._random()

    def reset(self) -> None:
        """Begin anew after a success."""
        self.attempts = 0
