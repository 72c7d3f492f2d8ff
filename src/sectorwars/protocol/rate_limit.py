"""A token bucket without a clock, and a window for refusals."""


class TokenBucket:
    """Lets `rate` messages a second through, and up to `rate` at once after a pause.

    >>> bucket = TokenBucket(2, now=0.0)
    >>> bucket.take(0.0), bucket.take(0.0), bucket.take(0.0)
    (0.0, 0.0, 0.5)
    """

    __slots__ = ("_at", "_rate", "_tokens")

    def __init__(self, rate: int, now: float) -> None:
        """Start full at `now` (seconds on a monotonic clock); `rate` is at least 1."""
        self._rate = rate
        self._tokens = float(rate)
        self._at = now

    def take(self, now: float) -> float:
        """Take one token.

        Returns:
            0.0 where one was left, otherwise the seconds until the next one.
        """
        rate = self._rate
        tokens = self._tokens + (now - self._at) * rate
        self._at = now
        if tokens >= 1.0:
            # Called for every message, where `min` would double the time.
            self._tokens = (rate if tokens > rate else tokens) - 1.0
            return 0.0
        self._tokens = tokens
        return (1.0 - tokens) / rate

    def charge(self, tokens: float) -> None:
        """Take tokens for work that turned out to be worth so many, also such as are not there."""
        self._tokens -= tokens

    def change_rate(self, rate: int, now: float) -> None:
        """Let `rate` messages a second through from now on; what was saved up above it is lost."""
        self._tokens = min(float(rate), self._tokens + (now - self._at) * self._rate)
        self._at = now
        self._rate = rate

    def idle(self, now: float) -> bool:
        """Tell whether the bucket is full again, so that it may be forgotten."""
        return self._tokens + (now - self._at) * self._rate >= self._rate


class RefusalWindow:
    """Counts refusals by minutes: after `limit` of them, the rest are only counted."""

    __slots__ = ("_limit", "_refused", "_started", "_suppressed")

    WINDOW_SECONDS = 60.0

    def __init__(self, limit: int, now: float) -> None:
        """Let `limit` refusals through in each window; the first window starts at `now`."""
        self._limit = limit
        self._started = now
        self._refused = 0
        self._suppressed = 0

    def admit(self) -> bool:
        """Count a refusal and tell whether it may still be sent by itself."""
        self._refused += 1
        if self._refused <= self._limit:
            return True
        self._suppressed += 1
        return False

    def roll(self, now: float) -> int:
        """Begin a new window after the old one; return how many refusals that one held back."""
        if now - self._started < self.WINDOW_SECONDS:
            return 0
        suppressed, self._suppressed, self._refused = self._suppressed, 0, 0
        self._started = now
        return suppressed
