"""How demand swings: seasons and mean-reverting noise, as a function of seed and tick alone.

Demand for a good at a port is its base rate times 1 + pull. The pull is the sum of five seasons,
whose phases belong to the good and differ a little from port to port, and of smooth noise at the
scale of the galaxy, of a region and of the port. Nothing is remembered, so nothing can drift.
All pulls are in 1/1024.
"""

from functools import lru_cache
from typing import Final

from sectorwars.domain.commodity import COMMODITY_INDEX
from sectorwars.domain.port import PortClass, PortSpec, Role
from sectorwars.domain.prng import NOISE_ONE, noise, stream_key, value_at

PULL_ONE: Final = 1_024
PULL_MIN: Final = -896
"""Demand never falls below an eighth of its base rate."""

SEASONS: Final = ((120, 310), (720, 190), (1_440, 40), (2_880, 130), (10_080, 40))
"""Seasons as (period in ticks, amplitude): 2, 12, 24, 48 and 168 game hours."""

GALAXY_NOISE: Final = ((60, 200), (360, 40), (1_440, 90))
REGION_NOISE: Final = ((240, 50), (1_440, 60))
PORT_NOISE: Final = ((180, 130), (960, 170))
"""Noise as (ticks between knots, amplitude of the uniform knots)."""

REGION_EDGE: Final = 250
"""A region is a square of the map with this edge, in map units."""

STARTER_DAMPING: Final = 3
"""Newcomers' goods at starter ports swing by one part in this many, so they stay playable."""

_TURN_BITS: Final = 16
_TURN: Final = 1 << _TURN_BITS
_HALF_TURN: Final = _TURN >> 1
_JITTER: Final = _TURN >> 4
_SHARED_PULLS_MAX: Final = 8_192


def season(phase: int) -> int:
    """Return a wave of period 2**16 in -1024..1024: a sine's halves drawn as parabolas."""
    rest = phase & (_HALF_TURN - 1)
    height = rest * (_HALF_TURN - rest) >> 18
    return -height if phase & _HALF_TURN else height


@lru_cache(maxsize=_SHARED_PULLS_MAX)
def _shared_pull(key: int, tick: int, scales: tuple[tuple[int, int], ...]) -> int:
    return _noise_pull(key, tick, scales)


def _noise_pull(key: int, tick: int, scales: tuple[tuple[int, int], ...]) -> int:
    total = 0
    for octave, (period, amplitude) in enumerate(scales):
        # Octaves must not share draws; a distance of 2**40 knots keeps them apart for ever.
        total += amplitude * noise(key, tick + (period * octave << 40), period)
    return total // NOISE_ONE


class Demand:
    """The pull on one good at one port, a function of the tick."""

    __slots__ = ("_damping", "_galaxy_key", "_phases", "_port_key", "_region_key")

    def __init__(self, seed: int, region: tuple[int, int], spec: PortSpec, good: int) -> None:
        """Prepare the good at position `good` of `spec.goods`, in the region of its port."""
        commodity = spec.goods[good].commodity
        index = COMMODITY_INDEX[commodity]
        self._galaxy_key = stream_key(seed, "demand", "galaxy", index)
        self._region_key = stream_key(seed, "demand", "region", *region, index)
        self._port_key = stream_key(seed, "demand", "port", spec.index, index)
        self._phases = tuple(
            (period, amplitude, _phase(self._galaxy_key, self._port_key, number))
            for number, (period, amplitude) in enumerate(SEASONS)
        )
        starter = spec.port_class is PortClass.STARTER and spec.goods[good].role is Role.TRADES
        self._damping = STARTER_DAMPING if starter else 1

    def pull(self, tick: int) -> int:
        """Return the pull at `tick` in 1/1024, at least PULL_MIN."""
        total = sum(
            amplitude * season((tick << _TURN_BITS) // period + phase)
            for period, amplitude, phase in self._phases
        )
        pull = (
            total // PULL_ONE
            + _shared_pull(self._galaxy_key, tick, GALAXY_NOISE)
            + _shared_pull(self._region_key, tick, REGION_NOISE)
            + _noise_pull(self._port_key, tick, PORT_NOISE)
        )
        return max(PULL_MIN, pull // self._damping)


def _phase(good_key: int, port_key: int, number: int) -> int:
    common = value_at(good_key, number) % _TURN
    own = value_at(port_key, number) % (2 * _JITTER) - _JITTER
    return common + own
