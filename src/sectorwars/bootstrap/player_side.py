"""The side of a server that players reach: HTTP, WebSockets, and what answers there."""

import asyncio
import contextlib
import secrets
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from prometheus_client import REGISTRY

from sectorwars.api.app import create_app
from sectorwars.api.services import ApiLimits, Services
from sectorwars.application.accounts.authentication import Authenticator
from sectorwars.application.accounts.enrolment import Enrolment
from sectorwars.application.accounts.password import HashCost, PasswordHasher
from sectorwars.application.accounts.sign_in_throttle import SignInThrottle
from sectorwars.application.accounts.tokens import AccessTokens
from sectorwars.application.advice.advisor import Advisor
from sectorwars.application.alerts.book import AlertBook
from sectorwars.application.aria.service import AriaService, TellProposal, no_proposals
from sectorwars.application.audit.search import AuditSearch
from sectorwars.application.audit.trail import (
    AddressPseudonyms,
    DenialCounts,
    OperatorAudit,
    SignInAudit,
)
from sectorwars.application.backtest.desk import BacktestDesk
from sectorwars.application.backtest.runner import RunBacktest
from sectorwars.application.forecasts.champion import load_champion
from sectorwars.application.forecasts.scoreboard import ForecastScoreboard
from sectorwars.application.foundation_session import FoundationSessionKeeper
from sectorwars.application.operators.account_administration import STAFF, AccountAdministration
from sectorwars.application.operators.connection_oversight import ConnectionOversight
from sectorwars.application.operators.permissions import Authority
from sectorwars.application.operators.trading_controls import TradingControls
from sectorwars.application.ports import StoreUnavailableError
from sectorwars.application.publishing.pulse import PulseMeter
from sectorwars.application.reading.forecast_board import ForecastBoard
from sectorwars.application.reading.order_queries import OrderQueries
from sectorwars.application.reading.profit import ProfitAccounts
from sectorwars.application.reading.projection import Projection
from sectorwars.application.reading.queries import Queries, ServerFacts
from sectorwars.application.reading.rule_traces import RuleTraces
from sectorwars.application.writing.command_writer import CommandWriter
from sectorwars.assistant.offline import OfflineProvider
from sectorwars.assistant.tools import Toolbox
from sectorwars.bootstrap.keys import GatewayKeys
from sectorwars.bootstrap.limits import forecasts_shown_ticks, gateway_limits
from sectorwars.bootstrap.market_side import new_command_id
from sectorwars.bootstrap.server import Part, WebServer, every, web_server
from sectorwars.bootstrap.stores import Stores
from sectorwars.clock import SystemClock
from sectorwars.domain.ids import PlayerId
from sectorwars.domain.values import MICROS_PER_SECOND, UnixMicros
from sectorwars.gateway.explanation import Explanations
from sectorwars.gateway.gateway import Gateway
from sectorwars.gateway.http_protocol import HttpPatience, build_http_protocol
from sectorwars.gateway.neighbours import ALONE, Neighbours
from sectorwars.gateway.server import UpgradePolicy, build_ws_protocol
from sectorwars.gateway.topics import Topics
from sectorwars.observability.metrics import LINES
from sectorwars.protocol.signing import SESSION_KEY_BYTES, FrameSigner
from sectorwars.protocol.upgrade import OriginPolicy
from sectorwars.settings import Settings
from sectorwars.version import VERSION

STATIC_DIRECTORY: Final = Path(__file__).parents[1] / "api" / "static"
_SWEEP_SECONDS: Final = 300.0
_ROLES_SECONDS: Final = 5.0
_AUDIT_SECONDS: Final = 10.0
_SESSIONS_SECONDS: Final = 1.0


@dataclass(frozen=True, slots=True)
class Shown:
    """What players are shown: the committed world, its past, and the forecasts that stand."""

    projection: Projection
    forecasts: ForecastBoard
    queries: Queries
    pulse: PulseMeter
    alerts: AlertBook


