"""Packed rows: whatever integers go in come out, and damage shows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sectorwars.domain.event import TickAdvanced
from sectorwars.domain.values import Tick, UnixMicros
from sectorwars.persistence.packed import (
    PackedRowError,
    pack_candle,
    pack_prices,
    pack_tick,
    split_row,
    unpack_candle,
    unpack_candle_of,
    unpack_prices,
    unpack_tick,
)

INTEGERS = st.integers(-(2**63), 2**63 - 1)
EDGES = st.sampled_from([0, 127, 128, -128, -129, 32_767, 32_768, -32_769, 2**31 - 1, 2**31])
ROWS = st.lists(st.lists(st.one_of(EDGES, INTEGERS), max_size=10).map(tuple), max_size=8).map(tuple)


@given(tick=INTEGERS, at=INTEGERS, deltas=ROWS)
def test_a_tick_comes_back(tick: int, at: int, deltas: tuple[tuple[int, ...], ...]) -> None:
    event = TickAdvanced(Tick(tick), UnixMicros(at), deltas)

    assert unpack_tick(pack_tick(event)) == event


@given(goods=st.integers(1, 10), data=st.data())
def test_a_candle_comes_back(goods: int, data: st.DataObject) -> None:
    prices = st.integers(-(2**62), 2**62)
    column = st.lists(st.one_of(EDGES, prices), min_size=goods, max_size=goods).map(tuple)
    columns = data.draw(st.lists(column, min_size=4, max_size=5).map(tuple))

    packed = pack_candle(columns)
    assert unpack_candle(packed) == columns
    for position in range(goods):
        assert unpack_candle_of(packed, position) == tuple(c[position] for c in columns)


@given(st.lists(st.integers(-(2**31), 2**31 - 1)).map(tuple))
def test_prices_come_back(prices: tuple[int, ...]) -> None:
    assert unpack_prices(pack_prices(prices)) == prices


@given(ROWS)
def test_a_flat_row_is_cut_into_its_parts(rows: tuple[tuple[int, ...], ...]) -> None:
    flat = tuple(value for row in rows for value in row)

    assert split_row(flat, map(len, rows)) == rows


def test_a_quiet_galaxy_costs_little() -> None:
    """SEMANTICS, storage: an idle default galaxy grows slowly; a tick lives two hours."""
    deltas = tuple((3, -2, 0, 1, -1, 4) for _ in range(60))

    assert len(pack_tick(TickAdvanced(Tick(1), UnixMicros(1), deltas))) < 100


@pytest.mark.parametrize("position", [0, 17, 18, 25, -1])
def test_a_damaged_tick_is_refused(position: int) -> None:
    packed = bytearray(pack_tick(TickAdvanced(Tick(1), UnixMicros(2), ((1, 2), (300, 4)))))
    packed[position] ^= 0x55

    with pytest.raises(PackedRowError):
        unpack_tick(bytes(packed))


def test_a_cut_off_row_is_refused() -> None:
    with pytest.raises(PackedRowError):
        unpack_tick(pack_tick(TickAdvanced(Tick(1), UnixMicros(2), ((1,),)))[:-3])
    with pytest.raises(PackedRowError):
        unpack_candle(pack_candle(((1, 2), (3, 4), (1, 2), (3, 4)))[:-1])
    with pytest.raises(PackedRowError):
        unpack_candle(pack_candle(((1, 2), (3, 4), (1, 2), (3, 4)))[:-3])


@pytest.mark.parametrize(
    ("packed", "position"),
    [
        (b"", 0),
        (pack_candle(((1, 2), (3, 4), (1, 2), (3, 4))), 2),
        (pack_candle(((1, 2), (3, 4), (1, 2), (3, 4)))[:-1], 0),
        (pack_candle(((1, 2), (3, 4), (1, 2), (3, 4)))[:-3], 0),
    ],
)
def test_a_good_of_a_damaged_candle_is_refused(packed: bytes, position: int) -> None:
    with pytest.raises(PackedRowError):
        unpack_candle_of(packed, position)
