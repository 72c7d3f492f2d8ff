"""Which events the log holds because of a command, and what the command's receipt must name."""

import json

from sectorwars.application.rows import (
    Receipt,
    ReceiptKey,
)
from sectorwars.domain.event import (
    AutomationSwitched,
    DisconnectPauseSet,
    Event,
    GoodsTraded,
    JourneyStarted,
    OrderClosed,
    OrderPlaced,
    PlayerRegistered,
    QuoteIssued,
    RuleCreated,
    RuleDeleted,
    RuleToggled,
    ShipDocked,
    ShipUndocked,
    TradeCapsSet,
    TradingStateSet,
)

_CommandedEvent = (
    PlayerRegistered
    | ShipDocked
    | ShipUndocked
    | JourneyStarted
    | GoodsTraded
    | RuleCreated
    | RuleDeleted
    | RuleToggled
    | AutomationSwitched
    | DisconnectPauseSet
    | OrderPlaced
    | QuoteIssued
)
"""What a player's command leaves behind, under the command's id."""


def receipt_key(event: Event) -> ReceiptKey | None:
    """Return the key of the receipt that the command behind an event has; None where none has.

    What rules trade, what open orders trade and what time ends has no command of its own.
    """
    match event:
        case GoodsTraded():
            if event.rule_id is not None or event.order_id is not None:
                return None
        case OrderClosed():
            if event.command_id is None:
                return None
            return ReceiptKey(event.player_id, event.command_id)
        case TradingStateSet() | TradeCapsSet():
            return ReceiptKey(event.operator_id, event.command_id)
        case _:
            if not isinstance(event, _CommandedEvent):
                return None
    return ReceiptKey(event.player_id, event.command_id)


def names_outcome(receipt: Receipt, event: Event) -> bool:
    """Return whether a receipt names the trade, order or quote that the event says."""
    match event:
        case GoodsTraded():
            noun, name, value = "trade", "trade_id", str(event.trade_id)
        case OrderPlaced():
            noun, name, value = "order", "order_id", str(event.order_id)
        case QuoteIssued():
            noun, name, value = "quote", "quote_id", str(event.quote.quote_id)
        case _:
            return True
    try:
        named: bool = json.loads(receipt.body)[noun][name] == value
    except (ValueError, KeyError, TypeError):
        return False
    return named
