"""Bodies of requests, and answers that only HTTP gives."""

from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, Strict, field_validator, model_validator

from sectorwars.api.commodity import commodity_named
from sectorwars.application.account import (
    EMAIL_LENGTH_MAX,
    USERNAME_LENGTH_MAX,
    USERNAME_LENGTH_MIN,
    USERNAME_PATTERN,
    AccountRole,
)
from sectorwars.application.accounts.password import PASSWORD_LENGTH_MAX, PASSWORD_LENGTH_MIN
from sectorwars.application.alerts.alert import VALUE_MAX
from sectorwars.application.aria.refusals import MESSAGE_LENGTH_MAX
from sectorwars.application.backtest.desk import Asked
from sectorwars.application.backtest.task import HOURS_MAX
from sectorwars.domain.command import PRICE_BOUND_MAX, QUANTITY_MAX
from sectorwars.domain.commodity import COMMODITIES
from sectorwars.domain.ids import COMMAND_ID_LENGTH_MAX, PortId, RuleId
from sectorwars.domain.order import ORDER_LIFE_SECONDS_DEFAULT, ORDER_LIFE_SECONDS_MAX
from sectorwars.domain.risk import TradeCaps, TradingState
from sectorwars.domain.rule import (
    CONDITIONS_MAX,
    INVESTMENT_MAX_CREDITS,
    NAME_LENGTH_MAX,
    NAME_LENGTH_MIN,
    RULES_MAX,
    VALUE_MILLI_MAX,
    Comparison,
    Condition,
    ConditionType,
    RiskLevel,
    RuleSpec,
)
from sectorwars.domain.values import Credits, parse_game_time
from sectorwars.protocol.shapes.account import ShipState
from sectorwars.protocol.shapes.market import MarketRealtime

ID_PATTERN: Final = r"^[\x21-\x7e]+$"
"""Printable ASCII: no store and no log takes a null character or a line feed for an id."""
CURSOR_PATTERN: Final = r"^[0-9]{1,19}$"
ID_LENGTH_MAX: Final = 64
_TOKEN_LENGTH_MAX: Final = 128
_REASON_LENGTH_MAX: Final = 200
_PRINTABLE: Final = r"^[^\x00-\x1f\x7f]+$"
_CAP_MAX: Final = 2**53 - 1
"""The largest integer that every JSON parser keeps exact (RFC 8259, 6)."""
_MILLI: Final = 1_000
_STAKE_MAX: Final = 10**12
_TIME_LENGTH_MAX: Final = 40

_COMMODITY_NAMES: Final[dict[str, Any]] = {"enum": [good.value for good in COMMODITIES]}
# Told to the reader of the documentation; judged by the application, which words it better.
_USERNAME_RULE: Final[dict[str, Any]] = {
    "minLength": USERNAME_LENGTH_MIN,
    "maxLength": USERNAME_LENGTH_MAX,
    "pattern": USERNAME_PATTERN,
}
_PASSWORD_RULE: Final[dict[str, Any]] = {
    "minLength": PASSWORD_LENGTH_MIN,
    "maxLength": PASSWORD_LENGTH_MAX,
}
_EMAIL_RULE: Final[dict[str, Any]] = {"format": "email", "maxLength": EMAIL_LENGTH_MAX}

CommandIdText = Annotated[
    str, Field(min_length=1, max_length=COMMAND_ID_LENGTH_MAX, pattern=ID_PATTERN)
]
CommodityName = Annotated[str, Field(max_length=ID_LENGTH_MAX, json_schema_extra=_COMMODITY_NAMES)]
RuleIdText = Annotated[str, Field(max_length=128, pattern=ID_PATTERN)]
Quantity = Annotated[int, Field(ge=1, le=QUANTITY_MAX)]
Cap = Annotated[int | None, Field(ge=0, le=_CAP_MAX)]
PriceBound = Annotated[int, Field(ge=1, le=PRICE_BOUND_MAX)]
Reason = Annotated[str, Field(min_length=1, max_length=_REASON_LENGTH_MAX, pattern=_PRINTABLE)]
OrderLife = Annotated[int, Field(ge=1, le=ORDER_LIFE_SECONDS_MAX)]


