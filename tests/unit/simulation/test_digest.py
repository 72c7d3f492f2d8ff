"""Worlds that differ in anything have different digests."""

from collections.abc import Callable

import pytest
from tests.small_galaxy import BETA, HAVEN, NOW, PLAYER, perform, world_with_player

from sectorwars.domain.command import (
    AdvanceTick,
    PlaceOrder,
    RegisterPlayer,
    RequestQuote,
    SetTradingState,
    Trade,
    Travel,
    Undock,
)
from sectorwars.domain.commodity import Commodity
from sectorwars.domain.ids import PlayerId
from sectorwars.domain.ledger import MINT
from sectorwars.domain.market import Side
from sectorwars.domain.navigation import Turns
from sectorwars.domain.risk import TradingScope, TradingState
from sectorwars.domain.values import Credits, Tick
from sectorwars.engine.world import World
from sectorwars.simulation.digest import differences, world_digest

_COVERED = {
    "seed",
    "tick",
    "sectors",
    "ports_by_index",
    "haulers",
    "players",
    "ledger",
    "tape",
    "_deadlines",
    "books",
    "order_sequence",
    "risk",
    "crowds",
}
_DERIVED = {"ports", "rule_owners", "starters", "__weakref__"}


def test_every_part_of_a_world_is_compared() -> None:
    assert set(World.__slots__) <= _COVERED | _DERIVED


def test_equal_histories_have_equal_digests() -> None:
    assert world_digest(world_with_player()) == world_digest(world_with_player())
    assert differences(world_with_player(), world_with_player()) == []


def _trade(world: World) -> None:
    perform(world, Trade(Side.BUY, "ore", 1))


def _fly(world: World) -> None:
    perform(world, Undock())
    perform(world, Travel(BETA))


def _order(world: World) -> None:
    perform(world, PlaceOrder(Side.BUY, "ore", 1, 50, 60))


def _quote(world: World) -> None:
    perform(world, RequestQuote(Side.BUY, "ore", 1))


def _halt(world: World) -> None:
    perform(world, SetTradingState(TradingScope.GAME, None, TradingState.HALTED, "a trial"))


def _set_turns(world: World) -> None:
    world.players[PLAYER].turns = Turns(3, NOW)


def _add_credit(world: World) -> None:
    world.ledger.balances[MINT] = Credits(world.ledger.balance(MINT) + 1)


@pytest.mark.parametrize(
    ("change", "parts"),
    [
        (_trade, ["ports", "players", "balances", "volumes", "volume_totals", "windows"]),
        (_fly, ["players", "balances", "deadlines"]),
        (_order, ["ports", "players", "balances", "order_sequence", "books", "deadlines"]),
        (_quote, ["ports", "players", "deadlines"]),
        (_halt, ["risk"]),
        (_set_turns, ["players"]),
        (_add_credit, ["balances"]),
        (
            lambda world: perform(world, RegisterPlayer(), PlayerId("b")),
            ["players", "balances", "windows", "crowds"],
        ),
        (
            lambda world: world.move_ship(world.players[PLAYER].ship, BETA),
            ["players", "crowds"],
        ),
        (lambda world: world.crowds.update({BETA: 1}), ["crowds"]),
        (lambda world: setattr(world, "seed", 8), ["seed"]),
        (lambda world: setattr(world, "tick", Tick(9)), ["tick"]),
        (lambda world: world.sectors.pop(BETA), ["sectors"]),
        (lambda world: setattr(world.ports[HAVEN], "version", 9), ["ports"]),
        (lambda world: world.tape.add(Tick(0), 3, 1), ["volumes", "volume_totals"]),
        (lambda world: world.players[PLAYER].ship.load(Commodity.ORE, 1, 1), ["players"]),
    ],
)
def test_a_difference_is_named(change: Callable[[World], object], parts: list[str]) -> None:
    world, other = world_with_player(), world_with_player()
    change(other)
    assert differences(world, other) == parts
    assert world_digest(world) != world_digest(other)


def test_a_tick_shows() -> None:
    world = world_with_player()
    before = world_digest(world)
    perform(world, AdvanceTick(), player_id=None)
    assert world_digest(world) != before
