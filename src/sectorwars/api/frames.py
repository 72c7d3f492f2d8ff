"""Every frame of the WebSocket: its type, the shape of its data, and what answers it.

The AsyncAPI document is made from these tables; tests hold them against the dialects.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from sectorwars.api.frame_shapes import (
    AutomationSwitched,
    Empty,
    FoundationAutomation,
    FoundationIdentity,
    FoundationMarketUpdate,
    FoundationPredictions,
    FoundationReceipt,
    FoundationRefusal,
    FoundationTrade,
    RefusalData,
)
from sectorwars.protocol import foundation_messages as foundation
from sectorwars.protocol import messages as native
from sectorwars.protocol.delta import DELTA_TYPE, DeltaData
from sectorwars.protocol.publication import (
    ACCOUNT_CHANNEL,
    ARIA_CHANNEL,
    PREDICTIONS_CHANNEL,
    PULSE_CHANNEL,
    SIGNALS_CHANNEL,
    TRADES_CHANNEL,
    FrameType,
)
from sectorwars.protocol.shapes.account import AccountUpdate
from sectorwars.protocol.shapes.advice import AlertSignal, UniversePulse
from sectorwars.protocol.shapes.automation import DisconnectPauseReceipt
from sectorwars.protocol.shapes.conversation import AriaAnswer
from sectorwars.protocol.shapes.market import MarketRealtime, PortMarket, TradeTicker
from sectorwars.protocol.shapes.order import CancelReceipt, OrderReceipt, QuoteReceipt
from sectorwars.protocol.shapes.signal import (
    AutomationSignal,
    PredictionSignal,
    ProposalSignal,
    TradeSignal,
)
from sectorwars.protocol.shapes.trade import TradeReceipt


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame: its `type`, the shapes that its data may have, and members with one value.

    `key` names it in its channel of the document.
    """

    key: str
    type: str
    data: tuple[Any, ...]
    fixed: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and the keys of the frames that may answer it."""

    request: Frame
    answers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Stream:
    """A channel that is subscribed to: its name, with parameters, and its frames."""

    key: str
    address: str
    parameters: Mapping[str, str]
    frames: tuple[Frame, ...]
    summary: str


def _frame(kind: str, data: Any) -> Frame:
    return Frame(kind, kind, (data,))


def _command(kind: str, data: Any, answer: str) -> Exchange:
    return Exchange(_frame(kind, data), (answer, "error"))


UNSIGNED_REQUESTS: Final = frozenset({"authenticate", "resume"})
"""Native requests that come before there is a session key, or bring a new token."""

NATIVE_EXCHANGES: Final = (
    Exchange(
        _frame("authenticate", native.AuthenticateData), ("auth_success", "auth_failed", "error")
    ),
    Exchange(_frame("resume", native.ResumeData), ("resumed", "auth_failed", "error")),
    Exchange(_frame("subscribe", native.SubscribeData), ("subscribed", "error")),
    Exchange(_frame("unsubscribe", native.ChannelsData), ("unsubscribed", "error")),
    _command("execute_trade", native.ExecuteTradeData, "trade_executed"),
    _command("request_quote", native.RequestQuoteData, "quote_issued"),
    _command("place_order", native.PlaceOrderData, "order_placed"),
    _command("cancel_order", native.CancelOrderData, "orders_cancelled"),
    _command("cancel_orders", native.CancelOrdersData, "orders_cancelled"),
    _command("automation_toggle", native.AutomationToggleData, "automation_update"),
    _command("set_disconnect_pause", native.SetDisconnectPauseData, "disconnect_pause_set"),
    Exchange(_frame("get_command", native.GetCommandData), ("command_fate", "error")),
    Exchange(_frame("aria_message", native.AriaMessageData), ("aria_answer", "error")),
    Exchange(_frame("ping", Empty), ("pong", "error")),
)

NATIVE_ANSWERS: Final = (
    _frame("auth_success", native.AuthSuccess),
    _frame("auth_failed", RefusalData),
    _frame("resumed", native.Resumed),
    _frame("subscribed", native.Subscribed),
    _frame("unsubscribed", native.Unsubscribed),
    _frame("trade_executed", TradeReceipt),
    _frame("quote_issued", QuoteReceipt),
    _frame("order_placed", OrderReceipt),
    _frame("orders_cancelled", CancelReceipt),
    _frame("automation_update", AutomationSwitched),
    _frame("disconnect_pause_set", DisconnectPauseReceipt),
    _frame("command_fate", native.ResumedCommand),
    _frame("aria_answer", AriaAnswer),
    _frame("pong", Empty),
    _frame("conflated", native.Conflated),
    _frame("stale", native.Stale),
    _frame("error", RefusalData),
)

NATIVE_UNASKED: Final = ("conflated", "stale", "unsubscribed")
"""The keys of frames that answer nothing and belong to no channel."""

DELTA: Final = _frame(DELTA_TYPE, DeltaData)
"""What may stand for any other frame of its channel."""

STREAMS: Final = (
    Stream(
        "market",
        "market.{commodity}",
        {"commodity": "A commodity of the galaxy."},
        (_frame(FrameType.MARKET_UPDATE.value, MarketRealtime), DELTA),
        "A good's index over all ports, each tick; a slow reader gets the newest.",
    ),
    Stream(
        "port",
        "port.{port_id}",
        {"port_id": "A port of the galaxy."},
        (_frame(FrameType.PORT_NETWORK.value, PortMarket), DELTA),
        "A port's prices and books, at each change; a slow reader gets the newest.",
    ),
    Stream(
        "account",
        ACCOUNT_CHANNEL,
        {},
        (Frame("trading_signal", FrameType.TRADING_SIGNAL.value, (AccountUpdate, AlertSignal)),),
        "The player's own state, trades, orders, quotes, automation and alerts; every one comes.",
    ),
    Stream(
        "signals",
        SIGNALS_CHANNEL,
        {},
        (
            Frame(
                "trading_signal",
                FrameType.TRADING_SIGNAL.value,
                (TradeSignal, AutomationSignal),
            ),
        ),
        "The player's own trades, and the steps of his automation, as single events; every one "
        "comes. The account tells them too, under the same ids.",
    ),
    Stream(
        "predictions",
        PREDICTIONS_CHANNEL,
        {},
        (_frame(FrameType.TRADING_SIGNAL.value, PredictionSignal),),
        "All forecasts that stand, the same for everybody, each game hour; a slow reader gets the "
        "newest.",
    ),
    Stream(
        "aria",
        ARIA_CHANNEL,
        {},
        (Frame("ai_alert", FrameType.AI_ALERT.value, (AlertSignal, ProposalSignal)),),
        "What ARIA tells the player unasked, and what became of her proposals; every one comes. "
        "The account tells the alerts too, under the same ids.",
    ),
    Stream(
        "pulse",
        PULSE_CHANNEL,
        {},
        (_frame(FrameType.UNIVERSE_PULSE.value, UniversePulse), DELTA),
        "What players did in the last minute, nobody by name; a slow reader gets the newest.",
    ),
    Stream(
        "trades",
        TRADES_CHANNEL,
        {},
        (_frame(FrameType.TRADE_TAPE.value, TradeTicker),),
        "The galaxy's trades as they happen, nobody by name; a slow reader gets the newest.",
    ),
)


def _action(key: str, kind: FrameType, data: Any, discriminator: str = "action") -> Frame:
    value = "subscribe" if discriminator == "type" else key
    return Frame(key, kind.value, (data,), {discriminator: value})


FOUNDATION_EXCHANGES: Final = (
    Exchange(
        _action("authenticate", FrameType.AI_ALERT, foundation.AuthenticateData),
        ("auth_success", "auth_failed"),
    ),
    Exchange(_action("ping", FrameType.AI_ALERT, Empty), ("pong", "request_refused")),
    Exchange(
        _action("subscribe_market", FrameType.MARKET_UPDATE, foundation.MarketSubscription, "type"),
        ("market_update", "request_refused"),
    ),
    Exchange(
        _action("subscribe_pulse", FrameType.UNIVERSE_PULSE, Empty, "type"),
        ("universe_pulse", "request_refused"),
    ),
    Exchange(
        _action("subscribe_signals", FrameType.TRADING_SIGNAL, Empty, "type"), ("request_refused",)
    ),
    Exchange(
        _action("get_predictions", FrameType.MARKET_UPDATE, foundation.PredictionsRequest),
        ("predictions_response", "request_refused"),
    ),
    Exchange(
        _action("execute_trade", FrameType.TRADING_SIGNAL, foundation.TradeData),
        ("trade_executed", "receipt", "trade_refused"),
    ),
    Exchange(
        _action("toggle_automation", FrameType.TRADING_SIGNAL, foundation.ToggleData),
        ("automation_update", "receipt", "trade_refused", "request_refused"),
    ),
)

FOUNDATION_ANSWERS: Final = (
    _action("auth_success", FrameType.AI_ALERT, FoundationIdentity),
    _action("auth_failed", FrameType.AI_ALERT, RefusalData),
    _action("pong", FrameType.AI_ALERT, Empty),
    _action("receipt", FrameType.AI_ALERT, FoundationReceipt),
    Frame(
        "request_refused",
        FrameType.AI_ALERT.value,
        (FoundationRefusal,),
        {"type": "trade_refused"},
    ),
    _frame(FrameType.MARKET_UPDATE.value, FoundationMarketUpdate),
    _action("predictions_response", FrameType.MARKET_UPDATE, FoundationPredictions),
    _frame(FrameType.UNIVERSE_PULSE.value, UniversePulse),
    Frame(
        "trade_executed",
        FrameType.TRADING_SIGNAL.value,
        (FoundationTrade,),
        {"type": "trade_executed"},
    ),
    Frame(
        "trade_refused",
        FrameType.TRADING_SIGNAL.value,
        (FoundationRefusal,),
        {"type": "trade_refused"},
    ),
    Frame(
        "automation_update",
        FrameType.TRADING_SIGNAL.value,
        (FoundationAutomation,),
        {"type": "automation_update"},
    ),
    Frame("alert", FrameType.TRADING_SIGNAL.value, (AlertSignal,)),
)

FOUNDATION_UNASKED: Final = (
    "market_update",
    "universe_pulse",
    "trade_executed",
    "trade_refused",
    "automation_update",
    "alert",
)
"""The keys of frames that come to whoever has subscribed, without being asked for one by one."""
