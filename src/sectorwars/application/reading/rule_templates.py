"""Rules to begin with; their prices come from what the goods normally cost."""

from typing import Final, Literal

from sectorwars.domain.commodity import COMMODITY_SPECS, Commodity
from sectorwars.domain.rule import RiskLevel
from sectorwars.protocol.shapes.automation import RuleCondition, RuleTemplate

_PROFIT_PERCENT: Final = 5
_LOSS_PERCENT: Final = -10


def _share_of_base(commodity: Commodity, percent: int) -> int:
    return COMMODITY_SPECS[commodity].base_price_credits * percent // 100


def _below(commodity: Commodity, percent: int) -> RuleCondition:
    return RuleCondition("price_below", _share_of_base(commodity, percent), "less_than")


def _margin(percent: int, comparison: Literal["less_than", "greater_than"]) -> RuleCondition:
    return RuleCondition("margin_exceeds", percent, comparison)


RULE_TEMPLATES: Final = (
    RuleTemplate(
        template_id="bargain",
        name="Bargain organics",
        description=(
            "Buy organics at less than 90 % of what they normally cost; sell where the port pays "
            f"more than {_PROFIT_PERCENT} % above what they cost you."
        ),
        commodity=Commodity.ORGANICS.value,
        buyConditions=[_below(Commodity.ORGANICS, 90)],
        sellConditions=[_margin(_PROFIT_PERCENT, "greater_than")],
        riskLevel=RiskLevel.MODERATE.value,
        maxInvestment=5_000,
    ),
    RuleTemplate(
        template_id="confident_bargain",
        name="Confident bargain energy",
        description=(
            "Buy energy below its normal price, but only while its next forecast is given more "
            f"than 70 % confidence; sell at a margin of more than {_PROFIT_PERCENT} %."
        ),
        commodity=Commodity.ENERGY.value,
        buyConditions=[
            _below(Commodity.ENERGY, 100),
            RuleCondition("ai_confidence", 0.7, "greater_than"),
        ],
        sellConditions=[_margin(_PROFIT_PERCENT, "greater_than")],
        riskLevel=RiskLevel.CONSERVATIVE.value,
        maxInvestment=5_000,
    ),
    RuleTemplate(
        template_id="take_profit",
        name="Take profit on minerals",
        description=f"Sell minerals wherever they bring more than {2 * _PROFIT_PERCENT} %.",
        commodity=Commodity.MINERALS.value,
        buyConditions=[],
        sellConditions=[_margin(2 * _PROFIT_PERCENT, "greater_than")],
        riskLevel=RiskLevel.AGGRESSIVE.value,
        maxInvestment=20_000,
    ),
    RuleTemplate(
        template_id="stop_loss",
        name="Stop loss on equipment",
        description=(
            f"Sell equipment where the port pays more than {-_LOSS_PERCENT} % less than it cost "
            "you, before it gets worse."
        ),
        commodity=Commodity.EQUIPMENT.value,
        buyConditions=[],
        sellConditions=[_margin(_LOSS_PERCENT, "less_than")],
        riskLevel=RiskLevel.AGGRESSIVE.value,
        maxInvestment=100_000,
    ),
)
