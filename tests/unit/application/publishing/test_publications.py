"""What goes out after a commit, to whom, and how often."""

import asyncio

import pytest
from tests.small_core import BUY_10, SmallCore, running_core, virtual
from tests.small_galaxy import BETA, HAVEN, NOW, PLAYER, RESORT
from tests.unit.application.audience import listening

from sectorwars.application.reading.projection import Committed
from sectorwars.application.reading.views import account_state, port_market
from sectorwars.application.rows import LoggedEvent
from sectorwars.domain.command import (
    CreateRule,
    RegisterPlayer,
    SetTradingState,
    SwitchAutomation,
    ToggleRule,
    Travel,
    Undock,
)
from sectorwars.domain.commodity import COMMODITIES, Commodity
from sectorwars.domain.event import HaulerCalled
from sectorwars.domain.hauler import Hauler, HaulerDeal, HaulerSpec
from sectorwars.domain.ids import PlayerId, RuleId, hauler_id
from sectorwars.domain.risk import TradingScope, TradingState
from sectorwars.domain.rule import Comparison, Condition, ConditionType, RiskLevel, RuleSpec
from sectorwars.domain.values import Credits, Quantity, Tick
from sectorwars.protocol.publication import (
    TRADES_CHANNEL,
    FrameType,
    account_channel,
    market_channel,
    port_channel,
)
from sectorwars.protocol.shapes.account import AccountUpdate
from sectorwars.protocol.shapes.risk import TradingStatus
from sectorwars.simulation.virtual_time import VirtualClock

MARKETS = [market_channel(good) for good in COMMODITIES]


@virtual
async def test_a_tick_publishes_every_index(clock: VirtualClock) -> None:
    async with running_core(clock) as core:
        audience = listening(core)
        await core.tick(1)
        (batch,) = audience.batches
        assert [publication.channel for publication in batch] == MARKETS
        assert {publication.type for publication in batch} == {FrameType.MARKET_UPDATE}
        assert all(p.conflatable and p.player_id is None for p in batch)
        assert [p.data.commodity for p in batch] == list(COMMODITIES)
        assert batch[0].data.version == core.galaxy.projection.world.tick


@virtual
async def test_indices_of_a_fast_clock_are_thinned_out(clock: VirtualClock) -> None:
    async with running_core(clock) as core:
        audience = listening(core)
        for _ in range(20):
            core.processor.tick()
            await asyncio.sleep(0.25)
        assert audience.channels().count(MARKETS[0]) == 5


@pytest.mark.parametrize("period_seconds", [0.95, 1.0, 1.05])
def test_a_tick_that_comes_a_little_early_is_not_put_off(period_seconds: float) -> None:
    @virtual
    async def beat(clock: VirtualClock) -> None:
        async with running_core(clock) as core:
            audience = listening(core)
            for _ in range(5):
                core.processor.tick()
                await asyncio.sleep(period_seconds)
            assert audience.channels().count(MARKETS[0]) == 5

    beat()


@virtual
async def test_trades_of_one_batch_publish_the_port_once(clock: VirtualClock) -> None:
    async with running_core(clock) as core:
        audience = listening(core, port_channel(HAVEN))
        await asyncio.gather(core.send(BUY_10), core.send(BUY_10))
        assert len(core.trades()) == 2
        ((publication,),) = audience.batches
        world = core.galaxy.projection.world
        assert publication.channel == port_channel(HAVEN)
        assert publication.type is FrameType.PORT_NETWORK
        assert publication.data == port_market(world, HAVEN, publication.at)
        assert publication.at == core.trades()[-1].at


@virtual
async def test_a_busy_port_goes_out_at_once_then_once_a_while_with_its_last_state(
    clock: VirtualClock,
) -> None:
    async with running_core(clock) as core:
        audience = listening(core, port_channel(HAVEN))
        for _ in range(12):
            await core.send(BUY_10)
            await asyncio.sleep(0.025)
        await asyncio.sleep(0.2)
        sent = [publication for (publication,) in audience.batches]
        trades = [trade.at for trade in core.trades()]
        assert sent[0].at == trades[0]
        assert 3 <= len(sent) <= 5
        assert sent[-1].at == trades[-1]
        world = core.galaxy.projection.world
        assert sent[-1].data == port_market(world, HAVEN, trades[-1])


@virtual
async def test_what_waits_for_a_port_is_let_go_with_its_last_reader(clock: VirtualClock) -> None:
    async with running_core(clock) as core:
        audience = listening(core, port_channel(HAVEN))
        await core.send(BUY_10)
        await core.send(BUY_10)
        audience.wanted = ()
        await asyncio.sleep(0.2)
        assert audience.channels() == [port_channel(HAVEN)]
        audience.wanted = (port_channel(HAVEN),)
        await core.send(BUY_10)
        assert audience.channels() == [port_channel(HAVEN)] * 2


