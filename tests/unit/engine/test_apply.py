"""Events that contradict the world are bugs and say so."""

import dataclasses

import pytest
from tests.small_galaxy import (
    BETA,
    HAVEN,
    NOW,
    PLAYER,
    envelope,
    perform,
    small_universe,
    small_world,
    world_with_player,
)

from sectorwars.domain.command import Trade, Undock
from sectorwars.domain.commodity import Commodity
from sectorwars.domain.event import GoodsTraded, JourneyCompleted, StockCheckpointed
from sectorwars.domain.market import Side
from sectorwars.domain.values import Tick
from sectorwars.engine.apply import apply
from sectorwars.engine.decision import Accepted
from sectorwars.engine.execute import execute
from sectorwars.simulation.digest import differences


def _trade(side: Side, quantity: int) -> GoodsTraded:
    decision = execute(world_with_player(), envelope(Trade(side, "ore", quantity)), NOW)
    assert isinstance(decision, Accepted)
    (event,) = decision.events
    assert isinstance(event, GoodsTraded)
    return event


def test_a_trade_in_a_good_the_port_does_not_deal_in_is_a_bug() -> None:
    event = dataclasses.replace(_trade(Side.BUY, 5), commodity=Commodity.LUXURY)
    with pytest.raises(KeyError, match="LUXURY"):
        apply(world_with_player(), event)


def test_an_arrival_of_a_ship_that_is_not_under_way_is_a_bug() -> None:
    with pytest.raises(ValueError, match="not under way"):
        apply(world_with_player(), JourneyCompleted(PLAYER, NOW, BETA))


def test_a_universe_is_born_into_an_empty_world_only() -> None:
    with pytest.raises(ValueError, match="empty world"):
        apply(small_world(), small_universe())


def test_a_sale_counts_its_profit() -> None:
    world = world_with_player()
    perform(world, Trade(Side.BUY, "ore", 10))
    (sold,) = perform(world, Trade(Side.SELL, "ore", 10))
    assert isinstance(sold, GoodsTraded)
    assert world.players[PLAYER].realised_profit_credits == sold.profit_credits != 0


def test_a_checkpoint_sets_clock_stock_and_versions() -> None:
    world = world_with_player()
    perform(world, Trade(Side.BUY, "ore", 10))
    other = world_with_player()
    apply(
        other,
        StockCheckpointed(
            Tick(3),
            NOW,
            tuple(tuple(port.stock) for port in world.ports_by_index),
            tuple(port.version for port in world.ports_by_index),
        ),
    )
    assert other.tick == other.tape.tick == 3
    assert other.ports[HAVEN].stock == world.ports[HAVEN].stock
    assert "ports" not in differences(world, other)


def test_undocking_keeps_the_ship_in_its_sector() -> None:
    world = world_with_player()
    sector_id = world.players[PLAYER].ship.sector_id
    perform(world, Undock())
    assert world.players[PLAYER].ship.docked_port_id is None
    assert world.players[PLAYER].ship.sector_id == sector_id
