"""Stand-ins for what a gateway needs of the rest, shared by all its tests."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sectorwars.application.account import AccountRole, SessionId
from sectorwars.application.accounts.tokens import Principal, TokenFault
from sectorwars.application.ports import StoreUnavailableError
from sectorwars.application.reading.queries import UnknownNounError
from sectorwars.application.rows import (
    Receipt,
    ReceiptKey,
)
from sectorwars.domain.command import CommandEnvelope, SetDisconnectPause, SwitchAutomation, Trade
from sectorwars.domain.commodity import BASE_PRICES, COMMODITY_INDEX, Commodity
from sectorwars.domain.ids import PlayerId, PortId
from sectorwars.domain.rejection import Refusal, Retry
from sectorwars.domain.values import UnixMicros, rfc3339
from sectorwars.forecasting.horizon import Horizon
from sectorwars.gateway.channel_permissions import LISTENERS, Listeners
from sectorwars.gateway.gateway import Gateway
from sectorwars.gateway.hub import Hub
from sectorwars.gateway.limits import GatewayLimits
from sectorwars.gateway.neighbours import ALONE, Neighbours
from sectorwars.gateway.relay_hub import RelayHub
from sectorwars.protocol.canonical import canonical_json
from sectorwars.protocol.shapes.account import PlayerState
from sectorwars.protocol.shapes.advice import SectorActivity, UniversePulse
from sectorwars.protocol.shapes.automation import (
    AutomationReceipt,
    AutomationStatus,
    DisconnectPauseReceipt,
)
from sectorwars.protocol.shapes.command import CommandFate
from sectorwars.protocol.shapes.conversation import AriaAnswer
from sectorwars.protocol.shapes.forecast import MarketPrediction, PriceForecast, PriceInterval
from sectorwars.protocol.shapes.market import MarketRealtime, PortMarket
from sectorwars.protocol.shapes.risk import TradingStatus
from sectorwars.protocol.shapes.server import ServerStatus, UniverseStatus
from sectorwars.protocol.shapes.signal import PredictionSignal
from sectorwars.protocol.shapes.trade import FillRun, TradeReceipt, TradeReport
from sectorwars.protocol.signing import FrameSigner

NOW = UnixMicros(1_795_405_021_000_000)
"""2026-11-23T03:37:01Z, when the Foundation client's frames were recorded."""
TOKEN_ENDS = UnixMicros(NOW + 900_000_000)
SESSION_ENDS = UnixMicros(NOW + 86_400_000_000)
PLAYER = PlayerId("pl_0123456789abcdef")
OTHER = PlayerId("pl_fedcba9876543210")
SECRET = bytes(range(32))
ACTIVE = TradingStatus("active", None, None)


class SetClock:
    """A clock that stands still until it is moved."""

    def __init__(self, wall: UnixMicros = NOW) -> None:
        self.wall = wall
        self.seconds = 1_000.0

    def now(self) -> UnixMicros:
        return self.wall

    def monotonic(self) -> float:
        return self.seconds

    def advance(self, seconds: float) -> None:
        self.seconds += seconds
        self.wall = UnixMicros(self.wall + round(seconds * 1_000_000))


def frame_signer(kid: str = "frame-key") -> FrameSigner:
    """A signer whose key is the same in every run."""
    return FrameSigner(Ed25519PrivateKey.from_private_bytes(SECRET), kid)


def principal(
    player_id: PlayerId = PLAYER,
    role: AccountRole = AccountRole.PLAYER,
    sid: str = "sid-1",
    expires_at: UnixMicros = TOKEN_ENDS,
) -> Principal:
    return Principal(player_id, "vera", SessionId(sid), role, expires_at, SESSION_ENDS)


@dataclass
class KnownTokens:
    """Knows tokens by heart."""

    principals: dict[str, Principal] = field(default_factory=dict)

    def verify(self, token: str | None, now: UnixMicros) -> Principal | Refusal:
        found = self.inspect_expired(token, now)
        if isinstance(found, Principal) and found.expires_at <= now:
            return Refusal(TokenFault.EXPIRED, Retry.NEVER, "The access token has expired.")
        return found

    def inspect_expired(self, token: str | None, now: UnixMicros) -> Principal | Refusal:
        if token is None or token not in self.principals:
            return Refusal(TokenFault.INVALID, Retry.NEVER, "The access token is not valid.")
        return self.principals[token]