@virtual
async def test_trades_are_told_to_all_at_once_and_then_gathered_without_names(
    clock: VirtualClock,
) -> None:
    async with running_core(clock) as core:
        audience = listening(core, TRADES_CHANNEL)
        for _ in range(3):
            await core.send(BUY_10)
        await asyncio.sleep(0.2)
        first, rest = [publication for (publication,) in audience.batches]
        assert {first.type, rest.type} == {FrameType.TRADE_TAPE}
        assert (first.player_id, first.conflatable) == (None, True)
        assert [len(message.data.trades) for message in (first, rest)] == [1, 2]
        assert (first.data.left_out, rest.data.left_out) == (0, 0)
        trades = core.trades()
        assert (first.at, rest.at) == (trades[0].at, trades[-1].at)
        shown = rest.data.trades[-1]
        assert (shown.by, shown.port_id, shown.side, shown.commodity, shown.quantity) == (
            *("player", HAVEN, "buy", "ore"),
            10,
        )
        assert shown.total_credits == trades[-1].total_credits
        assert PLAYER not in repr(rest.data)


@pytest.mark.parametrize("deals", [1, 0])
def test_a_hauler_that_trades_publishes_the_port(deals: int) -> None:
    @virtual
    async def call(clock: VirtualClock) -> None:
        async with running_core(clock) as core:
            audience = listening(core, port_channel(HAVEN), TRADES_CHANNEL)
            world = core.galaxy.projection.world
            spec = HaulerSpec(hauler_id(0), HAVEN, 150)
            world.haulers[spec.hauler_id] = Hauler(spec, HAVEN, Tick(1))
            bought = HaulerDeal(
                Commodity.ORE, Quantity(9), Credits(500), Credits(5), Quantity(1_900)
            )
            called = HaulerCalled(
                tick=world.tick,
                at=NOW,
                hauler_id=spec.hauler_id,
                port_id=HAVEN,
                sold=None,
                bought=bought if deals else None,
                grant_credits=Credits(600),
                upkeep_credits=Credits(0),
                market_version=7,
                destination_id=RESORT,
                calls_at=Tick(90),
            )
            assert core.publisher is not None
            core.publisher.take_over(Committed((LoggedEvent(99, called),), ()))
            assert audience.channels() == [port_channel(HAVEN), TRADES_CHANNEL] * deals
            if deals:
                quotes, ticker = audience.batches[0]
                assert quotes.data == port_market(world, HAVEN, NOW)
                (sold,) = ticker.data.trades
                assert (sold.by, sold.side, sold.quantity) == ("hauler", "buy", 9)
                assert world.ports[HAVEN].stock[0] == 1_900

    call()


@virtual
async def test_a_player_is_told_of_each_change_of_his_own(clock: VirtualClock) -> None:
    async with running_core(clock) as core:
        audience = listening(core, account_channel(PLAYER))
        bought = await core.executed(BUY_10, "c-1")
        await core.executed(Undock(), "c-2")
        await core.executed(Travel(BETA), "c-3")
        await asyncio.sleep(6)
        told = [publication for batch in audience.batches for publication in batch]
        assert {publication.player_id for publication in told} == {PLAYER}
        assert not any(publication.conflatable for publication in told)
        assert [p.data.command_id for p in told] == ["c-1", "c-2", "c-3", None]
        trade = told[0].data.trade
        assert (trade.trade_id, trade.total_credits) == (
            bought["trade"]["trade_id"],
            bought["trade"]["total_credits"],
        )
        assert [p.data.trade for p in told[1:]] == [None] * 3
        world = core.galaxy.projection.world
        assert told[-1].data.state == account_state(world, PLAYER, told[-1].at)


@virtual
async def test_each_event_of_a_batch_is_told_with_the_state_it_left(clock: VirtualClock) -> None:
    async with running_core(clock) as core:
        audience = listening(core, account_channel(PLAYER))
        await asyncio.gather(core.send(BUY_10), core.send(BUY_10))
        ((first, second),) = audience.batches
        assert [p.data.state.ship["cargo"]["ore"] for p in (first, second)] == [10, 20]
        for publication in (first, second):
            assert publication.data.state.credits == publication.data.trade.credits_after


@virtual
async def test_what_nobody_listens_to_is_not_made(clock: VirtualClock) -> None:
    async with running_core(clock) as core:
        audience = listening(core)
        await core.executed(BUY_10)
        assert audience.batches == []


OPERATOR = PlayerId("op_1")


