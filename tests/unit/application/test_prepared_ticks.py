"""A tick's work that is done beforehand is done by whoever writes just then."""

import asyncio

from tests.small_core import SmallCore, virtual
from tests.small_galaxy import NOW, small_universe

from sectorwars.application.birth import newborn, prehistory
from sectorwars.application.command_processor import ProcessorLimits
from sectorwars.engine.market_index import port_mids
from sectorwars.engine.world import World
from sectorwars.simulation.virtual_time import VirtualClock


def _prepared(world: World) -> list[bool]:
    """Tell of each port whether its prices need not be reckoned any more."""
    return [one is other for one, other in zip(port_mids(world), port_mids(world), strict=True)]


@virtual
async def test_parts_of_a_tick_are_prepared_while_there_is_a_writer(clock: VirtualClock) -> None:
    core = SmallCore(clock, ProcessorLimits(), 10)
    lease = await core.store.acquire_lease("birth")
    async for batch in prehistory(newborn(small_universe(1)), NOW):
        await core.store.append(lease, batch)
    recovered = await core.recover()
    world = recovered.writer.world
    core.processor.prepare(0, 1)
    writing = asyncio.create_task(core.processor.run(recovered))
    await core.tick(1)
    assert _prepared(world) == [False, False, False]

    core.processor.prepare(0, 3)
    core.processor.prepare(1, 3)
    await core.tick(1)
    assert _prepared(world) == [True, True, False]

    core.processor.tick()
    core.processor.prepare(0, 1)
    await asyncio.sleep(0.001)
    assert _prepared(world)[2] is False
    assert world.tick == core.galaxy.projection.world.tick == 3
    core.processor.stop()
    await writing
