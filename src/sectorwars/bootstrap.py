"""The only wiring place: from settings to a running server and back to a clean stop."""

import asyncio
import contextlib
import errno
import os
import secrets
import signal
import socket
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog
import uvicorn
from prometheus_client import REGISTRY

from sectorwars.api.app import create_app
from sectorwars.api.services import ApiLimits, Services
from sectorwars.application.authentication import Authenticator
from sectorwars.application.birth import UniversePlan
from sectorwars.application.command_processor import (
    CommandProcessor,
    ProcessorLimits,
    Recovered,
)
from sectorwars.application.economy_clock import EconomyClock
from sectorwars.application.enrolment import Enrolment
from sectorwars.application.galaxy import Galaxy
from sectorwars.application.keys import (
    FRAME_KEY_FILE,
    GATEWAY_KEY_FILE,
    TOKEN_KEY_FILE,
    KeyFileError,
    SigningKey,
    jwks,
    load_signing_key,
)
from sectorwars.application.password import HashCost, PasswordHasher
from sectorwars.application.ports import CommitFailedError, LeaseLostError, StoreUnavailableError
from sectorwars.application.projection import Committed
from sectorwars.application.publications import Publisher
from sectorwars.application.queries import Queries, ServerFacts
from sectorwars.application.sign_in_throttle import SignInThrottle
from sectorwars.application.tokens import AccessTokens
from sectorwars.application.trade_limit import TradeLimit
from sectorwars.clock import SystemClock
from sectorwars.domain.ids import CommandId
from sectorwars.gateway.gateway import Gateway
from sectorwars.gateway.limits import GatewayLimits
from sectorwars.gateway.server import UpgradePolicy, build_ws_protocol
from sectorwars.observability.logging import configure_logging
from sectorwars.persistence.data_directory import DataDirectoryError, DataDirectoryLock
from sectorwars.persistence.postgres.account_store import PostgresAccountStore
from sectorwars.persistence.postgres.cluster import ClusterError, EmbeddedCluster
from sectorwars.persistence.postgres.connection import open_pool
from sectorwars.persistence.postgres.event_store import PostgresEventStore
from sectorwars.persistence.postgres.market_archive import PostgresMarketArchive
from sectorwars.persistence.postgres.migration import (
    MigrationFailedError,
    SchemaTooNewError,
    migrate,
)
from sectorwars.protocol.dialect import SessionLimits
from sectorwars.protocol.signing import SESSION_KEY_BYTES, FrameSigner
from sectorwars.protocol.upgrade import OriginPolicy
from sectorwars.settings import Settings
from sectorwars.version import VERSION

STATIC_DIRECTORY: Final = Path(__file__).parent / "api" / "static"
_POOL_CONNECTIONS_MAX: Final = 12
_DRAIN_SECONDS_MAX: Final = 15.0
_GRACEFUL_SECONDS: Final = 5
_SWEEP_SECONDS: Final = 300.0
_CLUSTER_WATCH_SECONDS: Final = 1.0
_STOP_SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)

_LOG = structlog.get_logger(__name__)


class StartError(Exception):
    """The server cannot start; the message is one plain sentence for the operator."""


@dataclass(frozen=True, slots=True)
class Keys:
    """The server's own keys."""

    token: SigningKey
    frame: SigningKey
    gateway: SigningKey

    @classmethod
    def load(cls, directory: Path) -> "Keys":
        """Read the keys from `directory`, making at the first start those that are missing."""
        return cls(
            load_signing_key(directory / TOKEN_KEY_FILE),
            load_signing_key(directory / FRAME_KEY_FILE),
            load_signing_key(directory / GATEWAY_KEY_FILE),
        )


def run(settings: Settings) -> int:
    """Run the server until SIGTERM or Ctrl-C; return the exit code.

    Raises:
        StartError: something that the operator can mend is in the way.
    """
    configure_logging(settings.log_level, json_lines=settings.log_format == "json")
    with contextlib.ExitStack() as stack:
        stack.enter_context(_stoppable())
        try:
            listener = stack.enter_context(_listener(settings.host, settings.port))
            stack.enter_context(DataDirectoryLock(settings.data_dir))
            keys = Keys.load(settings.data_dir / "keys")
            dsn, cluster = settings.database_url, None
            if dsn is None:
                cluster = EmbeddedCluster(settings.data_dir)
                stack.callback(cluster.stop)
                stack.callback(_ignore_stop_signals)
                dsn = cluster.start()
            with asyncio.Runner(loop_factory=_loop_factory()) as runner:
                return runner.run(_serve(settings, keys, dsn, cluster, listener))
        except (_ToldToStop, asyncio.CancelledError):
            _LOG.info("stopped_while_starting")
            return 0
        except (
            DataDirectoryError,
            KeyFileError,
            ClusterError,
            SchemaTooNewError,
            MigrationFailedError,
            StoreUnavailableError,
            CommitFailedError,
            LeaseLostError,
        ) as error:
            raise StartError(str(error)) from error


