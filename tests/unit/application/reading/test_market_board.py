"""The figures of the last game day."""

import pytest

from sectorwars.application.reading.forecast_board import ForecastBoard
from sectorwars.application.reading.market_board import MarketBoard
from sectorwars.application.rows import IndexPrices
from sectorwars.domain.commodity import COMMODITIES, Commodity
from sectorwars.domain.values import Tick, UnixMicros

SIZE = len(COMMODITIES)


def _prices(tick: int, cents: int) -> IndexPrices:
    return IndexPrices(
        Tick(tick),
        index=(cents,) * SIZE,
        bid=(cents - 4,) * SIZE,
        ask=(cents + 4,) * SIZE,
        volume=(0,) * SIZE,
    )


def _board(*cents: int) -> MarketBoard:
    board = MarketBoard(ForecastBoard())
    for tick, price in enumerate(cents):
        board.post(_prices(tick, price), UnixMicros(tick))
    return board


def test_figures_cover_all_that_was_posted() -> None:
    ore = _board(1_000, 1_500, 900, 1_250).realtime(Commodity.ORE, 77)
    assert (ore.price, ore.bid, ore.ask) == (12.5, 12.46, 12.54)
    assert (ore.high_24h, ore.low_24h, ore.change_24h) == (15.0, 9.0, 25.0)
    assert (ore.volume_24h, ore.version) == (77, 3)
    assert (ore.as_of, ore.game_time) == (
        "1970-01-01T00:00:00.000003Z", "2102-01-01T00:03:00.000000Z",
    )  # fmt: skip


def test_a_price_leaves_the_figures_after_a_game_day() -> None:
    spike = _board(9_000, *[1_000] * 1_440).realtime(Commodity.ORE, 0)
    assert (spike.high_24h, spike.change_24h) == (90.0, -88.89)
    gone = _board(9_000, *[1_000] * 1_441).realtime(Commodity.ORE, 0)
    assert (gone.high_24h, gone.change_24h) == (10.0, 0.0)


@pytest.mark.parametrize(
    ("hour_ago", "now", "trend"), [(1_000, 1_001, "up"), (1_000, 999, "down"), (7, 7, "flat")]
)
def test_the_trend_compares_with_an_hour_ago(hour_ago: int, now: int, trend: str) -> None:
    between = [5_000] * 59
    assert _board(400, hour_ago, *between, now).realtime(Commodity.ORE, 0).trend == trend


def test_before_an_hour_has_passed_the_trend_compares_with_the_first_tick() -> None:
    assert _board(100, 900, 200).realtime(Commodity.ORE, 0).trend == "up"
