"""How far ahead the forecasts look, in game time."""

from enum import StrEnum
from typing import Final

from sectorwars.domain.values import TICKS_PER_GAME_HOUR


class Horizon(StrEnum):
    """A horizon; the value is its name on the wire and in the database."""

    HOUR = "1h"
    SIX_HOURS = "6h"
    DAY = "24h"

    @property
    def hours(self) -> int:
        """Return the horizon in game hours."""
        return _HOURS[self]

    @property
    def ticks(self) -> int:
        """Return the horizon in ticks."""
        return _HOURS[self] * TICKS_PER_GAME_HOUR


_HOURS: Final = {Horizon.HOUR: 1, Horizon.SIX_HOURS: 6, Horizon.DAY: 24}
