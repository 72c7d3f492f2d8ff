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
    """A coded refusal by the engine. Where several apply, the one with the lowest number is given.

    The hundreds group them in the order in which a command is held against them: what is asked
    for (1), whether it may be traded at all (2), where the ship is (3), the market (4), the means
    (5), caps on what it comes to (6), and caps of automation (7). A number is never given again.
    """

    number: int

    def __new__(cls, value: str, number: int) -> "RejectionCode":
        """Make a code that has a number beside its name."""
        code = str.__new__(cls, value)
        code._value_ = value
        code.number = number
        return code

    UNKNOWN_PLAYER = "unknown_player", 101
    PLAYER_EXISTS = "player_exists", 102
    UNKNOWN_SECTOR = "unknown_sector", 103
    UNKNOWN_PORT = "unknown_port", 104
    UNKNOWN_COMMODITY = "unknown_commodity", 105
    INVALID_QUANTITY = "invalid_quantity", 106
    INVALID_PRICE_BOUND = "invalid_price_bound", 107
    INVALID_ORDER_LIFE = "invalid_order_life", 108
    INVALID_RULE = "invalid_rule", 109
    UNKNOWN_RULE = "unknown_rule", 110
    UNKNOWN_ORDER = "unknown_order", 111
    UNKNOWN_QUOTE = "unknown_quote", 112
    INVALID_CAP = "invalid_cap", 113
    GAME_HALTED = "game_halted", 201
    PLAYER_HALTED = "player_halted", 202
    PORT_HALTED = "port_halted", 203
    REDUCING_ONLY = "reducing_only", 204
    CAP_TRADE_UNITS = "cap_trade_units", 205
    CAP_HOUR_TRADES = "cap_hour_trades", 206
    CAP_DAY_GOOD_UNITS = "cap_day_good_units", 207
    RULE_LIMIT = "rule_limit", 301
    AUTOMATION_OFF = "automation_off", 302
    RULE_INACTIVE = "rule_inactive", 303
    AUTOMATION_COOLDOWN = "automation_cooldown", 304
    AUTOMATION_HOURLY_LIMIT = "automation_hourly_limit", 305
    AUTOMATION_DAILY_LOSS = "automation_daily_loss", 306
    IN_TRANSIT = "in_transit", 307
    STILL_DOCKED = "still_docked", 308
    ALREADY_DOCKED = "already_docked", 309
    NOT_DOCKED = "not_docked", 310
    SAME_SECTOR = "same_sector", 311
    NO_WARP = "no_warp", 312
    PORT_ELSEWHERE = "port_elsewhere", 313
    INSUFFICIENT_TURNS = "insufficient_turns", 314
    NOT_SOLD_HERE = "not_sold_here", 401
    NOT_BOUGHT_HERE = "not_bought_here", 402
    ORDER_LIMIT = "order_limit", 403
    NO_OPEN_ORDERS = "no_open_orders", 404
    PRICE_OUTSIDE_COLLAR = "price_outside_collar", 405
    QUOTE_CLOSED = "quote_closed", 406
    QUOTE_MISMATCH = "quote_mismatch", 407
    QUOTE_OPEN = "quote_open", 408
    QUOTE_WAIT = "quote_wait", 409
    QUOTE_SHARE = "quote_share", 410
    INSUFFICIENT_STOCK = "insufficient_stock", 501
    INSUFFICIENT_HOLD = "insufficient_hold", 502
    INSUFFICIENT_CARGO = "insufficient_cargo", 503
    PORT_FULL = "port_full", 504
    PRICE_ABOVE_BOUND = "price_above_bound", 505
    PRICE_BELOW_BOUND = "price_below_bound", 506
    INSUFFICIENT_CREDITS = "insufficient_credits", 507
    PORT_INSUFFICIENT_CREDITS = "port_insufficient_credits", 508
    CAP_TRADE_CREDITS = "cap_trade_credits", 601
    CAP_HOUR_CREDITS = "cap_hour_credits", 602
    CAP_DAY_CREDITS = "cap_day_credits", 603
    AUTOMATION_TRADE_CAP = "automation_trade_cap", 701
    AUTOMATION_CREDIT_SHARE = "automation_credit_share", 702


NUMBERS: Final = {code.value: code.number for code in RejectionCode}
"""The engine's codes as they stand in messages, with their numbers."""

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
        RejectionCode.UNKNOWN_ORDER,
        RejectionCode.UNKNOWN_QUOTE,
        RejectionCode.INVALID_ORDER_LIFE,
        RejectionCode.INVALID_CAP,
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

    `limit` names the limit that was met, with its value, and `remaining` what is left of it;
    `retry_after_ms` is in milliseconds.
    """

    code: str
    retry: Retry
    detail: str
    retry_after_ms: int | None = None
    limit: str | None = None
    remaining: int | None = None

    @property
    def number(self) -> int | None:
        """Return the code's number, None for a code that is not the engine's."""
        return NUMBERS.get(self.code)