class FixedGalaxy:
    """Committed state that does not change: ten goods at their base prices, one port."""

    def player_state(self, player_id: PlayerId, username: str) -> PlayerState:
        return PlayerState(
            player_id=player_id,
            credits=50_000,
            turns=500,
            turns_max=500,
            sector_id="s0001",
            docked_port_id="p0001",
            in_transit=None,
            ship={
                "ship_id": f"ship-{player_id}",
                "class": "light_freighter",
                "cargo_capacity": 150,
                "cargo": {},
            },
            average_cost={},
            realised_profit_credits=0,
            trading_state=ACTIVE,
            username=username,
        )

    def port_market(self, port_id: PortId) -> PortMarket:
        if port_id != "p0001":
            raise UnknownNounError("unknown_port", f"There is no port {port_id!r}.")
        return PortMarket(port_id, "Haven", "s0001", 1, rfc3339(NOW), [], [], ACTIVE)

    def market_realtime(self, commodity: Commodity) -> MarketRealtime:
        price = float(BASE_PRICES[COMMODITY_INDEX[commodity]])
        return MarketRealtime(
            commodity=commodity.value,
            price=price,
            bid=price - 2,
            ask=price + 2,
            volume_24h=120,
            change_24h=0.5,
            high_24h=price + 1,
            low_24h=price - 1,
            trend="flat",
            prediction=None,
            version=7,
            as_of=rfc3339(NOW),
            game_time="2102-01-01T00:07:00.000000Z",
        )

    def market_predictions(
        self, commodities: Sequence[Commodity], horizon: Horizon
    ) -> list[MarketPrediction]:
        return [
            MarketPrediction(
                commodity=good.value,
                currentPrice=52.0,
                predictedPrice=53.5,
                confidence=0.71,
                timeHorizon=horizon.value,
                aiExplanation="Expected +2.9%, direction right 71 in 100 times.",
                riskLevel="low",
                timestamp=rfc3339(NOW),
            )
            for good in commodities
        ]

    def predictions(self) -> PredictionSignal:
        forecast = PriceForecast(
            commodity="ore",
            horizon="1h",
            made_at="2102-01-01T00:00:00.000000Z",
            due_at="2102-01-01T01:00:00.000000Z",
            reference_price=52.0,
            predicted_price=53.5,
            direction="up",
            confidence=0.71,
            edge=True,
            interval_80=PriceInterval(51.0, 56.0),
            interval_95=PriceInterval(50.0, 57.5),
            risk_level="low",
            explanation="Expected +2.9%, direction right 71 in 100 times.",
            model_id="m-1",
        )
        return PredictionSignal("predictions", [forecast])

    def automation_status(self, player_id: PlayerId) -> AutomationStatus:
        return AutomationStatus(
            isActive=True,
            totalProfitToday=-3,
            tradesExecuted=2,
            rulesActive=1,
            lastAction=None,
            pauseOnDisconnect=False,
            pausedAt=None,
        )

    def status(self) -> ServerStatus:
        return ServerStatus(
            server_time=rfc3339(NOW),
            game_time="2102-01-01T00:07:00.000000Z",
            tick=7,
            time_scale=60,
            version="0",
            players_online=1,
            universe=UniverseStatus(2102, 100, 60),
        )


class Ledgerless:
    """A writer that executes every trade of at most 100 units, and remembers receipts."""

    def __init__(self) -> None:
        self.receipts: dict[ReceiptKey, Receipt] = {}
        self.submitted: list[CommandEnvelope] = []
        self.gate = asyncio.Event()
        self.gate.set()

    async def submit(
        self, envelope: CommandEnvelope, received_monotonic: float
    ) -> Receipt | Refusal:
        await self.gate.wait()
        self.submitted.append(envelope)
        assert envelope.player_id is not None
        key = ReceiptKey(envelope.player_id, envelope.command_id)
        if key not in self.receipts:
            self.receipts[key] = self._decide(envelope, key)
        return self.receipts[key]

    async def fate(self, key: ReceiptKey) -> Receipt | CommandFate:
        if key in self.receipts:
            return self.receipts[key]
        return CommandFate(key.command_id, "never_seen", "same_id", "No such command was seen.")

    def _decide(self, envelope: CommandEnvelope, key: ReceiptKey) -> Receipt:
        command = envelope.command
        if isinstance(command, SwitchAutomation):
            switched = AutomationReceipt(key.command_id, "executed", command.active is not False)
            return Receipt(key, b"", "executed", None, canonical_json(switched), NOW)
        if isinstance(command, SetDisconnectPause):
            chosen = DisconnectPauseReceipt(key.command_id, "executed", command.active)
            return Receipt(key, b"", "executed", None, canonical_json(chosen), NOW)
        assert isinstance(command, Trade)
        if not 0 < command.quantity <= 100:
            fate = CommandFate(
                key.command_id,
                "rejected",
                "new_id",
                "The hold has room for 100 units.",
                "insufficient_hold",
                502,
            )
            return Receipt(key, b"", "rejected", fate.code, msgspec.json.encode(fate), NOW)
        receipt = TradeReceipt(key.command_id, "executed", trade_report(command, key))
        return Receipt(key, b"", "executed", None, canonical_json(receipt), NOW)


