"""Shapes of what operators set at the risk gate."""

from dataclasses import dataclass
from typing import Literal

TradingState = Literal["active", "reducing", "halted"]
TradingScope = Literal["game", "port", "player"]


@dataclass(frozen=True, slots=True)
class TradingStateView:
    """What is set for the game (subject null), a port or a player; the strictest of them holds."""

    scope: TradingScope
    subject: str | None
    state: TradingState


@dataclass(frozen=True, slots=True)
class TradingStatus:
    """What may be traded, of all that is set the strictest: first halts, then the game's.

    `scope` says for what it is set and `reason` why, in an operator's words; both are null where
    trading is active.
    """

    state: TradingState
    scope: TradingScope | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class TradingStateReceipt:
    """The answer to an executed change of a trading state."""

    command_id: str
    status: Literal["executed"]
    scope: TradingScope
    subject: str | None
    before: TradingState
    after: TradingState
    reason: str


@dataclass(frozen=True, slots=True)
class TradeCapsView:
    """Caps on what a player trades; null is no limit. Hours and days roll by the minute."""

    units_per_trade: int | None = None
    credits_per_trade: int | None = None
    trades_per_hour: int | None = None
    credits_per_hour: int | None = None
    credits_per_day: int | None = None
    units_of_a_good_per_day: int | None = None


@dataclass(frozen=True, slots=True)
class TradeCapsReceipt:
    """The answer to an executed change of caps, of a player or of all (null)."""

    command_id: str
    status: Literal["executed"]
    subject: str | None
    before: TradeCapsView
    after: TradeCapsView
    reason: str
