"""The price curve against floating point, and the ladder against single units."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sectorwars.domain.commodity import BASE_PRICE_MIN, BASE_PRICES
from sectorwars.domain.market import (
    BPS,
    ELASTICITY_PERMILLE,
    HALF_SPREAD_BPS,
    STOCK_RATIO_MAX,
    Fill,
    ask_price,
    bid_price,
    buy_ladder,
    buy_units_within,
    ladder_total,
    mid_price_cents,
    sell_ladder,
    sell_units_within,
    stock_capacity,
    trade_tax,
)
from sectorwars.domain.values import Credits, Quantity

bases = st.sampled_from(BASE_PRICES)
targets = st.integers(1, 5_000)


def _published_mid(base: int, stock: float, target: int) -> float:
    return base * math.exp(ELASTICITY_PERMILLE / 1_000 * (1 - stock / target))


@given(bases, targets, st.data())
def test_prices_follow_the_published_curve(base: int, target: int, data: st.DataObject) -> None:
    stock = data.draw(st.integers(0, STOCK_RATIO_MAX * target))
    mid = _published_mid(base, stock, target)
    assert mid_price_cents(base, stock, target) == pytest.approx(100 * mid, rel=1e-5, abs=1.01)
    ask, bid = ask_price(base, stock, target), bid_price(base, stock, target)
    if ask is not None:
        exact = _published_mid(base, stock - 0.5, target) * (1 + HALF_SPREAD_BPS / BPS)
        assert exact - 0.01 <= ask <= exact * (1 + 1e-5) + 1
    if bid is not None:
        exact = _published_mid(base, stock + 0.5, target) * (1 - HALF_SPREAD_BPS / BPS)
        assert exact - 1 <= bid <= exact * (1 + 1e-5)


def test_a_good_costs_its_base_price_where_stock_meets_target() -> None:
    assert mid_price_cents(100, 500, 500) == 10_000
    assert ask_price(100, 500, 500) == 105  # 104 and a little, rounded up
    assert bid_price(100, 500, 500) == 95


@given(bases, targets, st.data())
def test_price_falls_as_stock_rises(base: int, target: int, data: st.DataObject) -> None:
    stock = data.draw(st.integers(1, STOCK_RATIO_MAX * target - 1))
    here, more = ask_price(base, stock, target), ask_price(base, stock + 1, target)
    assert here is not None
    assert more is not None
    assert more <= here
    assert mid_price_cents(base, stock + 1, target) <= mid_price_cents(base, stock, target)


def test_an_empty_port_asks_nothing_and_a_full_one_bids_nothing() -> None:
    assert ask_price(52, 0, 100) is None
    assert ask_price(52, 1, 100) is not None
    assert stock_capacity(100) == 400
    assert bid_price(52, 399, 100) is not None
    assert bid_price(52, 400, 100) is None
    assert bid_price(52, 401, 100) is None


def test_prices_stay_positive_beyond_the_end_of_the_table() -> None:
    at_the_end = mid_price_cents(BASE_PRICE_MIN, 400, 100)
    assert at_the_end == mid_price_cents(BASE_PRICE_MIN, 10_000, 100) > 0


@given(bases, targets, st.data())
def test_a_ladder_has_the_prices_of_its_single_units(
    base: int, target: int, data: st.DataObject
) -> None:
    capacity = stock_capacity(target)
    stock = data.draw(st.integers(0, capacity))
    if stock > 0:
        quantity = data.draw(st.integers(1, min(stock, 400)))
        units = [ask_price(base, stock - k, target) for k in range(quantity)]
        assert _expand(buy_ladder(base, stock, target, quantity)) == units
    if stock < capacity:
        quantity = data.draw(st.integers(1, min(capacity - stock, 400)))
        units = [bid_price(base, stock + k, target) for k in range(quantity)]
        assert _expand(sell_ladder(base, stock, target, quantity)) == units


@given(bases, targets, st.data())
def test_runs_of_a_ladder_are_as_long_as_can_be(
    base: int, target: int, data: st.DataObject
) -> None:
    stock = data.draw(st.integers(1, stock_capacity(target)))
    fills = buy_ladder(base, stock, target, data.draw(st.integers(1, stock)))
    prices = [fill.price_credits for fill in fills]
    assert prices == sorted(set(prices))


@given(bases, targets, st.data())
def test_buying_and_selling_back_loses(base: int, target: int, data: st.DataObject) -> None:
    stock = data.draw(st.integers(1, stock_capacity(target)))
    quantity = data.draw(st.integers(1, stock))
    paid = ladder_total(buy_ladder(base, stock, target, quantity))
    got = ladder_total(sell_ladder(base, stock - quantity, target, quantity))
    assert got < paid


def test_the_total_is_price_times_quantity() -> None:
    fills = (Fill(Credits(5), Quantity(3)), Fill(Credits(7), Quantity(2)))
    assert ladder_total(fills) == 29


def test_the_tax_is_one_per_cent_rounded_up() -> None:
    assert [trade_tax(total) for total in (0, 1, 100, 101, 10_000)] == [0, 1, 1, 2, 100]


def _expand(fills: tuple[Fill, ...]) -> list[int]:
    return [fill.price_credits for fill in fills for _ in range(fill.quantity)]


@pytest.mark.parametrize("base", [52, 1_500])
def test_past_a_full_store_the_curve_is_flat(base: int) -> None:
    assert ask_price(base, 500, 100) == ask_price(base, 401, 100)
    assert mid_price_cents(base, 500, 100) == mid_price_cents(base, 400, 100)


@given(bases, targets, st.data())
def test_units_within_a_limit_are_those_whose_own_price_is(
    base: int, target: int, data: st.DataObject
) -> None:
    stock = data.draw(st.integers(0, stock_capacity(target)))
    limit = data.draw(st.integers(1, 3 * base))
    for_sale = range(data.draw(st.integers(0, min(stock, 40))))
    asks = [ask_price(base, stock - k, target) or 0 for k in for_sale]
    room = range(data.draw(st.integers(0, min(stock_capacity(target) - stock, 40))))
    bids = [bid_price(base, stock + k, target) or 0 for k in room]
    assert buy_units_within(base, stock, target, len(asks), limit) == sum(
        price <= limit for price in asks
    )
    assert sell_units_within(base, stock, target, len(bids), limit) == sum(
        price >= limit for price in bids
    )
