"""The forecasts that a rule could have known at a moment of the past, and no later ones."""

from collections import deque
from collections.abc import Iterable
from operator import attrgetter

from sectorwars.application.reading.forecast_board import ForecastBoard
from sectorwars.application.rows import PublishedForecast
from sectorwars.domain.commodity import Commodity
from sectorwars.domain.values import Tick, UnixMicros


class KnownForecasts:
    """Puts forecasts up on a board of its own when they had been published."""

    def __init__(self, published: Iterable[PublishedForecast], shown_ticks_max: int) -> None:
        """Take what was published, in any order; each was shown for `shown_ticks_max` ticks."""
        self._coming = deque(sorted(published, key=attrgetter("published_at")))
        self._board = ForecastBoard(shown_ticks_max)

    def advance(self, tick: Tick, at: UnixMicros) -> None:
        """Go on to the moment `at` at which the rules were judged on `tick`."""
        while self._coming and self._coming[0].published_at < at:
            self._board.post([self._coming.popleft().forecast])
        # As for the writer, whose board is that of the last committed tick.
        self._board.advance(Tick(tick - 1))

    def confidence_milli(self, commodity: Commodity) -> int | None:
        """Return the confidence of a good's next forecast in thousandths, or None."""
        return self._board.confidence_milli(commodity)
