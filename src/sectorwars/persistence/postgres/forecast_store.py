"""Published forecasts on PostgreSQL, in `ai_market_predictions`."""

from collections.abc import Sequence
from typing import Any, Final

import asyncpg
import numpy as np

from sectorwars.application.rows import PublishedForecast
from sectorwars.domain.commodity import COMMODITIES, Commodity
from sectorwars.domain.values import Tick, UnixMicros
from sectorwars.forecasting.baselines import BASELINES
from sectorwars.forecasting.champion import Forecast
from sectorwars.forecasting.horizon import Horizon
from sectorwars.forecasting.scoring import Outcomes
from sectorwars.persistence.postgres.connection import Pool, acquire

# Prices go in and come out as hundredths, percentages as such; the columns are for people.
_ADD: Final = """
    INSERT INTO ai_market_predictions (
        commodity, horizon, made_at_tick, due_at_tick, model_id, reference_price,
        predicted_price, real_time_confidence, low_80, high_80, low_95, high_95, risk_level,
        edge, explanation, persistence_direction, drift_direction, mean_reversion_direction)
    SELECT commodity, horizon, made_at, due_at, model_id, reference / 100.0,
        predicted / 100.0, confidence / 100.0, low_80 / 100.0, high_80 / 100.0, low_95 / 100.0,
        high_95 / 100.0, risk_level, edge, explanation, persistence, drift, mean_reversion
    FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::text[], $6::bigint[],
        $7::bigint[], $8::int[], $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[],
        $13::text[], $14::boolean[], $15::text[], $16::smallint[], $17::smallint[],
        $18::smallint[])
        AS f (commodity, horizon, made_at, due_at, model_id, reference, predicted, confidence,
        low_80, high_80, low_95, high_95, risk_level, edge, explanation, persistence, drift,
        mean_reversion)
    ON CONFLICT (made_at_tick, horizon, commodity) WHERE port_id IS NULL DO NOTHING
"""
# Those made later than $1 and up to $2 for the horizon $3; with NULL, the last, and for all.
_MADE: Final = """
    SELECT commodity, horizon, made_at_tick, model_id,
        (reference_price * 100)::bigint AS reference_cents,
        (predicted_price * 100)::bigint AS predicted_cents,
        (real_time_confidence * 100)::int AS confidence_percent,
        (low_80 * 100)::bigint AS low_80_cents, (high_80 * 100)::bigint AS high_80_cents,
        (low_95 * 100)::bigint AS low_95_cents, (high_95 * 100)::bigint AS high_95_cents,
        risk_level, edge, explanation,
        persistence_direction, drift_direction, mean_reversion_direction,
        (extract(epoch FROM created_at) * 1000000)::bigint AS published_at_us
    FROM ai_market_predictions
    WHERE port_id IS NULL
        AND made_at_tick > coalesce($1::bigint, (
            SELECT max(made_at_tick) - 1 FROM ai_market_predictions WHERE port_id IS NULL))
        AND made_at_tick <= coalesce($2::bigint, made_at_tick)
        AND horizon = coalesce($3::text, horizon)
    ORDER BY prediction_id
"""
_UNSCORED: Final = """
    SELECT DISTINCT due_at_tick FROM ai_market_predictions
    WHERE actual_price IS NULL AND due_at_tick <= $1 ORDER BY due_at_tick
"""
_SCORE: Final = """
    UPDATE ai_market_predictions p SET actual_price = a.cents / 100.0
    FROM unnest($2::text[], $3::bigint[]) AS a (commodity, cents)
    WHERE p.due_at_tick = $1 AND p.actual_price IS NULL AND p.port_id IS NULL
        AND p.commodity = a.commodity
"""
# One row for each horizon: arrays are read many times faster than rows.
_OUTCOMES: Final = """
    SELECT horizon, array_agg(made_at_tick),
        array_agg(((predicted_price - reference_price) * 100)::bigint),
        array_agg(((actual_price - reference_price) * 100)::bigint),
        array_agg((real_time_confidence * 100)::int),
        array_agg(actual_price BETWEEN low_80 AND high_80),
        array_agg(actual_price BETWEEN low_95 AND high_95),
        array_agg(persistence_direction), array_agg(drift_direction),
        array_agg(mean_reversion_direction)
    FROM (SELECT * FROM ai_market_predictions
        WHERE port_id IS NULL AND actual_price IS NOT NULL AND model_id = $1
            AND made_at_tick > $2
        ORDER BY made_at_tick, commodity) scored
    GROUP BY horizon
"""

