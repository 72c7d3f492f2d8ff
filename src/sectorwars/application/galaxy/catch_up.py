"""What was committed while somebody was not told, from the log."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from itertools import islice
from typing import Final

from sectorwars.application.ports import (
    EventStore,
    MarketArchive,
)
from sectorwars.application.reading.projection import Committed
from sectorwars.application.rows import IndexPrices, LoggedEvent
from sectorwars.domain.event import TickAdvanced
from sectorwars.domain.values import Tick

_PAGE: Final = 1_000
_TOGETHER: Final = 50
"""So few events that taking them over holds nobody up, be they ticks of a great galaxy."""


class LogGapError(Exception):
    """The log does not keep any more all that followed an offset: one has to load anew."""


async def committed_after(
    store: EventStore, archive: MarketArchive, offset: int
) -> AsyncIterator[Committed]:
    """Yield what was committed after `offset` bit by bit, up to the head of the log.

    Between two bits others get their turn.

    Raises:
        LogGapError: some of it is not kept any more.
        StoreUnavailableError: the store cannot be reached.
    """
    while page := await store.events_after(offset, _PAGE):
        if page[-1].offset != offset + len(page):
            raise LogGapError(f"Events between {offset} and {page[-1].offset} are gone.")
        prices = iter(await _prices(archive, page))
        for start in range(0, len(page), _TOGETHER):
            events = page[start : start + _TOGETHER]
            yield Committed(tuple(events), tuple(islice(prices, len(_ticks(events)))))
            await asyncio.sleep(0)
        offset = page[-1].offset


async def _prices(archive: MarketArchive, events: Sequence[LoggedEvent]) -> list[IndexPrices]:
    ticks = _ticks(events)
    return await archive.index_prices(Tick(ticks[0] - 1), len(ticks)) if ticks else []


def _ticks(events: Sequence[LoggedEvent]) -> list[Tick]:
    return [logged.event.tick for logged in events if isinstance(logged.event, TickAdvanced)]
