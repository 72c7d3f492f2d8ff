"""Reproducible pseudo-random numbers: SplitMix64 streams that are keyed by a seed and labels.

Output n of a stream is a function of its key and n alone, so the generator is counter-based: a
value can be had at any place without drawing those before it. The numbers are the same on every
machine and are for shaping a galaxy, never for secrets.

Source: Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014, with
the constants of variant 13 of Stafford's mix.
"""

from collections.abc import MutableSequence, Sequence
from typing import Final, TypeVar

_T = TypeVar("_T")

_MASK: Final = (1 << 64) - 1
_GAMMA: Final = 0x9E37_79B9_7F4A_7C15

NOISE_ONE: Final = 1 << 15
"""The scale of `ValueNoise`: its values lie in -NOISE_ONE..NOISE_ONE - 1."""


def _mix(z: int) -> int:
    z = ((z ^ (z >> 30)) * 0xBF58_476D_1CE4_E5B9) & _MASK
    z = ((z ^ (z >> 27)) * 0x94D0_49BB_1331_11EB) & _MASK
    return z ^ (z >> 31)


def stream_key(seed: int, *labels: int | str) -> int:
    """Return the key (64 bits) of the stream that belongs to a seed and labels.

    >>> stream_key(7, "names") == stream_key(7, "names")
    True
    >>> stream_key(7, "names") == stream_key(7, "map")
    False
    """
    key = _mix((seed + _GAMMA) & _MASK)
    for label in labels:
        if isinstance(label, str):
            data = label.encode()
            words = [int.from_bytes(data[i : i + 8], "little") for i in range(0, len(data), 8)]
            words.append(len(data))
        else:
            words = [label]
        for word in words:
            key = _mix(((key ^ word) + _GAMMA) & _MASK)
    return key


def value_at(key: int, n: int) -> int:
    """Return output `n` (64 bits) of the stream with this key; n may be negative."""
    return _mix((key + (n + 1) * _GAMMA) & _MASK)


class ValueNoise:
    """Smooth noise over ticks: drawn at every multiple of a period, eased between.

    The easing is 3t^2 - 2t^3. The noise has mean zero, returns to it within a few periods, and is
    a function of key, period and tick alone; only the draws at the ends of the latest stretch are
    kept, to save drawing them again.
    """

    __slots__ = ("_before", "_key", "_knot", "_period", "_rise")

    def __init__(self, key: int, period: int) -> None:
        """Prepare the noise of the stream with this key; `period` is positive, in ticks."""
        self._key = key
        self._period = period
        self._knot: int | None = None
        self._before = self._rise = 0

    def at(self, tick: int) -> int:
        """Return the noise at `tick`, in -NOISE_ONE..NOISE_ONE - 1."""
        period = self._period
        knot, rest = divmod(tick, period)
        if knot != self._knot:
            self._before = (value_at(self._key, knot) >> 48) - NOISE_ONE
            self._rise = (value_at(self._key, knot + 1) >> 48) - NOISE_ONE - self._before
            self._knot = knot
        eased = rest * rest * (3 * period - 2 * rest)
        return self._before + self._rise * eased // (period * period * period)


class Stream:
    """Successive draws from one keyed stream.

    >>> Stream(7, "dice").below(6) == Stream(7, "dice").below(6)
    True
    """

    __slots__ = ("_key", "_position")

    def __init__(self, seed: int, *labels: int | str) -> None:
        """Start at the beginning of the stream of `seed` and `labels`."""
        self._key = stream_key(seed, *labels)
        self._position = 0

    def next64(self) -> int:
        """Draw 64 bits."""
        value = value_at(self._key, self._position)
        self._position += 1
        return value

    def below(self, bound: int) -> int:
        """Draw an integer in 0..bound - 1, each equally likely; 1 <= bound <= 2**64.

        Raises:
            ValueError: the bound is out of range.
        """
        if not 1 <= bound <= 1 << 64:
            raise ValueError("the bound must lie in 1..2**64")
        # Draws in the last, incomplete run of `bound` values would favour the small results.
        limit = (1 << 64) - (1 << 64) % bound
        while True:
            value = self.next64()
            if value < limit:
                return value % bound

    def between(self, low: int, high: int) -> int:
        """Draw an integer in low..high, both included."""
        return low + self.below(high - low + 1)

    def choice(self, items: Sequence[_T]) -> _T:
        """Draw one of `items`, which must not be empty."""
        return items[self.below(len(items))]

    def shuffle(self, items: MutableSequence[_T]) -> None:
        """Shuffle in place (Fisher-Yates); every order is equally likely."""
        for i in range(len(items) - 1, 0, -1):
            j = self.below(i + 1)
            items[i], items[j] = items[j], items[i]
