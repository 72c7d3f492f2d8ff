"""Why a command is refused: codes in their order of precedence, with retry class and sentence."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Retry(StrEnum):
    """What the caller may do after a refusal."""

    NEVER = "never"
    """The same request can never succeed."""
    SAME_ID = "same_id"
    """Send the same command again under the same id: it has not been executed."""
    NEW_ID = "new_id"
    """The command is decided; after the situation has changed, send a new one under a new id."""
    LATER = "later"
    """A temporary condition: wait, then try again."""


class RejectionCode(StrEnum):
    """A coded refusal by the engine. Where several apply, the first in this order is given."""

    UNKNOWN_PLAYER = "unknown_player"
    PLAYER_EXISTS = "player_exists"
    UNKNOWN_SECTOR = "unknown_sector"
    UNKNOWN_PORT = "unknown_port"
    UNKNOWN_COMMODITY = "unknown_commodity"
    INVALID_QUANTITY = "invalid_quantity"
    INVALID_PRICE_BOUND = "invalid_price_bound"
    INVALID_RULE = "invalid_rule"
    UNKNOWN_RULE = "unknown_rule"
    RULE_LIMIT = "rule_limit"
    AUTOMATION_OFF = "automation_off"
    RULE_INACTIVE = "rule_inactive"
    AUTOMATION_COOLDOWN = "automation_cooldown"
    AUTOMATION_HOURLY_LIMIT = "automation_hourly_limit"
    AUTOMATION_DAILY_LOSS = "automation_daily_loss"
    AUTOMATION_TRADE_CAP = "automation_trade_cap"
    AUTOMATION_CREDIT_SHARE = "automation_credit_share"
    IN_TRANSIT = "in_transit"
    STILL_DOCKED = "still_docked"
    ALREADY_DOCKED = "already_docked"
    NOT_DOCKED = "not_docked"
    SAME_SECTOR = "same_sector"
    NO_WARP = "no_warp"
    PORT_ELSEWHERE = "port_elsewhere"
    NOT_SOLD_HERE = "not_sold_here"
    NOT_BOUGHT_HERE = "not_bought_here"
    INSUFFICIENT_TURNS = "insufficient_turns"
    INSUFFICIENT_STOCK = "insufficient_stock"
    INSUFFICIENT_HOLD = "insufficient_hold"
    INSUFFICIENT_CARGO = "insufficient_cargo"
    PORT_FULL = "port_full"
    PRICE_ABOVE_BOUND = "price_above_bound"
    PRICE_BELOW_BOUND = "price_below_bound"
    INSUFFICIENT_CREDITS = "insufficient_credits"
    PORT_INSUFFICIENT_CREDITS = "port_insufficient_credits"


_NEVER: Final = frozenset(
    {
        RejectionCode.UNKNOWN_PLAYER,
        RejectionCode.PLAYER_EXISTS,
        RejectionCode.UNKNOWN_SECTOR,
        RejectionCode.UNKNOWN_PORT,
        RejectionCode.UNKNOWN_COMMODITY,
        RejectionCode.INVALID_QUANTITY,
        RejectionCode.INVALID_PRICE_BOUND,
        RejectionCode.INVALID_RULE,
        RejectionCode.UNKNOWN_RULE,
    }
)


@dataclass(frozen=True, slots=True)
class Rejection:
    """A refusal: its code and a sentence a player can act on."""

    code: RejectionCode
    detail: str

    @property
    def retry(self) -> Retry:
        """Return the retry class that goes with the code."""
        return Retry.NEVER if self.code in _NEVER else Retry.NEW_ID


@dataclass(frozen=True, slots=True)
class Refusal:
    """A refusal by anything before the engine: a limit, a missing permission, a busy store.

    `limit` names the limit that was met, with its value; `retry_after_ms` is in milliseconds.
    """

    code: str
    retry: Retry
    detail: str
    retry_after_ms: int | None = None
    limit: str | None = None
