"""A recorded past for every test of backtests."""

from __future__ import annotations

import pytest
from tests.unit.application.backtest.at_desk import (
    HOUR,
)
from tests.unit.application.backtest.recorded_life import (
    ALICE,
    BOB,
    RecordedLife,
)


@pytest.fixture
async def life() -> RecordedLife:
    """An hour and a bit of recorded past."""
    life = await RecordedLife.born(ALICE, BOB)
    await life.live(HOUR + 1)
    return life
