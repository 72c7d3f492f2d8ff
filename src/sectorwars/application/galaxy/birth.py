"""The birth of a universe: its galaxy and its prehistory become durable before anybody comes."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Final

from sectorwars.application.rows import Batch
from sectorwars.application.writing.market_recorder import MarketRecorder
from sectorwars.application.writing.writer import Writer
from sectorwars.domain.event import UniverseCreated
from sectorwars.domain.values import UnixMicros
from sectorwars.engine.genesis import PREHISTORY_TICKS, create_universe
from sectorwars.engine.world import World

_TICKS_PER_TURN: Final = 16
_STOCK_CHANGES_PER_BATCH: Final = 2_000_000
"""A batch of a prehistory holds so many at most: some hundred megabytes. The prehistory of a
galaxy of the default size is one batch."""


@dataclass(frozen=True, slots=True)
class UniversePlan:
    """What a universe is made from: a seed, a size, and how much of a past it is born with."""

    seed: int
    sectors: int = 100
    prehistory_ticks: int = PREHISTORY_TICKS

    def __post_init__(self) -> None:
        """Check that there is a tick whose prices can be shown at once.

        Raises:
            ValueError: there is none.
        """
        if self.prehistory_ticks < 1:
            raise ValueError("a universe is born with at least one tick of prehistory")

    def create(self) -> UniverseCreated:
        """Return the birth of the universe."""
        return create_universe(self.seed, self.sectors, self.prehistory_ticks)


def newborn(created: UniverseCreated) -> Writer:
    """Return the writer of a universe that has just been created."""
    writer = Writer(World(created.seed, created.tick), MarketRecorder(), last_offset=0)
    writer.log((created,))
    return writer


async def prehistory(
    writer: Writer,
    now: UnixMicros,
    on_tick: Callable[[int, int], None] | None = None,
    stock_changes_per_batch: int = _STOCK_CHANGES_PER_BATCH,
) -> AsyncIterator[Batch]:
    """Live through the ticks before tick 0; yield what is to be made durable, batch by batch.

    A universe that is met in the middle of its prehistory can go on with it. `on_tick(done, all)`
    may show the progress. It takes seconds, of a great galaxy minutes, so others get their turn,
    and a signal to stop is heard.
    """
    changes_per_tick = sum(len(port.stock) for port in writer.world.ports_by_index)
    ticks_per_batch = max(1, stock_changes_per_batch // changes_per_tick)
    ticks = -writer.world.tick
    for done in range(1, ticks + 1):
        writer.advance_tick(now)
        if on_tick is not None:
            on_tick(done, ticks)
        if done % ticks_per_batch == 0 or done == ticks:
            yield writer.cut()
        if done % _TICKS_PER_TURN == 0:
            await asyncio.sleep(0)
