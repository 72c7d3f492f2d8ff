"""What a committed version of the galaxy offers, reckoned once for everybody who asks."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Final

from sectorwars.application.advice.reach import Way, reach
from sectorwars.application.reading.projection import Projection
from sectorwars.domain.commodity import COMMODITIES, Commodity
from sectorwars.domain.ids import SectorId
from sectorwars.domain.market import stock_capacity
from sectorwars.domain.port import Port
from sectorwars.engine.world import World

ORIGINS_KEPT_MAX: Final = 128
"""The ways from so many sectors are kept; those not asked for longest are reckoned again."""


@dataclass(frozen=True, slots=True)
class Bid:
    """What a port pays for its next unit of a good, and how many it has room for."""

    price: int
    port: Port
    position: int
    room: int


class Charts:
    """The ways from the sectors that were asked for. They are kept, for the map never changes."""

    def __init__(self, world: World) -> None:
        """Chart the sectors of `world`."""
        self._reach = lru_cache(maxsize=ORIGINS_KEPT_MAX)(partial(reach, world))

    def ways(self, origin: SectorId) -> Mapping[SectorId, Way]:
        """Return the best way to each of the nearest sectors, as `reach` does."""
        return self._reach(origin)


class Survey:
    """All bids for each good, the highest first, and the ways; good until the world changes."""

    def __init__(self, world: World, charts: Charts) -> None:
        """Survey `world` as it is now."""
        self.world = world
        self.bids: Mapping[Commodity, list[Bid]] = _bids(world)
        self._charts = charts

    def ways(self, origin: SectorId) -> Mapping[SectorId, Way]:
        """Return the best way to each of the nearest sectors, the origin itself included."""
        return self._charts.ways(origin)


class Surveyor:
    """Surveys the committed world, once for each state of it."""

    def __init__(self, projection: Projection) -> None:
        """Survey what `projection` shows."""
        self._projection = projection
        self._charts = Charts(projection.world)
        self._surveyed: tuple[tuple[int, int], Survey] | None = None

    def survey(self) -> Survey:
        """Return the survey of the latest committed state."""
        world = self._projection.world
        state = (self._projection.offset, world.tick)
        if self._surveyed is None or self._surveyed[0] != state:
            self._surveyed = (state, Survey(world, self._charts))
        return self._surveyed[1]


def _bids(world: World) -> dict[Commodity, list[Bid]]:
    bids: dict[Commodity, list[Bid]] = {commodity: [] for commodity in COMMODITIES}
    for port in world.ports_by_index:
        for position, good in enumerate(port.spec.goods):
            price = port.bid(position)
            if price is not None:
                room = stock_capacity(good.target) - port.bid_stock(position)
                bids[good.commodity].append(Bid(price, port, position, room))
    for offered in bids.values():
        offered.sort(key=lambda bid: bid.price, reverse=True)
    return bids
