"""Conditions: what each one looks at, and how it compares."""

import pytest

from sectorwars.automation.judgement import Inputs, holds, judge
from sectorwars.domain.commodity import Commodity
from sectorwars.domain.market import Side
from sectorwars.domain.rule import (
    Comparison,
    Condition,
    ConditionResult,
    ConditionType,
    RiskLevel,
    RuleSpec,
)

INPUTS = Inputs(ask_credits=62, bid_credits=57, units=3, cost_credits=160, confidence_milli=810)
NOTHING = Inputs(None, None, 0, 0, None)


def _judged(condition: Condition, side: Side, inputs: Inputs = INPUTS) -> ConditionResult:
    conditions = ((condition,), ()) if side is Side.BUY else ((), (condition,))
    spec = RuleSpec("Rule", Commodity.ORE, None, *conditions, RiskLevel.MODERATE, 1_000)
    (result,) = judge(spec, side, inputs).results
    assert holds(spec, side, inputs) is result.holds
    assert result.condition is condition
    return result


@pytest.mark.parametrize("kind", [ConditionType.PRICE_BELOW, ConditionType.PRICE_ABOVE])
@pytest.mark.parametrize(("side", "price"), [(Side.BUY, 62_000), (Side.SELL, 57_000)])
def test_a_price_is_the_ask_for_buying_and_the_bid_for_selling(
    kind: ConditionType, side: Side, price: int
) -> None:
    assert _judged(Condition(kind, Comparison.LESS_THAN, 0), side).input_milli == price


@pytest.mark.parametrize("side", Side)
@pytest.mark.parametrize(
    ("units", "cost", "margin"),
    [
        (3, 160, 6_875),  # 171 against 160: 6.875 %
        (3, 171, 0),
        (3, 180, -5_000),
        (7, 400, -250),  # 399 against 400
        (1, 170, -66_471),  # rounded down, away from zero here
    ],
)
def test_the_margin_is_the_bids_over_the_average_cost(
    side: Side, units: int, cost: int, margin: int
) -> None:
    inputs = Inputs(62, 57, units, cost, None)
    condition = Condition(ConditionType.MARGIN_EXCEEDS, Comparison.EQUALS, margin)
    assert _judged(condition, side, inputs) == ConditionResult(condition, margin, holds=True)


def test_the_confidence_is_the_forecasts() -> None:
    condition = Condition(ConditionType.AI_CONFIDENCE, Comparison.GREATER_THAN, 800)
    assert _judged(condition, Side.BUY) == ConditionResult(condition, 810, holds=True)


@pytest.mark.parametrize(
    ("comparison", "held"),
    [
        (Comparison.LESS_THAN, [61_999, 62_000, 62_001]),
        (Comparison.EQUALS, [61_999, 62_000, 62_001]),
        (Comparison.GREATER_THAN, [61_999, 62_000, 62_001]),
    ],
)
def test_comparisons_are_strict_and_exact(comparison: Comparison, held: list[int]) -> None:
    holds = [
        _judged(Condition(ConditionType.PRICE_BELOW, comparison, value), Side.BUY).holds
        for value in held
    ]
    expected = {
        Comparison.LESS_THAN: [False, False, True],
        Comparison.EQUALS: [False, True, False],
        Comparison.GREATER_THAN: [True, False, False],
    }
    assert holds == expected[comparison]


@pytest.mark.parametrize("kind", ConditionType)
@pytest.mark.parametrize("comparison", Comparison)
@pytest.mark.parametrize("side", Side)
def test_what_is_not_there_holds_nothing(
    kind: ConditionType, comparison: Comparison, side: Side
) -> None:
    condition = Condition(kind, comparison, 0)
    assert _judged(condition, side, NOTHING) == ConditionResult(condition, None, holds=False)


def test_a_margin_needs_a_bid() -> None:
    condition = Condition(ConditionType.MARGIN_EXCEEDS, Comparison.LESS_THAN, 0)
    assert _judged(condition, Side.SELL, Inputs(62, None, 3, 160, None)).input_milli is None


def test_all_conditions_of_the_side_must_hold_and_there_must_be_some() -> None:
    true = Condition(ConditionType.PRICE_ABOVE, Comparison.GREATER_THAN, 0)
    false = Condition(ConditionType.PRICE_ABOVE, Comparison.LESS_THAN, 0)

    for conditions, held in (
        ((true,), True),
        ((true, true), True),
        ((true, false), False),
        ((), False),
    ):
        spec = RuleSpec("Rule", Commodity.ORE, None, conditions, (true,), RiskLevel.MODERATE, 1)
        assert judge(spec, Side.BUY, INPUTS).holds is held
        assert holds(spec, Side.BUY, INPUTS) is held