class _Body(BaseModel):
    """A request's body: exact types, and no member that nobody reads."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Registration(_Body):
    """Who wants to play."""

    username: Annotated[str, Field(json_schema_extra=_USERNAME_RULE)]
    password: Annotated[str, Field(json_schema_extra=_PASSWORD_RULE)]
    email: Annotated[str | None, Field(json_schema_extra=_EMAIL_RULE)] = None


class Credentials(_Body):
    """A name and its password."""

    username: str
    password: Annotated[str, Field(max_length=PASSWORD_LENGTH_MAX)]


class RefreshRequest(_Body):
    """The refresh token of the latest answer."""

    refresh_token: Annotated[str, Field(max_length=_TOKEN_LENGTH_MAX)]


class RoleChange(_Body):
    """The role that an account is to have."""

    role: Annotated[AccountRole, Strict(False)]


class CommandRequest(_Body):
    """A command without members of its own; the id may come in `Idempotency-Key` instead."""

    command_id: CommandIdText | None = None


class ConnectionClosing(_Body):
    """Why a connection is closed, for the audit trail."""

    reason: Reason


class _ReasonedCommand(CommandRequest):
    reason: Reason


class TradingStateChange(_ReasonedCommand):
    """What the risk gate is to let through, and why, as those concerned are told."""

    state: Annotated[TradingState, Strict(False)]


class TradeCapsSetting(_Body):
    """Caps on what a player trades; null is no limit. Hours and days roll by the minute."""

    units_per_trade: Cap = None
    credits_per_trade: Cap = None
    trades_per_hour: Cap = None
    credits_per_hour: Cap = None
    credits_per_day: Cap = None
    units_of_a_good_per_day: Cap = None

    def caps(self) -> TradeCaps:
        """Return them as the core has them."""
        return TradeCaps(**self.model_dump())


class TradeCapsChange(_ReasonedCommand):
    """All caps as they are to be, and why."""

    caps: TradeCapsSetting


class DockRequest(CommandRequest):
    """Where to dock."""

    port_id: Annotated[str, Field(max_length=ID_LENGTH_MAX, pattern=ID_PATTERN)]


class _Order(CommandRequest):
    commodity: CommodityName
    quantity: Quantity


class QuoteRequest(_Order):
    """What a port is to promise."""

    side: Literal["buy", "sell"]


class LimitOrderRequest(_Order):
    """What to buy or sell; `limit_price` is the most or least credits for each single unit."""

    side: Literal["buy", "sell"]
    limit_price: PriceBound
    good_for_seconds: OrderLife = ORDER_LIFE_SECONDS_DEFAULT
    cancel_on_disconnect: bool = False


class _ImmediateOrder(_Order):
    fill: Literal["all", "partial"] = "all"
    quote_id: CommandIdText | None = None


class BuyOrder(_ImmediateOrder):
    """What to buy; `max_price` is the most credits for each single unit.

    `fill` says whether part of it will do; `quote_id` names the quote at whose prices it is made.
    """

    max_price: PriceBound | None = None


class SellOrder(_ImmediateOrder):
    """What to sell; `min_price` is the least credits for each single unit. As for `BuyOrder`."""

    min_price: PriceBound | None = None


class RuleConditionBody(_Body):
    """A condition; its value is rounded to thousandths."""

    type: Literal["price_below", "price_above", "margin_exceeds", "ai_confidence"]
    value: Annotated[
        float,
        Field(allow_inf_nan=False, ge=-VALUE_MILLI_MAX / _MILLI, le=VALUE_MILLI_MAX / _MILLI),
    ]
    comparison: Literal["less_than", "greater_than", "equals"]

    def condition(self) -> Condition:
        """Return it in the core's terms."""
        return Condition(
            ConditionType(self.type), Comparison(self.comparison), round(self.value * _MILLI)
        )


Conditions = Annotated[
    tuple[RuleConditionBody, ...], Field(strict=False, max_length=CONDITIONS_MAX)
]


class NewRule(CommandRequest):
    """A rule as the Foundation client sends it; `id` and `isActive` are the server's to say."""

    name: Annotated[str, Field(min_length=NAME_LENGTH_MIN, max_length=NAME_LENGTH_MAX)]
    commodity: CommodityName
    buy_conditions: Conditions = Field((), alias="buyConditions")
    sell_conditions: Conditions = Field((), alias="sellConditions")
    risk_level: Literal["conservative", "moderate", "aggressive"] = Field(alias="riskLevel")
    max_investment: int = Field(ge=1, le=INVESTMENT_MAX_CREDITS, alias="maxInvestment")
    port_id: str | None = Field(None, max_length=ID_LENGTH_MAX, pattern=ID_PATTERN, alias="portId")
    id: str | None = Field(None, max_length=_TOKEN_LENGTH_MAX, description="ignored")
    is_active: bool | None = Field(None, alias="isActive", description="ignored")

    def spec(self) -> RuleSpec:
        """Return it in the core's terms.

        Raises:
            RefusedError: there is no such good.
        """
        return RuleSpec(
            name=self.name,
            commodity=commodity_named(self.commodity),
            port_id=None if self.port_id is None else PortId(self.port_id),
            buy_conditions=tuple(body.condition() for body in self.buy_conditions),
            sell_conditions=tuple(body.condition() for body in self.sell_conditions),
            risk_level=RiskLevel(self.risk_level),
            max_investment_credits=self.max_investment,
        )


