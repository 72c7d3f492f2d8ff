"""What rules see each tick, and what is recorded of it."""

from dataclasses import replace

import pytest
from tests.small_galaxy import HAVEN, MINE, NOW, PLAYER, perform, world_with_player

from sectorwars.application.automation_runner import judge_rules
from sectorwars.domain.command import (
    CreateRule,
    Dock,
    JudgeRule,
    Origin,
    SwitchAutomation,
    ToggleRule,
    Trade,
    Undock,
)
from sectorwars.domain.commodity import COMMODITY_SPECS, Commodity
from sectorwars.domain.event import Event, GoodsTraded, RuleJudged
from sectorwars.domain.ids import RuleId
from sectorwars.domain.market import Side, ask_price, bid_price
from sectorwars.domain.rule import (
    Comparison,
    Condition,
    ConditionType,
    RiskLevel,
    RuleSpec,
    SideState,
    Verdict,
)
from sectorwars.domain.values import MICROS_PER_SECOND, Tick, UnixMicros
from sectorwars.engine.apply import apply
from sectorwars.engine.decision import Accepted
from sectorwars.engine.execute import execute
from sectorwars.engine.world import World

BASE = COMMODITY_SPECS[Commodity.ORE].base_price_credits
ALWAYS = Condition(ConditionType.PRICE_ABOVE, Comparison.GREATER_THAN, 0)
NEVER = Condition(ConditionType.PRICE_ABOVE, Comparison.LESS_THAN, 0)
SURE = Condition(ConditionType.AI_CONFIDENCE, Comparison.GREATER_THAN, 600)
MARGIN = Condition(ConditionType.MARGIN_EXCEEDS, Comparison.LESS_THAN, 0)
BUY_ORE = RuleSpec("Ore", Commodity.ORE, None, (ALWAYS,), (), RiskLevel.CONSERVATIVE, 1_000)
CONFIDENCES = {Commodity.ORE: 700, Commodity.ENERGY: 500}


def _world(*specs: RuleSpec) -> World:
    world = world_with_player()
    for serial, spec in enumerate(specs, start=1):
        perform(world, CreateRule(spec))
        perform(world, ToggleRule(RuleId(f"r-{PLAYER}-{serial}"), True))
    perform(world, SwitchAutomation(True))
    return world


def _tick(world: World, seconds: int = 0) -> list[Event]:
    """Judge and execute as the writer does, and return what came of it."""
    now = UnixMicros(NOW + seconds * MICROS_PER_SECOND)
    events: list[Event] = []
    for envelope in judge_rules(world, CONFIDENCES.get, now):
        assert (envelope.player_id, envelope.origin) == (PLAYER, Origin.RULE)
        decision = execute(world, envelope, now)
        assert isinstance(decision, Accepted)
        for event in decision.events:
            apply(world, event)
            events.append(event)
    return events


def _commands(world: World) -> list[JudgeRule]:
    commands = []
    for envelope in judge_rules(world, CONFIDENCES.get, NOW):
        assert isinstance(envelope.command, JudgeRule)
        commands.append(envelope.command)
    return commands


def _judged(events: list[Event]) -> list[RuleJudged]:
    return [event for event in events if isinstance(event, RuleJudged)]


def test_a_rule_that_holds_trades_within_its_share_of_the_investment() -> None:
    world = _world(BUY_ORE)
    traded, judged = _tick(world)
    assert isinstance(traded, GoodsTraded)
    assert isinstance(judged, RuleJudged)
    assert traded.rule_id == judged.rule_id == f"r-{PLAYER}-1"
    assert traded.command_id == f"rule-r-{PLAYER}-1-buy-0"
    assert traded.total_credits + traded.fees_credits <= 250
    next_unit = ask_price(BASE, 2_000 - traded.quantity, 2_000)
    assert next_unit is not None
    assert traded.total_credits + traded.fees_credits + next_unit > 250
    assert judged.trace.quantity == traded.quantity
    assert judged.trace.market_version == 0
    assert [cap.name for cap in judged.trace.caps] == [
        "seconds_since_last_trade",
        "trades_in_an_hour",
        "loss_in_24_hours",
        "credits_in_a_trade",
        "share_of_credits",
    ]


def test_it_does_so_once_and_again_only_after_it_did_not_hold() -> None:
    world = _world(replace(BUY_ORE, buy_conditions=(ALWAYS, SURE)))
    assert len(_tick(world)) == 2
    assert _tick(world, 60) == []
    CONFIDENCES[Commodity.ORE] = 100
    try:
        (rearmed,) = _judged(_tick(world, 61))
        assert rearmed.state == SideState(Verdict.IDLE)
        assert [result.input_milli for result in rearmed.trace.conditions][1] == 100
        assert _tick(world, 62) == []
    finally:
        CONFIDENCES[Commodity.ORE] = 700
    assert len(_tick(world, 63)) == 2


def test_switched_off_rules_and_players_are_not_judged() -> None:
    world = _world(BUY_ORE)
    perform(world, ToggleRule(RuleId(f"r-{PLAYER}-1"), False))
    assert _commands(world) == []
    perform(world, ToggleRule(RuleId(f"r-{PLAYER}-1"), True))
    perform(world, SwitchAutomation(False))
    assert _commands(world) == []
    perform(world, SwitchAutomation(True))
    assert len(_commands(world)) == 1


def test_a_rule_whose_conditions_never_held_records_nothing() -> None:
    assert _commands(_world(replace(BUY_ORE, buy_conditions=(ALWAYS, NEVER)))) == []


