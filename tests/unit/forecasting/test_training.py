"""Training sees the past only, is deterministic, and judges on universes apart."""

from dataclasses import replace

import numpy as np
import pytest
from tests.forecast_rows import wavy_universe

from sectorwars.domain.commodity import COMMODITIES
from sectorwars.forecasting.champion import Champion
from sectorwars.forecasting.features import price_history
from sectorwars.forecasting.horizon import Horizon
from sectorwars.forecasting.training import Universe, examples, is_skilful, judge_champion, train

ROWS = 1_100


@pytest.fixture(scope="module")
def champion() -> Champion:
    return train([wavy_universe(1, ROWS)], [wavy_universe(2, ROWS)], [wavy_universe(3, ROWS)])


def test_features_at_an_hour_are_blind_to_what_comes_later() -> None:
    universe = wavy_universe(1, ROWS)
    last = 780
    altered = [*universe.cents[: last + 1], *(tuple([1] * 10) for _ in range(last + 1, ROWS))]
    before, after = examples(universe), examples(Universe(1, universe.start, altered))
    for horizon in Horizon:
        kept = 10 * sum(1 for row in range(576, last + 1) if row % 12 == 0)
        assert kept > 100
        np.testing.assert_array_equal(
            before[horizon].features[:kept], after[horizon].features[:kept]
        )
        assert not np.array_equal(before[horizon].features[kept:], after[horizon].features[kept:])
        assert not np.array_equal(before[horizon].returns, after[horizon].returns)


def test_returns_are_those_of_the_horizon_ahead() -> None:
    universe = wavy_universe(1, ROWS)
    seen = examples(universe)[Horizon.SIX_HOURS]
    then, now = universe.cents[576 + 72], universe.cents[576]
    np.testing.assert_allclose(seen.returns[:10], np.log(np.array(then) / np.array(now)))


def test_windows_that_are_marked_do_not_overlap() -> None:
    seen = examples(wavy_universe(1, ROWS))[Horizon.DAY]
    hours = np.flatnonzero(seen.apart[:: len(COMMODITIES)])
    assert len(hours) >= 1
    assert (np.diff(hours) >= 24).all()


def test_what_the_calendar_decides_is_foretold(champion: Champion) -> None:
    for model in champion.horizons.values():
        assert model.record.hit_rate is not None
        assert model.record.hit_rate > 0.85
    assert champion.horizons[Horizon.HOUR].skilful


def test_the_same_universes_give_the_same_champion(champion: Champion) -> None:
    again = train([wavy_universe(1, ROWS)], [wavy_universe(2, ROWS)], [wavy_universe(3, ROWS)])
    other = train([wavy_universe(4, ROWS)], [wavy_universe(2, ROWS)], [wavy_universe(3, ROWS)])
    assert again.model_id == champion.model_id
    assert other.model_id != champion.model_id


def test_judging_it_anew_gives_the_record_it_was_shipped_with(champion: Champion) -> None:
    judged = judge_champion(champion, [wavy_universe(3, ROWS)])
    assert judged == {horizon: model.record for horizon, model in champion.horizons.items()}


def test_progress_is_told_of_every_universe() -> None:
    told: list[None] = []
    universes = [wavy_universe(seed, ROWS) for seed in (1, 2, 3)]
    train(universes[:1], universes[1:2], universes[2:], lambda: told.append(None))
    assert len(told) == 3


def test_universes_that_are_too_short_are_refused() -> None:
    with pytest.raises(ValueError, match="no universe is long enough"):
        train([wavy_universe(1, 600)], [wavy_universe(2, 600)], [wavy_universe(3, 600)])


def test_skill_is_more_than_chance_and_more_than_the_commoner_direction(
    champion: Champion,
) -> None:
    record = champion.horizons[Horizon.HOUR].record
    assert is_skilful(record)
    assert not is_skilful(replace(record, p_value=0.2))
    assert not is_skilful(replace(record, p_value=None))
    assert not is_skilful(replace(record, ci_low=0.6, base_rate=0.65))


def test_a_forecast_is_what_judging_counts(champion: Champion) -> None:
    """Live forecasts and the walk through a universe are one code: directions must agree."""
    universe = wavy_universe(3, ROWS)
    row = 600
    past = price_history(universe.start + 5 * row, universe.cents[: row + 1])
    made = [f for f in champion.forecast(past) if f.horizon is Horizon.HOUR]
    seen = examples(universe)[Horizon.HOUR].features
    place = 10 * sum(1 for earlier in range(576, row) if earlier % 12 == 0)
    expected = champion.horizons[Horizon.HOUR].linear.predict(seen[place : place + 10])
    assert [f.predicted_cents > f.reference_cents for f in made] == list(expected > 0)
