"""How much an automated trade takes."""

import pytest

from sectorwars.automation.sizing import budget_credits, quantity_within
from sectorwars.domain.commodity import Commodity
from sectorwars.domain.market import Side, buy_ladder, ladder_total, sell_ladder, trade_tax
from sectorwars.domain.rule import RiskLevel, RuleSpec

BASE, STOCK, TARGET = 60, 2_000, 2_000


def _spec(risk_level: RiskLevel, investment: int) -> RuleSpec:
    return RuleSpec("Rule", Commodity.ORE, None, (), (), risk_level, investment)


@pytest.mark.parametrize(
    ("risk_level", "share"),
    [
        (RiskLevel.CONSERVATIVE, 2_500),
        (RiskLevel.MODERATE, 5_000),
        (RiskLevel.AGGRESSIVE, 10_000),
    ],
)
@pytest.mark.parametrize("side", Side)
def test_the_risk_level_says_how_much_of_the_investment(
    risk_level: RiskLevel, share: int, side: Side
) -> None:
    assert budget_credits(_spec(risk_level, 10_000), side, 10**9) == share


def test_a_purchase_takes_a_tenth_of_the_credits_at_most_and_a_sale_is_not_bound() -> None:
    spec = _spec(RiskLevel.AGGRESSIVE, 100_000)
    assert budget_credits(spec, Side.BUY, 50_009) == 5_000
    assert budget_credits(spec, Side.SELL, 0) == 100_000


def _worth(side: Side, quantity: int) -> int:
    if side is Side.BUY:
        total = ladder_total(buy_ladder(BASE, STOCK, TARGET, quantity))
        return total + trade_tax(total)
    return ladder_total(sell_ladder(BASE, STOCK, TARGET, quantity))


@pytest.mark.parametrize("side", Side)
@pytest.mark.parametrize("quantity", [1, 2, 37, 149])
def test_it_is_the_most_that_the_budget_allows(side: Side, quantity: int) -> None:
    budget = _worth(side, quantity)
    assert quantity_within(side, BASE, STOCK, TARGET, budget, 150) == quantity
    assert quantity_within(side, BASE, STOCK, TARGET, budget - 1, 150) == quantity - 1


@pytest.mark.parametrize("side", Side)
@pytest.mark.parametrize(("units_max", "quantity"), [(150, 150), (1, 1), (0, 0), (-5, 0)])
def test_it_is_never_more_than_there_is_room_for(side: Side, units_max: int, quantity: int) -> None:
    assert quantity_within(side, BASE, STOCK, TARGET, 10**9, units_max) == quantity
