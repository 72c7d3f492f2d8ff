"""From settings to the parts of a server."""

import contextlib
import os
import secrets
import socket
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog
import uvicorn
from prometheus_client import REGISTRY

from sectorwars.api.app import create_app
from sectorwars.api.services import ApiLimits, Services
from sectorwars.application.account_administration import AccountAdministration
from sectorwars.application.advice.advisor import Advisor
from sectorwars.application.alerts.book import AlertBook
from sectorwars.application.aria.service import AriaService
from sectorwars.application.audit import (
    AddressPseudonyms,
    DenialCounts,
    OperatorAudit,
    SignInAudit,
)
from sectorwars.application.audit_search import AuditSearch
from sectorwars.application.authentication import Authenticator
from sectorwars.application.birth import UniversePlan
from sectorwars.application.chain_heads import ChainWitness
from sectorwars.application.command_processor import CommandProcessor, ProcessorLimits, Recovered
from sectorwars.application.connection_oversight import ConnectionOversight
from sectorwars.application.disconnect_controls import DisconnectControls
from sectorwars.application.economy_clock import EconomyClock
from sectorwars.application.enrolment import Enrolment
from sectorwars.application.forecast_board import ForecastBoard
from sectorwars.application.forecast_champion import load_champion
from sectorwars.application.forecast_runner import ForecastRunner
from sectorwars.application.forecast_scoreboard import ForecastScoreboard
from sectorwars.application.foundation_session import FoundationSessionKeeper
from sectorwars.application.galaxy import Galaxy
from sectorwars.application.keys import (
    AUDIT_KEY_FILE,
    FRAME_KEY_FILE,
    GATEWAY_KEY_FILE,
    TOKEN_KEY_FILE,
    SigningKey,
    jwks,
    load_signing_key,
)
from sectorwars.application.order_queries import OrderQueries
from sectorwars.application.password import HashCost, PasswordHasher
from sectorwars.application.permissions import Authority
from sectorwars.application.profit import ProfitAccounts
from sectorwars.application.projection import Committed
from sectorwars.application.publications import Publisher
from sectorwars.application.pulse import PulseMeter
from sectorwars.application.queries import Queries, ServerFacts
from sectorwars.application.rule_traces import RuleTraces
from sectorwars.application.sign_in_throttle import SignInThrottle
from sectorwars.application.surveillance import Surveillance
from sectorwars.application.tokens import AccessTokens
from sectorwars.application.trade_limit import TradeLimit
from sectorwars.application.trading_controls import TradingControls
from sectorwars.assistant.offline import OfflineProvider
from sectorwars.assistant.tools import Toolbox
from sectorwars.bootstrap.server import Readiness, Server, WebServer
from sectorwars.clock import SystemClock
from sectorwars.domain.ids import CommandId
from sectorwars.domain.risk import TradeCaps
from sectorwars.domain.values import TICK_GAME_SECONDS, div_floor
from sectorwars.gateway.explanation import Explanations
from sectorwars.gateway.gateway import Gateway
from sectorwars.gateway.hub import Hub
from sectorwars.gateway.http_protocol import HttpPatience, build_http_protocol
from sectorwars.gateway.limits import GatewayLimits
from sectorwars.gateway.server import UpgradePolicy, build_ws_protocol
from sectorwars.observability.metrics import INBOX_DEPTH, LINES
from sectorwars.persistence.chain_head_file import ChainHeadFile
from sectorwars.persistence.postgres.account_store import PostgresAccountStore
from sectorwars.persistence.postgres.alert_store import PostgresAlertStore
from sectorwars.persistence.postgres.audit_trail import PostgresAuditTrail
from sectorwars.persistence.postgres.connection import open_pool
from sectorwars.persistence.postgres.conversation_store import PostgresConversationStore
from sectorwars.persistence.postgres.event_archive import PostgresEventArchive
from sectorwars.persistence.postgres.event_store import PostgresEventStore
from sectorwars.persistence.postgres.forecast_store import PostgresForecastStore
from sectorwars.persistence.postgres.foundation_session_store import (
    PostgresFoundationSessionStore,
)
from sectorwars.persistence.postgres.market_archive import PostgresMarketArchive
from sectorwars.persistence.postgres.migration import migrate
from sectorwars.persistence.postgres.order_archive import PostgresOrderArchive
from sectorwars.persistence.postgres.profile_store import PostgresProfileStore
from sectorwars.persistence.postgres.rule_trace_archive import PostgresRuleTraceArchive
from sectorwars.protocol.dialect import SessionLimits
from sectorwars.protocol.signing import SESSION_KEY_BYTES, FrameSigner
from sectorwars.protocol.upgrade import OriginPolicy
from sectorwars.settings import Settings
from sectorwars.version import VERSION

