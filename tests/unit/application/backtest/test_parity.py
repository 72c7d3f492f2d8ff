"""A backtest over a stretch in which a rule traded comes to the trades that it made."""

from __future__ import annotations

import pytest
from tests.unit.application.backtest.recorded_life import (
    ALICE,
    BOB,
    RecordedLife,
    goods_both_ways,
    trader,
)

from sectorwars.application.backtest.desk import Asked
from sectorwars.application.reading.trade_views import trade_report
from sectorwars.domain.command import PlaceOrder, RequestQuote, Trade
from sectorwars.domain.event import GoodsTraded
from sectorwars.domain.market import Side
from sectorwars.protocol.shapes.backtest import Backtest
from sectorwars.protocol.shapes.trade import TradeReport


def shape(trade: TradeReport) -> tuple[object, ...]:
    """All of a trade but its id."""
    return tuple(getattr(trade, name) for name in TradeReport.__slots__ if name not in {"trade_id"})


def told(backtest: Backtest) -> list[tuple[object, ...]]:
    assert backtest.result is not None, backtest.failure
    return [shape(found.trade) for found in backtest.result.trades]


def lived(trades: list[GoodsTraded]) -> list[tuple[object, ...]]:
    return [shape(trade_report(trade)) for trade in trades]


@pytest.mark.parametrize("noise", [False, True])
async def test_a_backtest_of_a_recorded_stretch_trades_as_the_rule_did(noise: bool) -> None:
    life = await RecordedLife.born(ALICE, BOB)
    await life.live(70)
    goods = goods_both_ways(life)
    assert len(goods) >= 2
    began, stake = life.tick, life.writer.world.credits(ALICE)
    rules = await life.automate(
        ALICE, *(trader(commodity, ask + 1, bid - 1) for commodity, ask, bid in goods)
    )
    if not noise:
        await life.live(200)
    else:
        for step in range(100):
            commodity, ask, _ = goods[step // 10 % len(goods)]
            match step % 10:
                case 0:
                    await life.do(BOB, Trade(Side.BUY, commodity.value, 40))
                case 4 if step % 40 == 4:
                    await life.do(BOB, RequestQuote(Side.BUY, commodity.value, 3))
                case 5:
                    await life.do(BOB, Trade(Side.SELL, commodity.value, 40))
                case 7:
                    low = max(1, ask // 2)
                    await life.do(BOB, PlaceOrder(Side.BUY, commodity.value, 1, low, 5))
                case _:
                    pass
            await life.live(2)
    live = life.trades(ALICE)
    assert len(live) >= 4
    assert {trade.side for trade in live} == set(Side)
    tested = await life.tested(ALICE, Asked(rules, credits=stake, from_tick=began))
    assert told(tested) == lived(live)
    assert tested.headline is not None
    assert tested.result is not None
    assert tested.result.market_conflicts == 0
    assert tested.result.equity[-1].credits == life.writer.world.credits(ALICE)
    assert tested.headline.span.ticks == life.tick - began
