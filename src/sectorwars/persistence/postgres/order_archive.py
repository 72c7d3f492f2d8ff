"""Orders of all times in PostgreSQL."""

from typing import Final

from sectorwars.application.rows import OrderRow
from sectorwars.domain.ids import OrderId, PlayerId
from sectorwars.persistence.postgres.connection import Pool, acquire
from sectorwars.persistence.postgres.order_rows import order_of

# The open ones are few, so that leaving them out costs little.
_PAGE: Final = """
    SELECT * FROM player_orders
    WHERE player_id = $1 AND ($2::bigint IS NULL OR sequence < $2)
      AND NOT ($3 AND close_reason IS NULL)
    ORDER BY sequence DESC LIMIT $4
"""
_ONE: Final = "SELECT * FROM player_orders WHERE order_id = $1 AND player_id = $2"


class PostgresOrderArchive:
    """Reads the table `player_orders`.

    Every method raises StoreUnavailableError where the database cannot be reached.
    """

    def __init__(self, pool: Pool) -> None:
        """Read over connections of `pool`."""
        self._pool = pool

    async def orders_page(
        self, player_id: PlayerId, before_sequence: int | None, limit: int, *, closed_only: bool
    ) -> list[OrderRow]:
        """Return a player's orders with sequence numbers below `before_sequence`, newest first."""
        async with acquire(self._pool) as connection:
            records = await connection.fetch(_PAGE, player_id, before_sequence, closed_only, limit)
        return [order_of(record) for record in records]

    async def order(self, player_id: PlayerId, order_id: OrderId) -> OrderRow | None:
        """Return an order of a player, open or closed; None where he has none of that id."""
        async with acquire(self._pool) as connection:
            record = await connection.fetchrow(_ONE, order_id, player_id)
        return None if record is None else order_of(record)
