"""The scoreboard: figures from rows, kept for a game hour."""

from tests.forecast_rows import forecast

from sectorwars.application.forecasts.scoreboard import ForecastScoreboard
from sectorwars.domain.commodity import COMMODITIES
from sectorwars.domain.values import Tick
from sectorwars.persistence.memory.forecast_store import MemoryForecastStore

UP = tuple(6_000 for _ in COMMODITIES)


class Counted(MemoryForecastStore):
    asked = 0

    async def outcomes(self, model_id, after):  # type: ignore[no-untyped-def]
        self.asked += 1
        return await super().outcomes(model_id, after)


async def test_each_horizon_has_its_record_and_nothing_is_null_but_what_is_unknown() -> None:
    store = MemoryForecastStore()
    await store.add([forecast(commodity=good) for good in COMMODITIES])
    await store.score(Tick(60), UP)
    record = await ForecastScoreboard(store, "linear-test", lambda: Tick(61)).performance(7)
    assert (record.days, record.game_time) == (7, "2102-01-01T01:01:00.000000Z")
    assert set(record.horizons) == {"1h", "6h", "24h"}
    hour = record.horizons["1h"]
    assert (hour.n, hour.hit_rate, hour.base_rate, hour.model_id) == (10, 1.0, 1.0, "linear-test")
    assert hour.brier is not None
    assert abs(hour.brier - 0.04) < 1e-9
    assert hour.baselines == {
        "persistence": 0.0,
        "drift": 1.0,
        "mean_reversion": None,
        "auto_ets": None,
    }
    assert hour.best_possible is None
    day = record.horizons["24h"]
    assert (day.n, day.hit_rate, day.p_value, day.coverage_80) == (0, None, None, None)


async def test_figures_are_read_anew_each_game_hour_and_for_each_span() -> None:
    store, tick = Counted(), Tick(0)
    board = ForecastScoreboard(store, "linear-test", lambda: tick)
    first = await board.performance(7)
    assert await board.performance(7) is first
    await board.performance(8)
    assert store.asked == 2
    tick = Tick(60)
    await board.performance(7)
    assert store.asked == 3


async def test_only_the_days_asked_for_count() -> None:
    store = MemoryForecastStore()
    await store.add([forecast()])
    await store.score(Tick(60), UP)
    board = ForecastScoreboard(store, "linear-test", lambda: Tick(1_440))
    assert (await board.performance(1)).horizons["1h"].n == 0
    assert (await board.performance(2)).horizons["1h"].n == 1
