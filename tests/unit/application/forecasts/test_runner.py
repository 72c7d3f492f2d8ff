"""The runner on a virtual market: stored before shown, scored once, over restarts and failures."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from tests.forecast_rows import forecast, wavy_universe
from tests.unit.application.audience import Audience

from sectorwars.application.forecasts.champion import load_champion
from sectorwars.application.forecasts.runner import ForecastRunner
from sectorwars.application.ports import StoreUnavailableError
from sectorwars.application.reading.forecast_board import ForecastBoard, price_forecast
from sectorwars.application.reading.projection import Committed
from sectorwars.application.rows import (
    IndexCandle,
    IndexPrices,
    LoggedEvent,
)
from sectorwars.domain.commodity import COMMODITIES, Commodity
from sectorwars.domain.event import TickAdvanced
from sectorwars.domain.values import Tick, UnixMicros
from sectorwars.forecasting.champion import Forecast
from sectorwars.forecasting.horizon import Horizon
from sectorwars.persistence.memory.disk import MemoryDisk
from sectorwars.persistence.memory.forecast_store import MemoryForecastStore
from sectorwars.persistence.memory.market_archive import MemoryMarketArchive
from sectorwars.protocol.publication import PREDICTIONS_CHANNEL, FrameType

CHAMPION = load_champion()
UNIVERSE = wavy_universe(5, 1_400)
NOTHING = (0,) * len(COMMODITIES)


def index_at(tick: int) -> tuple[int, ...]:
    """Return the index at a tick; between the rows of the universe it stands still."""
    return tuple(UNIVERSE.cents[(tick - UNIVERSE.start) // 5])


def candle(interval: str, start: int, ticks: int) -> IndexCandle:
    opened, closed = index_at(start), index_at(start + ticks)
    return IndexCandle(interval, Tick(start), opened, opened, closed, closed, NOTHING)  # type: ignore[arg-type]


def committed_at(tick: int) -> UnixMicros:
    return UnixMicros(tick * 1_000_000)


class FailingStore(MemoryForecastStore):
    """A store that is away, or has a bug, when told to."""

    failure: Exception | None = None
    added = 0

    async def add(self, forecasts: Sequence[Forecast]) -> None:
        if self.failure is not None:
            raise self.failure
        await super().add(forecasts)
        self.added += 1


class Market:
    """Candles on a disk, a store and a runner; time passes tick by tick."""

    def __init__(self, tick: int = 0) -> None:
        self.tick = tick
        self.disk = MemoryDisk()
        self.store = FailingStore()
        self.audience = Audience()
        for start in range(UNIVERSE.start, tick, 5):
            self.disk.index_candles["5m", Tick(start)] = candle("5m", start, 5)
        for start in range(UNIVERSE.start, tick):
            self.disk.index_candles["1m", Tick(start)] = candle("1m", start, 1)

    async def start(self) -> None:
        """Start a server on what is stored."""
        self.board = ForecastBoard()
        self.board.advance(Tick(self.tick))
        archive = MemoryMarketArchive(self.disk)
        self.runner = ForecastRunner(CHAMPION, self.store, archive, self.board, self.audience)
        await self.runner.start(Tick(self.tick))

    async def live(self, ticks: int, *, server: bool = True) -> None:
        """Let ticks pass; without a server nobody looks at them."""
        for _ in range(ticks):
            self.disk.index_candles["1m", Tick(self.tick)] = candle("1m", self.tick, 1)
            self.tick += 1
            if self.tick % 5 == 0:
                start = self.tick - 5
                self.disk.index_candles["5m", Tick(start)] = candle("5m", start, 5)
            if not server:
                continue
            self.board.advance(Tick(self.tick))
            quotes = index_at(self.tick)
            prices = IndexPrices(Tick(self.tick), quotes, quotes, quotes, NOTHING)
            ticked = TickAdvanced(Tick(self.tick), committed_at(self.tick), ())
            self.runner.committed(Committed((LoggedEvent(self.tick, ticked),), (prices,)))
            if self.tick % 60 == 0:
                await self.runner.work()


async def test_forecasts_exist_in_the_first_second() -> None:
    market = Market()
    await market.start()
    made = await market.store.latest()
    assert len(made) == 30
    assert {f.made_at for f in made} == {0}
    shown = market.board.forecast(Commodity.ORE, Horizon.DAY)
    assert shown in made


async def test_without_a_past_there_are_none() -> None:
    market = Market()
    market.disk.index_candles.clear()
    await market.start()
    assert await market.store.latest() == []
    assert market.board.prediction(Commodity.ORE) is None


async def test_each_hour_has_its_forecasts_from_the_prices_of_that_hour() -> None:
    market = Market()
    await market.start()
    await market.live(125)
    made = await market.store.latest()
    assert {f.made_at for f in made} == {120}
    ore = next(f for f in made if f.commodity is Commodity.ORE and f.horizon is Horizon.HOUR)
    assert ore.reference_cents == index_at(120)[0]
    assert market.board.forecast(Commodity.ORE, Horizon.HOUR) == ore


async def test_others_are_told_when_new_forecasts_stand_in_the_store() -> None:
    market = Market()
    await market.start()
    told: list[int] = []
    market.runner.on_stored(lambda: told.append(market.store.added))
    await market.live(60)
    assert told == [2]
    market.store.failure = StoreUnavailableError("away")
    await market.live(60)
    assert told == [2]


async def test_what_falls_due_is_scored_with_the_index_of_that_tick() -> None:
    market = Market()
    await market.start()
    first = {f.commodity: f for f in await market.store.latest() if f.horizon is Horizon.HOUR}
    await market.live(59)
    assert await market.store.outcomes(CHAMPION.model_id, Tick(-1)) == {}
    await market.live(1)
    scored = (await market.store.outcomes(CHAMPION.model_id, Tick(-1)))[Horizon.HOUR]
    by_name = sorted(COMMODITIES)
    index = dict(zip(COMMODITIES, index_at(60), strict=True))
    assert list(scored.actual) == [index[good] - first[good].reference_cents for good in by_name]


async def test_a_restart_shows_what_is_stored_and_forecasts_no_hour_twice() -> None:
    market = Market()
    await market.start()
    await market.live(90)
    before = await market.store.latest()
    await market.start()
    assert await market.store.latest() == before
    assert market.board.forecast(Commodity.ORE, Horizon.HOUR) in before
    await market.live(30)
    assert {f.made_at for f in await market.store.latest()} == {120}


async def test_what_fell_due_unseen_is_scored_after_the_start() -> None:
    market = Market()
    await market.start()
    await market.live(130, server=False)
    await market.start()
    assert await market.store.unscored(Tick(market.tick)) == []
    scored = (await market.store.outcomes(CHAMPION.model_id, Tick(-1)))[Horizon.HOUR]
    assert len(scored.actual) == 10
    # Nobody forecast while the server was away, and nobody pretends to have.
    assert {f.made_at for f in await market.store.latest()} == {0}


@pytest.mark.parametrize("failure", [StoreUnavailableError("away"), ZeroDivisionError("a bug")])
async def test_what_could_not_be_stored_is_not_shown(failure: Exception) -> None:
    market = Market()
    await market.start()
    market.store.failure = failure
    await market.live(60)
    shown = market.board.forecast(Commodity.ORE, Horizon.HOUR)
    assert shown is not None
    assert shown.made_at == 0
    await market.live(60)
    assert market.board.forecast(Commodity.ORE, Horizon.HOUR) is None
    market.store.failure = None
    await market.live(60)
    assert {f.made_at for f in await market.store.latest()} == {180}
    # The scores that were missed are made up for.
    assert await market.store.unscored(Tick(market.tick)) == []


async def test_a_hole_in_the_candles_is_no_score() -> None:
    market = Market()
    await market.store.add([forecast(made_at=Tick(-180)), forecast(made_at=Tick(-120))])
    del market.disk.index_candles["1m", Tick(-121)]
    await market.start()
    # What is due later is scored all the same, and forecasts go on.
    assert await market.store.unscored(Tick(0)) == [Tick(-120)]
    assert {f.made_at for f in await market.store.latest()} == {0}


async def test_without_candles_nothing_is_scored() -> None:
    market = Market()
    await market.store.add([forecast(made_at=Tick(-120))])
    market.disk.index_candles.clear()
    await market.start()
    assert await market.store.unscored(Tick(0)) == [Tick(-60)]


async def test_each_hour_s_forecasts_are_published_once_as_they_are_shown() -> None:
    market = Market()
    await market.start()
    market.audience.wanted = (PREDICTIONS_CHANNEL,)
    await market.live(125)
    first, second = market.audience.told(PREDICTIONS_CHANNEL)
    assert (first.at, second.at) == (committed_at(60), committed_at(120))
    for publication in (first, second):
        assert publication.type is FrameType.TRADING_SIGNAL
        assert (publication.conflatable, publication.player_id) == (True, None)
    shown = [price_forecast(each) for each in await market.store.latest()]
    assert second.data.type == "predictions"
    assert len(second.data.forecasts) == len(COMMODITIES) * len(Horizon)
    assert sorted(second.data.forecasts, key=repr) == sorted(shown, key=repr)
    assert second.data == market.board.signal()


async def test_other_processes_know_of_forecasts_before_they_are_published() -> None:
    market = Market()
    await market.start()
    market.audience.wanted = (PREDICTIONS_CHANNEL,)
    published_before: list[int] = []
    market.runner.on_stored(lambda: published_before.append(len(market.audience.batches)))
    await market.live(120)
    assert published_before == [0, 1]


async def test_forecasts_that_nobody_listens_to_or_that_are_not_stored_are_not_published() -> None:
    market = Market()
    await market.start()
    await market.live(60)
    assert market.audience.batches == []
    market.audience.wanted = (PREDICTIONS_CHANNEL,)
    market.store.failure = StoreUnavailableError("away")
    await market.live(60)
    assert market.audience.batches == []
