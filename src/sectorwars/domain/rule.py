"""Automation rules: what a player lets the galaxy do for him, and how far it may go."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from sectorwars.domain.commodity import Commodity
from sectorwars.domain.ids import PlayerId, PortId, RuleId
from sectorwars.domain.market import Side
from sectorwars.domain.values import MICROS_PER_SECOND, Tick, UnixMicros

RULES_MAX: Final = 10
CONDITIONS_MAX: Final = 10
NAME_LENGTH_MIN: Final = 3
NAME_LENGTH_MAX: Final = 50
INVESTMENT_MAX_CREDITS: Final = 100_000
VALUE_MILLI_MAX: Final = 1_000_000_000_000
"""The furthest from zero that a condition's value may be, in thousandths: a billion."""

AUTOMATED_TRADES_PER_HOUR_MAX: Final = 20
AUTOMATED_TRADE_INTERVAL_SECONDS: Final = 30
AUTOMATED_DAILY_LOSS_MAX_CREDITS: Final = 500_000
AUTOMATED_SHARE_MAX_PERCENT: Final = 10
"""The most of a player's credits that one automated trade may take."""

HOUR_MICROS: Final = 3_600 * MICROS_PER_SECOND
DAY_MICROS: Final = 24 * HOUR_MICROS


class ConditionType(StrEnum):
    """The input that a condition looks at."""

    PRICE_BELOW = "price_below"
    """The port's ask where the rule buys, its bid where it sells; so is PRICE_ABOVE."""
    PRICE_ABOVE = "price_above"
    MARGIN_EXCEEDS = "margin_exceeds"
    """(bid - average cost) / average cost, in per cent."""
    AI_CONFIDENCE = "ai_confidence"
    """The confidence, 0 to 1, of the good's forecast for the next horizon."""


class Comparison(StrEnum):
    """How a condition's input is compared with its value."""

    LESS_THAN = "less_than"
    GREATER_THAN = "greater_than"
    EQUALS = "equals"


class RiskLevel(StrEnum):
    """How much of what a rule may invest it puts into one trade."""

    CONSERVATIVE = "conservative"
    MODERATE = "moderate"
    AGGRESSIVE = "aggressive"


INVESTED_PERCENT: Final[dict[RiskLevel, int]] = {
    RiskLevel.CONSERVATIVE: 25,
    RiskLevel.MODERATE: 50,
    RiskLevel.AGGRESSIVE: 100,
}


class Verdict(StrEnum):
    """What came of a side of a rule whose conditions held, or could not be looked at."""

    FIRED = "fired"
    """It has traded."""
    BLOCKED = "blocked"
    """Something else stands in the way."""


@dataclass(frozen=True, slots=True)
class Condition:
    """Compare an input with `value_milli` thousandths of a credit, per cent or confidence."""

    type: ConditionType
    comparison: Comparison
    value_milli: int


@dataclass(frozen=True, slots=True)
class RuleSpec:
    """What a player asks for. All conditions of a side must hold; a side without any rests.

    `port_id` binds the rule to a port; None means wherever the ship is docked.
    """

    name: str
    commodity: Commodity
    port_id: PortId | None
    buy_conditions: tuple[Condition, ...]
    sell_conditions: tuple[Condition, ...]
    risk_level: RiskLevel
    max_investment_credits: int

    def conditions(self, side: Side) -> tuple[Condition, ...]:
        """Return the conditions of a side."""
        return self.buy_conditions if side is Side.BUY else self.sell_conditions


@dataclass(frozen=True, slots=True)
class ConditionResult:
    """A condition, the input it saw in thousandths (None: there was none), and whether it held."""

    condition: Condition
    input_milli: int | None
    holds: bool


@dataclass(frozen=True, slots=True)
class Cap:
    """A limit that an automated trade was held against: how much was used of how much."""

    name: str
    used: int
    limit: int


@dataclass(frozen=True, slots=True)
class Trace:
    """Why a side of a rule did or did not trade, as far as it was looked at.

    `market_version` and `port_id` are None where the ship was not docked; `quantity` is None
    where no order was made. `code` and `detail` say what blocked it.
    """

    port_id: PortId | None
    market_version: int | None
    conditions: tuple[ConditionResult, ...]
    caps: tuple[Cap, ...]
    quantity: int | None
    code: str | None
    detail: str


@dataclass(frozen=True, slots=True)
class TracedVerdict:
    """A verdict that mattered, and why. It changes nothing: what a rule traded is an event."""

    player_id: PlayerId
    rule_id: RuleId
    side: Side
    verdict: Verdict
    at: UnixMicros
    tick: Tick
    trace: Trace


@dataclass(slots=True)
class Rule:
    """A player's rule; `spent` are the sides that have traded.

    They may trade again once their conditions were seen not to hold.
    """

    rule_id: RuleId
    player_id: PlayerId
    spec: RuleSpec
    created_at: UnixMicros
    active: bool = False
    spent: frozenset[Side] = frozenset()


@dataclass(frozen=True, slots=True)
class AutomatedTrade:
    """An automated trade, for the rolling caps and the status; `profit_credits` is 0 for a buy."""

    at: UnixMicros
    rule_id: RuleId
    side: Side
    commodity: Commodity
    quantity: int
    total_credits: int
    profit_credits: int


@dataclass(slots=True)
class Automation:
    """A player's automation: the master switch, his rules by id, and his recent trades.

    `recent` holds the trades of the last 24 hours of real time, oldest first, and always the
    latest one. With `pause_on_disconnect` the loss of the player's last connection turns the switch
    off; `paused_at` says when it did, if that is why it is off.
    """

    active: bool = False
    pause_on_disconnect: bool = False
    paused_at: UnixMicros | None = None
    rules: dict[RuleId, Rule] = field(default_factory=dict)
    rule_serial: int = 0
    recent: list[AutomatedTrade] = field(default_factory=list)

    def since(self, at: UnixMicros) -> list[AutomatedTrade]:
        """Return the trades later than `at`."""
        return [trade for trade in self.recent if trade.at > at]
