"""Candles as they close, and that a restart in the middle of a bar changes none."""

from dataclasses import dataclass, field
from itertools import pairwise

import pytest
from tests.small_galaxy import PLAYER, perform, small_world

from sectorwars.application.rows import (
    INTERVAL_TICKS,
    IndexCandle,
    PortCandle,
    TickPrices,
)
from sectorwars.application.writing.market_recorder import MarketRecorder
from sectorwars.domain.command import AdvanceTick, RegisterPlayer, Trade
from sectorwars.domain.commodity import COMMODITIES, COMMODITY_INDEX, Commodity
from sectorwars.domain.market import Side
from sectorwars.engine.market_index import index_quotes, port_mids
from sectorwars.engine.world import World

ORE = COMMODITY_INDEX[Commodity.ORE]
HOUR, DAY = 60, 1_440


@dataclass
class Recorded:
    """All that a recorder has given."""

    prices: list[TickPrices] = field(default_factory=list)
    index: list[IndexCandle] = field(default_factory=list)
    ports: list[PortCandle] = field(default_factory=list)


def _record(world: World, recorder: MarketRecorder, recorded: Recorded, ticks: int) -> None:
    """Tick, trading a little in every seventh tick."""
    for _ in range(ticks):
        if world.tick % 7 == 0:
            if world.tick % 2:
                perform(world, Trade(Side.BUY, "ore", 3))
            elif world.players[PLAYER].ship.units(Commodity.ORE) >= 2:
                perform(world, Trade(Side.SELL, "ore", 2))
        perform(world, AdvanceTick(), player_id=None)
        recording = recorder.record(world)
        recorded.prices.append(recording.prices)
        recorded.index.extend(recording.index_candles)
        recorded.ports.extend(recording.port_candles)


def _world() -> World:
    world = small_world()
    perform(world, RegisterPlayer())
    perform(world, Trade(Side.BUY, "ore", 9))
    return world


def test_a_tick_leaves_the_prices_of_its_end_and_the_volume_before_it() -> None:
    world, recorded = _world(), Recorded()
    _record(world, MarketRecorder(), recorded, 1)
    (prices,) = recorded.prices
    quotes = index_quotes(world)
    market = prices.market
    assert (market.tick, market.index, market.bid, market.ask) == (
        1, quotes.mid, quotes.bid, quotes.ask,
    )  # fmt: skip
    assert prices.port_mids == port_mids(world)
    assert market.volume[ORE] == 9 + 2
    assert sum(market.volume) == 11


def test_a_quiet_tick_has_no_volume() -> None:
    world, recorder = small_world(), MarketRecorder()
    perform(world, AdvanceTick(), player_id=None)
    assert recorder.record(world).prices.market.volume == (0,) * len(COMMODITIES)


@pytest.mark.parametrize("interval", ["5m", "1h", "1d"])
def test_longer_candles_are_made_of_minutes(interval: str) -> None:
    recorded = Recorded()
    _record(_world(), MarketRecorder(), recorded, DAY + HOUR)
    ticks = INTERVAL_TICKS[interval]  # type: ignore[index]
    minutes = [candle for candle in recorded.index if candle.interval == "1m"]
    longer = [candle for candle in recorded.index if candle.interval == interval]
    assert [candle.start for candle in longer] == list(range(0, len(minutes) - ticks + 1, ticks))
    for candle in longer:
        inside = minutes[candle.start : candle.start + ticks]
        assert candle.open[ORE] == inside[0].open[ORE]
        assert candle.high[ORE] == max(minute.high[ORE] for minute in inside)
        assert candle.low[ORE] == min(minute.low[ORE] for minute in inside)
        assert candle.close[ORE] == inside[-1].close[ORE]
        assert candle.volume[ORE] == sum(minute.volume[ORE] for minute in inside)


def test_a_minute_opens_where_the_last_one_closed() -> None:
    recorded = Recorded()
    _record(_world(), MarketRecorder(), recorded, 30)
    minutes = [candle for candle in recorded.index if candle.interval == "1m"]
    for before, after in pairwise(minutes):
        assert after.open == before.close
        assert after.high[ORE] == max(after.open[ORE], after.close[ORE])
        assert after.low[ORE] == min(after.open[ORE], after.close[ORE])


def test_a_ports_hour_spans_its_ticks() -> None:
    recorded = Recorded()
    _record(_world(), MarketRecorder(), recorded, 2 * HOUR + 5)
    second = [candle for candle in recorded.ports if candle.start == HOUR]
    assert [candle.port_index for candle in second] == [0, 1, 2]
    inside = [p.port_mids[1][0] for p in recorded.prices if HOUR <= p.tick <= 2 * HOUR]
    mine = second[1]
    assert (mine.open[0], mine.close[0]) == (inside[0], inside[-1])
    assert (mine.high[0], mine.low[0]) == (max(inside), min(inside))


@pytest.mark.parametrize("ticks", [1, 5, 60])
def test_folding_between_ticks_changes_no_candle(ticks: int) -> None:
    whole, folded = Recorded(), Recorded()
    _record(_world(), MarketRecorder(), whole, 3 * HOUR)
    world, recorder = _world(), MarketRecorder()
    for _ in range(0, 3 * HOUR, ticks):
        recorder.fold()
        recorder.fold()
        _record(world, recorder, folded, ticks)
    assert folded == whole


@pytest.mark.parametrize("restart_at", [1, 59, 60, 61, 64, 125, DAY - 1, DAY, DAY + 1])
def test_a_restart_changes_no_candle(restart_at: int) -> None:
    """The recorder is resumed with what `Galaxy` reads back from the archive."""
    whole = Recorded()
    _record(_world(), MarketRecorder(), whole, DAY + 2 * HOUR)
    world, cut = _world(), Recorded()
    _record(world, MarketRecorder(), cut, restart_at)
    day = (restart_at - 1) // DAY * DAY
    hour = (restart_at - 1) // HOUR * HOUR
    again = MarketRecorder()
    again.resume(
        [candle for candle in cut.index if candle.interval == "1m" and candle.start >= day],
        [prices for prices in cut.prices if prices.tick >= hour],
    )
    _record(world, again, cut, DAY + 2 * HOUR - restart_at)
    assert cut == whole
