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
    AutomationStepped,
    Event,
    ForecastsIssued,
    MarketChange,
    OwnTrade,
    PortChange,
    ProposalMoved,
    PulseBeat,
    Snapshot,
    TradesPrinted,
)

__all__ = [
    "AccountChange",
    "AlertRaised",
    "AutomationStepped",
    "Client",
    "ClientError",
    "Event",
    "ForecastsIssued",
    "ForgedFrameError",
    "InvalidRequestError",
    "MarketChange",
    "OwnTrade",
    "PortChange",
    "ProposalMoved",
    "PulseBeat",
    "RefusedError",
    "RejectedError",
    "SessionEndedError",
    "Snapshot",
    "TradesPrinted",
    "UnavailableError",
    "UnreachableError",
]