class BacktestRequest(_Body):
    """What to test: stored rules, or one in the shape in which it would be stored; not both.

    Without `port_id` it is the port that all rules are bound to, or where the ship is docked;
    without `credits`, what the player has. `from` and `hours` are of game time: without `from`,
    the span ends now; without `hours`, it is as long as it can be.
    """

    rule_ids: Annotated[
        tuple[RuleIdText, ...] | None, Field(strict=False, min_length=1, max_length=RULES_MAX)
    ] = None
    rule: NewRule | None = None
    port_id: Annotated[str | None, Field(max_length=ID_LENGTH_MAX, pattern=ID_PATTERN)] = None
    credits: Annotated[int | None, Field(ge=1, le=_STAKE_MAX)] = None
    hold: Literal["empty", "aboard"] = "empty"
    from_: Annotated[
        str | None,
        Field(alias="from", max_length=_TIME_LENGTH_MAX, json_schema_extra={"format": "date-time"}),
    ] = None
    hours: Annotated[int | None, Field(ge=1, le=HOURS_MAX)] = None

    @field_validator("from_")
    @classmethod
    def _is_time(cls, text: str | None) -> str | None:
        if text is not None:
            parse_game_time(text)
        return text

    @model_validator(mode="after")
    def _names_rules(self) -> Self:
        if (self.rule_ids is None) is (self.rule is None):
            raise ValueError("give either rule_ids or rule")
        return self

    def asked(self) -> Asked:
        """Return it in the application's terms.

        Raises:
            RefusedError: there is no such good.
        """
        rules = self.rule_ids or ()
        return Asked(
            rules=(
                tuple(dict.fromkeys(map(RuleId, rules))) if self.rule is None else self.rule.spec()
            ),
            port_id=None if self.port_id is None else PortId(self.port_id),
            credits=None if self.credits is None else Credits(self.credits),
            hold=self.hold,
            from_tick=None if self.from_ is None else parse_game_time(self.from_),
            hours=self.hours,
        )


class RuleToggle(CommandRequest):
    """Whether a rule shall be on; without it, the rule flips."""

    active: bool | None = None


class AutomationToggle(CommandRequest):
    """Whether automation shall be on; without it, the switch flips."""

    active: bool | None = None


class DisconnectPauseChoice(CommandRequest):
    """Whether automation shall pause while the player has no connection."""

    active: bool


class AlertRequest(_Body):
    """What to be told of; `value` is in credits."""

    commodity: CommodityName
    condition: Literal["price_below", "price_above"]
    value: Annotated[int, Field(ge=1, le=VALUE_MAX)]
    port_id: Annotated[str | None, Field(max_length=ID_LENGTH_MAX, pattern=ID_PATTERN)] = None


class AriaMessage(_Body):
    """What a player says to ARIA; without `conversation_id` a new conversation begins."""

    message: Annotated[str, Field(json_schema_extra={"maxLength": MESSAGE_LENGTH_MAX})]
    conversation_id: Annotated[str | None, Field(max_length=ID_LENGTH_MAX, pattern=ID_PATTERN)] = (
        None
    )


@dataclass(frozen=True, slots=True)
class TokenGrant:
    """The tokens of a signed-in player; `expires_in` is the access token's life in seconds."""

    access_token: str
    refresh_token: str
    token_type: Literal["bearer"]
    expires_in: int
    player_id: str
    username: str


@dataclass(frozen=True, slots=True)
class AccountView:
    """An account as its owner sees it, with the permissions of its role."""

    player_id: str
    username: str
    email: str | None
    role: str
    permissions: list[str]
    created_at: str
    session_expires_at: str


@dataclass(frozen=True, slots=True)
class OperatorAccountView:
    """An account as operators see it."""

    player_id: str
    username: str
    role: str
    created_at: str


@dataclass(frozen=True, slots=True)
class Fleet:
    """A player's ships."""

    ships: list[ShipState]


@dataclass(frozen=True, slots=True)
class MarketOverview:
    """The indices of all goods, of one moment."""

    goods: list[MarketRealtime]


@dataclass(frozen=True, slots=True)
class Health:
    """The server is alive."""

    status: Literal["ok"]


@dataclass(frozen=True, slots=True)
class Readiness:
    """The server takes commands."""

    status: Literal["ready"]
