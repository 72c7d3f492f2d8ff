"""Rows of many small integers as a few bytes: ticks, prices and candles.

Integers are big-endian. A packed tick is

    1 byte   version of the layout, 1
    8 bytes  tick
    8 bytes  real time in microseconds
    4 bytes  number of ports, n
    rest     zlib stream of n bytes (how many goods each port has), then an integer row

and an integer row is one byte that names a width of 1, 2, 4 or 8 bytes, then that many bytes
for each integer: the narrowest in which all of the row's integers fit. A packed candle is one
byte, how many goods it has, then a row each of open; of high, low and close as differences from
open; and, for an index, of volume. Candles are not compressed: it would take longer than it saves.
"""

import struct
import zlib
from collections.abc import Iterable
from functools import lru_cache
from itertools import chain
from operator import add, sub
from typing import Final

from sectorwars.domain.event import TickAdvanced
from sectorwars.domain.values import Tick, UnixMicros

_TICK_VERSION: Final = 1
_TICK_HEADER: Final = struct.Struct(">BqqI")
_PRICE_COLUMNS: Final = 4
_ZLIB_LEVEL: Final = 1  # the ticks of a prehistory come by the thousand; more gains little
_WIDTHS: Final = ((1, "b", 1 << 7), (2, "h", 1 << 15), (4, "i", 1 << 31), (8, "q", 1 << 63))
_FORMATS: Final = {width: letter for width, letter, _ in _WIDTHS}

CENTS_BYTES: Final = 4
"""Bytes of one price in an uncompressed price row."""

Rows = tuple[tuple[int, ...], ...]


class PackedRowError(Exception):
    """The bytes are no packed row, or of a layout that this release does not know."""


def pack_tick(event: TickAdvanced) -> bytes:
    """Pack a tick in the layout that the module describes."""
    lengths = bytes(len(deltas) for deltas in event.deltas)
    values = tuple(chain.from_iterable(event.deltas))
    body = zlib.compress(lengths + _pack_integers(values), _ZLIB_LEVEL)
    return _TICK_HEADER.pack(_TICK_VERSION, event.tick, event.at, len(event.deltas)) + body


def unpack_tick(packed: bytes) -> TickAdvanced:
    """Unpack a tick.

    Raises:
        PackedRowError: the bytes are damaged or of another layout.
    """
    try:
        version, tick, at, ports = _TICK_HEADER.unpack_from(packed)
        if version != _TICK_VERSION:
            raise PackedRowError(f"A packed tick has the unknown layout {version}.")
        body = zlib.decompress(packed[_TICK_HEADER.size :])
        lengths = body[:ports]
        values, end = _unpack_integers(body, ports, sum(lengths))
    except (struct.error, zlib.error, IndexError, KeyError) as error:
        raise PackedRowError("A packed tick is damaged.") from error
    if end != len(body):
        raise PackedRowError("A packed tick is longer than it says.")
    return TickAdvanced(Tick(tick), UnixMicros(at), split_row(values, lengths))


def pack_candle(columns: Rows) -> bytes:
    """Pack a candle's columns: open, high, low, close and perhaps volume, of equal length."""
    opened, *prices = columns[:_PRICE_COLUMNS]
    differences = (tuple(map(sub, column, opened)) for column in prices)
    rows = (opened, *differences, *columns[_PRICE_COLUMNS:])
    return bytes((len(opened),)) + b"".join(map(_pack_integers, rows))


def unpack_candle(packed: bytes) -> Rows:
    """Unpack a candle's columns.

    Raises:
        PackedRowError: the bytes are damaged.
    """
    widths = bytearray()
    try:
        goods, place = packed[0], 1
        while place < len(packed):
            widths.append(packed[place])
            place += 1 + goods * packed[place]
        values = _candle_layout(goods, bytes(widths)).unpack(packed)
    except (struct.error, IndexError, KeyError) as error:
        raise PackedRowError("A packed candle is damaged.") from error
    if len(widths) < _PRICE_COLUMNS:
        raise PackedRowError("A packed candle is damaged.")
    opened, *rows = split_row(values, (goods,) * len(widths))
    differences, rest = rows[: _PRICE_COLUMNS - 1], rows[_PRICE_COLUMNS - 1 :]
    return (opened, *(tuple(map(add, row, opened)) for row in differences), *rest)


def unpack_candle_of(packed: bytes, position: int) -> tuple[int, ...]:
    """Read one good's column of a packed candle: open, high, low, close and perhaps volume.

    A chart wants one good of a thousand candles: this takes a third of unpacking them.

    Raises:
        PackedRowError: the bytes are damaged, or it has no good at this position.
    """
    values: list[int] = []
    size = len(packed)
    goods, place = (packed[0] if packed else 0), 1
    while place < size:
        width = packed[place]
        start = place + 1 + position * width
        values.append(int.from_bytes(packed[start : start + width], "big", signed=True))
        place += 1 + goods * width
    if place != size or position >= goods or len(values) < _PRICE_COLUMNS:
        raise PackedRowError("A packed candle is damaged.")
    opened = values[0]
    for column in range(1, _PRICE_COLUMNS):
        values[column] += opened
    return tuple(values)


def pack_prices(prices: Iterable[int]) -> bytes:
    """Lay prices out at CENTS_BYTES each, uncompressed, so that SQL can cut one out."""
    values = tuple(prices)
    return struct.pack(f">{len(values)}i", *values)


def unpack_prices(packed: bytes) -> tuple[int, ...]:
    """Read an uncompressed price row."""
    return struct.unpack(f">{len(packed) // CENTS_BYTES}i", packed)


def split_row(values: tuple[int, ...], lengths: Iterable[int]) -> Rows:
    """Cut a flat row into parts of the given lengths."""
    rows = []
    start = 0
    for length in lengths:
        rows.append(values[start : start + length])
        start += length
    return tuple(rows)


@lru_cache(maxsize=1_024)
def _candle_layout(goods: int, widths: bytes) -> struct.Struct:
    """Return the layout of a whole candle; row by row, reading takes twice as long."""
    rows = (f"x{goods}{_FORMATS[width]}" for width in widths)
    return struct.Struct(f">x{''.join(rows)}")


def _pack_integers(values: tuple[int, ...]) -> bytes:
    low, high = min(values, default=0), max(values, default=0)
    for width, letter, limit in _WIDTHS:
        if -limit <= low and high < limit:
            return struct.pack(f">b{len(values)}{letter}", width, *values)
    raise OverflowError("an integer of a row needs more than eight bytes")


def _unpack_integers(body: bytes, start: int, count: int) -> tuple[tuple[int, ...], int]:
    """Return the `count` integers of the row at `start`, and where it ends."""
    width = body[start]
    values = struct.unpack_from(f">{count}{_FORMATS[width]}", body, start + 1)
    return values, start + 1 + count * width
