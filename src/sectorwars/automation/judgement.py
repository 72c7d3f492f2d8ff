"""Judge a side of a rule on what a player could see, condition by condition."""

from dataclasses import dataclass
from typing import assert_never

from sectorwars.domain.market import Side
from sectorwars.domain.rule import Comparison, Condition, ConditionResult, ConditionType, RuleSpec

PERCENT_MILLI = 100_000


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a side of a rule is judged on; None where there is no such thing just now.

    `ask_credits` and `bid_credits` are the port's next unit either way. `cost_credits` is what
    the `units` aboard cost, fees included. `confidence_milli` is the forecast's, in thousandths.
    """

    ask_credits: int | None
    bid_credits: int | None
    units: int
    cost_credits: int
    confidence_milli: int | None


@dataclass(frozen=True, slots=True)
class Judgement:
    """The results of all conditions of a side; it holds where there are some and all hold."""

    results: tuple[ConditionResult, ...]

    @property
    def holds(self) -> bool:
        """Return whether the side wants to trade."""
        return bool(self.results) and all(result.holds for result in self.results)


def holds(spec: RuleSpec, side: Side, inputs: Inputs) -> bool:
    """Return whether a side of a rule holds, as `judge` does but without saying why."""
    conditions = spec.conditions(side)
    for condition in conditions:
        value = _input_milli(condition.type, side, inputs)
        if value is None or not _compare(condition, value):
            return False
    return bool(conditions)


def judge(spec: RuleSpec, side: Side, inputs: Inputs) -> Judgement:
    """Judge a side of a rule."""
    return Judgement(tuple(_result(condition, side, inputs) for condition in spec.conditions(side)))


def _result(condition: Condition, side: Side, inputs: Inputs) -> ConditionResult:
    value = _input_milli(condition.type, side, inputs)
    return ConditionResult(condition, value, value is not None and _compare(condition, value))


def _input_milli(kind: ConditionType, side: Side, inputs: Inputs) -> int | None:
    match kind:
        case ConditionType.PRICE_BELOW | ConditionType.PRICE_ABOVE:
            price = inputs.ask_credits if side is Side.BUY else inputs.bid_credits
            return None if price is None else price * 1_000
        case ConditionType.MARGIN_EXCEEDS:
            return _margin_milli(inputs)
        case ConditionType.AI_CONFIDENCE:
            return inputs.confidence_milli
        case _:
            assert_never(kind)


def _margin_milli(inputs: Inputs) -> int | None:
    """Return (bid - average cost) / average cost in thousandths of a per cent, rounded down."""
    if inputs.bid_credits is None or inputs.cost_credits <= 0:
        return None
    gain = inputs.bid_credits * inputs.units - inputs.cost_credits
    return gain * PERCENT_MILLI // inputs.cost_credits


def _compare(condition: Condition, value: int) -> bool:
    match condition.comparison:
        case Comparison.LESS_THAN:
            return value < condition.value_milli
        case Comparison.GREATER_THAN:
            return value > condition.value_milli
        case Comparison.EQUALS:
            return value == condition.value_milli
        case _:
            assert_never(condition.comparison)