class _ToldToStop(BaseException):
    """A signal to stop came before the event loop could take it."""


@contextlib.contextmanager
def _stoppable() -> Iterator[None]:
    """Turn a signal to stop into an exception while there is no event loop to take it.

    Else SIGTERM would end the process at once and leave the embedded PostgreSQL running.
    """

    def stop(_number: int, _frame: object) -> None:
        _ignore_stop_signals()
        raise _ToldToStop

    before = [(number, signal.signal(number, stop)) for number in _STOP_SIGNALS]
    try:
        yield
    finally:
        for number, handler in before:
            signal.signal(number, handler)


def _ignore_stop_signals() -> None:
    """Let nothing interrupt the way down, which is bounded in time by itself."""
    for number in _STOP_SIGNALS:
        signal.signal(number, signal.SIG_IGN)


async def _serve(
    settings: Settings,
    keys: Keys,
    dsn: str,
    cluster: EmbeddedCluster | None,
    listener: socket.socket,
) -> int:
    starting = asyncio.current_task()
    if starting is None:
        raise RuntimeError("the server is started by a task")
    for signal_number in _STOP_SIGNALS:
        asyncio.get_running_loop().add_signal_handler(signal_number, starting.cancel)
    async with _open_server(settings, keys, dsn) as server:
        return await server.serve(listener, cluster)


async def _keep_running(cluster: EmbeddedCluster) -> None:
    """Bring PostgreSQL back when it ends, as when the system kills it for its memory."""
    while True:
        await asyncio.sleep(_CLUSTER_WATCH_SECONDS)
        try:
            if await asyncio.to_thread(cluster.restart_if_ended):
                _LOG.error("postgres_restarted")
        except (ClusterError, DataDirectoryError) as error:
            _LOG.error("postgres_does_not_start", reason=str(error))


class _WebServer(uvicorn.Server):
    """uvicorn without its own signal handling, which would end the process by the signal."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to the process's own handler."""
        yield


class _Readiness:
    """Whether the server takes commands just now."""

    def __init__(self, processor: CommandProcessor) -> None:
        self.stopping = False
        self._processor = processor

    def not_ready(self) -> str | None:
        """Say why no command is taken, or return None."""
        if self.stopping:
            return "The server is stopping."
        return None if self._processor.writing else "The store is away; the writer is recovering."


class _Server:
    """The parts that run side by side, and the order in which they stop."""

    def __init__(
        self,
        recovered: Recovered,
        processor: CommandProcessor,
        economy_clock: EconomyClock,
        authenticator: Authenticator,
        gateway: Gateway,
        readiness: _Readiness,
        web: _WebServer,
        clock: SystemClock,
    ) -> None:
        self.authenticator = authenticator
        self._recovered = recovered
        self._processor = processor
        self._economy_clock = economy_clock
        self._gateway = gateway
        self._readiness = readiness
        self._web = web
        self._clock = clock
        self._failed = False
        self._told_to_stop = asyncio.Event()

    async def serve(self, listener: socket.socket, cluster: EmbeddedCluster | None) -> int:
        """Run until told to stop, keeping `cluster` alive; return the exit code."""
        loop = asyncio.get_running_loop()
        for signal_number in _STOP_SIGNALS:
            loop.add_signal_handler(signal_number, self._stop)
        writing = asyncio.create_task(self._processor.run(self._recovered), name="writer")
        beside = [
            asyncio.create_task(self._economy_clock.run(), name="economy clock"),
            asyncio.create_task(self._gateway.run(), name="gateway"),
            asyncio.create_task(self._sweep(), name="sweeper"),
            asyncio.create_task(self._close_when_told(), name="closer"),
        ]
        if cluster is not None:
            watch = asyncio.create_task(_keep_running(cluster), name="database watch")
            beside.insert(0, watch)
        for part in (writing, *beside[:-1]):
            part.add_done_callback(self._part_ended)
        _LOG.info("serving", address=listener.getsockname()[:2], version=VERSION)
        try:
            await self._web.serve(sockets=[listener])
        finally:
            for task in beside:
                task.cancel()
            self._processor.stop()
            _, unfinished = await asyncio.wait({writing}, timeout=_DRAIN_SECONDS_MAX)
            for task in unfinished:
                task.cancel()
            await asyncio.gather(writing, *beside, return_exceptions=True)
        _LOG.info("stopped")
        return 1 if self._failed else 0

    def _stop(self) -> None:
        self._readiness.stopping = True
        self._told_to_stop.set()

    async def _close_when_told(self) -> None:
        await self._told_to_stop.wait()
        _LOG.info("stopping")
        await self._gateway.drain()
        self._web.should_exit = True

    def _part_ended(self, part: asyncio.Task[None]) -> None:
        """Stop the server when a part ends that should not; half a server must not go on."""
        if not self._readiness.stopping:
            error = None if part.cancelled() else part.exception()
            _LOG.critical("part_ended", part=part.get_name(), exc_info=error)
            self._failed = True
            self._stop()

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(_SWEEP_SECONDS)
            with contextlib.suppress(StoreUnavailableError):
                await self.authenticator.forget_expired(self._clock.now())