_PLAIN_COLUMNS: Final = (
    "model_id",
    "reference_cents",
    "predicted_cents",
    "confidence_percent",
    "low_80_cents",
    "high_80_cents",
    "low_95_cents",
    "high_95_cents",
    "risk_level",
    "edge",
    "explanation",
)


class PostgresForecastStore:
    """Every method raises StoreUnavailableError where the database cannot be reached."""

    def __init__(self, pool: Pool) -> None:
        """Keep forecasts over connections of `pool`."""
        self._pool = pool

    async def add(self, forecasts: Sequence[Forecast]) -> None:
        """Store forecasts, all or nothing; those stored already are left as they are."""
        columns = zip(*(_row(forecast) for forecast in forecasts), strict=True)
        await self._fetch(_ADD, *map(list, columns))

    async def latest(self) -> list[Forecast]:
        """Return the forecasts that were made last."""
        return [_forecast(record) for record in await self._fetch(_MADE, None, None, None)]

    async def published(self, after: Tick, until: Tick) -> list[PublishedForecast]:
        """Return the forecasts for the next horizon made later than `after`, up to `until`."""
        return [
            PublishedForecast(_forecast(record), UnixMicros(record["published_at_us"]))
            for record in await self._fetch(_MADE, after, until, Horizon.HOUR.value)
        ]

    async def unscored(self, until: Tick) -> list[Tick]:
        """Return the ticks up to `until` at which forecasts fell due that await their score."""
        return [Tick(tick) for (tick,) in await self._fetch(_UNSCORED, until)]

    async def score(self, due_at: Tick, index: Sequence[int]) -> None:
        """Note the index at a tick, in hundredths by COMMODITIES, with the forecasts due then."""
        goods = [good.value for good in COMMODITIES]
        await self._fetch(_SCORE, due_at, goods, list(index))

    async def outcomes(self, model_id: str, after: Tick) -> dict[Horizon, Outcomes]:
        """Return a model's scored forecasts made later than `after`, oldest first."""
        records = await self._fetch(_OUTCOMES, model_id, after)
        return {Horizon(record[0]): _outcomes(record) for record in records}

    async def _fetch(self, query: str, *arguments: object) -> list[asyncpg.Record]:
        async with acquire(self._pool) as connection:
            return await connection.fetch(query, *arguments)


def _row(forecast: Forecast) -> tuple[Any, ...]:
    return (
        forecast.commodity.value,
        forecast.horizon.value,
        forecast.made_at,
        forecast.due_at,
        forecast.model_id,
        forecast.reference_cents,
        forecast.predicted_cents,
        forecast.confidence_percent,
        forecast.low_80_cents,
        forecast.high_80_cents,
        forecast.low_95_cents,
        forecast.high_95_cents,
        forecast.risk_level,
        forecast.edge,
        forecast.explanation,
        *(forecast.baselines[name] for name in BASELINES),
    )


def _forecast(record: asyncpg.Record) -> Forecast:
    return Forecast(
        commodity=Commodity(record["commodity"]),
        horizon=Horizon(record["horizon"]),
        made_at=Tick(record["made_at_tick"]),
        baselines={name: record[f"{name}_direction"] for name in BASELINES},
        **{name: record[name] for name in _PLAIN_COLUMNS},
    )


def _outcomes(record: asyncpg.Record) -> Outcomes:
    horizon, made_at, predicted, actual, percent, within_80, within_95, *called = record
    return Outcomes(
        predicted=np.array(predicted, dtype=np.float64),
        actual=np.array(actual, dtype=np.float64),
        confidence=np.array(percent, dtype=np.float64) / 100,
        apart=np.array(made_at) % Horizon(horizon).ticks == 0,
        within_80=np.array(within_80, dtype=np.bool_),
        within_95=np.array(within_95, dtype=np.bool_),
        baselines={
            name: np.array(directions, dtype=np.int64)
            for name, directions in zip(BASELINES, called, strict=True)
        },
    )
