"""A backtest from its task on: what is reckoned back, and a past that is forgotten meanwhile."""

from __future__ import annotations

import asyncio

import pytest
from tests.unit.application.backtest.recorded_life import (
    ALICE,
    BOB,
    RecordedLife,
    goods_both_ways,
    trader,
)

from sectorwars.application.backtest.desk import Asked
from sectorwars.application.backtest.findings import Findings
from sectorwars.application.backtest.past import read_past
from sectorwars.application.backtest.run import NO_PAST, run_backtest
from sectorwars.application.backtest.task import BacktestTask
from sectorwars.application.galaxy.catch_up import LogGapError
from sectorwars.application.rows import StockCheckpoint
from sectorwars.domain.command import SetTradeCaps, SetTradingState, Trade
from sectorwars.domain.event import TickAdvanced
from sectorwars.domain.ledger import port_account
from sectorwars.domain.market import Side
from sectorwars.domain.risk import RiskGate, TradeCaps, TradingScope, TradingState
from sectorwars.domain.values import Tick
from sectorwars.persistence.memory.market_record import MemoryMarketRecord
from sectorwars.protocol.shapes.backtest import BacktestFailure


async def asked_for(life: RecordedLife, asked: Asked) -> BacktestTask:
    """Return the task that the desk makes of what is asked for."""
    given: asyncio.Future[BacktestTask] = asyncio.get_running_loop().create_future()

    async def run(task: BacktestTask, _note: object) -> BacktestFailure:
        given.set_result(task)
        return NO_PAST

    desk = life.desk(run)
    await desk.begin(ALICE, asked)
    working = asyncio.create_task(desk.work())
    await given
    working.cancel()
    await asyncio.wait({working})
    return given.result()


async def test_wallet_and_gate_are_reckoned_back_to_the_checkpoint() -> None:
    life = await RecordedLife.born(ALICE, BOB)
    port_id = life.player(ALICE).ship.docked_port_id
    assert port_id is not None
    account = port_account(port_id)
    wallet = life.writer.world.ledger.balance(account)
    commodity, ask, bid = goods_both_ways(life)[0]
    await life.live(30)
    await life.do(BOB, Trade(Side.BUY, commodity.value, 50))
    await life.do(
        BOB, SetTradingState(TradingScope.PORT, port_id, TradingState.REDUCING, "A drill.")
    )
    await life.do(BOB, SetTradeCaps(None, TradeCaps(units_per_trade=9), "A drill."))
    await life.live(100)
    task = await asked_for(life, Asked(trader(commodity, ask + 1, bid - 1)))
    assert task.risk != RiskGate()
    past = await read_past(life.record, task)
    assert past is not None
    assert past.tick == 0
    assert past.wallet == wallet != task.wallet_credits
    assert past.risk == RiskGate()


async def test_a_halt_of_the_past_holds_from_then_on() -> None:
    life = await RecordedLife.born(ALICE, BOB)
    await life.live(20)
    commodity, ask, bid = goods_both_ways(life)[0]
    halt = SetTradingState(TradingScope.GAME, None, TradingState.HALTED, "A drill.")
    await life.do(BOB, halt)
    await life.live(50)
    tested = await life.tested(ALICE, Asked(trader(commodity, ask * 2, bid // 2)))
    assert tested.result is not None
    assert [trade.tick for trade in tested.result.trades] == [1]
    # What still stands is told once, as live.
    assert tested.result.blocked["game_halted"] == 1
    assert set(tested.result.blocked) == {"automation_cooldown", "game_halted"}


async def test_what_is_set_while_a_backtest_waits_is_nothing_to_it() -> None:
    life = await RecordedLife.born(ALICE, BOB)
    await life.live(70)
    commodity, ask, bid = goods_both_ways(life)[0]
    task = await asked_for(life, Asked(trader(commodity, ask + 1, bid - 1)))
    halt = SetTradingState(TradingScope.GAME, None, TradingState.HALTED, "A drill.")
    await life.do(BOB, halt)
    assert task.risk == RiskGate()


class ForgetfulRecord(MemoryMarketRecord):
    """Forgets the ticks up to `gone` once its checkpoint has been asked for."""

    gone = range(0)

    async def checkpoint(self, until: Tick | None) -> StockCheckpoint | None:
        found = await super().checkpoint(until)
        self._disk.log = [
            logged
            for logged in self._disk.log
            if not isinstance(logged.event, TickAdvanced) or logged.event.tick not in self.gone
        ]
        return found


async def test_a_past_that_is_forgotten_while_it_is_read_is_read_anew() -> None:
    life = await RecordedLife.born(ALICE)
    await life.live(700)
    commodity, ask, bid = goods_both_ways(life)[0]
    task = await asked_for(life, Asked(trader(commodity, ask + 1, bid - 1)))
    record = ForgetfulRecord(life.disk)
    record.gone = range(-1_000, 600)
    found = await run_backtest(task, record, life.forecasts, lambda _: None)
    assert isinstance(found, Findings)
    assert found.result.equity[0].tick == 600
    record.gone = range(650, 651)
    with pytest.raises(LogGapError):
        await run_backtest(task, record, life.forecasts, lambda _: None)


async def test_without_a_past_it_says_so() -> None:
    life = await RecordedLife.born(ALICE)
    await life.live(100)
    commodity, ask, bid = goods_both_ways(life)[0]
    task = await asked_for(life, Asked(trader(commodity, ask + 1, bid - 1)))
    life.disk.log.clear()
    assert await run_backtest(task, life.record, life.forecasts, lambda _: None) == NO_PAST


async def test_it_tells_how_far_it_is() -> None:
    life = await RecordedLife.born(ALICE)
    # Past a checkpoint of the stock.
    await life.live(700)
    commodity, ask, bid = goods_both_ways(life)[0]
    task = await asked_for(life, Asked(trader(commodity, ask + 1, bid - 1)))
    told: list[int] = []
    found = await run_backtest(task, life.record, life.forecasts, told.append)
    assert isinstance(found, Findings)
    assert found.result.market_conflicts == 0
    assert told == [14, 28, 42, 57, 71, 85]
