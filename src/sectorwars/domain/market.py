"""The published price curve and the ladder of prices along an order.

A unit's mid price is `base * exp(ELASTICITY * (1 - stock / target))`. The port asks
`1 + HALF_SPREAD` times that, rounded up, and bids `1 - HALF_SPREAD` times that, rounded down.
Unit k of a purchase is priced at `stock - (k - 1/2)`, unit k of a sale at `stock + (k - 1/2)`,
so one order of N costs what N orders of one cost, and buying and selling back always loses.

The exponential comes from a fixed-point table with linear interpolation: no float is involved.
"""

from bisect import bisect_right
from collections.abc import Callable
from enum import StrEnum
from typing import Final

from sectorwars.domain.record import record
from sectorwars.domain.values import Credits, Quantity

ELASTICITY_PERMILLE: Final = 900
HALF_SPREAD_BPS: Final = 400
TRADE_TAX_BPS: Final = 100
BPS: Final = 10_000
STOCK_RATIO_MAX: Final = 4
"""A port stores at most this many times its target of a good."""

_STEPS_PER_RATIO: Final = 256
_SCALE_BITS: Final = 40
_SCALE: Final = 1 << _SCALE_BITS


class Side(StrEnum):
    """The side of a trade, as the player sees it."""

    BUY = "buy"
    SELL = "sell"


@record
class Fill:
    """A run of `quantity` units, each at `price_credits`."""

    price_credits: Credits
    quantity: Quantity


def _exp_fixed(numerator: int, denominator: int) -> int:
    """Return exp(numerator / denominator) * 2**40, rounded down, by an exact integer series."""
    guard = _SCALE_BITS + 64
    term = total = 1 << guard
    k = 1
    while term:
        term = term * numerator // (denominator * k)
        total += term
        k += 1
    return total >> (guard - _SCALE_BITS)


def _curve_table() -> tuple[int, ...]:
    """Tabulate exp(0.9 * (1 - x)) for x = 0, 1/256, ... up to one step past the last ratio."""
    peak = _exp_fixed(ELASTICITY_PERMILLE, 1_000)
    steps = STOCK_RATIO_MAX * _STEPS_PER_RATIO + 2
    return tuple(
        (peak << _SCALE_BITS) // _exp_fixed(ELASTICITY_PERMILLE * i, 1_000 * _STEPS_PER_RATIO)
        for i in range(steps)
    )


_CURVE: Final = _curve_table()
_LAST_STEP: Final = STOCK_RATIO_MAX * _STEPS_PER_RATIO
_MID_DENOMINATOR: Final = _SCALE
_QUOTE_DENOMINATOR: Final = _SCALE * BPS


def _curve(half_units: int, target: int) -> int:
    """Return the curve, scaled by 2**40, at `half_units / 2` units of stock."""
    scaled = half_units * _STEPS_PER_RATIO
    denominator = 2 * target
    step = scaled // denominator
    if step >= _LAST_STEP:
        return _CURVE[_LAST_STEP]
    low = _CURVE[step]
    return low - (low - _CURVE[step + 1]) * (scaled - step * denominator) // denominator


def _ladder(price_at: Callable[[int], int], quantity: int) -> tuple[Fill, ...]:
    """Run-length code the prices of units 0..quantity-1; `price_at` is monotone.

    Each run's end is found by bisection, so the cost follows the number of prices, not of units.
    """
    fills = []
    start = 0
    last_price = price_at(quantity - 1)
    while start < quantity:
        price = price_at(start)
        end = quantity
        if price != last_price:
            low, end = start, quantity - 1
            while end - low > 1:
                middle = (low + end) // 2
                if price_at(middle) == price:
                    low = middle
                else:
                    end = middle
        fills.append(Fill(Credits(price), Quantity(end - start)))
        start = end
    return tuple(fills)


def mid_price_cents(base: int, stock: int, target: int) -> int:
    """Return the mid price in hundredths of a credit, rounded down; for display and indices."""
    # _curve(2 * stock, target) written out: every tick asks this of every good of every port.
    step, rest = divmod(stock * _STEPS_PER_RATIO, target)
    if step >= _LAST_STEP:
        return base * 100 * _CURVE[_LAST_STEP] // _MID_DENOMINATOR
    low = _CURVE[step]
    return base * 100 * (low - (low - _CURVE[step + 1]) * rest // target) // _MID_DENOMINATOR


def _ask_at(base: int, half_units: int, target: int) -> int:
    return -(-base * (BPS + HALF_SPREAD_BPS) * _curve(half_units, target) // _QUOTE_DENOMINATOR)


def _bid_at(base: int, half_units: int, target: int) -> int:
    return base * (BPS - HALF_SPREAD_BPS) * _curve(half_units, target) // _QUOTE_DENOMINATOR


def ask_price(base: int, stock: int, target: int) -> Credits | None:
    """Return what the port asks for its next unit, or None where it has none."""
    return Credits(_ask_at(base, 2 * stock - 1, target)) if stock > 0 else None


def bid_price(base: int, stock: int, target: int) -> Credits | None:
    """Return what the port bids for one unit more, or None where its store is full."""
    if stock >= stock_capacity(target):
        return None
    return Credits(_bid_at(base, 2 * stock + 1, target))


def stock_capacity(target: int) -> Quantity:
    """Return the most units of a good that a port with this target stores."""
    return Quantity(STOCK_RATIO_MAX * target)


def buy_units_within(base: int, stock: int, target: int, most: int, limit: int) -> int:
    """Return how many of the next `most` units (at most `stock`) cost no more than `limit`."""
    return bisect_right(
        range(most), limit, key=lambda k: _ask_at(base, 2 * (stock - k) - 1, target)
    )


def sell_units_within(base: int, stock: int, target: int, most: int, limit: int) -> int:
    """Return how many of the next `most` units (at most the room) fetch `limit` or more."""
    return bisect_right(
        range(most), -limit, key=lambda k: -_bid_at(base, 2 * (stock + k) + 1, target)
    )


def buy_ladder(base: int, stock: int, target: int, quantity: int) -> tuple[Fill, ...]:
    """Price a purchase of `quantity` units (1 <= quantity <= stock), cheapest run first."""
    return _ladder(lambda k: _ask_at(base, 2 * (stock - k) - 1, target), quantity)


def sell_ladder(base: int, stock: int, target: int, quantity: int) -> tuple[Fill, ...]:
    """Price a sale of `quantity` units (1 <= quantity <= free capacity), dearest run first."""
    return _ladder(lambda k: _bid_at(base, 2 * (stock + k) + 1, target), quantity)


def trade_tax(total: int) -> Credits:
    """Return the tax on a trade of `total` credits, rounded up."""
    return Credits(-(-total * TRADE_TAX_BPS // BPS))


def ladder_total(fills: tuple[Fill, ...]) -> Credits:
    """Sum price times quantity over a ladder."""
    return Credits(sum(fill.price_credits * fill.quantity for fill in fills))
