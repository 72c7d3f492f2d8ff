"""Where deals stand on the galaxy's tape: by the log's offsets; a call sells, then buys."""

from typing import Final

from sectorwars.application.rows import TapeEntry
from sectorwars.domain.event import GoodsTraded, HaulerCalled

SEQUENCES_PER_OFFSET: Final = 2


def tape_entries(offset: int, event: GoodsTraded | HaulerCalled) -> list[TapeEntry]:
    """Return an event's entries in the order of their sequences."""
    first = SEQUENCES_PER_OFFSET * offset
    if isinstance(event, GoodsTraded):
        return [TapeEntry(first, event, event)]
    return [
        TapeEntry(first + place, deal, event)
        for place, deal in enumerate((event.sold, event.bought))
        if deal is not None
    ]
