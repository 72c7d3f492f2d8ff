"""The world as everybody but the writer sees it: committed events only."""

from collections.abc import Callable

from sectorwars.application.reading.market_board import MarketBoard
from sectorwars.application.rows import (
    IndexPrices,
    LoggedEvent,
)
from sectorwars.domain.event import Event, TickAdvanced
from sectorwars.domain.record import record
from sectorwars.engine.apply import apply
from sectorwars.engine.world import World


@record
class Committed:
    """A batch that is durable, as its readers need it."""

    events: tuple[LoggedEvent, ...]
    index_prices: tuple[IndexPrices, ...]


class Projection:
    """A second world, fed by the same `apply` after each commit."""

    def __init__(self, world: World, board: MarketBoard, offset: int) -> None:
        """Start from a world that has seen all events up to `offset`."""
        self.world = world
        self.board = board
        self.offset = offset

    def apply(
        self, committed: Committed, after_each: Callable[[Event], None] | None = None
    ) -> None:
        """Take over a committed batch; `after_each` sees the world as each event left it."""
        prices = iter(committed.index_prices)
        for logged in committed.events:
            apply(self.world, logged.event)
            if isinstance(logged.event, TickAdvanced):
                self.board.post(next(prices), logged.event.at)
            self.offset = logged.offset
            if after_each is not None:
                after_each(logged.event)
