"""Orders of all times in memory."""

from itertools import islice

from sectorwars.application.rows import OrderRow
from sectorwars.domain.ids import OrderId, PlayerId
from sectorwars.persistence.memory.disk import MemoryDisk


class MemoryOrderArchive:
    """Reads the orders on a `MemoryDisk`."""

    def __init__(self, disk: MemoryDisk) -> None:
        """Read what an event store has written on `disk`."""
        self._disk = disk

    async def orders_page(
        self, player_id: PlayerId, before_sequence: int | None, limit: int, *, closed_only: bool
    ) -> list[OrderRow]:
        """Return a player's orders with sequence numbers below `before_sequence`, newest first."""
        fitting = (
            order
            for order in reversed(self._disk.orders.values())
            if order.player_id == player_id
            and (before_sequence is None or order.sequence < before_sequence)
            and not (closed_only and order.close is None)
        )
        return list(islice(fitting, limit))

    async def order(self, player_id: PlayerId, order_id: OrderId) -> OrderRow | None:
        """Return an order of a player, open or closed; None where he has none of that id."""
        order = self._disk.orders.get(order_id)
        return order if order is not None and order.player_id == player_id else None
