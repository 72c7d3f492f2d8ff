"""Decide on the next tick of the economy."""

from typing import Final

from sectorwars.domain.event import Event, PortsSettled, StockCheckpointed, TickAdvanced
from sectorwars.domain.values import Tick, UnixMicros
from sectorwars.engine.decision import Accepted
from sectorwars.engine.economy import advance
from sectorwars.engine.economy.haulers import Quays, call_haulers, due_haulers
from sectorwars.engine.world import World

CHECKPOINT_TICKS: Final = 600
"""Ticks between checkpoints of the stock: ten real minutes at the default time scale."""


def advance_tick(world: World, now: UnixMicros) -> Accepted:
    """Move the clock by one tick and let the haulers call that are due.

    Each CHECKPOINT_TICKS the stock that all this leads to is recorded too.
    """
    tick = Tick(world.tick + 1)
    step = advance(world)
    events: list[Event] = [TickAdvanced(tick, now, step.deltas)]
    if step.postings:
        events.append(PortsSettled(tick, now, step.postings))
    quays = Quays(world, step)
    events += call_haulers(world, due_haulers(world, tick), quays, tick, now)
    if tick % CHECKPOINT_TICKS == 0:
        events.append(StockCheckpointed(tick, now, quays.all_stocks(), quays.all_versions()))
    return Accepted(tuple(events))