def trade_report(command: Trade, key: ReceiptKey) -> TradeReport:
    """What executing `command` reports: half at 61 credits, the rest at 62."""
    cheap = command.quantity // 2
    fills = [FillRun(61, cheap), FillRun(62, command.quantity - cheap)]
    return TradeReport(
        trade_id=f"t-{key.player_id}-1",
        port_id="p0001",
        side=command.side.value,
        commodity=command.commodity,
        quantity=command.quantity,
        fills=[run for run in fills if run.quantity],
        total_credits=61 * cheap + 62 * (command.quantity - cheap),
        fees_credits=6,
        profit_credits=None if command.side == "buy" else 15,
        credits_after=49_000,
        cargo_after=command.quantity,
        stock_after=990,
        market_version=8,
        executed_at=rfc3339(NOW),
        game_time="2102-01-01T00:08:00.000000Z",
    )


@dataclass
class CountedDenials:
    """Remembers what was denied to whom."""

    seen: list[tuple[PlayerId | None, str]] = field(default_factory=list)

    def count(self, player_id: PlayerId | None, address: str, code: str, now: UnixMicros) -> None:
        assert address
        self.seen.append((player_id, code))


def still_pulse() -> UniversePulse:
    """The pulse of a galaxy in which one player has made one trade."""
    return UniversePulse(
        players_online=1,
        game_time="2102-01-01T00:07:00.000000Z",
        tick=7,
        sectors=100,
        ports=60,
        window_seconds=60,
        trades=1,
        arrivals=0,
        dockings=0,
        newcomers=0,
        activity=[SectorActivity("s0001", 1, 0, 0, ["0123456789ab"])],
    )


@dataclass
class Parrot:
    """Says back what it is told; it knows no conversation `c_0`."""

    away: bool = False

    async def answer(
        self, player_id: PlayerId, text: str, conversation_id: str | None
    ) -> AriaAnswer | Refusal:
        if self.away:
            raise StoreUnavailableError("away")
        if conversation_id == "c_0":
            return Refusal("unknown_conversation", Retry.NEVER, "You have no such conversation.")
        return AriaAnswer(conversation_id or "c_1", "m_1", f"{player_id}: {text}", [], [], [], "p")


@dataclass
class Surroundings:
    """A gateway and the stand-ins around it."""

    gateway: Gateway
    hub: Hub
    clock: SetClock
    tokens: KnownTokens
    commands: Ledgerless
    denials: CountedDenials
    assistant: Parrot


def surroundings(
    limits: GatewayLimits | None = None,
    commands: Ledgerless | None = None,
    neighbours: Neighbours = ALONE,
    relay: RelayHub | None = None,
    listeners: Listeners = LISTENERS,
) -> Surroundings:
    """Build a gateway whose token `good` speaks for PLAYER and `other` for OTHER.

    With `relay`, its channels are another process's, and `hub` has no readers.
    """
    clock = SetClock()
    tokens = KnownTokens({"good": principal(), "other": principal(OTHER, sid="sid-2")})
    commands = commands or Ledgerless()
    denials = CountedDenials()
    assistant = Parrot()
    limits = limits or GatewayLimits()
    hub = Hub(
        "stream-1",
        frame_signer(),
        limits.history_frames_max,
        limits.linger_seconds,
        clock.monotonic,
    )
    gateway = Gateway(
        commands,
        FixedGalaxy(),
        tokens,
        clock,
        relay or hub,
        frame_signer(),
        limits,
        "stream-1",
        lambda: SECRET,
        denials,
        still_pulse,
        assistant,
        neighbours,
        listeners,
    )
    return Surroundings(gateway, hub, clock, tokens, commands, denials, assistant)