@dataclass(frozen=True, slots=True)
class Company:
    """What a gateway shares with others; by itself, one that has no others."""

    throttles: tuple[SignInThrottle, SignInThrottle]
    neighbours: Neighbours = ALONE
    announce_aria: Callable[[PlayerId, UnixMicros], None] = lambda _player_id, _at: None
    tell_proposal: TellProposal = no_proposals


def make_queries(
    settings: Settings,
    projection: Projection,
    stores: Stores,
    clock: SystemClock,
    players_online: Callable[[], int],
) -> Queries:
    """Return what answers questions about the committed world."""
    facts = ServerFacts(VERSION, settings.time_scale)
    return Queries(projection, stores.archive, clock, facts, players_online)


def api_limits(settings: Settings) -> ApiLimits:
    """Return what the HTTP side takes from the settings."""
    return ApiLimits(
        allowed_origins=settings.allowed_origins,
        trusted_proxies=settings.trusted_proxies,
        metrics_token=settings.metrics_token,
    )


class PlayerSide:
    """The gateway and the HTTP application of one process."""

    def __init__(
        self,
        settings: Settings,
        keys: GatewayKeys,
        clock: SystemClock,
        shown: Shown,
        stores: Stores,
        run_backtest: RunBacktest,
        commands: CommandWriter,
        hub: Topics[Any],
        stream_id: str,
        company: Company,
        jwks: Callable[[], dict[str, Any]],
        not_ready: Callable[[], str | None],
    ) -> None:
        """Show what is `shown`, and send `commands` to the writer; `run_backtest` does it."""
        self._settings = settings
        self._clock = clock
        self._stores = stores
        projection, queries = shown.projection, shown.queries
        pseudonyms = AddressPseudonyms(secrets.token_bytes)
        self._denials = DenialCounts(stores.audit, pseudonyms)
        self.authenticator = Authenticator(
            stores.accounts,
            PasswordHasher(HashCost()),
            AccessTokens(keys.token, settings.access_token_ttl, settings.session_ttl),
            company.throttles,
            Enrolment(commands, queries.player_exists, clock),
            secrets.token_bytes,
            settings.session_ttl,
            SignInAudit(stores.audit, pseudonyms),
            keys.service,
        )
        scoreboard = ForecastScoreboard(
            stores.forecasts, load_champion().model_id, lambda: projection.world.tick
        )
        advisor = Advisor(projection, stores.archive, stores.profiles, shown.forecasts, clock)
        toolbox = Toolbox(
            projection,
            stores.archive,
            stores.rule_traces,
            shown.forecasts,
            scoreboard,
            advisor,
        )
        self.aria = AriaService(
            OfflineProvider(toolbox),
            stores.conversations,
            commands,
            projection,
            clock,
            lambda: uuid.uuid4().hex,
            settings.aria_rate_limit,
            company.announce_aria,
            company.tell_proposal,
        )
        self.gateway = Gateway(
            commands,
            queries,
            self.authenticator,
            clock,
            hub,
            FrameSigner(keys.gateway.private, keys.gateway.kid),
            gateway_limits(settings),
            stream_id=stream_id,
            new_secret=lambda: secrets.token_bytes(SESSION_KEY_BYTES),
            denials=self._denials,
            pulse=shown.pulse.universe_pulse,
            assistant=self.aria,
            neighbours=company.neighbours,
        )
        self.authenticator.on_revoked(self.gateway.revoke)
        LINES.counted_by(self.gateway.census)
        self.keeper = FoundationSessionKeeper(
            stores.foundation_sessions, self.gateway.foundation_sessions
        )
        audit = OperatorAudit(stores.audit, pseudonyms)
        self.connections = ConnectionOversight(Explanations(self.gateway), pseudonyms, audit, clock)
        self._backtests = BacktestDesk(
            stores.backtests,
            stores.market_record,
            projection,
            clock,
            settings.time_scale,
            forecasts_shown_ticks(settings),
            settings.backtest_queue,
            lambda: uuid.uuid4().hex,
            run_backtest,
        )
        self._services = Services(
            processor=commands,
            queries=queries,
            order_queries=OrderQueries(projection, stores.orders, clock),
            profit_accounts=ProfitAccounts(projection, stores.archive, clock),
            forecast_scoreboard=scoreboard,
            rule_traces=RuleTraces(projection, stores.rule_traces),
            advisor=advisor,
            alerts=shown.alerts,
            backtests=self._backtests,
            aria=self.aria,
            authenticator=self.authenticator,
            denials=self._denials,
            authority=Authority(stores.accounts),
            accounts=AccountAdministration(stores.accounts, audit),
            audit_search=AuditSearch(stores.audit, stores.events),
            trading_controls=TradingControls(projection, commands, audit, clock),
            connections=self.connections,
            clock=clock,
            limits=api_limits(settings),
            jwks=jwks,
            not_ready=not_ready,
            new_command_id=new_command_id,
        )

    def parts(self) -> Sequence[Part]:
        """Return what runs beside the web server."""
        return (
            Part("gateway", self.gateway.run),
            every("sweeper", _SWEEP_SECONDS, self._sweep),
            every("role watch", _ROLES_SECONDS, self._hold_to_roles),
            every("denial audit", _AUDIT_SECONDS, self._enter_denials),
            Part("session keeper", self._keep_sessions),
            Part("backtests", self._backtests.work),
        )

    def web(self) -> WebServer:
        """Return the server of both HTTP and WebSockets."""
        settings = self._settings
        policy = UpgradePolicy(
            OriginPolicy(frozenset(settings.allowed_origins)),
            settings.trusted_proxies,
            settings.frame_compression,
        )
        return web_server(
            create_app(self._services, STATIC_DIRECTORY, REGISTRY, lambda: uuid.uuid4().hex),
            http=build_http_protocol(self.gateway, HttpPatience(settings.request_timeout)),
            ws=build_ws_protocol(self.gateway, policy),
        )

    async def recover_sessions(self) -> None:
        """Let the Foundation clients of the last run come back to what they followed.

        Raises:
            StoreUnavailableError: the store cannot be reached.
        """
        rows = await self.keeper.recover(self._forgotten_before())
        self.gateway.restore_foundation_sessions(rows)

    async def recover_backtests(self) -> None:
        """Tell the players of the last run what it left undone, where this process is the only one.

        Raises:
            StoreUnavailableError: the store cannot be reached.
        """
        await self._backtests.recover()

    async def close(self) -> None:
        """Write out what is still in memory.

        Raises:
            StoreUnavailableError: the store cannot be reached.
        """
        await self._denials.close()
        await self._backtests.close()
        await self.keeper.keep()

    async def _keep_sessions(self) -> None:
        changed = self.gateway.registry.foundation.changed
        while True:
            # Without a change there is still to be kept when each was last seen.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_SESSIONS_SECONDS):
                    await changed.wait()
            changed.clear()
            with contextlib.suppress(StoreUnavailableError):
                await self.keeper.keep()

    async def _hold_to_roles(self) -> None:
        staff = await self._stores.accounts.accounts_with(STAFF)
        self.gateway.hold_to_roles({account.player_id: account.role for account in staff})

    async def _sweep(self) -> None:
        await self.authenticator.forget_expired(self._clock.now())
        # Sessions that a killed process kept, and nobody came back to.
        await self._stores.foundation_sessions.recover(self._forgotten_before())

    async def _enter_denials(self) -> None:
        await self._denials.flush(self._clock.now())

    def _forgotten_before(self) -> UnixMicros:
        linger_micros = int(self.gateway.limits.linger_seconds * MICROS_PER_SECOND)
        return UnixMicros(self._clock.now() - linger_micros)
