"""What may be asked of orders, the books they rest in, and binding quotes, in wire shapes."""

from typing import Literal

from sectorwars.application.ports import (
    Clock,
    OrderArchive,
)
from sectorwars.application.reading.order_views import (
    book_view,
    open_order_view,
    order_row_view,
    quote_view,
)
from sectorwars.application.reading.projection import Projection
from sectorwars.application.reading.queries import UnknownNounError
from sectorwars.application.rows import OrderRow
from sectorwars.domain.commodity import Commodity
from sectorwars.domain.ids import OrderId, PlayerId, PortId
from sectorwars.domain.player import Player
from sectorwars.domain.values import UnixMicros, rfc3339
from sectorwars.protocol.shapes.order import OrderBookView, OrderHistory, OrderView, QuoteList

OrderStatus = Literal["open", "closed", "all"]


class OrderQueries:
    """Open orders, books and quotes from the committed world; closed orders from the archive."""

    def __init__(self, projection: Projection, archive: OrderArchive, clock: Clock) -> None:
        """Read from `projection` and `archive`."""
        self._projection = projection
        self._archive = archive
        self._clock = clock

    def quotes(self, player_id: PlayerId) -> QuoteList:
        """Return a player's live quotes, oldest first.

        Raises:
            UnknownNounError: the player has not arrived.
        """
        now = self._clock.now()
        desk = self._player(player_id).quotes
        return QuoteList(
            [quote_view(quote) for quote in desk.live.values() if quote.expires_at > now],
            rfc3339(UnixMicros(desk.allowed_at)) if desk.allowed_at > now else None,
        )

    async def page(
        self, player_id: PlayerId, status: OrderStatus, before_sequence: int | None, limit: int
    ) -> OrderHistory:
        """Return a page of a player's orders, newest first, by their place among all orders.

        Raises:
            UnknownNounError: the player has not arrived.
            StoreUnavailableError: the store cannot be reached.
        """
        player = self._player(player_id)
        if status == "open":
            places = {
                order.sequence: open_order_view(self._projection.world, order)
                for order in player.orders.values()
                if before_sequence is None or order.sequence < before_sequence
            }
        else:
            rows = await self._archive.orders_page(
                player_id, before_sequence, limit + 1, closed_only=status == "closed"
            )
            places = {row.sequence: self._view(row) for row in rows}
        newest = sorted(places, reverse=True)
        shown = newest[:limit]
        return OrderHistory(
            items=[places[sequence] for sequence in shown],
            next_cursor=str(shown[-1]) if len(newest) > limit else None,
        )

    async def order(self, player_id: PlayerId, order_id: OrderId) -> OrderView:
        """Return an order of a player, open or closed.

        Raises:
            UnknownNounError: he has no order of that id.
            StoreUnavailableError: the store cannot be reached.
        """
        open_order = self._player(player_id).orders.get(order_id)
        if open_order is not None:
            return open_order_view(self._projection.world, open_order)
        row = await self._archive.order(player_id, order_id)
        if row is None:
            raise UnknownNounError("unknown_order", "You have no such order.")
        return self._view(row)

    def book(self, port_id: PortId, commodity: Commodity) -> OrderBookView:
        """Return the acting orders for a good at a port, beside the port's own quote.

        Raises:
            UnknownNounError: there is no such port, or it does not deal in the good.
        """
        port = self._projection.world.ports.get(port_id)
        if port is None:
            raise UnknownNounError("unknown_port", f"There is no port {port_id!r}.")
        if port.position(commodity) is None:
            raise UnknownNounError(
                "unknown_commodity", f"{port.spec.name} does not deal in {commodity.spoken}."
            )
        return book_view(self._projection.world, port_id, commodity, self._clock.now())

    def _view(self, row: OrderRow) -> OrderView:
        """Show an order of the archive; one that is still open, as it stands now."""
        world = self._projection.world
        order = world.players[row.player_id].orders.get(row.order_id)
        return order_row_view(row) if order is None else open_order_view(world, order)

    def _player(self, player_id: PlayerId) -> Player:
        player = self._projection.world.players.get(player_id)
        if player is None:
            raise UnknownNounError("unknown_player", "This player is not in the galaxy.")
        return player
