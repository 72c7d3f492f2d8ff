"""Executed trades a minute."""

import pytest

from sectorwars.application.writing.trade_limit import TradeLimit
from sectorwars.domain.ids import PlayerId
from sectorwars.domain.rejection import Retry
from sectorwars.domain.values import MICROS_PER_SECOND, UnixMicros

A, B = PlayerId("a"), PlayerId("b")


def _at(seconds: float) -> UnixMicros:
    return UnixMicros(int(seconds * MICROS_PER_SECOND))


def test_so_many_a_minute_and_no_more() -> None:
    limit = TradeLimit(2)
    for seconds in (0, 10):
        assert limit.check(A, _at(seconds)) is None
        limit.record(A, _at(seconds))
    refused = limit.check(A, _at(20.0005))
    assert refused is not None
    assert (refused.code, refused.retry) == ("trade_rate_limited", Retry.LATER)
    assert (refused.retry_after_ms, refused.limit) == (40_000, "trade_rate_limit=2/min")
    assert limit.check(B, _at(20)) is None
    assert limit.check(A, _at(60)) is None


def test_asking_counts_nothing() -> None:
    limit = TradeLimit(1)
    for _ in range(5):
        assert limit.check(A, _at(1)) is None


def test_a_limit_of_none_is_no_limit_to_set() -> None:
    with pytest.raises(ValueError, match="at least one"):
        TradeLimit(0)