STATIC_DIRECTORY: Final = Path(__file__).parents[1] / "api" / "static"
_POOL_CONNECTIONS_MAX: Final = 12
_GRACEFUL_SECONDS: Final = 5
_BATCHES_UNDURABLE_MAX: Final = 2
"""One that is being committed and one that is being decided."""

_LOG = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Keys:
    """The server's own keys."""

    token: SigningKey
    frame: SigningKey
    gateway: SigningKey
    audit: SigningKey

    @classmethod
    def load(cls, directory: Path) -> "Keys":
        """Read the keys from `directory`, making at the first start those that are missing."""
        return cls(
            load_signing_key(directory / TOKEN_KEY_FILE),
            load_signing_key(directory / FRAME_KEY_FILE),
            load_signing_key(directory / GATEWAY_KEY_FILE),
            load_signing_key(directory / AUDIT_KEY_FILE),
        )


@dataclass(frozen=True, slots=True)
class Stores:
    """What is kept beside the log."""

    accounts: PostgresAccountStore
    conversations: PostgresConversationStore
    alerts: PostgresAlertStore
    profiles: PostgresProfileStore
    forecasts: PostgresForecastStore
    rule_traces: PostgresRuleTraceArchive
    audit: PostgresAuditTrail
    events: PostgresEventArchive
    orders: PostgresOrderArchive
    foundation_sessions: PostgresFoundationSessionStore


@contextlib.asynccontextmanager
async def open_server(settings: Settings, keys: Keys, dsn: str) -> AsyncIterator[Server]:
    await migrate(dsn)
    pool = await open_pool(dsn, connections_max=_POOL_CONNECTIONS_MAX)
    try:
        clock = SystemClock()
        store = PostgresEventStore(pool)
        plan = UniversePlan(settings.universe_seed, settings.universe_sectors)
        holder = f"{socket.gethostname()}:{os.getpid()}"
        galaxy = Galaxy(
            store,
            PostgresMarketArchive(pool),
            clock,
            plan,
            holder,
            ForecastBoard(_ticks(settings.ai_prediction_cache, settings)),
            FrameSigner(keys.frame.private, keys.frame.kid),
        )
        recovered = await galaxy.recover(_ignore, _log_birth)
        try:
            stores = Stores(
                PostgresAccountStore(pool),
                PostgresConversationStore(pool),
                PostgresAlertStore(pool),
                PostgresProfileStore(pool),
                PostgresForecastStore(pool),
                PostgresRuleTraceArchive(pool),
                PostgresAuditTrail(pool),
                PostgresEventArchive(pool),
                PostgresOrderArchive(pool),
                PostgresFoundationSessionStore(pool),
            )
            server = _wire(settings, keys, clock, galaxy, recovered, stores)
            try:
                await server.authenticator.start(clock.now())
                await server.recover_sessions()
                await server.forecast_runner.start(galaxy.projection.world.tick)
                await server.alerts.start()
                yield server
            finally:
                server.authenticator.close()
        finally:
            await store.release_lease(galaxy.lease)
    except BaseException:
        # What failed may still hold a connection, for which closing would wait.
        pool.terminate()
        raise
    await pool.close()


