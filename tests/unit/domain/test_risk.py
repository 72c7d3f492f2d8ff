"""The risk gate's state: windows that roll by the minute, caps, and what operators have set."""

import itertools
from dataclasses import astuple

import pytest

from sectorwars.domain.commodity import Commodity
from sectorwars.domain.ids import PlayerId, PortId
from sectorwars.domain.risk import (
    NO_CAPS,
    SLOT_MICROS,
    SLOTS_PER_DAY,
    SLOTS_PER_HOUR,
    Restriction,
    RiskGate,
    TradeCaps,
    TradeWindow,
    TradingScope,
    TradingState,
)
from sectorwars.domain.values import UnixMicros

ANNA, BERT = PlayerId("anna"), PlayerId("bert")
START = UnixMicros(1_000_000 * SLOT_MICROS)


def _at(minutes: int, micros: int = 0) -> UnixMicros:
    return UnixMicros(START + minutes * SLOT_MICROS + micros)


def _window(*minutes: int) -> TradeWindow:
    window = TradeWindow()
    for minute in minutes:
        window.add(_at(minute), Commodity.ORE, 10, 500)
    return window


def test_a_window_counts_trades_credits_and_units_of_a_good() -> None:
    window = _window(0, 0, 1)
    window.add(_at(1), Commodity.FUEL, 3, 90)
    assert window.trades_within(_at(1), SLOTS_PER_HOUR) == 4
    assert window.credits_within(_at(1), SLOTS_PER_HOUR) == 1_590
    assert window.units_within(_at(1), SLOTS_PER_DAY, Commodity.ORE) == 30
    assert window.units_within(_at(1), SLOTS_PER_DAY, Commodity.FUEL) == 3
    assert window.units_within(_at(1), SLOTS_PER_DAY, Commodity.LUXURY) == 0


@pytest.mark.parametrize("slots", [SLOTS_PER_HOUR, SLOTS_PER_DAY])
def test_a_trade_counts_until_its_whole_minute_has_left_the_window(slots: int) -> None:
    last_of_minute = SLOT_MICROS - 1
    for made in (0, last_of_minute):
        window = TradeWindow()
        window.add(_at(0, made), Commodity.ORE, 1, 1)
        assert window.trades_within(_at(slots, last_of_minute), slots) == 1
        assert window.trades_within(_at(slots + 1), slots) == 0


def test_what_no_window_counts_any_more_is_forgotten() -> None:
    window = _window(0, 1, SLOTS_PER_DAY, SLOTS_PER_DAY + 1)
    assert [slot.minute - START // SLOT_MICROS for slot in window.slots] == [
        1,
        SLOTS_PER_DAY,
        SLOTS_PER_DAY + 1,
    ]


def test_a_clock_that_goes_back_lifts_no_cap() -> None:
    window = _window(10)
    assert window.trades_within(_at(5), SLOTS_PER_HOUR) == 1
    window.add(_at(5), Commodity.ORE, 10, 500)
    assert window.units_within(_at(5), SLOTS_PER_DAY, Commodity.ORE) == 20
    window.add(_at(10), Commodity.ORE, 10, 500)
    in_order = [(slot.minute - START // SLOT_MICROS, slot.trades) for slot in window.slots]
    assert in_order == [(5, 1), (10, 2)]


def test_a_trade_of_long_ago_is_forgotten_with_the_next_minute() -> None:
    window = _window(2 * SLOTS_PER_DAY, 0, 2 * SLOTS_PER_DAY)
    assert [slot.minute - START // SLOT_MICROS for slot in window.slots] == [0, 2 * SLOTS_PER_DAY]
    window.add(_at(2 * SLOTS_PER_DAY + 1), Commodity.ORE, 1, 1)
    assert [slot.trades for slot in window.slots] == [2, 1]


def test_the_strictest_of_two_sets_of_caps_binds() -> None:
    fields = len(NO_CAPS.values())
    loose, strict = TradeCaps(*range(10, 10 + fields)), TradeCaps(*range(fields))
    assert loose.strictest(strict) == strict.strictest(loose) == strict
    assert strict.strictest(NO_CAPS) == NO_CAPS.strictest(strict) == strict
    mixed = TradeCaps(units_per_trade=5).strictest(TradeCaps(credits_per_day=7))
    assert mixed == TradeCaps(units_per_trade=5, credits_per_day=7)
    assert strict.values() == astuple(strict)


def test_a_players_caps_are_the_lower_of_the_games_and_his_own() -> None:
    gate = RiskGate()
    assert gate.caps(ANNA) is NO_CAPS
    gate.set_caps(None, TradeCaps(units_per_trade=50, trades_per_hour=9))
    gate.set_caps(ANNA, TradeCaps(units_per_trade=10))
    assert gate.caps(ANNA) == TradeCaps(units_per_trade=10, trades_per_hour=9)
    assert gate.caps(BERT) == TradeCaps(units_per_trade=50, trades_per_hour=9)
    gate.set_caps(ANNA, NO_CAPS)
    assert gate.player_caps == {}


@pytest.mark.parametrize(
    ("scope", "subject"),
    [
        (TradingScope.GAME, None),
        (TradingScope.PORT, PortId("p0001")),
        (TradingScope.PLAYER, ANNA),
    ],
)
def test_a_state_is_set_and_lifted_for_one_scope(scope: TradingScope, subject: str | None) -> None:
    gate = RiskGate()
    assert gate.unrestricted
    for state in (TradingState.REDUCING, TradingState.HALTED):
        gate.set_state(scope, subject, state, "a test")
        assert gate.state(scope, subject) is state
        assert not gate.unrestricted
        for other in TradingScope:
            if other is not scope:
                assert gate.state(other, "someone") is TradingState.ACTIVE
    gate.set_state(scope, subject, TradingState.ACTIVE, "the test is over")
    assert gate == RiskGate()


_HAVEN = PortId("p0001")


def test_the_strictest_restriction_is_the_first_halt_and_else_the_first_of_game_player_port() -> (
    None
):
    subjects = {TradingScope.GAME: None, TradingScope.PLAYER: ANNA, TradingScope.PORT: _HAVEN}
    for states in itertools.product(TradingState, repeat=3):
        gate = RiskGate()
        given = dict(zip(subjects, states, strict=True))
        for scope, state in given.items():
            gate.set_state(scope, subjects[scope], state, f"why the {scope}")
        ranked = [
            (scope, Restriction(wanted, f"why the {scope}"))
            for wanted in (TradingState.HALTED, TradingState.REDUCING)
            for scope, state in given.items()
            if state is wanted
        ]
        assert gate.strictest(ANNA, _HAVEN) == (ranked[0] if ranked else None)


def test_what_is_set_for_others_restricts_nobody() -> None:
    gate = RiskGate()
    gate.set_state(TradingScope.PLAYER, ANNA, TradingState.HALTED, "why")
    gate.set_state(TradingScope.PORT, _HAVEN, TradingState.HALTED, "why")
    assert gate.strictest(BERT, PortId("p0002")) is None
    assert gate.strictest(None, None) is None
