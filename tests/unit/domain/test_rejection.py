"""Codes and retry classes."""

import pytest

from sectorwars.domain.rejection import Refusal, Rejection, RejectionCode, Retry


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


def test_codes_are_numbered_once_in_their_order_of_precedence() -> None:
    numbers = [code.number for code in RejectionCode]
    assert numbers == sorted(set(numbers))
    assert RejectionCode("game_halted") is RejectionCode.GAME_HALTED


def test_only_the_engines_codes_have_numbers() -> None:
    codes = [RejectionCode.GAME_HALTED.value, "rate_limited"]
    assert [Refusal(code, Retry.LATER, "No.").number for code in codes] == [201, None]
