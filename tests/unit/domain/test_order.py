"""Open orders: what they hold, how they are taxed, and the order in which they act."""

from hypothesis import given
from hypothesis import strategies as st

from sectorwars.domain.commodity import Commodity
from sectorwars.domain.ids import CommandId, OrderId, PlayerId, PortId
from sectorwars.domain.market import Side, trade_tax
from sectorwars.domain.order import LimitOrder, OrderBook, reserve
from sectorwars.domain.values import Credits, Quantity, UnixMicros


def _order(side: Side, limit: int, sequence: int, quantity: int = 10) -> LimitOrder:
    return LimitOrder(
        OrderId(f"o-{sequence}"),
        PlayerId("pl_1"),
        CommandId("c"),
        PortId("p0001"),
        side,
        Commodity.ORE,
        Quantity(quantity),
        Credits(limit),
        UnixMicros(0),
        UnixMicros(1),
        False,
        sequence,
    )


def _book(*orders: LimitOrder) -> OrderBook:
    book = OrderBook()
    for order in orders:
        book.add(order)
    return book


def _sequences(book: OrderBook, side: Side) -> list[int]:
    return [order.sequence for order in book.side(side)]


def test_the_best_price_acts_first_then_the_earlier_order() -> None:
    book = _book(
        _order(Side.BUY, 50, 1),
        _order(Side.BUY, 52, 2),
        _order(Side.BUY, 52, 3),
        _order(Side.SELL, 60, 4),
        _order(Side.SELL, 58, 5),
        _order(Side.SELL, 58, 6),
    )
    assert _sequences(book, Side.BUY) == [2, 3, 1]
    assert _sequences(book, Side.SELL) == [5, 6, 4]
    assert [order.sequence for order in book] == [2, 3, 1, 5, 6, 4]
    assert (book.best(Side.BUY), book.best(Side.SELL)) == (52, 58)


def test_any_order_can_be_taken_out() -> None:
    orders = [_order(Side.BUY, 50 + i % 3, i) for i in range(6)]
    for gone in orders:
        book = _book(*orders)
        book.remove(gone)
        assert gone not in book.side(Side.BUY)
        assert len(book.side(Side.BUY)) == 5


def test_a_book_is_true_while_an_order_is_open() -> None:
    order = _order(Side.SELL, 60, 1)
    book = _book(order)
    assert book
    book.remove(order)
    assert not book
    assert book.best(Side.SELL) is None


def test_a_sale_holds_no_credits() -> None:
    assert _order(Side.SELL, 60, 1).held_credits == 0


@given(
    limit=st.integers(1, 5_000),
    parts=st.lists(st.tuples(st.integers(1, 50), st.integers(1, 5_000)), min_size=1, max_size=8),
)
def test_an_order_costs_the_same_tax_in_however_many_pieces(
    limit: int, parts: list[tuple[int, int]]
) -> None:
    """And what it holds always covers the rest, down to nothing when it is filled."""
    order = _order(Side.BUY, limit, 1, sum(quantity for quantity, _ in parts))
    paid = order.held_credits
    assert paid == reserve(limit, order.quantity)
    taxes = 0
    for quantity, price in parts:
        before, total = order.held_credits, quantity * min(price, limit)
        tax = order.tax_on(total)
        order.fill(quantity, total)
        taxes += tax
        assert before - order.held_credits >= total + tax
    assert taxes == trade_tax(order.filled_credits)
    assert order.remaining == order.held_credits == 0
