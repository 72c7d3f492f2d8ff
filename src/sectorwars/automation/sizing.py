"""How much an automated trade takes: along the port's curve, within what the rule may invest."""

from sectorwars.domain.market import Side, buy_ladder, ladder_total, sell_ladder, trade_tax
from sectorwars.domain.rule import (
    AUTOMATED_SHARE_MAX_PERCENT,
    INVESTED_PERCENT,
    INVESTMENT_MAX_CREDITS,
    RuleSpec,
)


def budget_credits(spec: RuleSpec, side: Side, credits_held: int) -> int:
    """Return the most that one trade of a rule may be worth.

    A purchase takes at most AUTOMATED_SHARE_MAX_PERCENT of the player's credits, fees included.
    """
    budget = spec.max_investment_credits * INVESTED_PERCENT[spec.risk_level] // 100
    budget = min(budget, INVESTMENT_MAX_CREDITS)
    if side is Side.BUY:
        budget = min(budget, credits_held * AUTOMATED_SHARE_MAX_PERCENT // 100)
    return budget


def quantity_within(
    side: Side, base: int, stock: int, target: int, budget: int, units_max: int
) -> int:
    """Return the most units, up to `units_max`, whose price along the curve is within `budget`.

    A purchase's tax counts toward the budget. `units_max` is within the port's stock or room.
    """
    low, high = 0, max(0, units_max)
    while low < high:
        middle = (low + high + 1) // 2
        if side is Side.BUY:
            total = ladder_total(buy_ladder(base, stock, target, middle))
            worth = total + trade_tax(total)
        else:
            worth = ladder_total(sell_ladder(base, stock, target, middle))
        if worth <= budget:
            low = middle
        else:
            high = middle - 1
    return low
