"""The real application over a memory store and over PostgreSQL, without a network."""

from __future__ import annotations

import asyncio
import secrets
import uuid
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import FastAPI
from prometheus_client import CollectorRegistry
from tests.unit.gateway.doubles import Surroundings, surroundings

from sectorwars.api.app import create_app
from sectorwars.api.services import ApiLimits, Services
from sectorwars.application.account import AccountRole, AccountStore
from sectorwars.application.accounts.authentication import Authenticator
from sectorwars.application.accounts.enrolment import Enrolment
from sectorwars.application.accounts.password import HashCost, PasswordHasher
from sectorwars.application.accounts.sign_in_throttle import SignInThrottle
from sectorwars.application.accounts.tokens import AccessTokens
from sectorwars.application.advice.advisor import Advisor
from sectorwars.application.advice.profile import ProfileStore
from sectorwars.application.alerts.alert import AlertStore
from sectorwars.application.alerts.book import AlertBook
from sectorwars.application.aria.conversation import ConversationStore
from sectorwars.application.aria.service import AriaService
from sectorwars.application.audit.search import AuditSearch
from sectorwars.application.audit.trail import (
    AddressPseudonyms,
    DenialCounts,
    OperatorAudit,
    SignInAudit,
)
from sectorwars.application.backtest.desk import BacktestDesk
from sectorwars.application.backtest.run import run_backtest
from sectorwars.application.backtest.store import BacktestStore
from sectorwars.application.forecasts.champion import load_champion
from sectorwars.application.forecasts.runner import ForecastRunner
from sectorwars.application.forecasts.scoreboard import ForecastScoreboard
from sectorwars.application.galaxy.birth import UniversePlan
from sectorwars.application.galaxy.running import Galaxy
from sectorwars.application.keys import SigningKey, jwks, signing_key
from sectorwars.application.operators.account_administration import AccountAdministration
from sectorwars.application.operators.connection_oversight import ConnectionOversight
from sectorwars.application.operators.permissions import Authority
from sectorwars.application.operators.trading_controls import TradingControls
from sectorwars.application.ports import (
    AuditTrail,
    EventArchive,
    EventStore,
    ForecastStore,
    MarketArchive,
    MarketRecord,
    OrderArchive,
    RuleTraceArchive,
)
from sectorwars.application.reading.forecast_board import SHOWN_TICKS_MAX, ForecastBoard
from sectorwars.application.reading.order_queries import OrderQueries
from sectorwars.application.reading.profit import ProfitAccounts
from sectorwars.application.reading.projection import Committed
from sectorwars.application.reading.queries import Queries, ServerFacts
from sectorwars.application.reading.rule_traces import RuleTraces
from sectorwars.application.writing.command_processor import CommandProcessor, ProcessorLimits
from sectorwars.application.writing.trade_limit import TradeLimit
from sectorwars.assistant.offline import OfflineProvider
from sectorwars.assistant.tools import Toolbox
from sectorwars.clock import SystemClock
from sectorwars.domain.ids import CommandId, PlayerId
from sectorwars.domain.values import MICROS_PER_SECOND, UnixMicros
from sectorwars.engine.world import World
from sectorwars.gateway.explanation import Explanations
from sectorwars.persistence.memory.account_store import MemoryAccountStore
from sectorwars.persistence.memory.alert_store import MemoryAlertStore
from sectorwars.persistence.memory.audit_trail import MemoryAuditTrail
from sectorwars.persistence.memory.backtest_store import MemoryBacktestStore
from sectorwars.persistence.memory.conversation_store import MemoryConversationStore
from sectorwars.persistence.memory.disk import MemoryDisk
from sectorwars.persistence.memory.event_archive import MemoryEventArchive
from sectorwars.persistence.memory.event_store import MemoryEventStore
from sectorwars.persistence.memory.forecast_store import MemoryForecastStore
from sectorwars.persistence.memory.market_archive import MemoryMarketArchive
from sectorwars.persistence.memory.market_record import MemoryMarketRecord
from sectorwars.persistence.memory.order_archive import MemoryOrderArchive
from sectorwars.persistence.memory.profile_store import MemoryProfileStore
from sectorwars.persistence.memory.rule_trace_archive import MemoryRuleTraceArchive
from sectorwars.protocol.publication import Publication
from sectorwars.protocol.signing import FrameSigner

TRADES_PER_MINUTE = 30
SIGN_INS_PER_MINUTE = 10
ARIA_MESSAGES_PER_MINUTE = 60
TIME_SCALE = 60
BACKTESTS_QUEUED_MAX = 8
QUOTE_KEY = signing_key(Ed25519PrivateKey.generate())
QUOTE_SIGNER = FrameSigner(QUOTE_KEY.private, QUOTE_KEY.kid)
CHEAP = HashCost(memory_kib=64, passes=1)
PLAN = UniversePlan(seed=2102, sectors=20, prehistory_ticks=120)
PASSWORD = "correct horse battery"


