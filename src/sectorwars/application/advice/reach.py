"""Where a ship can fly to: the ways with the fewest warps and, among those, the shortest."""

import heapq
from dataclasses import dataclass
from typing import Final

from sectorwars.domain.ids import SectorId
from sectorwars.domain.navigation import WARP_TURNS, warp_seconds
from sectorwars.engine.world import World

SECTORS_SEARCHED_MAX: Final = 400
"""A search ends after the nearest so many sectors, so that a large galaxy costs no more time."""


@dataclass(frozen=True, slots=True)
class Way:
    """A way from a sector; `path` names the sectors flown to, without the first."""

    path: tuple[SectorId, ...]
    seconds: int

    @property
    def turns(self) -> int:
        """Return the turns that its warps cost."""
        return WARP_TURNS * len(self.path)


def reach(
    world: World, origin: SectorId, sectors_max: int = SECTORS_SEARCHED_MAX
) -> dict[SectorId, Way]:
    """Return the best way to each of the nearest sectors, the origin itself included.

    Ways are in order: fewest warps first, then least real seconds.
    """
    ways: dict[SectorId, Way] = {}
    frontier: list[tuple[int, int, SectorId, tuple[SectorId, ...]]] = [(0, 0, origin, ())]
    while frontier and len(ways) < sectors_max:
        warps, seconds, here, path = heapq.heappop(frontier)
        if here in ways:
            continue
        ways[here] = Way(path, seconds)
        sector = world.sectors[here]
        for neighbour in sector.warps:
            if neighbour not in ways:
                flight = warp_seconds(sector, world.sectors[neighbour])
                heapq.heappush(
                    frontier, (warps + 1, seconds + flight, neighbour, (*path, neighbour))
                )
    return ways
