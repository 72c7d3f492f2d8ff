"""Requests of the Foundation dialect: msgspec shapes, in the client's own names."""

from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta

from sectorwars.protocol.messages import Id, Token, Whole
from sectorwars.protocol.shapes.forecast import ForecastHorizon

_PREDICTIONS_MAX: Final = 10


class FoundationFrame(msgspec.Struct):
    """The envelope of a Foundation client frame; its signature is a digest."""

    type: str
    data: dict[str, Any]
    timestamp: str
    session_id: Id
    signature: str = ""


class AuthenticateData(msgspec.Struct):
    """The data of `authenticate`; the session id stands in the envelope too."""

    token: Token
    session_id: Id


class MarketSubscription(msgspec.Struct):
    """The data of the market's `subscribe`; no names mean every good."""

    commodities: list[str] = []


class PredictionsRequest(msgspec.Struct):
    """The data of `get_predictions`."""

    commodities: Annotated[list[str], Meta(min_length=1, max_length=_PREDICTIONS_MAX)]
    timeframe: ForecastHorizon


class TradeCommand(msgspec.Struct, rename="camel"):
    """The order inside `execute_trade`."""

    commodity: Annotated[str, Meta(max_length=64)]
    action: Literal["buy", "sell"]
    amount: Whole
    max_price: Whole | None = None
    min_price: Whole | None = None
    ai_assisted: bool = False


class TradeData(msgspec.Struct):
    """The data of `execute_trade`."""

    command: TradeCommand


class ToggleData(msgspec.Struct):
    """The data of `toggle_automation`; without `active` the switch is turned over."""

    active: bool | None = None
