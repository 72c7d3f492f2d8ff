"""Faults of the engine: prices, fees, money, stock, cargo, rules."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from tests.simulation.mutation import Mutations, Patch, change_events

from sectorwars.application.writing import automation_runner, writer
from sectorwars.automation import judgement, sizing
from sectorwars.domain.command import CommandEnvelope, JudgeRule
from sectorwars.domain.commodity import Commodity
from sectorwars.domain.event import (
    AutomationSwitched,
    Event,
    GoodsTraded,
    RuleRearmed,
    TickAdvanced,
)
from sectorwars.domain.ids import CommandId, RuleId
from sectorwars.domain.market import Fill, Side, ask_price, bid_price
from sectorwars.domain.player import Player
from sectorwars.domain.rejection import RejectionCode
from sectorwars.domain.rule import Automation
from sectorwars.domain.ship import Ship
from sectorwars.domain.values import Credits, Quantity, UnixMicros
from sectorwars.engine import apply as apply_module
from sectorwars.engine import dealing, matching
from sectorwars.engine.decision import Accepted, Decision
from sectorwars.engine.economy import haulers
from sectorwars.engine.handlers import automation
from sectorwars.engine.world import VolumeTape, World
from sectorwars.persistence.memory import event_store

ENGINE = Mutations()


def _flat_ask(base: int, stock: int, target: int, quantity: int) -> tuple[Fill, ...]:
    return (Fill(ask_price(base, stock, target) or Credits(0), Quantity(quantity)),)


def _flat_bid(base: int, stock: int, target: int, quantity: int) -> tuple[Fill, ...]:
    return (Fill(bid_price(base, stock, target) or Credits(0), Quantity(quantity)),)


@ENGINE.found_as("other prices than the curve")
def a_purchase_at_a_flat_price(patch: Patch) -> None:
    patch.setattr(matching, "buy_ladder", _flat_ask)


@ENGINE.found_as("other prices than the curve")
def a_sale_at_a_flat_price(patch: Patch) -> None:
    patch.setattr(matching, "sell_ladder", _flat_bid)


@ENGINE.found_as("a wrong fee")
def a_fee_rounded_in_the_players_favour(patch: Patch) -> None:
    patch.setattr(dealing, "trade_tax", lambda total: Credits(total // 100))


@ENGINE.found_as("a wrong total")
def a_flat_price_for_haulers(patch: Patch) -> None:
    patch.setattr(haulers, "buy_ladder", _flat_ask)


@ENGINE.found_as("a wrong fee")
def a_hauler_that_forgets_the_tax(patch: Patch) -> None:
    patch.setattr(haulers, "trade_tax", lambda total: Credits(0))


def _change_trades(patch: Patch, change: Callable[[World, GoodsTraded], GoodsTraded]) -> None:
    def changed(world: World, event: Event) -> Event:
        return change(world, event) if isinstance(event, GoodsTraded) else event

    change_events(patch, changed)


@ENGINE.found_as("a wrong stock")
def stock_that_is_not_reduced(patch: Patch) -> None:
    _change_trades(
        patch, lambda _, trade: replace(trade, stock_after=Quantity(trade.stock_after + 1))
    )


@ENGINE.found_as("a wrong version")
def a_trade_that_raises_no_version(patch: Patch) -> None:
    _change_trades(patch, lambda _, trade: replace(trade, market_version=trade.market_version - 1))


@ENGINE.found_as("UnbalancedPostingsError")
def money_from_nowhere(patch: Patch) -> None:
    def pay_too_much(_: World, trade: GoodsTraded) -> GoodsTraded:
        first, *rest = trade.postings
        return replace(trade, postings=(first._replace(amount=Credits(first.amount + 1)), *rest))

    _change_trades(patch, pay_too_much)


@ENGINE.found_as("in debt")
def trading_on_credit(patch: Patch) -> None:
    patch.setattr(event_store, "_find_fault", lambda disk, batch: None)
    credits_of = World.credits
    patch.setattr(
        World, "credits", lambda world, player: Credits(credits_of(world, player) + 10**9)
    )


@ENGINE.found_as("the writer died of KeyError")
def selling_what_is_not_aboard(patch: Patch) -> None:
    units = Ship.units
    patch.setattr(Ship, "units", lambda ship, commodity: units(ship, commodity) + 30)


@ENGINE.found_as("bursts the hold")
def a_hold_without_an_end(patch: Patch) -> None:
    patch.setattr(Ship, "cargo_capacity", 10_000)


@ENGINE.found_as("a wrong profit")
def a_profit_on_the_average_cost(patch: Patch) -> None:
    def average(ship: Ship, commodity: Commodity, quantity: int) -> Credits:
        lots = ship.cargo.get(commodity, [])
        units = sum(lot.quantity for lot in lots) or 1
        return Credits(sum(lot.cost_credits for lot in lots) * quantity // units)

    patch.setattr(Ship, "cost_of", average)


@ENGINE.found_as("a wrong volume")
def a_volume_that_nothing_leaves(patch: Patch) -> None:
    patch.setattr(VolumeTape, "add", lambda tape, tick, commodity_index, quantity: None)


@ENGINE.found_as("a checkpoint has another stock")
def a_checkpoint_of_another_stock(patch: Patch) -> None:
    all_stocks = haulers.Quays.all_stocks

    def another(quays: haulers.Quays) -> tuple[tuple[int, ...], ...]:
        first, *others = all_stocks(quays)
        return (tuple(units + 1 for units in first), *others)

    patch.setattr(haulers.Quays, "all_stocks", another)


@ENGINE.found_as("differs from the replayed log in its tick")
def a_writer_that_applies_a_tick_twice(patch: Patch) -> None:
    apply = writer.apply

    def apply_twice(world: World, event: Event) -> None:
        apply(world, event)
        if isinstance(event, TickAdvanced):
            world.tick = type(world.tick)(world.tick + 1)

    patch.setattr(writer, "apply", apply_twice)


@ENGINE.found_as("is a second one on one trigger")
def a_rule_that_stays_armed(patch: Patch) -> None:
    note = apply_module._note_automated

    def stay_armed(automation: Automation, rule_id: RuleId, event: GoodsTraded) -> None:
        spent = automation.rules[rule_id].spent
        note(automation, rule_id, event)
        automation.rules[rule_id].spent = spent

    patch.setattr(apply_module, "_note_automated", stay_armed)


@ENGINE.found_as("has no cause")
def a_rule_that_is_armed_by_a_departure(patch: Patch) -> None:
    judge = automation.judge

    def rearm(
        world: World, player: Player, command: JudgeRule, command_id: CommandId, now: UnixMicros
    ) -> Decision:
        away = command.trace.code == RejectionCode.NOT_DOCKED
        if away and command.side in player.automation.rules[command.rule_id].spent:
            return Accepted((RuleRearmed(player.player_id, now, command.rule_id, command.side),))
        return judge(world, player, command, command_id, now)

    patch.setattr(automation, "judge", rearm)


@ENGINE.found_as("comes too soon after another")
def a_cooldown_of_nothing(patch: Patch) -> None:
    patch.setattr(automation, "AUTOMATED_TRADE_INTERVAL_SECONDS", 0)


@ENGINE.found_as("is made with automation off")
def a_master_switch_that_does_nothing(patch: Patch) -> None:
    patch.setattr(
        World,
        "automated_players",
        lambda world: [world.players[player_id] for player_id in world.rule_owners],
    )
    patch.setattr(automation, "cap_met", lambda *_: None)
    patch.setattr(automation_runner, "cap_met", lambda *_: None)


@ENGINE.found_as("is paused and did not want it")
def a_pause_that_nobody_wanted(patch: Patch) -> None:
    def pause(player: Player, command_id: CommandId, now: UnixMicros) -> Decision:
        switched = AutomationSwitched(player.player_id, command_id, now, False, disconnected=True)
        return Accepted((switched,))

    patch.setattr(automation, "pause", pause)


@ENGINE.found_as("is made against its conditions")
def a_condition_compared_the_wrong_way(patch: Patch) -> None:
    compare = judgement._compare
    patch.setattr(judgement, "_compare", lambda condition, value: not compare(condition, value))


@ENGINE.found_as("takes too much of the credits")
def a_share_of_all_credits(patch: Patch) -> None:
    for module in (automation, sizing):
        patch.setattr(module, "AUTOMATED_SHARE_MAX_PERCENT", 100)


@ENGINE.found_as("is above its budget")
def a_budget_that_is_not_kept(patch: Patch) -> None:
    patch.setattr(
        automation_runner,
        "budget_credits",
        lambda spec, side, held: held // (10 if side is Side.BUY else 1),
    )


@ENGINE.found_as("was passed over")
def a_rule_that_is_judged_on_every_other_tick(patch: Patch) -> None:
    judge_rules = writer.judge_rules

    def seldom(world: World, *arguments: Any) -> Iterator[CommandEnvelope]:
        return judge_rules(world, *arguments) if world.tick % 2 else iter(())

    patch.setattr(writer, "judge_rules", seldom)
