"""The Python client of a Sectorwars server; it needs nothing of the server itself."""

from sectorwars.sdk.client import Client
from sectorwars.sdk.errors import (
    ClientError,
    ForgedFrameError,
    InvalidRequestError,
    RefusedError,
    RejectedError,
    SessionEndedError,
    UnavailableError,
    UnreachableError,
)
from sectorwars.sdk.event import (
    AccountChange,
    AlertRaised,
    Event,
    MarketChange,
    PortChange,
    PulseBeat,
    Snapshot,
    TradesPrinted,
)

__all__ = [
    "AccountChange",
    "AlertRaised",
    "Client",
    "ClientError",
    "Event",
    "ForgedFrameError",
    "InvalidRequestError",
    "MarketChange",
    "PortChange",
    "PulseBeat",
    "RefusedError",
    "RejectedError",
    "SessionEndedError",
    "Snapshot",
    "TradesPrinted",
    "UnavailableError",
    "UnreachableError",
]
