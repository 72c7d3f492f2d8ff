"""The board shows what stands, and takes down what is too old."""

from tests.forecast_rows import forecast

from sectorwars.application.reading.forecast_board import (
    OVERDUE_TICKS_MAX,
    ForecastBoard,
    price_forecast,
)
from sectorwars.domain.commodity import Commodity
from sectorwars.domain.values import Tick
from sectorwars.forecasting.horizon import Horizon
from sectorwars.protocol.shapes.forecast import Prediction, PriceInterval


def board_at(tick: int, shown_ticks_max: int = 300) -> ForecastBoard:
    board = ForecastBoard(shown_ticks_max)
    board.post([forecast(), forecast(horizon=Horizon.DAY, confidence_percent=61)])
    board.advance(Tick(tick))
    return board


def test_nothing_is_shown_before_the_market_opens() -> None:
    board = ForecastBoard()
    board.post([forecast()])
    assert board.forecast(Commodity.ORE, Horizon.HOUR) is None
    assert board.prediction(Commodity.ORE) is None
    assert board.confidence_milli(Commodity.ORE) is None


def test_market_figures_and_rules_read_the_next_horizon() -> None:
    board = board_at(5)
    assert board.prediction(Commodity.ORE) == Prediction(
        "1h", 50.0, 51.0, 0.8, "Expected +2.0%, direction right 80 in 100 times.", "low"
    )
    assert board.confidence_milli(Commodity.ORE) == 800
    assert board.prediction(Commodity.FUEL) is None


def test_old_forecasts_are_taken_down() -> None:
    board = board_at(299, shown_ticks_max=300)
    assert board.forecast(Commodity.ORE, Horizon.DAY) is not None
    board.advance(Tick(300))
    assert board.forecast(Commodity.ORE, Horizon.DAY) is None
    newer = forecast(made_at=Tick(300))
    board.post([newer])
    assert board.forecast(Commodity.ORE, Horizon.HOUR) == newer


def test_a_forecast_long_overdue_is_taken_down_though_it_might_be_shown_longer() -> None:
    due_at = forecast().due_at
    board = board_at(due_at + OVERDUE_TICKS_MAX - 1)
    assert board.prediction(Commodity.ORE) is not None
    board.advance(Tick(due_at + OVERDUE_TICKS_MAX))
    assert board.prediction(Commodity.ORE) is None
    assert board.forecast(Commodity.ORE, Horizon.DAY) is not None


def test_none_is_shown_where_none_may_be() -> None:
    assert board_at(0, shown_ticks_max=1).prediction(Commodity.ORE) is not None
    assert board_at(0, shown_ticks_max=0).prediction(Commodity.ORE) is None


def test_the_wire_shape_says_direction_interval_and_dates() -> None:
    shown = price_forecast(forecast(predicted_cents=4_900, low_95_cents=4_800))
    assert shown.direction == "down"
    assert (shown.reference_price, shown.predicted_price) == (50.0, 49.0)
    assert shown.interval_80 == PriceInterval(50.5, 51.5)
    assert shown.interval_95 == PriceInterval(48.0, 53.0)
    assert shown.made_at == "2102-01-01T00:00:00.000000Z"
    assert shown.due_at == "2102-01-01T01:00:00.000000Z"
    assert price_forecast(forecast()).direction == "up"
