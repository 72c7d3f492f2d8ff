"""The parts of a running server, side by side, and the order in which they stop."""

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Callable, Iterator
from typing import Final

import structlog
import uvicorn

from sectorwars.application.alerts.book import AlertBook
from sectorwars.application.audit import DenialCounts
from sectorwars.application.authentication import Authenticator
from sectorwars.application.chain_heads import ChainWitness
from sectorwars.application.command_processor import CommandProcessor, Recovered
from sectorwars.application.disconnect_controls import DisconnectControls
from sectorwars.application.economy_clock import EconomyClock
from sectorwars.application.forecast_runner import ForecastRunner
from sectorwars.application.foundation_session import FoundationSessionKeeper
from sectorwars.application.ports import StoreUnavailableError
from sectorwars.application.rows import Receipt
from sectorwars.application.surveillance import Surveillance
from sectorwars.bootstrap.stop_signals import STOP_SIGNALS
from sectorwars.clock import SystemClock
from sectorwars.domain.rejection import Refusal
from sectorwars.domain.values import MICROS_PER_SECOND, UnixMicros
from sectorwars.gateway.gateway import Gateway
from sectorwars.persistence.data_directory import DataDirectoryError, reason
from sectorwars.persistence.postgres.cluster import ClusterError, EmbeddedCluster
from sectorwars.version import VERSION

_DRAIN_SECONDS_MAX: Final = 15.0
_SWEEP_SECONDS: Final = 300.0
_AUDIT_SECONDS: Final = 10.0
_WITNESS_SECONDS: Final = 3_600.0
_SESSIONS_SECONDS: Final = 1.0
_CLUSTER_WATCH_SECONDS: Final = 1.0

_LOG = structlog.get_logger(__name__)


class WebServer(uvicorn.Server):
    """uvicorn without its own signal handling, which would end the process by the signal."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to the process's own handler."""
        yield


class Readiness:
    """Whether the server takes commands just now."""

    def __init__(self, processor: CommandProcessor) -> None:
        self.stopping = False
        self._processor = processor

    def not_ready(self) -> str | None:
        """Say why no command is taken, or return None."""
        if self.stopping:
            return "The server is stopping."
        return None if self._processor.writing else "The store is away; the writer is recovering."


class Server:
    """The parts that run side by side, and the order in which they stop."""

    def __init__(
        self,
        recovered: Recovered,
        processor: CommandProcessor,
        economy_clock: EconomyClock,
        forecast_runner: ForecastRunner,
        alerts: AlertBook,
        disconnect_controls: DisconnectControls,
        authenticator: Authenticator,
        denials: DenialCounts,
        surveillance: Surveillance,
        witness: ChainWitness,
        gateway: Gateway,
        sessions: FoundationSessionKeeper,
        readiness: Readiness,
        web: WebServer,
        clock: SystemClock,
        set_game_caps: Callable[[], Awaitable[Receipt | Refusal | None]],
    ) -> None:
        """Run these; `set_game_caps` has the caps of the settings set, once commands are taken."""
        self.authenticator = authenticator
        self.forecast_runner = forecast_runner
        self.alerts = alerts
        self._disconnect_controls = disconnect_controls
        self._denials = denials
        self._surveillance = surveillance
        self._witness = witness
        self._recovered = recovered
        self._processor = processor
        self._economy_clock = economy_clock
        self._gateway = gateway
        self._sessions = sessions
        self._readiness = readiness
        self._web = web
        self._clock = clock
        self._set_game_caps = set_game_caps
        self._failed = False
        self._told_to_stop = asyncio.Event()

    async def recover_sessions(self) -> None:
        """Let the Foundation clients of the last run come back to what they followed."""
        linger_micros = int(self._gateway.limits.linger_seconds * MICROS_PER_SECOND)
        rows = await self._sessions.recover(UnixMicros(self._clock.now() - linger_micros))
        self._gateway.restore_foundation_sessions(rows)

    async def serve(self, listener: socket.socket, cluster: EmbeddedCluster | None) -> int:
        """Run until told to stop, keeping `cluster` alive; return the exit code."""
        loop = asyncio.get_running_loop()
        for signal_number in STOP_SIGNALS:
            loop.add_signal_handler(signal_number, self._stop)
        writing = asyncio.create_task(self._processor.run(self._recovered), name="writer")
        setting_caps = asyncio.create_task(self._set_caps())
        beside = [
            asyncio.create_task(self._economy_clock.run(), name="economy clock"),
            asyncio.create_task(self._gateway.run(), name="gateway"),
            asyncio.create_task(self.forecast_runner.run(), name="forecast runner"),
            asyncio.create_task(self.alerts.run(), name="alerts"),
            asyncio.create_task(self._disconnect_controls.run(), name="disconnect controls"),
            asyncio.create_task(self._sweep(), name="sweeper"),
            asyncio.create_task(self._enter_denials(), name="denial audit"),
            asyncio.create_task(self._witness_chains(), name="chain witness"),
            asyncio.create_task(self._keep_sessions(), name="session keeper"),
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
            for task in (setting_caps, *beside):
                task.cancel()
            self._processor.stop()
            _, unfinished = await asyncio.wait({writing}, timeout=_DRAIN_SECONDS_MAX)
            for task in unfinished:
                task.cancel()
            await asyncio.gather(writing, setting_caps, *beside, return_exceptions=True)
            with contextlib.suppress(StoreUnavailableError):
                await self._denials.close()
                await self._surveillance.flush()
                await self._sessions.keep()
                await self._attest_chains()
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

    async def _set_caps(self) -> None:
        outcome = await self._set_game_caps()
        if outcome is not None:
            _LOG.info("caps_set", code=outcome.code or "ok")

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(_SWEEP_SECONDS)
            with contextlib.suppress(StoreUnavailableError):
                await self.authenticator.forget_expired(self._clock.now())

    async def _enter_denials(self) -> None:
        while True:
            await asyncio.sleep(_AUDIT_SECONDS)
            with contextlib.suppress(StoreUnavailableError):
                await self._denials.flush(self._clock.now())
                await self._surveillance.flush()

    async def _witness_chains(self) -> None:
        while True:
            try:
                await self._attest_chains()
            except StoreUnavailableError:
                await asyncio.sleep(_AUDIT_SECONDS)
            else:
                await asyncio.sleep(_WITNESS_SECONDS)

    async def _attest_chains(self) -> None:
        try:
            await self._witness.attest(self._clock.now())
        except OSError as error:
            _LOG.error("chain_heads_not_written", reason=reason(error))

    async def _keep_sessions(self) -> None:
        while True:
            await asyncio.sleep(_SESSIONS_SECONDS)
            with contextlib.suppress(StoreUnavailableError):
                await self._sessions.keep()


async def _keep_running(cluster: EmbeddedCluster) -> None:
    """Bring PostgreSQL back when it ends, as when the system kills it for its memory."""
    while True:
        await asyncio.sleep(_CLUSTER_WATCH_SECONDS)
        try:
            if await asyncio.to_thread(cluster.restart_if_ended):
                _LOG.error("postgres_restarted")
        except (ClusterError, DataDirectoryError) as error:
            _LOG.error("postgres_does_not_start", reason=str(error))
