"""What rules see each tick, and what is recorded of it."""

from dataclasses import replace

import pytest
from tests.small_galaxy import HAVEN, MINE, NOW, PLAYER, perform, world_with_player

from sectorwars.application.writing.automation_runner import StandingBlocks, judge_rules
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
from sectorwars.domain.event import GoodsTraded, RuleRearmed
from sectorwars.domain.ids import RuleId
from sectorwars.domain.market import Side, ask_price, bid_price
from sectorwars.domain.rule import (
    Automation,
    Comparison,
    Condition,
    ConditionType,
    RiskLevel,
    RuleSpec,
    TracedVerdict,
    Verdict,
)
from sectorwars.domain.values import MICROS_PER_SECOND, Tick, UnixMicros
from sectorwars.engine.apply import apply
from sectorwars.engine.decision import Accepted
from sectorwars.engine.execute import execute

BASE = COMMODITY_SPECS[Commodity.ORE].base_price_credits
ALWAYS = Condition(ConditionType.PRICE_ABOVE, Comparison.GREATER_THAN, 0)
NEVER = Condition(ConditionType.PRICE_ABOVE, Comparison.LESS_THAN, 0)
SURE = Condition(ConditionType.AI_CONFIDENCE, Comparison.GREATER_THAN, 600)
MARGIN = Condition(ConditionType.MARGIN_EXCEEDS, Comparison.LESS_THAN, 0)
BUY_ORE = RuleSpec("Ore", Commodity.ORE, None, (ALWAYS,), (), RiskLevel.CONSERVATIVE, 1_000)
CONFIDENCES = {Commodity.ORE: 700, Commodity.ENERGY: 500}


class Galaxy:
    """A small galaxy whose rules are judged as the writer does it."""

    def __init__(self, *specs: RuleSpec) -> None:
        self.world = world_with_player()
        self.blocks = StandingBlocks()
        for serial, spec in enumerate(specs, start=1):
            perform(self.world, CreateRule(spec))
            perform(self.world, ToggleRule(RuleId(f"r-{PLAYER}-{serial}"), True))
        perform(self.world, SwitchAutomation(True))

    @property
    def automation(self) -> Automation:
        return self.world.players[PLAYER].automation

    def tick(self, seconds: int = 0) -> list[TracedVerdict]:
        """Judge and execute, and return what is told of it."""
        now = UnixMicros(NOW + seconds * MICROS_PER_SECOND)
        told = []
        for envelope in judge_rules(self.world, CONFIDENCES.get, self.blocks, now):
            assert (envelope.player_id, envelope.origin) == (PLAYER, Origin.RULE)
            decision = execute(self.world, envelope, now)
            assert isinstance(decision, Accepted)
            for event in decision.events:
                assert isinstance(event, GoodsTraded | RuleRearmed)
                apply(self.world, event)
            if decision.verdict is not None and self.blocks.is_news(decision.verdict):
                told.append(decision.verdict)
        return told

    def commands(self) -> list[JudgeRule]:
        commands = []
        for envelope in judge_rules(self.world, CONFIDENCES.get, self.blocks, NOW):
            assert isinstance(envelope.command, JudgeRule)
            commands.append(envelope.command)
        return commands


def _verdicts(told: list[TracedVerdict]) -> list[tuple[Verdict, str | None]]:
    return [(verdict.verdict, verdict.trace.code) for verdict in told]


FIRED = (Verdict.FIRED, None)


def test_a_rule_that_holds_trades_within_its_share_of_the_investment() -> None:
    galaxy = Galaxy(BUY_ORE)
    (envelope,) = judge_rules(galaxy.world, CONFIDENCES.get, galaxy.blocks, NOW)
    decision = execute(galaxy.world, envelope, NOW)
    assert isinstance(decision, Accepted)
    (traded,) = decision.events
    assert isinstance(traded, GoodsTraded)
    assert decision.verdict is not None
    assert traded.rule_id == decision.verdict.rule_id == f"r-{PLAYER}-1"
    assert traded.command_id == f"rule-r-{PLAYER}-1-buy-0"
    assert traded.total_credits + traded.fees_credits <= 250
    next_unit = ask_price(BASE, 2_000 - traded.quantity, 2_000)
    assert next_unit is not None
    assert traded.total_credits + traded.fees_credits + next_unit > 250
    trace = decision.verdict.trace
    assert (trace.quantity, trace.market_version) == (traded.quantity, 0)
    assert [cap.name for cap in trace.caps] == [
        "seconds_since_last_trade",
        "trades_in_an_hour",
        "loss_in_24_hours",
        "credits_in_a_trade",
        "share_of_credits",
    ]


