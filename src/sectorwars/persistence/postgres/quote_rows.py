"""Players' quote desks as rows; each live quote lies in its player's row."""

from typing import Any, Final

import msgspec

from sectorwars.application.rows import QuoteDeskRow
from sectorwars.domain.ids import PlayerId
from sectorwars.domain.quote import Quote
from sectorwars.persistence.postgres.connection import Connection

Row = tuple[Any, ...]

_QUOTES: Final = msgspec.json.Decoder(tuple[Quote, ...])
_JSON: Final = msgspec.json.Encoder()


async def select_quote_desks(connection: Connection) -> tuple[QuoteDeskRow, ...]:
    """Return the desk of every player who ever had a quote, in the order of their ids."""
    records = await connection.fetch(
        "SELECT player_id, live, serial, missed, allowed_at_us FROM quote_desks ORDER BY player_id"
    )
    return tuple(
        QuoteDeskRow(PlayerId(player_id), _QUOTES.decode(live), serial, missed, allowed_at)
        for player_id, live, serial, missed, allowed_at in records
    )


def quote_desk_row(desk: QuoteDeskRow) -> Row:
    """Return a row of the SQL type `batch_quote_desk`."""
    live = _JSON.encode(desk.live).decode()
    return (desk.player_id, live, desk.serial, desk.missed, desk.allowed_at)
