"""Shapes of automation: rules, their verdicts, the master switch."""

from dataclasses import dataclass
from typing import Literal

from sectorwars.protocol.shapes.trade import Side


@dataclass(frozen=True, slots=True)
class RuleCondition:
    """A condition of a rule: `type` is the input, `comparison` the operator."""

    type: Literal["price_below", "price_above", "margin_exceeds", "ai_confidence"]
    value: float
    comparison: Literal["less_than", "greater_than", "equals"]


@dataclass(frozen=True, slots=True)
class RuleView:
    """An automation rule, in the Foundation client's words; `portId` null: wherever one docks."""

    id: str
    name: str
    commodity: str
    buyConditions: list[RuleCondition]  # noqa: N815 - the client's name
    sellConditions: list[RuleCondition]  # noqa: N815 - the client's name
    riskLevel: Literal["conservative", "moderate", "aggressive"]  # noqa: N815 - the client's name
    maxInvestment: int  # noqa: N815 - the client's name
    isActive: bool  # noqa: N815 - the client's name
    portId: str | None  # noqa: N815 - like its neighbours


@dataclass(frozen=True, slots=True)
class AutomationAction:
    """An automated trade; `profit` is 0 for a purchase."""

    type: Side
    commodity: str
    amount: int
    profit: int
    timestamp: str
    reasoning: str


@dataclass(frozen=True, slots=True)
class AutomationStatus:
    """A player's automation; `totalProfitToday` and `tradesExecuted` cover the last 24 hours.

    `pauseOnDisconnect` is the player's choice; `pausedAt` says when the loss of his last connection
    turned his automation off, null where that is not why it is off.
    """

    isActive: bool  # noqa: N815 - the client's name
    totalProfitToday: int  # noqa: N815 - the client's name
    tradesExecuted: int  # noqa: N815 - the client's name
    rulesActive: int  # noqa: N815 - the client's name
    lastAction: AutomationAction | None  # noqa: N815 - the client's name
    pauseOnDisconnect: bool  # noqa: N815 - like its neighbours
    pausedAt: str | None  # noqa: N815 - like its neighbours


@dataclass(frozen=True, slots=True)
class AutomationLimits:
    """What rules and automated trades are held to; the hour and the day roll."""

    rules: int
    conditions_of_a_side: int
    name_length_min: int
    name_length_max: int
    investment_credits: int
    trades_per_hour: int
    seconds_between_trades: int
    loss_credits_in_24_hours: int
    share_of_credits_percent: int


@dataclass(frozen=True, slots=True)
class RuleReceipt:
    """The answer to a rule that was stored or switched."""

    command_id: str
    status: Literal["executed"]
    rule: RuleView


@dataclass(frozen=True, slots=True)
class RuleDeletedReceipt:
    """The answer to a rule that was deleted."""

    command_id: str
    status: Literal["executed"]
    rule_id: str


@dataclass(frozen=True, slots=True)
class AutomationReceipt:
    """The answer to the master switch."""

    command_id: str
    status: Literal["executed"]
    active: bool


@dataclass(frozen=True, slots=True)
class DisconnectPauseReceipt:
    """The answer to the choice whether automation pauses while the player has no connection."""

    command_id: str
    status: Literal["executed"]
    active: bool


@dataclass(frozen=True, slots=True)
class TracedCondition:
    """A condition, the input it saw (null: there was none), and whether it held."""

    type: str
    comparison: str
    value: float
    input: float | None
    holds: bool


@dataclass(frozen=True, slots=True)
class TracedCap:
    """A limit an automated trade was held against."""

    name: str
    used: int
    limit: int


@dataclass(frozen=True, slots=True)
class RuleTrace:
    """Why a side of a rule did or did not trade; `code` and `detail` say what blocked it."""

    rule_id: str
    side: Side
    verdict: Literal["fired", "blocked"]
    at: str
    game_time: str
    port_id: str | None
    market_version: int | None
    conditions: list[TracedCondition]
    caps: list[TracedCap]
    quantity: int | None
    code: str | None
    detail: str


@dataclass(frozen=True, slots=True)
class RuleTracePage:
    """A page of a rule's verdicts, newest first."""

    items: list[RuleTrace]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class RuleTemplate:
    """A rule to begin with; it is made a rule by creating it."""

    template_id: str
    name: str
    description: str
    commodity: str
    buyConditions: list[RuleCondition]  # noqa: N815 - the client's name
    sellConditions: list[RuleCondition]  # noqa: N815 - the client's name
    riskLevel: Literal["conservative", "moderate", "aggressive"]  # noqa: N815 - the client's name
    maxInvestment: int  # noqa: N815 - the client's name
