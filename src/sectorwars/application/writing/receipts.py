"""The stored answer to a command: the JSON its caller gets, now and on every retry."""

import hashlib
from typing import Final

import msgspec

from sectorwars.application.reading.order_views import (
    cancel_receipt,
    order_receipt,
    quote_receipt,
    trade_caps_receipt,
    trading_state_receipt,
)
from sectorwars.application.reading.rule_views import rule_view
from sectorwars.application.reading.trade_views import trade_report
from sectorwars.application.rows import (
    Receipt,
    ReceiptKey,
)
from sectorwars.domain.command import PlayerCommand
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
from sectorwars.domain.ids import CommandId
from sectorwars.domain.navigation import Journey
from sectorwars.domain.rejection import Rejection, Retry
from sectorwars.domain.values import MICROS_PER_SECOND, UnixMicros, rfc3339
from sectorwars.engine.world import World
from sectorwars.protocol.canonical import canonical_json
from sectorwars.protocol.shapes.account import RegistrationReceipt
from sectorwars.protocol.shapes.automation import (
    AutomationReceipt,
    DisconnectPauseReceipt,
    RuleDeletedReceipt,
    RuleReceipt,
)
from sectorwars.protocol.shapes.command import CommandFate
from sectorwars.protocol.shapes.journey import (
    DockReceipt,
    JourneyReceipt,
    JourneyReport,
    UndockReceipt,
)
from sectorwars.protocol.shapes.order import CancelReceipt, OrderReceipt, QuoteReceipt
from sectorwars.protocol.shapes.risk import TradeCapsReceipt, TradingStateReceipt
from sectorwars.protocol.shapes.trade import TradeReceipt
from sectorwars.protocol.signing import FrameSigner

ExecutedReceipt = (
    TradeReceipt
    | JourneyReceipt
    | DockReceipt
    | UndockReceipt
    | RegistrationReceipt
    | RuleReceipt
    | RuleDeletedReceipt
    | AutomationReceipt
    | DisconnectPauseReceipt
    | QuoteReceipt
    | OrderReceipt
    | CancelReceipt
    | TradingStateReceipt
    | TradeCapsReceipt
)

_ENCODER: Final = msgspec.json.Encoder()
_TRADE_ENCODER: Final = msgspec.json.Encoder(order="sorted")
"""What it makes is canonical, for it meets text, whole numbers and None only."""


def payload_hash(command: PlayerCommand) -> bytes:
    """Return SHA-256 over the command, so that a reused id with another payload is noticed."""
    return hashlib.sha256(_ENCODER.encode((type(command).__name__, command))).digest()


def executed(
    command_id: CommandId,
    key: ReceiptKey,
    digest: bytes,
    events: tuple[Event, ...],
    world: World,
    at: UnixMicros,
    signer: FrameSigner | None,
) -> Receipt:
    """Make the receipt of a command whose outcome is `events`, which `world` has seen.

    `signer` signs quotes; where none are asked for, None will do.
    """
    receipt = executed_receipt(command_id, events, world, signer)
    is_trade = isinstance(receipt, TradeReceipt)
    body = _TRADE_ENCODER.encode(receipt) if is_trade else canonical_json(receipt)
    return Receipt(key, digest, "executed", None, body, at)


def rejected(key: ReceiptKey, digest: bytes, rejection: Rejection, at: UnixMicros) -> Receipt:
    """Make the receipt of a command that the engine refused."""
    fate = CommandFate(
        command_id=key.command_id,
        status="rejected",
        retry=rejection.retry.value,
        detail=rejection.detail,
        code=rejection.code.value,
        number=rejection.code.number,
    )
    return Receipt(key, digest, "rejected", rejection.code.value, _ENCODER.encode(fate), at)


def pending_fate(key: ReceiptKey) -> CommandFate:
    """Say of a command that it is not decided yet, or that this is not known just now."""
    return CommandFate(
        command_id=key.command_id,
        status="pending",
        retry=Retry.LATER.value,
        detail="The command is not decided yet, or its outcome is being established; ask again.",
    )


def executed_receipt(
    command_id: CommandId, events: tuple[Event, ...], world: World, signer: FrameSigner | None
) -> ExecutedReceipt:
    """Tell the caller what his command did: the first event that names it, and what followed."""
    answers = [event for event in events if getattr(event, "command_id", None) == command_id]
    event = answers[0]
    match event:
        case GoodsTraded():
            return TradeReceipt(command_id, "executed", trade_report(event))
        case JourneyStarted():
            return JourneyReceipt(
                command_id, "executed", _journey_report(event.journey, event.turns.count)
            )
        case ShipDocked():
            return DockReceipt(
                command_id, "executed", event.port_id, event.fee_credits, event.credits_after
            )
        case ShipUndocked():
            return UndockReceipt(
                command_id,
                "executed",
                event.sector_id,
                event.fee_credits,
                world.credits(event.player_id),
            )
        case QuoteIssued():
            if signer is None:
                raise RuntimeError("a quote was issued without a key to sign it with")
            return quote_receipt(event, signer)
        case OrderPlaced():
            return order_receipt(command_id, event, events, world)
        case OrderClosed():
            closes = [answer for answer in answers if isinstance(answer, OrderClosed)]
            return cancel_receipt(command_id, closes)
        case TradingStateSet():
            return trading_state_receipt(event)
        case TradeCapsSet():
            return trade_caps_receipt(event)
        case PlayerRegistered():
            return RegistrationReceipt(
                command_id,
                "executed",
                event.player_id,
                event.ship_id,
                event.port_id,
                event.sector_id,
            )
        case RuleCreated() | RuleToggled():
            rule = world.players[event.player_id].automation.rules[event.rule_id]
            return RuleReceipt(command_id, "executed", rule_view(rule))
        case RuleDeleted():
            return RuleDeletedReceipt(command_id, "executed", event.rule_id)
        case AutomationSwitched():
            return AutomationReceipt(command_id, "executed", event.active)
        case DisconnectPauseSet():
            return DisconnectPauseReceipt(command_id, "executed", event.active)
        case _:
            raise TypeError(f"{type(event).__name__} answers no command")


def _journey_report(journey: Journey, turns_left: int) -> JourneyReport:
    return JourneyReport(
        journey.from_sector_id,
        journey.to_sector_id,
        rfc3339(journey.departed_at),
        rfc3339(journey.arrives_at),
        (journey.arrives_at - journey.departed_at) // MICROS_PER_SECOND,
        turns_left,
    )
