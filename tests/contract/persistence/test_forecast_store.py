"""What every store of forecasts does, in memory and in PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import fields

import asyncpg
import numpy as np
import pytest
from tests.forecast_rows import forecast

from sectorwars.application.ports import (
    ForecastStore,
    StoreUnavailableError,
)
from sectorwars.clock import SystemClock
from sectorwars.domain.commodity import COMMODITIES, Commodity
from sectorwars.domain.values import Tick
from sectorwars.forecasting.horizon import Horizon
from sectorwars.forecasting.scoring import Outcomes
from sectorwars.persistence.memory.forecast_store import MemoryForecastStore
from sectorwars.persistence.postgres.connection import Pool, open_pool
from sectorwars.persistence.postgres.forecast_store import PostgresForecastStore

NOW = SystemClock().now()
INDEX = tuple(5_000 + 10 * good for good in range(len(COMMODITIES)))


@pytest.fixture(params=["memory", "postgres"])
async def store(request: pytest.FixtureRequest) -> AsyncIterator[ForecastStore]:
    if request.param == "memory":
        yield MemoryForecastStore(SystemClock().now)
    else:
        pool = await open_pool(request.getfixturevalue("database_url"), connections_max=2)
        yield PostgresForecastStore(pool)
        await pool.close()


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[Pool]:
    opened = await open_pool(database_url, connections_max=1)
    yield opened
    await opened.close()


async def test_forecasts_come_back_as_they_were_made(store: ForecastStore) -> None:
    made = [
        forecast(),
        forecast(commodity=Commodity.EXOTIC_TECHNOLOGY, reference_cents=150_000, edge=False),
        forecast(horizon=Horizon.DAY, risk_level="high", confidence_percent=50),
    ]
    await store.add(made)
    assert await store.latest() == made


async def test_what_was_published_is_told_with_when(store: ForecastStore) -> None:
    made = [forecast(made_at=Tick(made_at)) for made_at in (0, 60, 120)]
    for one in made:
        await store.add([one, forecast(made_at=one.made_at, horizon=Horizon.DAY)])
    published = await store.published(Tick(0), Tick(120))
    assert [row.forecast for row in published] == made[1:]
    assert NOW <= published[0].published_at <= published[1].published_at
    # Stored once more, it was published when it was first.
    await store.add(made)
    assert await store.published(Tick(0), Tick(120)) == published


async def test_only_the_last_made_are_the_latest(store: ForecastStore) -> None:
    assert await store.latest() == []
    for made_at in (-60, 0, 60):
        await store.add([forecast(made_at=Tick(made_at))])
    assert await store.latest() == [forecast(made_at=Tick(60))]


async def test_a_stored_forecast_is_not_replaced(store: ForecastStore) -> None:
    await store.add([forecast()])
    await store.add([forecast(predicted_cents=4_000), forecast(horizon=Horizon.DAY)])
    assert await store.latest() == [forecast(), forecast(horizon=Horizon.DAY)]


async def test_what_fell_due_awaits_its_score_once(store: ForecastStore) -> None:
    await store.add([forecast(), forecast(horizon=Horizon.SIX_HOURS)])
    await store.add([forecast(made_at=Tick(60))])
    assert await store.unscored(Tick(59)) == []
    assert await store.unscored(Tick(400)) == [60, 120, 360]
    await store.score(Tick(60), INDEX)
    assert await store.unscored(Tick(400)) == [120, 360]
    assert await store.outcomes("linear-test", Tick(-1)) != {}


async def test_outcomes_are_changes_against_the_reference(store: ForecastStore) -> None:
    await store.add(
        [
            forecast(),
            forecast(commodity=Commodity.MINERALS, predicted_cents=4_990, low_80_cents=4_950),
            forecast(horizon=Horizon.SIX_HOURS),
        ]
    )
    await store.score(Tick(60), (5_000, 5_060, *INDEX[2:]))
    found = await store.outcomes("linear-test", Tick(-1))
    assert set(found) == {Horizon.HOUR}
    # The goods of one moment come in the order of their names.
    _equal(
        found[Horizon.HOUR],
        Outcomes(
            predicted=np.array([-10.0, 100.0]),
            actual=np.array([60.0, 0.0]),
            confidence=np.array([0.8, 0.8]),
            apart=np.array([True, True]),
            within_80=np.array([True, False]),
            within_95=np.array([True, True]),
            baselines={
                "persistence": np.array([-1, -1]),
                "drift": np.array([1, 1]),
                "mean_reversion": np.array([0, 0]),
            },
        ),
    )


async def test_outcomes_are_of_one_model_and_a_span_oldest_first(store: ForecastStore) -> None:
    for made_at in (120, 0, 60):
        at = Tick(made_at)
        await store.add([forecast(made_at=at, predicted_cents=5_001 + made_at)])
        await store.add([forecast(made_at=at, commodity=Commodity.FUEL, model_id="linear-other")])
        await store.score(Tick(made_at + 60), INDEX)
    found = await store.outcomes("linear-test", Tick(0))
    assert list(found[Horizon.HOUR].predicted) == [61.0, 121.0]
    assert await store.outcomes("linear-unknown", Tick(-1)) == {}


async def test_windows_apart_are_whole_horizons_apart(store: ForecastStore) -> None:
    for made_at in range(-360, 361, 60):
        await store.add([forecast(made_at=Tick(made_at), horizon=Horizon.SIX_HOURS)])
        await store.score(Tick(made_at + 360), INDEX)
    apart = (await store.outcomes("linear-test", Tick(-999)))[Horizon.SIX_HOURS].apart
    assert list(np.flatnonzero(apart)) == [0, 6, 12]


async def test_the_first_score_stays(store: ForecastStore) -> None:
    await store.add([forecast()])
    await store.score(Tick(60), INDEX)
    await store.score(Tick(60), tuple(9_999 for _ in INDEX))
    found = await store.outcomes("linear-test", Tick(-1))
    assert list(found[Horizon.HOUR].actual) == [0.0]


async def test_people_read_credits_and_shares(pool: Pool) -> None:
    store = PostgresForecastStore(pool)
    await store.add([forecast()])
    await store.score(Tick(60), INDEX)
    row = await pool.fetchrow(
        "SELECT reference_price::text, predicted_price::text, actual_price::text,"
        " real_time_confidence::text, horizon, websocket_broadcast FROM ai_market_predictions"
    )
    assert tuple(row) == ("50.00", "51.00", "50.00", "0.80", "1h", True)


@pytest.mark.parametrize(
    "change",
    [
        "predicted_price = 60",
        "real_time_confidence = 0.99",
        "made_at_tick = made_at_tick + 1",
        "actual_price = 70",
        "actual_price = NULL",
    ],
)
async def test_the_database_lets_nobody_change_a_scored_forecast(pool: Pool, change: str) -> None:
    store = PostgresForecastStore(pool)
    await store.add([forecast()])
    await store.score(Tick(60), INDEX)
    with pytest.raises(asyncpg.RaiseError, match="cannot be changed"):
        await pool.execute(f"UPDATE ai_market_predictions SET {change}")  # noqa: S608


async def test_a_database_that_is_away_is_said_to_be(database_url: str) -> None:
    pool = await open_pool(database_url, connections_max=1)
    store = PostgresForecastStore(pool)
    await pool.close()
    with pytest.raises(StoreUnavailableError):
        await store.latest()


def _equal(found: Outcomes, expected: Outcomes) -> None:
    for member in fields(Outcomes):
        if member.name != "baselines":
            np.testing.assert_array_equal(
                getattr(found, member.name), getattr(expected, member.name), member.name
            )
    for name, directions in expected.baselines.items():
        np.testing.assert_array_equal(found.baselines[name], directions)
