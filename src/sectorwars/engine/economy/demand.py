"""How demand swings: seasons and mean-reverting noise, as a function of seed and tick alone.

Demand for a good at a port is its base rate times 1 + pull. The pull is the sum of five seasons,
whose phases belong to the good and differ a little from port to port, and of smooth noise at the
scale of the galaxy, of a region and of the port. Nothing is remembered, so nothing can drift.
All pulls are in 1/1024.
"""

from typing import Final

from sectorwars.domain.commodity import COMMODITY_INDEX
from sectorwars.domain.port import PortClass, PortSpec, Role
from sectorwars.domain.prng import NOISE_ONE, ValueNoise, stream_key, value_at

PULL_ONE: Final = 1_024
PULL_MIN: Final = -896
"""Demand never falls below an eighth of its base rate."""

Scales = tuple[tuple[int, int], ...]
"""(ticks, amplitude in 1/1024 of demand), several of them."""

SEASONS: Final = ((120, 310), (720, 190), (1_440, 40), (2_880, 130), (10_080, 40))
"""Seasons as (period in ticks, amplitude): 2, 12, 24, 48 and 168 game hours."""

GALAXY_NOISE: Final = ((60, 200), (360, 40), (1_440, 90))
REGION_NOISE: Final = ((240, 50), (1_440, 60))
PORT_NOISE: Final = ((180, 130), (960, 170))
"""Noise as (ticks between knots, amplitude of the knots, which are uniform)."""

REGION_EDGE: Final = 250
"""A region is a square of the map with this edge, in map units."""

STARTER_DAMPING: Final = 3
"""Newcomers' goods at starter ports swing by one part in this many, so they stay playable."""

_TURN_BITS: Final = 16
_TURN: Final = 1 << _TURN_BITS
_HALF_TURN: Final = _TURN >> 1
_JITTER: Final = _TURN >> 4


def season(phase: int) -> int:
    """Return a wave of period 2**16 in -1024..1024: a sine's halves drawn as parabolas."""
    rest = phase & (_HALF_TURN - 1)
    height = rest * (_HALF_TURN - rest) >> 18
    return -height if phase & _HALF_TURN else height


class Swell:
    """Noise at several scales; the latest sum is kept, for ports that ask at the same tick."""

    __slots__ = ("_octaves", "_pull", "_tick")

    def __init__(self, key: int, scales: Scales) -> None:
        """Prepare the noise of the streams under this key, one for each scale."""
        self._octaves = tuple(
            (amplitude, ValueNoise(stream_key(key, octave), period))
            for octave, (period, amplitude) in enumerate(scales)
        )
        self._tick: int | None = None
        self._pull = 0

    def pull(self, tick: int) -> int:
        """Return its part of the pull at `tick`, in 1/1024."""
        if tick != self._tick:
            total = 0
            for amplitude, noise in self._octaves:
                total += amplitude * noise.at(tick)
            self._pull = total // NOISE_ONE
            self._tick = tick
        return self._pull


class Climate:
    """The swells of demand that many ports share."""

    def __init__(self, seed: int) -> None:
        """Prepare the climate of the universe with this seed."""
        self.seed = seed
        self._swells: dict[tuple[int, ...], Swell] = {}

    def galaxy(self, commodity_index: int) -> Swell:
        """Return a good's swell over the whole galaxy."""
        return self._swell((commodity_index,), "galaxy", GALAXY_NOISE)

    def region(self, region: tuple[int, int], commodity_index: int) -> Swell:
        """Return a good's swell over one region."""
        return self._swell((*region, commodity_index), "region", REGION_NOISE)

    def _swell(self, place: tuple[int, ...], scale: str, scales: Scales) -> Swell:
        swell = self._swells.get(place)
        if swell is None:
            key = stream_key(self.seed, "demand", scale, *place)
            swell = self._swells[place] = Swell(key, scales)
        return swell


class Demand:
    """The pull on one good at one port, a function of the tick."""

    __slots__ = ("_damping", "_phases", "_swells")

    def __init__(
        self, climate: Climate, region: tuple[int, int], spec: PortSpec, position: int
    ) -> None:
        """Prepare the good at `position` of `spec.goods`, for a port that lies in `region`."""
        good = spec.goods[position]
        index = COMMODITY_INDEX[good.commodity]
        good_key = stream_key(climate.seed, "season", index)
        port_key = stream_key(climate.seed, "demand", "port", spec.index, index)
        self._phases = tuple(
            (period, amplitude, _phase(good_key, port_key, number))
            for number, (period, amplitude) in enumerate(SEASONS)
        )
        self._swells = (
            climate.galaxy(index),
            climate.region(region, index),
            Swell(port_key, PORT_NOISE),
        )
        starter = spec.port_class is PortClass.STARTER and good.role is Role.TRADES
        self._damping = STARTER_DAMPING if starter else 1

    def pull(self, tick: int) -> int:
        """Return the pull at `tick` in 1/1024, at least PULL_MIN."""
        turns = tick << _TURN_BITS
        total = 0
        for period, amplitude, phase in self._phases:
            total += amplitude * season(turns // period + phase)
        total //= PULL_ONE
        for swell in self._swells:
            total += swell.pull(tick)
        return max(PULL_MIN, total // self._damping)


def _phase(good_key: int, port_key: int, number: int) -> int:
    common = value_at(good_key, number) % _TURN
    own = value_at(port_key, number) % (2 * _JITTER) - _JITTER
    return common + own
