"""Orders, quotes and the risk gate as their owners and operators see them."""

from dataclasses import asdict, replace

from sectorwars.application.reading.trade_views import trade_report
from sectorwars.application.rows import OrderRow
from sectorwars.application.state.recovery import placed_order
from sectorwars.domain.commodity import Commodity
from sectorwars.domain.event import (
    Event,
    GoodsTraded,
    OrderClosed,
    OrderPlaced,
    QuoteIssued,
    TradeCapsSet,
    TradingStateSet,
)
from sectorwars.domain.ids import CommandId, PortId
from sectorwars.domain.market import Side
from sectorwars.domain.order import LimitOrder, OrderBook, reserve
from sectorwars.domain.quote import Quote
from sectorwars.domain.risk import TradeCaps
from sectorwars.domain.values import UnixMicros, rfc3339
from sectorwars.engine.matching import is_active
from sectorwars.engine.world import World
from sectorwars.protocol.canonical import canonical_json
from sectorwars.protocol.shapes.order import (
    BookLevel,
    CancelReceipt,
    GoodBook,
    OrderBookView,
    OrderClose,
    OrderReceipt,
    OrderView,
    QuoteReceipt,
    QuoteView,
)
from sectorwars.protocol.shapes.risk import TradeCapsReceipt, TradeCapsView, TradingStateReceipt
from sectorwars.protocol.shapes.trade import FillRun
from sectorwars.protocol.signing import FrameSigner


def open_order_view(world: World, order: LimitOrder) -> OrderView:
    """Show an open order."""
    return _view(order, held_credits=order.held_credits, is_acting=is_active(world, order))


def closed_order_view(order: LimitOrder | OrderPlaced, close: OrderClosed) -> OrderView:
    """Show an order as it was when it was closed."""
    placed = placed_order(order) if isinstance(order, OrderPlaced) else order
    return replace(
        _view(placed, held_credits=0, is_acting=False),
        filled=close.filled,
        filled_credits=close.filled_credits,
        close_reason=close.reason.value,
        closed_at=rfc3339(close.at),
    )


def order_row_view(row: OrderRow) -> OrderView:
    """Show an order of the history; whether an open one acts is for the live view to say."""
    remaining = 0 if row.close is not None or row.side is Side.SELL else row.quantity - row.filled
    view = _view(
        row,
        held_credits=reserve(row.limit_credits, remaining, row.filled_credits),
        is_acting=False,
    )
    if row.close is None:
        return view
    return replace(view, close_reason=row.close.reason.value, closed_at=rfc3339(row.close.at))


def _view(order: LimitOrder | OrderRow, *, held_credits: int, is_acting: bool) -> OrderView:
    return OrderView(
        order_id=order.order_id,
        port_id=order.port_id,
        side=order.side.value,
        commodity=order.commodity.value,
        quantity=order.quantity,
        filled=order.filled,
        filled_credits=order.filled_credits,
        limit_credits=order.limit_credits,
        held_credits=held_credits,
        cancel_on_disconnect=order.cancel_on_disconnect,
        is_acting=is_acting,
        placed_at=rfc3339(order.placed_at),
        expires_at=rfc3339(order.expires_at),
        close_reason=None,
        closed_at=None,
    )


def good_books(world: World, port_id: PortId) -> list[GoodBook]:
    """Show the acting orders at a port, by good, where there are any."""
    return [
        GoodBook(commodity.value, buys, sells)
        for commodity, book in world.books.get(port_id, {}).items()
        if any((buys := _levels(world, book, Side.BUY), sells := _levels(world, book, Side.SELL)))
    ]


def book_view(
    world: World, port_id: PortId, commodity: Commodity, now: UnixMicros
) -> OrderBookView:
    """Show the acting orders for a good at a port, summed by price.

    Raises:
        KeyError: there is no such port, or it does not deal in the good.
    """
    port = world.ports[port_id]
    position = port.place(commodity)
    book = world.books.get(port.spec.port_id, {}).get(commodity, OrderBook())
    return OrderBookView(
        port_id=port.spec.port_id,
        commodity=commodity.value,
        version=port.version,
        as_of=rfc3339(now),
        bid_price=port.bid(position),
        ask_price=port.ask(position),
        buys=_levels(world, book, Side.BUY),
        sells=_levels(world, book, Side.SELL),
    )


def _levels(world: World, book: OrderBook, side: Side) -> list[BookLevel]:
    levels: dict[int, BookLevel] = {}
    for order in book.side(side):
        if is_active(world, order):
            price = order.limit_credits
            level = levels.get(price, BookLevel(price, 0, 0))
            levels[price] = BookLevel(price, level.quantity + order.remaining, level.orders + 1)
    return list(levels.values())


def order_receipt(
    command_id: CommandId, placed: OrderPlaced, events: tuple[Event, ...], world: World
) -> OrderReceipt:
    """Tell what became at once of an order that was placed."""
    trades = [
        event
        for event in events
        if isinstance(event, GoodsTraded) and event.order_id == placed.order_id
    ]
    order = world.players[placed.player_id].orders.get(placed.order_id)
    if order is not None:
        view = open_order_view(world, order)
    else:
        close = next(
            event
            for event in events
            if isinstance(event, OrderClosed) and event.order_id == placed.order_id
        )
        view = closed_order_view(placed, close)
    return OrderReceipt(command_id, "executed", view, [trade_report(trade) for trade in trades])


def cancel_receipt(command_id: CommandId, closes: list[OrderClosed]) -> CancelReceipt:
    """Tell which orders a command closed."""
    return CancelReceipt(
        command_id,
        "executed",
        [
            OrderClose(
                close.order_id,
                close.port_id,
                close.reason.value,
                close.filled,
                close.filled_credits,
            )
            for close in closes
        ],
        closes[-1].credits_after,
    )


def quote_receipt(event: QuoteIssued, signer: FrameSigner) -> QuoteReceipt:
    """Tell what a port promises, so that anybody can check it."""
    view = quote_view(event.quote)
    signature = signer.sign(canonical_json(view))
    return QuoteReceipt(event.command_id, "executed", view, signer.kid, signature)


def quote_view(quote: Quote) -> QuoteView:
    """Show a binding quote."""
    return QuoteView(
        quote_id=quote.quote_id,
        port_id=quote.port_id,
        side=quote.side.value,
        commodity=quote.commodity.value,
        quantity=quote.quantity,
        fills=[FillRun(fill.price_credits, fill.quantity) for fill in quote.fills],
        total_credits=quote.total_credits,
        fees_credits=quote.fees_credits,
        market_version=quote.market_version,
        issued_at=rfc3339(quote.issued_at),
        expires_at=rfc3339(quote.expires_at),
    )


def trading_state_receipt(event: TradingStateSet) -> TradingStateReceipt:
    """Tell an operator what he changed."""
    return TradingStateReceipt(
        event.command_id,
        "executed",
        event.scope.value,
        event.subject,
        event.before.value,
        event.after.value,
        event.reason,
    )


def trade_caps_receipt(event: TradeCapsSet) -> TradeCapsReceipt:
    """Tell an operator what he changed."""
    return TradeCapsReceipt(
        event.command_id,
        "executed",
        event.subject,
        caps_view(event.before),
        caps_view(event.after),
        event.reason,
    )


def caps_view(caps: TradeCaps) -> TradeCapsView:
    """Show caps."""
    return TradeCapsView(**asdict(caps))