@contextlib.asynccontextmanager
async def _open_server(settings: Settings, keys: Keys, dsn: str) -> AsyncIterator[_Server]:
    await migrate(dsn)
    pool = await open_pool(dsn, connections_max=_POOL_CONNECTIONS_MAX)
    try:
        clock = SystemClock()
        store = PostgresEventStore(pool)
        plan = UniversePlan(settings.universe_seed, settings.universe_sectors)
        holder = f"{socket.gethostname()}:{os.getpid()}"
        galaxy = Galaxy(store, PostgresMarketArchive(pool), clock, plan, holder)
        recovered = await galaxy.recover(_ignore, _log_birth)
        try:
            server = _wire(settings, keys, clock, galaxy, recovered, PostgresAccountStore(pool))
            try:
                await server.authenticator.start(clock.now())
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
    accounts: PostgresAccountStore,
) -> _Server:
    def take_over(committed: Committed) -> None:
        publisher.take_over(committed)

    processor = CommandProcessor(
        galaxy.store,
        clock,
        lambda: galaxy.recover(take_over, _log_birth),
        take_over,
        TradeLimit(settings.trade_rate_limit),
        ProcessorLimits(trading_timeout_ms=settings.trading_timeout),
    )
    queries = Queries(
        galaxy.projection,
        galaxy.archive,
        clock,
        ServerFacts(VERSION, settings.time_scale),
        lambda: gateway.players_online,
    )
    authenticator = Authenticator(
        accounts,
        PasswordHasher(HashCost()),
        AccessTokens(keys.token, settings.access_token_ttl, settings.session_ttl),
        (SignInThrottle(settings.auth_rate_limit), SignInThrottle(settings.auth_rate_limit)),
        Enrolment(processor, queries.player_exists, clock),
        secrets.token_bytes,
        settings.session_ttl,
    )
    gateway = Gateway(
        processor,
        queries,
        authenticator,
        clock,
        FrameSigner(keys.frame.private, keys.frame.kid),
        FrameSigner(keys.gateway.private, keys.gateway.kid),
        _gateway_limits(settings),
        stream_id=uuid.uuid4().hex,
        new_secret=lambda: secrets.token_bytes(SESSION_KEY_BYTES),
    )
    authenticator.on_revoked(gateway.revoke)
    publisher = Publisher(galaxy.projection, gateway, settings.market_data_refresh)
    readiness = _Readiness(processor)
    services = Services(
        processor=processor,
        queries=queries,
        authenticator=authenticator,
        clock=clock,
        limits=ApiLimits(
            allowed_origins=settings.allowed_origins, trusted_proxies=settings.trusted_proxies
        ),
        jwks=jwks(key.public for key in (keys.frame, keys.gateway, keys.token)),
        not_ready=readiness.not_ready,
        new_command_id=lambda: CommandId(uuid.uuid4().hex),
    )
    return _Server(
        recovered,
        processor,
        EconomyClock(clock, settings.time_scale, processor.tick),
        authenticator,
        gateway,
        readiness,
        _web_server(services, gateway, settings),
        clock,
    )


def _web_server(services: Services, gateway: Gateway, settings: Settings) -> _WebServer:
    policy = UpgradePolicy(
        OriginPolicy(frozenset(settings.allowed_origins)), settings.trusted_proxies
    )
    return _WebServer(
        uvicorn.Config(
            create_app(services, STATIC_DIRECTORY, REGISTRY, lambda: uuid.uuid4().hex),
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


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop


def _listener(host: str, port: int) -> socket.socket:
    """Bind the address before anything else, so that a port in use is found out at once."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
    except (OSError, OverflowError) as error:
        listener.close()
        if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
            raise StartError(
                f"Port {port} on {host} is in use: stop what uses it, or choose another "
                "with --port."
            ) from error
        raise StartError(f"The server cannot listen on {host} port {port}: {error}.") from error
    return listener
