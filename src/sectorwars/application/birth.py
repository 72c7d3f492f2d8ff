"""The birth of a universe: its galaxy and its prehistory become durable in one transaction."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from sectorwars.application.market_recorder import MarketRecorder
from sectorwars.application.ports import EventStore
from sectorwars.application.rows import (
    Batch,
    Lease,
)
from sectorwars.application.writer import Writer
from sectorwars.domain.event import UniverseCreated
from sectorwars.domain.values import UnixMicros
from sectorwars.engine.genesis import PREHISTORY_TICKS, create_universe
from sectorwars.engine.world import World

_TICKS_PER_TURN: Final = 16


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


async def prehistory(
    created: UniverseCreated, now: UnixMicros, on_tick: Callable[[int, int], None] | None = None
) -> Batch:
    """Live through the ticks before tick 0; `on_tick(done, all)` may show the progress.

    It takes seconds, so others get their turn, and a signal to stop is heard.
    """
    writer = Writer(World(created.seed, created.tick), MarketRecorder(), last_offset=0)
    writer.log((created,))
    ticks = -created.tick
    for done in range(1, ticks + 1):
        writer.advance_tick(now)
        if on_tick is not None:
            on_tick(done, ticks)
        if done % _TICKS_PER_TURN == 0:
            await asyncio.sleep(0)
    return writer.cut()


async def give_birth(
    store: EventStore,
    lease: Lease,
    plan: UniversePlan,
    now: UnixMicros,
    on_tick: Callable[[int, int], None] | None = None,
) -> None:
    """Create a universe in an empty store, all or nothing."""
    created = create_universe(plan.seed, plan.sectors, plan.prehistory_ticks)
    await store.append(lease, await prehistory(created, now, on_tick))
