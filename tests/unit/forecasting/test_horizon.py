"""Horizons in hours and ticks."""

from sectorwars.forecasting.horizon import Horizon


def test_names_hours_and_ticks_agree() -> None:
    assert {horizon.value: (horizon.hours, horizon.ticks) for horizon in Horizon} == {
        "1h": (1, 60),
        "6h": (6, 360),
        "24h": (24, 1_440),
    }
