"""Decide on the next tick of the economy."""

from typing import Final

from sectorwars.domain.event import Event, PortsSettled, StockCheckpointed, TickAdvanced
from sectorwars.domain.values import Tick, UnixMicros
from sectorwars.engine.decision import Accepted
from sectorwars.engine.economy import advance
from sectorwars.engine.world import World

CHECKPOINT_TICKS: Final = 600
"""Ticks between checkpoints of the stock: ten real minutes at the default time scale."""


def advance_tick(world: World, now: UnixMicros) -> Accepted:
    """Move the clock by one tick; each CHECKPOINT_TICKS the stock it leads to is recorded too."""
    tick = Tick(world.tick + 1)
    move = advance(world)
    events: list[Event] = [TickAdvanced(tick, now, move.deltas)]
    if move.postings:
        events.append(PortsSettled(tick, now, move.postings))
    if tick % CHECKPOINT_TICKS == 0:
        events.append(_checkpoint(world, move.deltas, tick, now))
    return Accepted(tuple(events))


def _checkpoint(
    world: World, deltas: tuple[tuple[int, ...], ...], tick: Tick, now: UnixMicros
) -> StockCheckpointed:
    changes = tuple(zip(world.ports_by_index, deltas, strict=True))
    return StockCheckpointed(
        tick,
        now,
        tuple(
            tuple(units + change for units, change in zip(port.stock, delta, strict=True))
            for port, delta in changes
        ),
        tuple(port.version + any(delta) for port, delta in changes),
    )
