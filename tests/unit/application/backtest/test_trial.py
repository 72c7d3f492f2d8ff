"""When rules are judged: after all that a tick brings with it, and before whatever follows."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.small_galaxy import (
    HAVEN,
    HAVEN_WALLET,
    MINE,
    NOW,
    PLAYER,
    later,
    perform,
    small_universe,
    small_world,
)
from tests.unit.application.backtest.recorded_life import trader

from sectorwars.application.backtest.known_forecasts import KnownForecasts
from sectorwars.application.backtest.past import Past
from sectorwars.application.backtest.task import BacktestTask, TestedRule, TestedShip
from sectorwars.application.backtest.trial import Trial, run_trial
from sectorwars.application.rows import LotRow
from sectorwars.domain.command import RegisterPlayer
from sectorwars.domain.command import Trade as TradeCommand
from sectorwars.domain.commodity import Commodity
from sectorwars.domain.event import Event, GoodsTraded, HaulerCalled, TickAdvanced
from sectorwars.domain.hauler import HaulerDeal
from sectorwars.domain.ids import HaulerId, OrderId, PlayerId, RuleId, ShipId
from sectorwars.domain.market import Side, trade_tax
from sectorwars.domain.risk import RiskGate
from sectorwars.domain.rule import RuleSpec
from sectorwars.domain.ship import ShipClass
from sectorwars.domain.values import Credits, Quantity, Tick

STOCK = 2_000
RULE = RuleId("r-1")
OTHER = PlayerId("pl_other")
ASK, CHEAPER_ASK = 55, 44
"""What Haven asks for ore with its stock, and with five hundred units more."""
CHEAP_ONLY = trader(Commodity.ORE, CHEAPER_ASK + 1, 1_000_000)


def tick(number: int) -> TickAdvanced:
    return TickAdvanced(Tick(number), later(number), ((0, 0, 0),))


def call(number: int) -> HaulerCalled:
    """A hauler that brings ore to Haven with a tick."""
    total = Credits(20_000)
    sold = HaulerDeal(Commodity.ORE, Quantity(500), total, trade_tax(total), Quantity(STOCK + 500))
    return HaulerCalled(
        tick=Tick(number),
        at=later(number),
        hauler_id=HaulerId("h0001"),
        port_id=HAVEN,
        sold=sold,
        bought=None,
        grant_credits=Credits(0),
        upkeep_credits=Credits(0),
        market_version=9,
        destination_id=MINE,
        calls_at=Tick(number + 10),
    )


def sale(number: int, **changes: object) -> GoodsTraded:
    """Another player's sale, which leaves five hundred units more at Haven."""
    world = small_world()
    perform(world, RegisterPlayer(), OTHER)
    world.players[OTHER].ship.load(Commodity.ORE, 10, 10)
    (sold,) = perform(world, TradeCommand(Side.SELL, "ore", 10), OTHER, later(number))
    assert isinstance(sold, GoodsTraded)
    return replace(sold, stock_after=Quantity(STOCK + 500), **changes)  # type: ignore[arg-type]


def run(spec: RuleSpec, *events: Event, last: int = 2, **changes: object) -> Trial:
    task = BacktestTask(
        player_id=PLAYER,
        port=small_universe().ports[0],
        wallet_credits=HAVEN_WALLET,
        risk=RiskGate(),
        offset=len(events),
        tick=Tick(last),
        rules=(TestedRule(RULE, spec),),
        ship=TestedShip(ShipId("ship"), ShipClass.LIGHT_FREIGHTER, ()),
        credits=Credits(100_000),
        from_tick=None,
        hours=None,
        forecasts_shown_ticks=300,
    )
    past = Past(Tick(0), (STOCK,) * 3, 0, Credits(HAVEN_WALLET), RiskGate(), events)
    trial = run_trial(
        replace(task, **changes),  # type: ignore[arg-type]
        past,
        KnownForecasts((), 300),
        lambda _: None,
    )
    assert trial is not None
    return trial


def bought_at(trial: Trial) -> list[int]:
    return [trade.tick for trade, _ in trial.trades]


def test_haulers_call_before_the_rules_are_judged_on_their_tick() -> None:
    trial = run(CHEAP_ONLY, tick(1), call(1), tick(2))
    assert bought_at(trial) == [1]
    assert trial.trades[0][0].fills[0].price_credits == CHEAPER_ASK


def test_open_orders_are_filled_before_the_rules_are_judged() -> None:
    order = OrderId("o-pl_other-1")
    assert bought_at(run(CHEAP_ONLY, tick(1), sale(1, order_id=order), tick(2))) == [1]


@pytest.mark.parametrize("changes", [{}, {"order_id": OrderId("o-1"), "at": later(1.5)}])
def test_what_players_do_after_a_tick_is_seen_with_the_next(changes: dict[str, object]) -> None:
    assert bought_at(run(CHEAP_ONLY, tick(1), sale(1, **changes), tick(2))) == [2]


def test_the_last_tick_is_judged_though_nothing_follows() -> None:
    trial = run(trader(Commodity.ORE, ASK + 1, 1_000_000), tick(1), last=1)
    assert bought_at(trial) == [1]
    assert (trial.began_at, trial.ended_at) == (later(1), later(1))


def test_a_good_that_the_port_does_not_buy_counts_at_its_cost() -> None:
    ship = TestedShip(
        ShipId("ship"),
        ShipClass.LIGHT_FREIGHTER,
        ((Commodity.LUXURY, (LotRow(3, 700),)), (Commodity.ORE, (LotRow(2, 1),))),
    )
    trial = run(CHEAP_ONLY, tick(1), last=1, ship=ship)
    bid = small_world().ports[HAVEN].bid(0)
    assert bid is not None
    assert trial.curve.last.cargo_value == 700 + 2 * bid - trade_tax(2 * bid)
    assert trial.began_at > NOW
