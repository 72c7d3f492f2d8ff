"""Events as JSON text, for the permanent log.

Each payload is one JSON object whose first member `kind` names the event. What has been written
once stays readable for ever: unknown members are ignored, so a release may drop a field, and a
field that is added needs a default.
"""

from typing import Final

import msgspec

from sectorwars.domain.event import (
    AutomationSwitched,
    DisconnectPauseSet,
    Event,
    GoodsTraded,
    HaulerCalled,
    JourneyCompleted,
    JourneyStarted,
    OrderClosed,
    OrderPlaced,
    PlayerRegistered,
    PortsSettled,
    QuoteClosed,
    QuoteIssued,
    RuleCreated,
    RuleDeleted,
    RuleRearmed,
    RuleToggled,
    ShipDocked,
    ShipUndocked,
    StockCheckpointed,
    TickAdvanced,
    TradeCapsSet,
    TradingStateSet,
    UniverseCreated,
)
from sectorwars.persistence.call_codec import decode_call, encode_call

EVENT_KINDS: Final[dict[str, type[Event]]] = {
    "universe_created": UniverseCreated,
    "player_registered": PlayerRegistered,
    "ship_docked": ShipDocked,
    "ship_undocked": ShipUndocked,
    "journey_started": JourneyStarted,
    "journey_completed": JourneyCompleted,
    "goods_traded": GoodsTraded,
    "tick_advanced": TickAdvanced,
    "ports_settled": PortsSettled,
    "hauler_called": HaulerCalled,
    "stock_checkpointed": StockCheckpointed,
    "rule_created": RuleCreated,
    "rule_deleted": RuleDeleted,
    "rule_toggled": RuleToggled,
    "automation_switched": AutomationSwitched,
    "disconnect_pause_set": DisconnectPauseSet,
    "rule_rearmed": RuleRearmed,
    "order_placed": OrderPlaced,
    "order_closed": OrderClosed,
    "quote_issued": QuoteIssued,
    "quote_closed": QuoteClosed,
    "trading_state_set": TradingStateSet,
    "trade_caps_set": TradeCapsSet,
}
"""The name of every event in the log; a name is never given to another event."""

_KINDS: Final[dict[type[Event], str]] = {event: kind for kind, event in EVENT_KINDS.items()}
_DECODERS: Final[dict[str, msgspec.json.Decoder[Event]]] = {
    kind: msgspec.json.Decoder(event) for kind, event in EVENT_KINDS.items()
}
_ENCODER: Final = msgspec.json.Encoder()


class UnknownEventKindError(Exception):
    """The log holds an event that this release does not know."""


def event_kind(event: Event) -> str:
    """Return the event's name in the log."""
    return _KINDS[type(event)]


def encode_event(event: Event) -> bytes:
    """Encode an event as a JSON object that begins with its kind."""
    members = encode_call(event) if isinstance(event, HaulerCalled) else _ENCODER.encode(event)
    return b'{"kind":"%s",%s' % (_KINDS[type(event)].encode(), members[1:])


def decode_event(kind: str, payload: str | bytes) -> Event:
    """Decode an event of the log.

    Raises:
        UnknownEventKindError: a later release wrote it.
        msgspec.DecodeError: the payload is not what `kind` needs.
    """
    event_type = EVENT_KINDS.get(kind)
    if event_type is None:
        raise UnknownEventKindError(f"This release knows no event of the kind {kind!r}.")
    return decode_call(payload) if event_type is HaulerCalled else _DECODERS[kind].decode(payload)