def _wire(
    settings: Settings,
    keys: Keys,
    clock: SystemClock,
    galaxy: Galaxy,
    recovered: Recovered,
    stores: Stores,
) -> Server:
    champion = load_champion()
    forecast_runner = ForecastRunner(champion, stores.forecasts, galaxy.archive, galaxy.forecasts)

    surveillance = Surveillance(stores.audit, galaxy.projection)
    pulse: PulseMeter
    alerts: AlertBook
    disconnect_controls: DisconnectControls

    def take_over(committed: Committed) -> None:
        publisher.take_over(committed)
        forecast_runner.committed(committed)
        pulse.observe(committed)
        alerts.observe(committed)
        surveillance.observe(committed)
        disconnect_controls.observe(committed)

    processor = CommandProcessor(
        galaxy.store,
        clock,
        lambda: galaxy.recover(take_over, _log_birth),
        take_over,
        TradeLimit(settings.trade_rate_limit),
        ProcessorLimits(
            batch_max=settings.commit_batch_max,
            commit_latency_ms=settings.commit_latency_ms,
            undurable_max=_BATCHES_UNDURABLE_MAX * settings.commit_batch_max,
            trading_timeout_ms=settings.trading_timeout,
        ),
    )
    INBOX_DEPTH.set_function(lambda: processor.inbox_depth)
    queries = Queries(
        galaxy.projection,
        galaxy.archive,
        clock,
        ServerFacts(VERSION, settings.time_scale),
        lambda: gateway.players_online,
    )
    pseudonyms = AddressPseudonyms(secrets.token_bytes)
    denials = DenialCounts(stores.audit, pseudonyms)
    authenticator = Authenticator(
        stores.accounts,
        PasswordHasher(HashCost()),
        AccessTokens(keys.token, settings.access_token_ttl, settings.session_ttl),
        (SignInThrottle(settings.auth_rate_limit), SignInThrottle(settings.auth_rate_limit)),
        Enrolment(processor, queries.player_exists, clock),
        secrets.token_bytes,
        settings.session_ttl,
        SignInAudit(stores.audit, pseudonyms),
    )
    scoreboard = ForecastScoreboard(
        stores.forecasts, champion.model_id, lambda: galaxy.projection.world.tick
    )
    advisor = Advisor(galaxy.projection, galaxy.archive, stores.profiles, galaxy.forecasts, clock)
    aria = AriaService(
        OfflineProvider(
            Toolbox(
                galaxy.projection,
                galaxy.archive,
                stores.rule_traces,
                galaxy.forecasts,
                scoreboard,
                advisor,
            )
        ),
        stores.conversations,
        processor,
        galaxy.projection,
        clock,
        lambda: uuid.uuid4().hex,
        settings.aria_rate_limit,
    )
    limits = _gateway_limits(settings)
    stream_id = uuid.uuid4().hex
    hub = Hub(
        stream_id,
        FrameSigner(keys.frame.private, keys.frame.kid),
        limits.history_frames_max,
        limits.linger_seconds,
        clock.monotonic,
    )
    gateway = Gateway(
        processor,
        queries,
        authenticator,
        clock,
        hub,
        FrameSigner(keys.gateway.private, keys.gateway.kid),
        limits,
        stream_id=stream_id,
        new_secret=lambda: secrets.token_bytes(SESSION_KEY_BYTES),
        denials=denials,
        pulse=lambda: pulse.universe_pulse(),
        assistant=aria,
    )
    LINES.counted_by(gateway.census)
    authenticator.on_revoked(gateway.revoke)
    publisher = Publisher(galaxy.projection, hub, settings.market_data_refresh)
    pulse = PulseMeter(
        galaxy.projection, hub, queries.status, clock, secrets.token_bytes(SESSION_KEY_BYTES)
    )
    alerts = AlertBook(stores.alerts, galaxy.projection, hub, clock, lambda: uuid.uuid4().hex)
    disconnect_controls = DisconnectControls(
        galaxy.projection,
        processor,
        clock,
        gateway.is_connected,
        settings.disconnect_grace,
        _new_command_id,
    )
    readiness = Readiness(processor)
    operator_audit = OperatorAudit(stores.audit, pseudonyms)
    controls = TradingControls(galaxy.projection, processor, operator_audit, clock)
    services = Services(
        processor=processor,
        queries=queries,
        order_queries=OrderQueries(galaxy.projection, stores.orders, clock),
        profit_accounts=ProfitAccounts(galaxy.projection, galaxy.archive, clock),
        forecast_scoreboard=scoreboard,
        rule_traces=RuleTraces(galaxy.projection, stores.rule_traces),
        advisor=advisor,
        alerts=alerts,
        aria=aria,
        authenticator=authenticator,
        denials=denials,
        authority=Authority(stores.accounts),
        accounts=AccountAdministration(stores.accounts, operator_audit),
        audit_search=AuditSearch(stores.audit, stores.events),
        trading_controls=controls,
        connections=ConnectionOversight(Explanations(gateway), pseudonyms, operator_audit, clock),
        clock=clock,
        limits=ApiLimits(
            allowed_origins=settings.allowed_origins, trusted_proxies=settings.trusted_proxies
        ),
        jwks=jwks(key.public for key in (keys.frame, keys.gateway, keys.token, keys.audit)),
        not_ready=readiness.not_ready,
        new_command_id=_new_command_id,
    )
    return Server(
        recovered,
        processor,
        EconomyClock(clock, settings.time_scale, processor.tick),
        forecast_runner,
        alerts,
        disconnect_controls,
        authenticator,
        denials,
        surveillance,
        ChainWitness(stores.audit, stores.events, ChainHeadFile(settings.data_dir), keys.audit),
        gateway,
        FoundationSessionKeeper(stores.foundation_sessions, gateway.foundation_sessions),
        readiness,
        _web_server(services, gateway, settings),
        clock,
        lambda: controls.set_game_caps(_caps(settings), _new_command_id(), clock.monotonic()),
    )


