"""Shapes of executed trades."""

from typing import Literal

from sectorwars.domain.record import record

Side = Literal["buy", "sell"]


@record
class FillRun:
    """A run of units at one price."""

    price_credits: int
    quantity: int


@record
class TradeReport:
    """An executed trade. `total_credits` is price times quantity; fees come on top or off it.

    `order_id` and `rule_id` name the open order that was filled or the rule that traded, if any.
    """

    trade_id: str
    port_id: str
    side: Side
    commodity: str
    quantity: int
    fills: list[FillRun]
    total_credits: int
    fees_credits: int
    profit_credits: int | None
    credits_after: int
    cargo_after: int
    stock_after: int
    market_version: int
    executed_at: str
    game_time: str
    order_id: str | None = None
    rule_id: str | None = None


@record
class TradeReceipt:
    """The answer to an executed trade command."""

    command_id: str
    status: Literal["executed"]
    trade: TradeReport


@record
class TradeHistory:
    """A page of a player's trades, newest first."""

    items: list[TradeReport]
    next_cursor: str | None
