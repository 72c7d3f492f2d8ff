"""Codes, numbers and retry classes."""

import pytest

from sectorwars.domain.rejection import REJECTION_NUMBERS, Rejection, RejectionCode, Retry


def test_numbers_rise_with_precedence_from_1001() -> None:
    assert list(REJECTION_NUMBERS) == list(RejectionCode)
    assert list(REJECTION_NUMBERS.values()) == list(range(1_001, 1_001 + len(RejectionCode)))


@pytest.mark.parametrize(
    ("code", "retry"),
    [
        (RejectionCode.UNKNOWN_COMMODITY, Retry.NEVER),
        (RejectionCode.INVALID_QUANTITY, Retry.NEVER),
        (RejectionCode.PLAYER_EXISTS, Retry.NEVER),
        (RejectionCode.INSUFFICIENT_CREDITS, Retry.NEW_ID),
        (RejectionCode.IN_TRANSIT, Retry.NEW_ID),
    ],
)
def test_what_a_caller_may_do_after_a_rejection(code: RejectionCode, retry: Retry) -> None:
    assert Rejection(code, "No.").retry is retry
