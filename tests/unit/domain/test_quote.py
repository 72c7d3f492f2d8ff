"""How long one waits for the next quote."""

import itertools

import pytest

from sectorwars.domain.quote import (
    QUOTE_WAIT_SECONDS_MAX,
    QUOTE_WAIT_SECONDS_MIN,
    quote_wait_micros,
)
from sectorwars.domain.values import MICROS_PER_SECOND


def test_each_missed_quote_doubles_the_wait_up_to_the_longest() -> None:
    waits = [quote_wait_micros(missed) // MICROS_PER_SECOND for missed in range(1, 14)]
    assert waits[0] == QUOTE_WAIT_SECONDS_MIN
    for before, after in itertools.pairwise(waits):
        assert after == min(2 * before, QUOTE_WAIT_SECONDS_MAX)
    assert waits[-1] == QUOTE_WAIT_SECONDS_MAX


@pytest.mark.parametrize("missed", [20, 1_000_000])
def test_nobody_waits_for_ever(missed: int) -> None:
    assert quote_wait_micros(missed) == QUOTE_WAIT_SECONDS_MAX * MICROS_PER_SECOND