class ShiftedClock(SystemClock):
    """The system's clock, some seconds ahead of itself."""

    ahead_seconds = 0

    def now(self) -> UnixMicros:
        return UnixMicros(super().now() + self.ahead_seconds * MICROS_PER_SECOND)


@dataclass
class Stores:
    """One kind of store."""

    events: EventStore
    archive: MarketArchive
    accounts: AccountStore
    conversations: ConversationStore
    alerts: AlertStore
    profiles: ProfileStore
    forecasts: ForecastStore
    rule_traces: RuleTraceArchive
    audit: AuditTrail
    event_archive: EventArchive
    orders: OrderArchive
    market_record: MarketRecord
    backtests: BacktestStore


def memory_stores() -> Stores:
    """Return empty stores in memory."""
    disk = MemoryDisk()
    return Stores(
        MemoryEventStore(disk),
        MemoryMarketArchive(disk),
        MemoryAccountStore(),
        MemoryConversationStore(),
        MemoryAlertStore(),
        MemoryProfileStore(),
        MemoryForecastStore(),
        MemoryRuleTraceArchive(disk),
        MemoryAuditTrail(),
        MemoryEventArchive(disk),
        MemoryOrderArchive(disk),
        MemoryMarketRecord(disk),
        MemoryBacktestStore(),
    )


class DeafBroadcaster:
    """Publishes to nobody."""

    def wants(self, channel: str) -> bool:
        return False

    def publish(self, publications: Sequence[Publication]) -> None:
        raise AssertionError("nobody listens")


@dataclass
class Stack:
    """The running application, and a client of it."""

    app: FastAPI
    http: httpx.AsyncClient
    clock: ShiftedClock
    authenticator: Authenticator
    queries: Queries
    token_key: SigningKey
    stores: Stores
    not_ready: list[str]
    forecast_board: ForecastBoard
    processor: CommandProcessor
    world: Callable[[], World]
    """Gives the world as all committed events have made it."""
    around: Surroundings
    """A gateway of its own, for what operators ask of connections."""

    async def register(self, username: str = "alice") -> Player:
        """Register a player."""
        body = {"username": username, "password": PASSWORD}
        answer = await self.http.post("/api/v1/auth/register", json=body)
        assert answer.status_code == 201, answer.text
        return Player(self.http, answer.json())

    async def sign_in(self, username: str = "alice") -> Player:
        """Sign a player in who has registered."""
        body = {"username": username, "password": PASSWORD}
        answer = await self.http.post("/api/v1/auth/login", json=body)
        assert answer.status_code == 200, answer.text
        return Player(self.http, answer.json())

    async def staff(self, username: str, role: AccountRole) -> Player:
        """Register somebody and give him a role, as its holder learns at his next request."""
        player = await self.register(username)
        changed = await self.stores.accounts.change_role(
            PlayerId(player.grant["player_id"]), role, AccountRole.PLAYER
        )
        assert changed or role is AccountRole.PLAYER
        return player


