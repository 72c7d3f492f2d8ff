"""Operators' commands: what they set, what they record, and what they are refused."""

import pytest
from tests.small_galaxy import HAVEN, NOW, PLAYER, perform, refusal, world_with_player

from sectorwars.domain.command import SetTradeCaps, SetTradingState
from sectorwars.domain.event import TradeCapsSet, TradingStateSet
from sectorwars.domain.ids import CommandId, PlayerId
from sectorwars.domain.rejection import RejectionCode
from sectorwars.domain.risk import CAP_MAX, NO_CAPS, TradeCaps, TradingScope, TradingState

OPERATOR = PlayerId("op_1")


@pytest.mark.parametrize(
    ("scope", "subject", "named"),
    [
        (TradingScope.GAME, "whatever", None),
        (TradingScope.PORT, HAVEN, HAVEN),
        (TradingScope.PLAYER, PLAYER, PLAYER),
    ],
)
def test_a_state_is_recorded_with_who_set_it_why_and_what_was_before(
    scope: TradingScope, subject: str, named: str | None
) -> None:
    world = world_with_player()
    before = TradingState.ACTIVE
    for state in (TradingState.HALTED, TradingState.REDUCING, TradingState.ACTIVE):
        (event,) = perform(world, SetTradingState(scope, subject, state, "drill"), OPERATOR)
        assert event == TradingStateSet(
            OPERATOR, CommandId("c-1"), NOW, scope, named, before, state, "drill"
        )
        before = world.risk.state(scope, named)
        assert before is state


@pytest.mark.parametrize("subject", [None, "nobody"])
@pytest.mark.parametrize(
    ("scope", "code"),
    [
        (TradingScope.PORT, RejectionCode.UNKNOWN_PORT),
        (TradingScope.PLAYER, RejectionCode.UNKNOWN_PLAYER),
    ],
)
def test_a_state_is_set_for_what_exists_only(
    scope: TradingScope, code: RejectionCode, subject: str | None
) -> None:
    command = SetTradingState(scope, subject, TradingState.HALTED, "drill")
    assert refusal(world_with_player(), command, OPERATOR) is code


@pytest.mark.parametrize("subject", [None, PLAYER])
def test_caps_are_recorded_with_who_set_them_why_and_what_was_before(
    subject: PlayerId | None,
) -> None:
    world = world_with_player()
    caps = TradeCaps(units_per_trade=0, credits_per_day=CAP_MAX)
    for before, after in ((NO_CAPS, caps), (caps, NO_CAPS)):
        (event,) = perform(world, SetTradeCaps(subject, after, "drill"), OPERATOR)
        assert event == TradeCapsSet(
            OPERATOR, CommandId("c-1"), NOW, subject, before, after, "drill"
        )
        assert world.risk.caps(PLAYER) == after


@pytest.mark.parametrize("cap", [-1, CAP_MAX + 1, 2**53])
def test_a_cap_out_of_range_is_refused(cap: int) -> None:
    command = SetTradeCaps(PLAYER, TradeCaps(trades_per_hour=cap), "drill")
    assert refusal(world_with_player(), command, OPERATOR) is RejectionCode.INVALID_CAP


def test_caps_of_a_stranger_are_refused() -> None:
    command = SetTradeCaps(PlayerId("nobody"), TradeCaps(trades_per_hour=-1), "drill")
    assert refusal(world_with_player(), command, OPERATOR) is RejectionCode.UNKNOWN_PLAYER
