"""What the gateway needs of the rest, as Protocols."""

from collections.abc import Callable, Sequence
from typing import Protocol

from sectorwars.application.accounts.tokens import Principal
from sectorwars.domain.commodity import Commodity
from sectorwars.domain.ids import PlayerId, PortId
from sectorwars.domain.rejection import Refusal
from sectorwars.domain.values import UnixMicros
from sectorwars.forecasting.horizon import Horizon
from sectorwars.protocol.shapes.account import PlayerState
from sectorwars.protocol.shapes.advice import UniversePulse
from sectorwars.protocol.shapes.automation import AutomationStatus
from sectorwars.protocol.shapes.conversation import AriaAnswer
from sectorwars.protocol.shapes.forecast import MarketPrediction
from sectorwars.protocol.shapes.market import MarketRealtime, PortMarket
from sectorwars.protocol.shapes.signal import PredictionSignal


class Snapshots(Protocol):
    """Committed state, never behind what was published.

    The methods raise `application.queries.UnknownNounError` for what does not exist.
    """

    def player_state(self, player_id: PlayerId, username: str) -> PlayerState:
        """Return a player's own state."""
        ...

    def port_market(self, port_id: PortId) -> PortMarket:
        """Return a port's quotes."""
        ...

    def market_realtime(self, commodity: Commodity) -> MarketRealtime:
        """Return a good's index."""
        ...

    def market_predictions(
        self, commodities: Sequence[Commodity], horizon: Horizon
    ) -> list[MarketPrediction]:
        """Return the standing forecasts of goods."""
        ...

    def predictions(self) -> PredictionSignal:
        """Return all standing forecasts as they are published."""
        ...

    def automation_status(self, player_id: PlayerId) -> AutomationStatus:
        """Return how a player's automation stands."""
        ...


class Denials(Protocol):
    """Counts what connections were denied, for the audit."""

    def count(self, player_id: PlayerId | None, address: str, code: str, now: UnixMicros) -> None:
        """Count a denial against a player or, where nobody is known, an address."""
        ...


Pulse = Callable[[], UniversePulse]
"""Tells what players did lately."""


class Assistant(Protocol):
    """Answers players' messages."""

    async def answer(
        self, player_id: PlayerId, text: str, conversation_id: str | None
    ) -> AriaAnswer | Refusal:
        """Answer a message.

        Raises:
            StoreUnavailableError: the store cannot be reached; nothing was stored.
        """
        ...


class TokenVerifier(Protocol):
    """Says whom an access token speaks for."""

    def verify(self, token: str | None, now: UnixMicros) -> Principal | Refusal:
        """Return whom a good token speaks for."""
        ...

    def inspect_expired(self, token: str | None, now: UnixMicros) -> Principal | Refusal:
        """Return whom a genuine token of a live sign-in session speaks for, expired or not."""
        ...
