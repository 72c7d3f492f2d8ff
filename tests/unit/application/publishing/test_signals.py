"""What a player who follows his signals or ARIA is told of his own events."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tests.small_core import BUY_10, SELL_10, running_core, virtual
from tests.small_galaxy import HAVEN, PLAYER, order
from tests.unit.application.audience import Audience, listening

from sectorwars.application.advice.offers import offer_at
from sectorwars.application.aria.conversation import confirmed_proposal, proposal_command_id
from sectorwars.domain.command import (
    Command,
    CreateRule,
    DeleteRule,
    Origin,
    RegisterPlayer,
    SetDisconnectPause,
    SwitchAutomation,
    ToggleRule,
    Undock,
)
from sectorwars.domain.commodity import Commodity
from sectorwars.domain.ids import CommandId, PlayerId, RuleId
from sectorwars.domain.market import Side
from sectorwars.domain.rule import Comparison, Condition, ConditionType, RiskLevel, RuleSpec
from sectorwars.protocol.publication import (
    FrameType,
    account_channel,
    aria_channel,
    signals_channel,
)
from sectorwars.protocol.shapes.signal import AutomationSignal, ProposalSignal, TradeSignal
from sectorwars.simulation.virtual_time import VirtualClock

ACCOUNT, SIGNALS, ARIA = account_channel(PLAYER), signals_channel(PLAYER), aria_channel(PLAYER)
OTHER = PlayerId("pl_2")
RULE_ID = RuleId(f"r-{PLAYER}-1")


def rule(comparison: Comparison = Comparison.GREATER_THAN) -> RuleSpec:
    """A rule that buys whenever the ask is above (or below) nothing."""
    condition = Condition(ConditionType.PRICE_ABOVE, comparison, 0)
    return RuleSpec("Any ore", Commodity.ORE, HAVEN, (condition,), (), RiskLevel.MODERATE, 1_000)


def data_of(audience: Audience, channel: str = SIGNALS) -> list[Any]:
    return [publication.data for publication in audience.told(channel)]


@virtual
async def test_an_own_trade_is_told_as_in_the_receipt_and_the_account(clock: VirtualClock) -> None:
    async with running_core(clock) as core:
        audience = listening(core, ACCOUNT, SIGNALS)
        receipt = await core.executed(BUY_10, "c-1")
        (account,), (signal,) = audience.told(ACCOUNT), audience.told(SIGNALS)
        assert signal.type is FrameType.TRADING_SIGNAL
        assert (signal.player_id, signal.conflatable) == (PLAYER, False)
        assert signal.at == account.at == core.trades()[0].at
        assert isinstance(signal.data, TradeSignal)
        assert signal.data.trade == account.data.trade
        assert signal.data.trade.trade_id == receipt["trade"]["trade_id"]
        assert signal.data.command_id == account.data.command_id == "c-1"
        assert (signal.data.reasoning, signal.data.automation) == (None, None)


@virtual
async def test_of_what_is_neither_trade_nor_automation_signals_say_nothing(
    clock: VirtualClock,
) -> None:
    async with running_core(clock) as core:
        audience = listening(core, ACCOUNT, SIGNALS, ARIA)
        await core.executed(order(Side.BUY, 5, 20))
        await core.executed(Undock())
        assert set(audience.channels()) == {ACCOUNT}


@virtual
async def test_who_follows_the_account_alone_costs_no_signals(clock: VirtualClock) -> None:
    async with running_core(clock) as core:
        audience = listening(core, ACCOUNT)
        await core.executed(BUY_10, proposal_command_id("pr_1"), Origin.ARIA)
        await core.executed(SwitchAutomation(True))
        assert audience.channels() == [ACCOUNT, ACCOUNT]


@virtual
async def test_who_follows_signals_alone_gets_no_account(clock: VirtualClock) -> None:
    async with running_core(clock) as core:
        audience = listening(core, SIGNALS)
        await core.executed(BUY_10)
        await core.executed(SELL_10)
        assert [signal.trade.side for signal in data_of(audience)] == ["buy", "sell"]
        assert set(audience.channels()) == {SIGNALS}


@virtual
async def test_the_owner_of_an_order_is_told_when_another_player_fills_it(
    clock: VirtualClock,
) -> None:
    async with running_core(clock) as core:
        await core.send(RegisterPlayer(), "r", OTHER)
        # Between the port's bid and its ask, so that who sells meets the order.
        placed = await core.executed(order(Side.BUY, 5, 51), "o-1")
        audience = listening(core, ACCOUNT, SIGNALS, signals_channel(OTHER))
        await core.send(BUY_10, "b", OTHER)
        await core.send(SELL_10, "s", OTHER)
        mine = [signal for signal in data_of(audience) if isinstance(signal, TradeSignal)]
        theirs = data_of(audience, signals_channel(OTHER))
        assert [signal.trade.side for signal in theirs] == ["buy", "sell"]
        (filled,) = mine
        assert filled.trade.order_id == placed["order"]["order_id"]
        assert (filled.trade.side, filled.trade.quantity) == ("buy", 5)
        assert filled.command_id == "o-1"
        told = [update.trade for update in data_of(audience, ACCOUNT) if update.trade]
        assert [trade.trade_id for trade in told] == [filled.trade.trade_id]
        assert filled.trade.trade_id not in {signal.trade.trade_id for signal in theirs}


@virtual
async def test_each_step_of_automation_is_told_with_how_it_stands(clock: VirtualClock) -> None:
    async with running_core(clock) as core:
        audience = listening(core, SIGNALS)
        steps: list[tuple[Command, tuple[str, str | None, bool | None]]] = [
            (CreateRule(rule()), ("rule_created", RULE_ID, None)),
            (ToggleRule(RULE_ID, True), ("rule_toggled", RULE_ID, True)),
            (SetDisconnectPause(True), ("disconnect_pause_set", None, True)),
            (ToggleRule(RULE_ID, False), ("rule_toggled", RULE_ID, False)),
            (SwitchAutomation(True), ("switched", None, True)),
            (DeleteRule(RULE_ID), ("rule_deleted", RULE_ID, None)),
        ]
        for number, (command, _) in enumerate(steps):
            await core.executed(command, f"c-{number}")
        told = data_of(audience)
        assert all(isinstance(signal, AutomationSignal) for signal in told)
        assert [(s.event, s.rule_id, s.active) for s in told] == [expected for _, expected in steps]
        assert [signal.command_id for signal in told] == [f"c-{n}" for n in range(len(steps))]
        assert {signal.side for signal in told} == {None}
        shown = [(s.automation.isActive, s.automation.rulesActive) for s in told]
        assert shown == [(False, 0), (False, 1), (False, 1), (False, 0), (True, 0), (True, 0)]
        assert told[2].automation.pauseOnDisconnect


@virtual
async def test_what_a_rule_traded_is_told_with_its_reasoning_and_once_only(
    clock: VirtualClock,
) -> None:
    async with running_core(clock) as core:
        for command in (CreateRule(rule()), ToggleRule(RULE_ID, True), SwitchAutomation(True)):
            await core.executed(command)
        audience = listening(core, ACCOUNT, SIGNALS)
        await core.tick(3)
        (signal,), (update,) = data_of(audience), data_of(audience, ACCOUNT)
        assert signal.trade == update.trade
        assert signal.trade.rule_id == RULE_ID
        assert signal.command_id == update.command_id == "rule-r-pl_1-1-buy-1"
        assert signal.reasoning == update.reasoning
        assert signal.reasoning.endswith("by the rule Any ore: ask above 0.")
        assert signal.automation == update.automation
        assert signal.automation.tradesExecuted == 1


@virtual
async def test_a_rule_that_may_trade_again_is_told_though_the_account_does_not_change(
    clock: VirtualClock,
) -> None:
    async with running_core(clock) as core:
        world = core.galaxy.projection.world
        ask = offer_at(world.ports[HAVEN], Commodity.ORE, Side.BUY)
        assert ask is not None
        limit_milli = (ask.price_credits + 1) * 1_000
        condition = Condition(ConditionType.PRICE_BELOW, Comparison.LESS_THAN, limit_milli)
        spec = RuleSpec(
            "Cheap ore", Commodity.ORE, HAVEN, (condition,), (), RiskLevel.MODERATE, 1_000
        )
        for command in (CreateRule(spec), ToggleRule(RULE_ID, True), SwitchAutomation(True)):
            await core.executed(command)
        await core.tick(1)
        assert world.players[PLAYER].automation.rules[RULE_ID].spent == {Side.BUY}
        audience = listening(core, ACCOUNT, SIGNALS)
        # Until the rule sees that its condition does not hold.
        await asyncio.gather(*(core.send(BUY_10) for _ in range(10)))
        await core.tick(1)
        rearmed = [s for s in data_of(audience) if isinstance(s, AutomationSignal)]
        (signal,) = rearmed
        assert (signal.event, signal.rule_id, signal.side) == ("rule_rearmed", RULE_ID, "buy")
        assert (signal.command_id, signal.active) == (None, None)
        assert all(update.trade for update in data_of(audience, ACCOUNT))


@virtual
async def test_a_confirmed_proposal_is_told_with_its_trade(clock: VirtualClock) -> None:
    async with running_core(clock) as core:
        audience = listening(core, SIGNALS, ARIA)
        await core.executed(BUY_10, "c-1")
        receipt = await core.executed(BUY_10, proposal_command_id("pr_7"), Origin.ARIA)
        (told,) = audience.told(ARIA)
        assert (told.type, told.player_id, told.conflatable) == (FrameType.AI_ALERT, PLAYER, False)
        trade_id = receipt["trade"]["trade_id"]
        assert told.data == ProposalSignal("proposal", "pr_7", "trade", "executed", None, trade_id)
        assert [signal.trade.trade_id for signal in data_of(audience)][-1] == trade_id


@virtual
async def test_a_repeated_command_is_told_once(clock: VirtualClock) -> None:
    async with running_core(clock) as core:
        audience = listening(core, SIGNALS, ARIA)
        again = [
            core.send(BUY_10, proposal_command_id("pr_7"), origin=Origin.ARIA) for _ in range(3)
        ]
        await asyncio.gather(*again)
        assert sorted(audience.channels()) == [ARIA, SIGNALS]


@pytest.mark.parametrize("command_id", ["c-1", "rule-r-1", "f-aria-pr_1", ""])
def test_only_commands_of_aria_s_are_confirmed_proposals(command_id: str) -> None:
    assert confirmed_proposal(CommandId(command_id)) is None
    assert confirmed_proposal(proposal_command_id("pr_1")) == "pr_1"
