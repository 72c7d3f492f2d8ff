"""A tick's work that is done beforehand is done by whoever writes just then."""

import asyncio

from tests.small_core import SmallCore, virtual
from tests.small_galaxy import NOW, small_universe

from sectorwars.application.galaxy.birth import newborn, prehistory
from sectorwars.application.writing.command_processor import ProcessorLimits
from sectorwars.engine.market_index import port_mids
from sectorwars.engine.world import World
from sectorwars.simulation.virtual_time import VirtualClock


def _is_prepared(world: World) -> bool:
    """Tell whether the prices of the third port, which move with each tick, are reckoned."""
    return port_mids(world)[2] is port_mids(world)[2]


@virtual
async def test_recovery_prepares_the_first_tick_and_the_clock_the_next_ones(
    clock: VirtualClock,
) -> None:
    core = SmallCore(clock, ProcessorLimits(), 10)
    lease = await core.store.acquire_lease("birth")
    async for batch in prehistory(newborn(small_universe(1)), NOW):
        await core.store.append(lease, batch)
    recovered = await core.recover()
    world = recovered.writer.world
    core.processor.prepare(0, 1)
    writing = asyncio.create_task(core.processor.run(recovered))
    await core.tick(1)
    assert _is_prepared(world)
    await core.tick(1)
    assert not _is_prepared(world)

    core.processor.prepare(1, 3)
    await core.tick(1)
    assert not _is_prepared(world)
    core.processor.prepare(2, 3)
    await core.tick(1)
    assert _is_prepared(world)

    core.processor.tick()
    core.processor.prepare(0, 1)
    await asyncio.sleep(0.001)
    assert not _is_prepared(world)
    assert world.tick == core.galaxy.projection.world.tick == 5
    core.processor.stop()
    await writing
