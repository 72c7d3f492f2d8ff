"""What open orders and live quotes reserve, held against the accounts, the cargo and the stock."""

from collections.abc import Iterator

from sectorwars.domain.event import (
    Event,
    GoodsTraded,
    OrderClosed,
    OrderPlaced,
    QuoteClosed,
    QuoteIssued,
    StockCheckpointed,
    TickAdvanced,
)
from sectorwars.domain.ids import PlayerId, PortId, QuoteId
from sectorwars.domain.ledger import held_account
from sectorwars.domain.market import Side, stock_capacity
from sectorwars.domain.port import Port
from sectorwars.engine.world import World


class Reservations:
    """Follows the log; the cash that each port owes its live quotes is reckoned from it."""

    def __init__(self) -> None:
        """Begin with a galaxy in which nothing is reserved."""
        self._owed: dict[PortId, dict[QuoteId, int]] = {}

    def faults(self, world: World, event: Event, stock_is_known: bool) -> Iterator[str]:
        """Name what is reserved wrongly after an event, which `world` has seen.

        Promises are held against the stock only where it is known.
        """
        match event:
            case QuoteIssued():
                if event.quote.side is Side.SELL:
                    owed = self._owed.setdefault(event.port_id, {})
                    owed[event.quote.quote_id] = event.quote.total_credits
            case QuoteClosed():
                self._owed.get(event.port_id, {}).pop(event.quote_id, None)
            case GoodsTraded():
                if event.quote_id is not None:
                    self._owed.get(event.port_id, {}).pop(event.quote_id, None)
            case OrderPlaced() | OrderClosed():
                pass
            case TickAdvanced() | StockCheckpointed():
                if stock_is_known:
                    for port in world.ports_by_index:
                        yield from _promise_faults(port)
                return
            case _:
                return
        owners = {event.player_id}
        if isinstance(event, GoodsTraded):
            owners.update(crossing.player_id for crossing in event.crossings)
        for owner in sorted(owners):
            yield from _player_faults(world, owner)
        yield from self._port_faults(world, event.port_id)
        if stock_is_known:
            yield from _promise_faults(world.ports[event.port_id])

    def _port_faults(self, world: World, port_id: PortId) -> Iterator[str]:
        held = world.ledger.balance(held_account(port_id))
        owed = sum(self._owed.get(port_id, {}).values())
        if held != owed:
            yield f"{port_id} holds {held} credits for quotes that need {owed}"


def _player_faults(world: World, player_id: PlayerId) -> Iterator[str]:
    player = world.players[player_id]
    held = world.ledger.balance(held_account(player_id))
    needed = sum(order.held_credits for order in player.orders.values())
    if held != needed:
        yield f"{player_id} holds {held} credits for orders that need {needed}"
    offered = {order.commodity for order in player.orders.values() if order.side is Side.SELL}
    for commodity in sorted(offered):
        if player.free_units(commodity) < 0:
            yield f"{player_id} offers more {commodity} than is aboard"


def _promise_faults(port: Port) -> Iterator[str]:
    for position, good in enumerate(port.spec.goods):
        if port.promised_units[position] > port.stock[position]:
            yield f"{port.spec.port_id} has promised more {good.commodity} than it has"
        promised = port.promised_room[position]
        if promised and port.stock[position] + promised > stock_capacity(good.target):
            yield f"{port.spec.port_id} has promised more room for {good.commodity} than it has"