def test_it_does_so_once_and_again_only_after_it_did_not_hold() -> None:
    galaxy = Galaxy(replace(BUY_ORE, buy_conditions=(ALWAYS, SURE)))
    assert _verdicts(galaxy.tick()) == [FIRED]
    assert galaxy.tick(60) == []
    CONFIDENCES[Commodity.ORE] = 100
    try:
        assert galaxy.tick(61) == []
        assert galaxy.automation.rules[RuleId(f"r-{PLAYER}-1")].spent == frozenset()
        assert galaxy.commands() == []
    finally:
        CONFIDENCES[Commodity.ORE] = 700
    assert _verdicts(galaxy.tick(63)) == [FIRED]
    assert len(galaxy.automation.recent) == 2


def test_switched_off_rules_and_players_are_not_judged() -> None:
    galaxy = Galaxy(BUY_ORE)
    perform(galaxy.world, ToggleRule(RuleId(f"r-{PLAYER}-1"), False))
    assert galaxy.commands() == []
    perform(galaxy.world, ToggleRule(RuleId(f"r-{PLAYER}-1"), True))
    perform(galaxy.world, SwitchAutomation(False))
    assert galaxy.commands() == []
    perform(galaxy.world, SwitchAutomation(True))
    assert len(galaxy.commands()) == 1


def test_a_rule_whose_conditions_never_held_records_nothing() -> None:
    assert Galaxy(replace(BUY_ORE, buy_conditions=(ALWAYS, NEVER))).commands() == []


def test_a_side_without_conditions_rests() -> None:
    galaxy = Galaxy(replace(BUY_ORE, buy_conditions=(), sell_conditions=(ALWAYS,)))
    perform(galaxy.world, Trade(Side.BUY, "ore", 5))
    (command,) = galaxy.commands()
    assert (command.side, command.quantity) == (Side.SELL, 5)


def test_away_from_its_port_a_rule_is_blocked_once_and_stays_armed() -> None:
    galaxy = Galaxy(BUY_ORE, replace(BUY_ORE, port_id=MINE))
    perform(galaxy.world, Undock())
    told = galaxy.tick()
    assert _verdicts(told) == [(Verdict.BLOCKED, "not_docked")] * 2
    assert [verdict.trace.detail for verdict in told] == [
        "The ship is not docked.",
        "The ship is not docked at the port of the rule.",
    ]
    assert all(verdict.trace.caps for verdict in told)
    assert galaxy.commands() == []
    perform(galaxy.world, Dock(HAVEN))
    (fired,) = galaxy.tick(2)
    assert (fired.verdict, fired.rule_id) == (Verdict.FIRED, f"r-{PLAYER}-1")


def test_a_fired_rule_is_not_armed_by_undocking() -> None:
    galaxy = Galaxy(BUY_ORE)
    galaxy.tick()
    perform(galaxy.world, Undock())
    assert _verdicts(galaxy.tick(60)) == [(Verdict.BLOCKED, "not_docked")]
    perform(galaxy.world, Dock(HAVEN))
    assert galaxy.tick(120) == []
    assert len(galaxy.automation.recent) == 1


def test_a_cooldown_blocks_without_repeating_itself_and_then_lets_go() -> None:
    galaxy = Galaxy(BUY_ORE, BUY_ORE)
    told = galaxy.tick()
    assert _verdicts(told) == [FIRED, (Verdict.BLOCKED, "automation_cooldown")]
    assert [galaxy.commands(), galaxy.tick(29)] == [[], []]
    (fired,) = galaxy.tick(30)
    assert (fired.verdict, fired.rule_id) == (Verdict.FIRED, told[1].rule_id)