def test_a_side_without_conditions_rests() -> None:
    world = _world(replace(BUY_ORE, buy_conditions=(), sell_conditions=(ALWAYS,)))
    perform(world, Trade(Side.BUY, "ore", 5))
    (command,) = _commands(world)
    assert (command.side, command.quantity) == (Side.SELL, 5)


def test_away_from_its_port_a_rule_is_blocked_once_and_stays_armed() -> None:
    world = _world(BUY_ORE, replace(BUY_ORE, port_id=MINE))
    perform(world, Undock())
    events = _judged(_tick(world))
    assert [event.state for event in events] == [SideState(Verdict.BLOCKED, "not_docked")] * 2
    assert [event.trace.detail for event in events] == [
        "The ship is not docked.",
        "The ship is not docked at the port of the rule.",
    ]
    assert all(event.trace.caps for event in events)
    assert _tick(world, 1) == []
    perform(world, Dock(HAVEN))
    events = _tick(world, 2)
    assert [event.rule_id for event in _judged(events)] == [f"r-{PLAYER}-1"]


def test_a_fired_rule_is_not_armed_by_undocking() -> None:
    world = _world(BUY_ORE)
    _tick(world)
    perform(world, Undock())
    (event,) = _judged(_tick(world, 60))
    assert event.state == SideState(Verdict.BLOCKED, "not_docked", armed=False)
    perform(world, Dock(HAVEN))
    assert _tick(world, 120) == []


def test_a_cooldown_blocks_without_repeating_itself_and_then_lets_go() -> None:
    world = _world(BUY_ORE, BUY_ORE)
    _, fired, blocked = _tick(world)
    assert isinstance(fired, RuleJudged)
    assert isinstance(blocked, RuleJudged)
    assert (fired.state.verdict, blocked.state.code) == (Verdict.FIRED, "automation_cooldown")
    assert [_commands(world), _tick(world, 29)] == [[], []]
    traded, judged = _tick(world, 30)
    assert isinstance(traded, GoodsTraded)
    assert isinstance(judged, RuleJudged)
    assert judged.rule_id == blocked.rule_id


def test_another_reason_to_be_blocked_is_told() -> None:
    world = _world(BUY_ORE)
    perform(world, Trade(Side.BUY, "energy", 150))
    (full,) = _judged(_tick(world))
    assert full.state == SideState(Verdict.BLOCKED, "automation_credit_share")
    assert "leave no unit" in full.trace.detail
    assert _tick(world, 1) == []
    perform(world, Trade(Side.SELL, "energy", 150))
    assert len(_tick(world, 2)) == 2


def test_a_later_rule_sees_what_an_earlier_one_has_traded() -> None:
    price = ask_price(BASE, 2_000, 2_000) or 0
    dearer = Condition(ConditionType.PRICE_ABOVE, Comparison.GREATER_THAN, price * 1_000)
    second = replace(BUY_ORE, buy_conditions=(dearer,))
    assert _judged(_tick(_world(second))) == []
    spendthrift = replace(BUY_ORE, risk_level=RiskLevel.AGGRESSIVE, max_investment_credits=5_000)
    events = _judged(_tick(_world(spendthrift, second)))
    assert [event.state.code for event in events] == [None, "automation_cooldown"]


@pytest.mark.parametrize("side", Side)
def test_prices_are_the_ports_next_unit(side: Side) -> None:
    conditions = ((ALWAYS,), ()) if side is Side.BUY else ((), (ALWAYS,))
    world = _world(RuleSpec("Ore", Commodity.ORE, HAVEN, *conditions, RiskLevel.MODERATE, 1_000))
    perform(world, Trade(Side.BUY, "ore", 10))
    (command,) = _commands(world)
    (result,) = command.trace.conditions
    price = ask_price(BASE, 1_990, 2_000) if side is Side.BUY else bid_price(BASE, 1_990, 2_000)
    assert price is not None
    assert result.input_milli == price * 1_000


def test_margins_and_confidences_are_the_players_and_the_goods() -> None:
    world = _world(replace(BUY_ORE, buy_conditions=(SURE,), sell_conditions=(MARGIN,)))
    bought = perform(world, Trade(Side.BUY, "ore", 10))[0]
    assert isinstance(bought, GoodsTraded)
    buy, sell = _commands(world)
    assert [result.input_milli for result in buy.trace.conditions] == [700]
    cost = bought.total_credits + bought.fees_credits
    bid = bid_price(BASE, 1_990, 2_000) or 0
    assert sell.trace.conditions[0].input_milli == (bid * 10 - cost) * 100_000 // cost


def test_where_the_good_is_not_dealt_in_only_its_forecast_can_be_seen() -> None:
    luxury = replace(BUY_ORE, commodity=Commodity.LUXURY)
    energy = RuleSpec("Sure", Commodity.ORGANICS, None, (SURE,), (), RiskLevel.CONSERVATIVE, 1_000)
    assert _commands(_world(luxury, energy)) == []
    CONFIDENCES[Commodity.LUXURY] = 900
    try:
        world = _world(replace(luxury, buy_conditions=(SURE,)))
        (event,) = _judged(_tick(world))
    finally:
        del CONFIDENCES[Commodity.LUXURY]
    assert event.state.code == "automation_credit_share"


def test_ids_are_functions_of_rule_side_and_tick() -> None:
    world = _world(BUY_ORE)
    world.tick = Tick(41)
    (envelope,) = judge_rules(world, CONFIDENCES.get, NOW)
    assert envelope.command_id == f"rule-r-{PLAYER}-1-buy-41"