def _web_server(services: Services, gateway: Gateway, settings: Settings) -> WebServer:
    policy = UpgradePolicy(
        OriginPolicy(frozenset(settings.allowed_origins)),
        settings.trusted_proxies,
        settings.frame_compression,
    )
    return WebServer(
        uvicorn.Config(
            create_app(services, STATIC_DIRECTORY, REGISTRY, lambda: uuid.uuid4().hex),
            http=build_http_protocol(gateway, HttpPatience(settings.request_timeout)),
            ws=build_ws_protocol(gateway, policy),
            loop="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=_GRACEFUL_SECONDS,
        )
    )


def _new_command_id() -> CommandId:
    return CommandId(uuid.uuid4().hex)


def _caps(settings: Settings) -> TradeCaps:
    return TradeCaps(
        units_per_trade=settings.cap_units_per_trade,
        credits_per_trade=settings.cap_credits_per_trade,
        trades_per_hour=settings.cap_trades_per_hour,
        credits_per_hour=settings.cap_credits_per_hour,
        credits_per_day=settings.cap_credits_per_day,
        units_of_a_good_per_day=settings.cap_units_of_a_good_per_day,
    )


def _ticks(seconds: int, settings: Settings) -> int:
    """Return how many ticks pass in so many real seconds."""
    return div_floor(seconds * settings.time_scale, TICK_GAME_SECONDS)


def _gateway_limits(settings: Settings) -> GatewayLimits:
    return GatewayLimits(
        session=SessionLimits(
            messages_per_second=settings.message_rate_limit,
            authentication_timeout_seconds=settings.authentication_timeout,
            heartbeat_seconds=settings.heartbeat_interval,
            message_bytes_max=settings.frame_size_max,
            foundation_trading=settings.foundation_trading,
        ),
        connections_max=settings.max_connections,
        connections_per_address=settings.connections_per_address,
    )


def _ignore(_: Committed) -> None:
    """Nobody has been shown anything before the first recovery."""


def _log_birth(done: int, ticks: int) -> None:
    if done % (ticks // 4) == 0:
        _LOG.info("prehistory", percent=100 * done // ticks)
