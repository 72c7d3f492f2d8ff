"""A matcher that goes unit by unit, which no trade at Haven may differ from."""

from collections import Counter
from collections.abc import Iterator

from tests.small_galaxy import HAVEN

from sectorwars.domain.event import GoodsTraded
from sectorwars.domain.ids import OrderId, PlayerId
from sectorwars.domain.market import Side, ask_price, bid_price
from sectorwars.domain.order import LimitOrder
from sectorwars.domain.player import Player
from sectorwars.domain.risk import NO_CAPS, TradingScope, TradingState
from sectorwars.engine.world import World

BASE, TARGET = 52, 2_000
"""The base price and target of ore, the port's first good."""

_LETS_THROUGH = {
    Side.BUY: (TradingState.ACTIVE,),
    Side.SELL: (TradingState.ACTIVE, TradingState.REDUCING),
}


def one_by_one(world: World, trade: GoodsTraded) -> Iterator[tuple[int, OrderId | None]]:
    """Yield what each unit of a trade should cost and who should give or take it, before it."""
    port = world.ports[HAVEN]
    buying = trade.side is Side.BUY
    taken: Counter[OrderId] = Counter()
    loaded: Counter[PlayerId] = Counter()
    makers = _makers(world, trade)
    from_port = 0
    for _ in range(trade.quantity):
        offers: list[tuple[int, int, int, OrderId | None]] = []
        if buying:
            price = ask_price(BASE, port.ask_stock(0) - from_port, TARGET)
        else:
            price = bid_price(BASE, port.bid_stock(0) + from_port, TARGET)
        if price is not None:
            offers.append((price if buying else -price, 0, 0, None))
        for order in makers:
            has_room = buying or loaded[order.player_id] < _room(world.players[order.player_id])
            if taken[order.order_id] < order.remaining and has_room:
                limit = order.limit_credits
                key = limit if buying else -limit
                offers.append((key, 1, order.sequence, order.order_id))
        key, _, _, order_id = min(offers, key=lambda offer: offer[:3])
        if order_id is None:
            from_port += 1
        else:
            taken[order_id] += 1
            loaded.update(order.player_id for order in makers if order.order_id == order_id)
        yield abs(key), order_id


def _makers(world: World, trade: GoodsTraded) -> list[LimitOrder]:
    """Return the orders that may take part: those surely, and of the doubtful those that did.

    Doubtful is whom caps may keep from it; that is for the tests of one rule at a time.
    """
    own = world.players[trade.player_id].orders.get(trade.order_id or OrderId(""))
    took_part = {crossing.order_id for crossing in trade.crossings}
    return [
        order
        for player in world.players.values()
        if player.player_id != trade.player_id and player.ship.docked_port_id == HAVEN
        for order in player.orders.values()
        if order.side is not trade.side
        and order.expires_at > trade.at
        and world.risk.state(TradingScope.PLAYER, player.player_id) in _LETS_THROUGH[order.side]
        and (own is None or order.sequence < own.sequence)
        and (order.order_id in took_part or world.risk.caps(player.player_id) == NO_CAPS)
    ]


def _room(player: Player) -> int:
    return player.ship.cargo_capacity - player.ship.units_aboard()