async def _halt(core: SmallCore, scope: TradingScope, subject: str | None) -> None:
    command = SetTradingState(scope, subject, TradingState.HALTED, "a wrong price")
    await core.send(command, f"halt-{scope}", OPERATOR)


@pytest.mark.parametrize(
    ("scope", "subject", "told"),
    [
        (TradingScope.GAME, None, {"docked", "away", HAVEN, RESORT}),
        (TradingScope.PORT, HAVEN, {"docked", HAVEN}),
        (TradingScope.PORT, RESORT, {RESORT}),
        (TradingScope.PLAYER, "away", {"away"}),
    ],
)
def test_whom_a_halt_concerns_is_told_at_once(
    scope: TradingScope, subject: str | None, told: set[str]
) -> None:
    @virtual
    async def halt(clock: VirtualClock) -> None:
        async with running_core(clock) as core:
            for name in ("docked", "away", "deaf"):
                await core.send(RegisterPlayer(), f"r-{name}", PlayerId(name))
            await core.send(Undock(), "u", PlayerId("away"))
            players = [account_channel(PlayerId(name)) for name in ("docked", "away")]
            audience = listening(core, *players, port_channel(HAVEN), port_channel(RESORT))
            await _halt(core, scope, subject)
            published = [publication for batch in audience.batches for publication in batch]
            assert {publication.channel.partition(".")[2] for publication in published} == told
            assert len(published) == len(told)
            expected = TradingStatus("halted", scope.value, "a wrong price")
            for publication in published:
                data = publication.data
                shown = data.state if isinstance(data, AccountUpdate) else data
                assert shown.trading_state == expected
                if isinstance(data, AccountUpdate):
                    # The operator's command is none of the player's.
                    assert (data.command_id, data.trade) == (None, None)
                    assert publication.player_id == data.state.player_id
                    assert data.state == account_state(
                        core.galaxy.projection.world, publication.player_id, publication.at
                    )

    halt()


@virtual
async def test_the_state_after_a_halt_is_the_strictest_where_the_ship_is(
    clock: VirtualClock,
) -> None:
    async with running_core(clock) as core:
        audience = listening(core, account_channel(PLAYER))
        await _halt(core, TradingScope.PORT, HAVEN)
        await core.executed(Undock())
        reduced = SetTradingState(
            TradingScope.PLAYER, PLAYER, TradingState.REDUCING, "a question is open"
        )
        await core.send(reduced, "reduce", OPERATOR)
        opened = SetTradingState(TradingScope.PLAYER, PLAYER, TradingState.ACTIVE, "answered")
        await core.send(opened, "open", OPERATOR)
        told = [publication.data for batch in audience.batches for publication in batch]
        assert [update.state.trading_state for update in told] == [
            TradingStatus("halted", "port", "a wrong price"),
            TradingStatus("active", None, None),
            TradingStatus("reducing", "player", "a question is open"),
            TradingStatus("active", None, None),
        ]


ALWAYS = Condition(ConditionType.PRICE_ABOVE, Comparison.GREATER_THAN, 0)
RULE = RuleSpec("Any ore", Commodity.ORE, HAVEN, (ALWAYS,), (), RiskLevel.MODERATE, 1_000)


@virtual
async def test_what_a_rule_traded_is_told_once_with_reasoning_and_status(
    clock: VirtualClock,
) -> None:
    async with running_core(clock) as core:
        audience = listening(core, account_channel(PLAYER))
        for command in (
            CreateRule(RULE),
            ToggleRule(RuleId(f"r-{PLAYER}-1"), True),
            SwitchAutomation(True),
        ):
            await core.executed(command)
        await core.tick(3)
        told = [p.data for b in audience.batches for p in b if p.channel == account_channel(PLAYER)]
        assert [(update.trade is None, update.automation.isActive) for update in told] == [
            (True, False),
            (True, False),
            (True, True),
            (False, True),
        ]
        *quiet, loud = told
        assert [update.reasoning for update in quiet] == [None] * 3
        assert loud.command_id == "rule-r-pl_1-1-buy-1"
        assert (loud.automation.tradesExecuted, loud.automation.rulesActive) == (1, 1)
        assert loud.reasoning == loud.automation.lastAction.reasoning
        assert loud.reasoning.endswith("by the rule Any ore: ask above 0.")


@virtual
async def test_a_trade_of_the_players_own_says_nothing_of_automation(clock: VirtualClock) -> None:
    async with running_core(clock) as core:
        audience = listening(core, account_channel(PLAYER))
        await core.executed(BUY_10)
        (update,) = (p.data for b in audience.batches for p in b if p.player_id == PLAYER)
        assert (update.automation, update.reasoning) == (None, None)
