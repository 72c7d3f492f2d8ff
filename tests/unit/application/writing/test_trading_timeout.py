"""No command is executed later than the trading timeout after its arrival, whatever it is."""

import asyncio
from typing import Any, get_args

import pytest
from tests.small_core import SmallCore, running_core
from tests.small_galaxy import BETA, HAVEN, PLAYER, envelope

from sectorwars.application.writing.command_processor import ProcessorLimits
from sectorwars.domain.command import (
    CancelOrder,
    CancelOrders,
    CreateRule,
    DeleteRule,
    Dock,
    OperatorCommand,
    PauseAutomation,
    PlaceOrder,
    PlayerCommand,
    RegisterPlayer,
    RequestQuote,
    SetDisconnectPause,
    SetTradeCaps,
    SetTradingState,
    SwitchAutomation,
    ToggleRule,
    Trade,
    Travel,
    Undock,
)
from sectorwars.domain.commodity import Commodity
from sectorwars.domain.ids import OrderId, RuleId
from sectorwars.domain.market import Side
from sectorwars.domain.rejection import Refusal
from sectorwars.domain.risk import NO_CAPS, TradingScope, TradingState
from sectorwars.domain.rule import RiskLevel, RuleSpec
from sectorwars.simulation.virtual_time import VirtualClock, run_virtually

LIMITS = ProcessorLimits(trading_timeout_ms=10_000)
COMMANDS: list[PlayerCommand] = [
    RegisterPlayer(),
    Dock(HAVEN),
    Undock(),
    Travel(BETA),
    Trade(Side.BUY, "ore", 1),
    CreateRule(RuleSpec("A rule", Commodity.ORE, None, (), (), RiskLevel.MODERATE, 1_000)),
    DeleteRule(RuleId("r-1")),
    ToggleRule(RuleId("r-1"), active=True),
    SwitchAutomation(active=True),
    SetDisconnectPause(active=True),
    PauseAutomation(),
    RequestQuote(Side.BUY, "ore", 1),
    PlaceOrder(Side.BUY, "ore", 1, 30, 60),
    CancelOrder(OrderId("o-1")),
    CancelOrders(),
    SetTradingState(TradingScope.GAME, None, TradingState.HALTED, "Late."),
    SetTradeCaps(None, NO_CAPS, "Late."),
]


def test_every_kind_of_command_is_tried_here() -> None:
    kinds: set[Any] = set(get_args(PlayerCommand)) | set(get_args(OperatorCommand))
    assert {type(command) for command in COMMANDS} == kinds


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: type(command).__name__)
@pytest.mark.parametrize("waited_ms", [10_001, 60_000])
def test_a_command_that_has_waited_too_long_is_refused_and_never_executed(
    command: PlayerCommand, waited_ms: int
) -> None:
    async def late(clock: VirtualClock) -> None:
        async with running_core(clock, LIMITS) as core:
            outcome = await _received_before(core, command, waited_ms)
            assert isinstance(outcome, Refusal)
            assert (outcome.code, outcome.retry.value) == ("trading_timeout", "same_id")
            assert outcome.limit == "trading_timeout=10000"
            assert core.committed == []
            fate = await core.fate("late")
            assert fate.status == "never_seen"

    run_virtually(late)


def test_one_that_has_waited_no_longer_is_decided() -> None:
    async def in_time(clock: VirtualClock) -> None:
        async with running_core(clock, LIMITS) as core:
            await asyncio.sleep(1)
            outcome = await _received_before(core, Trade(Side.BUY, "ore", 1), 9_999)
            assert not isinstance(outcome, Refusal)
            assert len(core.trades()) == 1

    run_virtually(in_time)


async def _received_before(core: SmallCore, command: PlayerCommand, waited_ms: int) -> Any:
    received = core.clock.monotonic() - waited_ms / 1_000
    return await core.processor.submit(envelope(command, PLAYER, "late"), received)
