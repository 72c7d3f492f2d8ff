"""How much an automated trade takes: along the port's curve, within what the rule may invest."""

from sectorwars.domain.market import BPS, TRADE_TAX_BPS, Side, buy_ladder, sell_ladder
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
    if units_max <= 0:
        return 0
    if side is Side.BUY:
        # As whole credits go, total + tax rounded up <= budget just where total <= this.
        left = budget * BPS // (BPS + TRADE_TAX_BPS)
        ladder = buy_ladder(base, stock, target, units_max)
    else:
        left = budget
        ladder = sell_ladder(base, stock, target, units_max)
    units = 0
    for fill in ladder:
        taken = min(fill.quantity, left // fill.price_credits)
        units += taken
        left -= taken * fill.price_credits
        if taken < fill.quantity:
            break
    return units
