"""Shapes of frame data that the protocol puts together as mappings, for the AsyncAPI document.

A contract test holds real frames against them.
"""

from dataclasses import dataclass
from typing import Literal

import msgspec
from msgspec import UNSET, UnsetType

from sectorwars.protocol.shapes.automation import (
    AutomationAction,
    AutomationReceipt,
    AutomationStatus,
)
from sectorwars.protocol.shapes.command import RetryClass
from sectorwars.protocol.shapes.forecast import MarketPrediction
from sectorwars.protocol.shapes.trade import TradeReport


class Empty(msgspec.Struct):
    """Nothing."""


class RefusalData(msgspec.Struct):
    """Why a request was refused; `number` is there where the engine did it.

    `command_id` is there where one was sent, `retry_after_ms` where a wait helps. Where a limit was
    met, `limit` names it with its value, and `remaining` says what is left of it.
    """

    code: str
    retry: RetryClass
    reason: str
    number: int | UnsetType = UNSET
    retry_after_ms: int | UnsetType = UNSET
    limit: str | UnsetType = UNSET
    remaining: int | UnsetType = UNSET
    command_id: str | UnsetType = UNSET


@dataclass(frozen=True, slots=True)
class AutomationSwitched(AutomationReceipt):
    """The receipt of the master switch, and how automation stands after it."""

    automation: AutomationStatus


class FoundationIdentity(msgspec.Struct):
    """Whom the token named."""

    player_id: str


class FoundationReceipt(msgspec.Struct):
    """The receipt of a command whose frame came again: a trade, or the master switch."""

    command_id: str
    status: Literal["executed"]
    trade: TradeReport | UnsetType = UNSET
    active: bool | UnsetType = UNSET


class FoundationMarketUpdate(msgspec.Struct):
    """A good's index; the forecast is there while it lies ahead of the price."""

    commodity: str
    price: float
    volume: int
    predicted_price: float | UnsetType = UNSET
    confidence: float | UnsetType = UNSET


class FoundationPredictions(msgspec.Struct):
    """The forecasts that were asked for."""

    predictions: list[MarketPrediction]


class FoundationTrade(msgspec.Struct):
    """An executed trade; `command_id` is that of the frame or of the other door's command."""

    trade: AutomationAction
    command_id: str | UnsetType = UNSET


class FoundationAutomation(msgspec.Struct):
    """How automation stands after a change."""

    status: AutomationStatus
    command_id: str | UnsetType = UNSET


class FoundationRefusal(RefusalData):
    """A refusal; `count` is there where it is the sum of the refusals that were held back."""

    count: int | UnsetType = UNSET