def test_a_block_that_passed_is_told_when_it_comes_again() -> None:
    galaxy = Galaxy(BUY_ORE, replace(BUY_ORE, buy_conditions=(ALWAYS, SURE)))
    galaxy.tick()
    CONFIDENCES[Commodity.ORE] = 100
    try:
        assert galaxy.tick(1) == []
    finally:
        CONFIDENCES[Commodity.ORE] = 700
    assert _verdicts(galaxy.tick(2)) == [(Verdict.BLOCKED, "automation_cooldown")]
    assert galaxy.tick(3) == []
    galaxy.blocks = StandingBlocks()
    assert _verdicts(galaxy.tick(4)) == [(Verdict.BLOCKED, "automation_cooldown")]


def test_another_reason_to_be_blocked_is_told() -> None:
    galaxy = Galaxy(BUY_ORE)
    perform(galaxy.world, Trade(Side.BUY, "energy", 150))
    (full,) = galaxy.tick()
    assert (full.verdict, full.trace.code) == (Verdict.BLOCKED, "automation_credit_share")
    assert "leave no unit" in full.trace.detail
    assert galaxy.tick(1) == []
    perform(galaxy.world, Trade(Side.SELL, "energy", 150))
    assert _verdicts(galaxy.tick(2)) == [FIRED]


def test_a_later_rule_sees_what_an_earlier_one_has_traded() -> None:
    price = ask_price(BASE, 2_000, 2_000) or 0
    dearer = Condition(ConditionType.PRICE_ABOVE, Comparison.GREATER_THAN, price * 1_000)
    second = replace(BUY_ORE, buy_conditions=(dearer,))
    assert Galaxy(second).tick() == []
    spendthrift = replace(BUY_ORE, risk_level=RiskLevel.AGGRESSIVE, max_investment_credits=5_000)
    told = Galaxy(spendthrift, second).tick()
    assert _verdicts(told) == [FIRED, (Verdict.BLOCKED, "automation_cooldown")]


@pytest.mark.parametrize("side", Side)
def test_prices_are_the_ports_next_unit(side: Side) -> None:
    conditions = ((ALWAYS,), ()) if side is Side.BUY else ((), (ALWAYS,))
    galaxy = Galaxy(RuleSpec("Ore", Commodity.ORE, HAVEN, *conditions, RiskLevel.MODERATE, 1_000))
    perform(galaxy.world, Trade(Side.BUY, "ore", 10))
    (command,) = galaxy.commands()
    (result,) = command.trace.conditions
    price = ask_price(BASE, 1_990, 2_000) if side is Side.BUY else bid_price(BASE, 1_990, 2_000)
    assert price is not None
    assert result.input_milli == price * 1_000


def test_margins_and_confidences_are_the_players_and_the_goods() -> None:
    galaxy = Galaxy(replace(BUY_ORE, buy_conditions=(SURE,), sell_conditions=(MARGIN,)))
    bought = perform(galaxy.world, Trade(Side.BUY, "ore", 10))[0]
    assert isinstance(bought, GoodsTraded)
    buy, sell = galaxy.commands()
    assert [result.input_milli for result in buy.trace.conditions] == [700]
    cost = bought.total_credits + bought.fees_credits
    bid = bid_price(BASE, 1_990, 2_000) or 0
    assert sell.trace.conditions[0].input_milli == (bid * 10 - cost) * 100_000 // cost


def test_where_the_good_is_not_dealt_in_only_its_forecast_can_be_seen() -> None:
    luxury = replace(BUY_ORE, commodity=Commodity.LUXURY)
    energy = RuleSpec("Sure", Commodity.ORGANICS, None, (SURE,), (), RiskLevel.CONSERVATIVE, 1_000)
    assert Galaxy(luxury, energy).commands() == []
    CONFIDENCES[Commodity.LUXURY] = 900
    try:
        (verdict,) = Galaxy(replace(luxury, buy_conditions=(SURE,))).tick()
    finally:
        del CONFIDENCES[Commodity.LUXURY]
    assert verdict.trace.code == "automation_credit_share"


def test_ids_are_functions_of_rule_side_and_tick() -> None:
    galaxy = Galaxy(BUY_ORE)
    galaxy.world.tick = Tick(41)
    (envelope,) = judge_rules(galaxy.world, CONFIDENCES.get, galaxy.blocks, NOW)
    assert envelope.command_id == f"rule-r-{PLAYER}-1-buy-41"
