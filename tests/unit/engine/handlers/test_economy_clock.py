"""The tick: stock moves, hours are settled, checkpoints say what the ticks led to."""

import pytest
from tests.small_galaxy import NOW, perform, small_world

from sectorwars.domain.command import AdvanceTick
from sectorwars.domain.event import PortsSettled, StockCheckpointed, TickAdvanced
from sectorwars.domain.values import TICKS_PER_GAME_HOUR
from sectorwars.engine.handlers.economy_clock import CHECKPOINT_TICKS
from sectorwars.engine.world import World


def _world_at(tick: int) -> World:
    world = small_world()
    for _ in range(tick):
        perform(world, AdvanceTick(), player_id=None)
    return world


def test_a_tick_moves_the_clock_and_the_stock() -> None:
    world = small_world()
    before = [list(port.stock) for port in world.ports_by_index]
    (event,) = perform(world, AdvanceTick(), player_id=None)
    assert isinstance(event, TickAdvanced)
    assert (event.tick, event.at, world.tick) == (1, NOW, 1)
    for stock, port, deltas in zip(before, world.ports_by_index, event.deltas, strict=True):
        moved = [units + change for units, change in zip(stock, deltas, strict=True)]
        assert port.stock == moved
        assert port.version == (1 if any(deltas) else 0)


def test_ports_are_not_idle() -> None:
    born, later = small_world(), _world_at(120)
    for at_birth, now in zip(born.ports_by_index, later.ports_by_index, strict=True):
        assert at_birth.stock != now.stock
        assert 0 < now.version <= 120


def test_each_game_hour_is_settled() -> None:
    world = _world_at(TICKS_PER_GAME_HOUR - 1)
    ticked, settled = perform(world, AdvanceTick(), player_id=None)
    assert isinstance(ticked, TickAdvanced)
    assert isinstance(settled, PortsSettled)
    assert settled.tick == ticked.tick == TICKS_PER_GAME_HOUR
    assert world.ledger.total() == 0


@pytest.mark.parametrize("tick", [CHECKPOINT_TICKS])
def test_a_checkpoint_says_what_its_tick_led_to(tick: int) -> None:
    world = _world_at(tick - 1)
    *_, checkpoint = perform(world, AdvanceTick(), player_id=None)
    assert isinstance(checkpoint, StockCheckpointed)
    assert checkpoint.tick == world.tick == tick
    assert checkpoint.stocks == tuple(tuple(port.stock) for port in world.ports_by_index)
    assert checkpoint.versions == tuple(port.version for port in world.ports_by_index)
    assert max(checkpoint.versions) > 0