class Player:
    """A signed-in player."""

    def __init__(self, http: httpx.AsyncClient, grant: Mapping[str, Any]) -> None:
        self._http = http
        self.grant = grant
        self.headers = {"Authorization": f"Bearer {grant['access_token']}"}

    async def get(self, path: str) -> httpx.Response:
        return await self._http.get(f"/api/v1{path}", headers=self.headers)

    async def post(
        self, path: str, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        sent = {**self.headers, **(headers or {})}
        return await self._http.post(f"/api/v1{path}", json=body, headers=sent)

    async def put(
        self, path: str, body: Any, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        sent = {**self.headers, **(headers or {})}
        return await self._http.put(f"/api/v1{path}", json=body, headers=sent)

    async def delete(self, path: str, headers: Mapping[str, str] | None = None) -> httpx.Response:
        sent = {**self.headers, **(headers or {})}
        return await self._http.delete(f"/api/v1{path}", headers=sent)

    async def state(self) -> dict[str, Any]:
        """Return everything that must not change when a request is refused."""
        answer = await self.get("/player/state")
        assert answer.status_code == 200, answer.text
        state: dict[str, Any] = answer.json()
        return state

    async def affordable_good(self) -> dict[str, Any]:
        """Return the cheapest good that the player's port buys and sells."""
        port_id = (await self.state())["docked_port_id"]
        goods = (await self.get(f"/trading/market/{port_id}")).json()["goods"]
        both = [good for good in goods if good["buys"] and good["sells"]]
        cheapest: dict[str, Any] = min(both, key=lambda good: good["ask_price"])
        return cheapest


@asynccontextmanager
async def running_stack(stores: Stores, static_directory: Path) -> AsyncIterator[Stack]:
    """Bring the application to life, and end it."""
    clock = ShiftedClock()
    galaxy = Galaxy(
        stores.events, stores.archive, clock, PLAN, "test", ForecastBoard(), QUOTE_SIGNER
    )

    alerts: AlertBook | None = None

    def take_over(committed: Committed) -> None:
        galaxy.projection.apply(committed)
        if alerts is not None:
            alerts.observe(committed)

    async def recover() -> Any:
        return await galaxy.recover(take_over, lambda _done, _all: None)

    recovered = await recover()
    processor = CommandProcessor(
        stores.events,
        clock,
        recover,
        take_over,
        TradeLimit(TRADES_PER_MINUTE),
        ProcessorLimits(),
    )
    writing = asyncio.create_task(processor.run(recovered))
    facts = ServerFacts("0", TIME_SCALE)
    queries = Queries(galaxy.projection, stores.archive, clock, facts, lambda: 0)
    champion = load_champion()
    forecast_runner = ForecastRunner(
        champion, stores.forecasts, stores.archive, galaxy.forecasts, DeafBroadcaster()
    )
    await forecast_runner.start(galaxy.projection.world.tick)
    scoreboard = ForecastScoreboard(
        stores.forecasts, champion.model_id, lambda: galaxy.projection.world.tick
    )
    pseudonyms = AddressPseudonyms(secrets.token_bytes)
    advisor = Advisor(galaxy.projection, stores.archive, stores.profiles, galaxy.forecasts, clock)
    tools = Toolbox(
        galaxy.projection,
        stores.archive,
        stores.rule_traces,
        galaxy.forecasts,
        scoreboard,
        advisor,
    )
    aria = AriaService(
        OfflineProvider(tools),
        stores.conversations,
        processor,
        galaxy.projection,
        clock,
        lambda: uuid.uuid4().hex,
        ARIA_MESSAGES_PER_MINUTE,
    )
    alerts = AlertBook(
        stores.alerts, galaxy.projection, DeafBroadcaster(), clock, lambda: uuid.uuid4().hex
    )
    await alerts.start()
    backtests = BacktestDesk(
        stores.backtests,
        stores.market_record,
        galaxy.projection,
        clock,
        TIME_SCALE,
        SHOWN_TICKS_MAX,
        BACKTESTS_QUEUED_MAX,
        lambda: uuid.uuid4().hex,
        lambda task, note: run_backtest(task, stores.market_record, stores.forecasts, note),
    )
    testing = asyncio.create_task(backtests.work())
    token_key = signing_key(Ed25519PrivateKey.generate())
    authenticator = Authenticator(
        stores.accounts,
        PasswordHasher(CHEAP),
        AccessTokens(token_key, ttl_seconds=900, session_ttl_seconds=86_400),
        (SignInThrottle(SIGN_INS_PER_MINUTE), SignInThrottle(SIGN_INS_PER_MINUTE)),
        Enrolment(processor, queries.player_exists, clock),
        secrets.token_bytes,
        session_ttl_seconds=86_400,
        audit=SignInAudit(stores.audit, pseudonyms),
    )
    await authenticator.start(clock.now())
    not_ready: list[str] = []
    around = surroundings()
    operator_audit = OperatorAudit(stores.audit, pseudonyms)
    services = Services(
        processor=processor,
        queries=queries,
        order_queries=OrderQueries(galaxy.projection, stores.orders, clock),
        profit_accounts=ProfitAccounts(galaxy.projection, stores.archive, clock),
        forecast_scoreboard=scoreboard,
        rule_traces=RuleTraces(galaxy.projection, stores.rule_traces),
        advisor=advisor,
        alerts=alerts,
        backtests=backtests,
        aria=aria,
        authenticator=authenticator,
        denials=DenialCounts(stores.audit, pseudonyms),
        authority=Authority(stores.accounts),
        accounts=AccountAdministration(stores.accounts, operator_audit),
        audit_search=AuditSearch(stores.audit, stores.event_archive),
        trading_controls=TradingControls(galaxy.projection, processor, operator_audit, clock),
        connections=ConnectionOversight(
            Explanations(around.gateway), pseudonyms, operator_audit, clock
        ),
        clock=clock,
        limits=ApiLimits(),
        jwks=lambda: jwks([token_key.public, QUOTE_KEY.public]),
        not_ready=lambda: not_ready[0] if not_ready else None,
        new_command_id=lambda: CommandId(uuid.uuid4().hex),
    )
    app = create_app(services, static_directory, CollectorRegistry(), lambda: uuid.uuid4().hex)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://game.test") as http:
        yield Stack(
            app,
            http,
            clock,
            authenticator,
            queries,
            token_key,
            stores,
            not_ready,
            galaxy.forecasts,
            processor,
            lambda: galaxy.projection.world,
            around,
        )
    testing.cancel()
    await asyncio.wait({testing})
    authenticator.close()
    processor.stop()
    await writing
    if galaxy.lease is not None:
        await stores.events.release_lease(galaxy.lease)
