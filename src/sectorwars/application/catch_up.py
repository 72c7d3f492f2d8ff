"""What was committed while somebody was not told, from the log."""

from collections.abc import AsyncIterator
from typing import Final

from sectorwars.application.ports import (
    EventStore,
    MarketArchive,
)
from sectorwars.application.projection import Committed
from sectorwars.application.rows import IndexPrices
from sectorwars.domain.event import TickAdvanced
from sectorwars.domain.values import Tick

_PAGE: Final = 1_000


class LogGapError(Exception):
    """The log does not keep any more all that followed an offset: one has to load anew."""


async def committed_after(
    store: EventStore, archive: MarketArchive, offset: int
) -> AsyncIterator[Committed]:
    """Yield what was committed after `offset` in pages, up to the head of the log.

    Raises:
        LogGapError: some of it is not kept any more.
        StoreUnavailableError: the store cannot be reached.
    """
    while events := await store.events_after(offset, _PAGE):
        if events[-1].offset != offset + len(events):
            raise LogGapError(f"Events between {offset} and {events[-1].offset} are gone.")
        ticks = [logged.event.tick for logged in events if isinstance(logged.event, TickAdvanced)]
        prices: list[IndexPrices] = []
        if ticks:
            prices = await archive.index_prices(Tick(ticks[0] - 1), len(ticks))
        offset = events[-1].offset
        yield Committed(tuple(events), tuple(prices))
