"""What a seeded player does about orders, quotes and, as an operator, the risk gate."""

from typing import Final

from sectorwars.domain.command import (
    CancelOrder,
    CancelOrders,
    Execution,
    OperatorCommand,
    PlaceOrder,
    PlayerCommand,
    RequestQuote,
    SetTradeCaps,
    SetTradingState,
    Trade,
)
from sectorwars.domain.ids import PlayerId
from sectorwars.domain.market import Side, mid_price_cents
from sectorwars.domain.player import Player
from sectorwars.domain.port import Port
from sectorwars.domain.prng import Stream
from sectorwars.domain.risk import NO_CAPS, TradeCaps, TradingScope, TradingState
from sectorwars.engine.world import World

_PERCENT: Final = 100
_LIMITS_PERCENT: Final = (92, 97, 100, 103, 108)
_LIVES_SECONDS: Final = (1, 2, 5, 15, 60, 3_600)


def choose_order_command(draws: Stream, player: Player, port: Port) -> PlayerCommand:
    """Draw what a docked player asks of the port: an order, a cancel, a quote, or to use one."""
    quotes = [quote for quote in player.quotes.live.values() if quote.port_id == port.spec.port_id]
    if quotes and draws.below(_PERCENT) < 70:
        quote = draws.choice(quotes)
        quantity = quote.quantity + (draws.below(_PERCENT) < 10)
        return Trade(quote.side, quote.commodity, quantity, quote_id=quote.quote_id)
    kind = draws.below(_PERCENT)
    if player.orders and kind < 15:
        return CancelOrder(draws.choice(list(player.orders)))
    if player.orders and kind < 22:
        disconnected = draws.below(2) == 0
        return CancelOrders(None if draws.below(2) else port.spec.port_id, disconnected)
    if kind < 55:
        return _quote(draws, player, port)
    return _order(draws, player, port)


def choose_operator_command(draws: Stream, world: World) -> OperatorCommand:
    """Draw an operator's command: most of them open again what was closed."""
    gate, players = world.risk, sorted(world.players)
    if not gate.unrestricted and draws.below(_PERCENT) < 60:
        closed: list[tuple[TradingScope, str | None]] = [
            *((TradingScope.PORT, port_id) for port_id in sorted(gate.ports)),
            *((TradingScope.PLAYER, player_id) for player_id in sorted(gate.players)),
        ]
        scope, subject = draws.choice(closed) if closed else (TradingScope.GAME, None)
        if gate.game is not None:
            scope, subject = TradingScope.GAME, None
        return SetTradingState(scope, subject, TradingState.ACTIVE, "all is well")
    if players and draws.below(_PERCENT) < 60:
        capped = sorted(gate.player_caps)
        if capped and draws.below(2):
            return SetTradeCaps(draws.choice(capped), NO_CAPS, "free again")
        makers = [player_id for player_id in players if world.players[player_id].orders]
        whom: PlayerId | None = draws.choice(makers if makers and draws.below(2) else players)
        if draws.below(_PERCENT) < 25:
            whom = None
        return SetTradeCaps(whom, _caps(draws), "a trial")
    state = draws.choice((TradingState.REDUCING, TradingState.HALTED))
    scope = draws.choice((TradingScope.GAME, *(TradingScope.PORT, TradingScope.PLAYER) * 4))
    subject = None
    if scope is TradingScope.PORT:
        subject = draws.choice(sorted(world.ports))
    elif scope is TradingScope.PLAYER:
        subject = draws.choice(players) if players else "nobody"
    return SetTradingState(scope, subject, state, "a trial")


def _caps(draws: Stream) -> TradeCaps:
    most = draws.between(1, 4)
    kinds = (
        TradeCaps(units_per_trade=4 * most),
        TradeCaps(credits_per_trade=400 * most),
        TradeCaps(trades_per_hour=most),
        TradeCaps(credits_per_hour=1_000 * most),
        TradeCaps(credits_per_day=1_500 * most),
        TradeCaps(units_of_a_good_per_day=10 * most),
        NO_CAPS,
    )
    return draws.choice(kinds)


def _order(draws: Stream, player: Player, port: Port) -> PlaceOrder:
    """Draw a limit near the market, of few, so that orders fill, rest, tie and meet each other."""
    position = draws.below(min(2, len(port.spec.goods)))
    good = port.spec.goods[position]
    aboard = [
        place for place, one in enumerate(port.spec.goods) if player.free_units(one.commodity)
    ]
    side = Side.BUY
    if aboard and draws.below(2):
        side, position = Side.SELL, draws.choice(aboard)
        good = port.spec.goods[position]
    _, base, target = port.terms[position]
    mid = mid_price_cents(base, port.stock[position], target) // 100
    limit = max(1, mid * draws.choice(_LIMITS_PERCENT) // 100)
    most = player.free_units(good.commodity) if side is Side.SELL else 30
    return PlaceOrder(
        side,
        good.commodity,
        draws.between(1, max(1, most)),
        limit,
        draws.choice(_LIVES_SECONDS),
        cancel_on_disconnect=draws.below(2) == 0,
    )


def _quote(draws: Stream, player: Player, port: Port) -> RequestQuote:
    position = draws.below(len(port.spec.goods))
    good = port.spec.goods[position]
    side = Side.BUY if good.sells else Side.SELL
    aboard = player.free_units(good.commodity)
    if good.buys and aboard:
        return RequestQuote(Side.SELL, good.commodity, draws.between(1, aboard))
    most = max(1, port.stock[position] * 6 // 100)
    return RequestQuote(side, good.commodity, draws.between(1, min(most, 40)))


def partly(draws: Stream, trade: Trade) -> Trade:
    """Let some immediate trades be filled as far as they can."""
    if draws.below(_PERCENT) >= 30:
        return trade
    return Trade(
        trade.side, trade.commodity, trade.quantity, trade.price_bound, execution=Execution.PARTIAL
    )
