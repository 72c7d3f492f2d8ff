"""Sectors, warps between them, and the time and turns that a warp takes."""

from dataclasses import dataclass
from typing import Final

from sectorwars.domain.ids import PortId, SectorId
from sectorwars.domain.values import MICROS_PER_SECOND, UnixMicros

WARP_SECONDS_MIN: Final = 3
WARP_SECONDS_MAX: Final = 10
WARP_TURNS: Final = 1
TURNS_MAX: Final = 500
TURN_REGAIN_SECONDS: Final = 10

DISTANCE_PER_SECOND: Final = 12
"""How far a ship warps in a second, in map units."""


@dataclass(frozen=True, slots=True)
class Sector:
    """A place on the map. `x` and `y` are map units; `warps` are the sectors one warp away."""

    sector_id: SectorId
    name: str
    x: int
    y: int
    warps: tuple[SectorId, ...]
    port_ids: tuple[PortId, ...]


@dataclass(frozen=True, slots=True)
class Journey:
    """A warp under way, in real time."""

    from_sector_id: SectorId
    to_sector_id: SectorId
    departed_at: UnixMicros
    arrives_at: UnixMicros


@dataclass(frozen=True, slots=True)
class Turns:
    """A player's turns: `count` at `as_of`; one comes back every TURN_REGAIN_SECONDS."""

    count: int
    as_of: UnixMicros

    def at(self, now: UnixMicros) -> "Turns":
        """Return the turns at `now`; the remainder toward the next turn is kept."""
        if self.count >= TURNS_MAX:
            return Turns(TURNS_MAX, now)
        regained = max(0, now - self.as_of) // (TURN_REGAIN_SECONDS * MICROS_PER_SECOND)
        if self.count + regained >= TURNS_MAX:
            return Turns(TURNS_MAX, now)
        step = regained * TURN_REGAIN_SECONDS * MICROS_PER_SECOND
        return Turns(self.count + regained, UnixMicros(self.as_of + step))


def warp_seconds(origin: Sector, destination: Sector) -> int:
    """Return the whole real seconds that a warp takes, by straight distance, 3 to 10."""
    square = (origin.x - destination.x) ** 2 + (origin.y - destination.y) ** 2
    seconds = WARP_SECONDS_MIN
    while seconds < WARP_SECONDS_MAX and (seconds * DISTANCE_PER_SECOND) ** 2 < square:
        seconds += 1
    return seconds
