"""Wire shapes of opportunities."""

from typing import Final

from sectorwars.application.advice.opportunity import Opportunity, PricedTrade
from sectorwars.protocol.shapes.advice import AdvisedTrade, ExpectedOutcome, Recommendation

_PRIORITY_BY_SHARE: Final = ((20, 5), (10, 4), (3, 3), (1, 2))
"""The priority of a profit of at least so many per cent of the player's credits."""


def recommendation(opportunity: Opportunity, credits_held: int) -> Recommendation:
    """Show an opportunity to somebody who has `credits_held`."""
    sell = opportunity.sell.port.spec
    good, units = opportunity.commodity.spoken, opportunity.quantity
    profit = opportunity.profit_credits
    if opportunity.buy is None:
        title = f"Sell {units} {good} at {sell.name}"
        start = f"Sell {units} {good} for {opportunity.sell.total_credits} credits at {sell.name}"
    else:
        title = f"Carry {units} {good} to {sell.name}"
        start = (
            f"Buy {units} {good} for {opportunity.buy.total_credits} credits at "
            f"{opportunity.buy.port.spec.name}, sell for {opportunity.sell.total_credits} at "
            f"{sell.name}"
        )
    return Recommendation(
        kind="sale" if opportunity.buy is None else "trade",
        commodity=opportunity.commodity.value,
        quantity=units,
        buy=None if opportunity.buy is None else _advised(opportunity.buy),
        sell=_advised(opportunity.sell),
        docking_fees_credits=opportunity.docking_fees_credits,
        profit_credits=profit,
        travel_seconds=opportunity.seconds,
        turns=opportunity.way.turns,
        path=list(opportunity.way.path),
        priority=_priority(profit, credits_held),
        title=title,
        message=f"{start}: {profit} credits after taxes and fees, {opportunity.seconds} s of "
        f"flight, {opportunity.way.turns} turn{'s' * (opportunity.way.turns != 1)}.",
        expected_outcome=ExpectedOutcome(profit, "credits"),
    )


def _advised(priced: PricedTrade) -> AdvisedTrade:
    spec = priced.port.spec
    return AdvisedTrade(
        port_id=spec.port_id,
        port_name=spec.name,
        sector_id=spec.sector_id,
        market_version=priced.port.version,
        total_credits=priced.total_credits,
        fees_credits=priced.tax_credits,
    )


def _priority(profit: int, credits_held: int) -> int:
    for percent, priority in _PRIORITY_BY_SHARE:
        if profit * 100 >= percent * credits_held:
            return priority
    return 1
