"""The parts of a running process, side by side, and the order in which they stop."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import structlog
import uvicorn

from sectorwars.application.ports import StoreUnavailableError
from sectorwars.application.writing.command_processor import CommandProcessor, Recovered
from sectorwars.bootstrap.stop_signals import on_stop
from sectorwars.persistence.data_directory import DataDirectoryError
from sectorwars.persistence.postgres.cluster import ClusterError, EmbeddedCluster
from sectorwars.version import VERSION

_DRAIN_SECONDS_MAX: Final = 15.0
_GRACEFUL_SECONDS: Final = 5
_CLUSTER_WATCH_SECONDS: Final = 1.0

_LOG = structlog.get_logger(__name__)


class WebServer(uvicorn.Server):
    """uvicorn without its own signal handling, which would end the process by the signal."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to the process's own handler."""
        yield


def web_server(app: Any, **protocols: Any) -> WebServer:
    """Return a server of `app`; `protocols` are uvicorn's own ones where they are left out."""
    return WebServer(
        uvicorn.Config(
            app,
            loop="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=_GRACEFUL_SECONDS,
            **protocols,
        )
    )


class Readiness:
    """Whether the process does its work just now."""

    def __init__(self, reason: Callable[[], str | None]) -> None:
        """Ask `reason` why it does not."""
        self.stopping = False
        self._reason = reason

    def not_ready(self) -> str | None:
        """Say why it does not, or return None."""
        return "The server is stopping." if self.stopping else self._reason()


@dataclass(frozen=True, slots=True)
class Part:
    """Something that runs until it is cancelled; should it end, so must the process."""

    name: str
    run: Callable[[], Coroutine[Any, Any, None]]


def every(name: str, seconds: float, work: Callable[[], Awaitable[object]]) -> Part:
    """Return a part that does some work again and again, whenever the store can be reached."""

    async def run() -> None:
        while True:
            await asyncio.sleep(seconds)
            with contextlib.suppress(StoreUnavailableError):
                await work()

    return Part(name, run)


def watch(cluster: EmbeddedCluster) -> Part:
    """Return a part that brings PostgreSQL back when it ends, as when its memory is wanted."""

    async def run() -> None:
        while True:
            await asyncio.sleep(_CLUSTER_WATCH_SECONDS)
            await asyncio.to_thread(keep_running, cluster)

    return Part("database watch", run)


def keep_running(cluster: EmbeddedCluster) -> None:
    """Bring PostgreSQL back if it has ended."""
    try:
        if cluster.restart_if_ended():
            _LOG.error("postgres_restarted")
    except (ClusterError, DataDirectoryError) as error:
        _LOG.error("postgres_does_not_start", reason=str(error))


@dataclass(frozen=True, slots=True)
class Writing:
    """The writer of a process that has one, and what it begins with.

    `begun` is awaited beside it, once.
    """

    processor: CommandProcessor
    recovered: Recovered
    begun: Callable[[], Coroutine[Any, Any, None]]


class Server:
    """The parts that run side by side, and the order in which they stop."""

    def __init__(
        self,
        parts: Sequence[Part],
        readiness: Readiness,
        web: WebServer,
        serve_web: Callable[[], Awaitable[object]],
        drain: Callable[[], Awaitable[None]],
        closers: Sequence[Callable[[], Awaitable[None]]],
        writing: Writing | None = None,
    ) -> None:
        """Run these.

        Args:
            parts: what runs until the end.
            readiness: learns when the process is told to stop.
            web: is told to exit then.
            serve_web: answers HTTP and WebSockets until `web` exits.
            drain: takes leave of those who are connected.
            closers: write out, one after the other, what is still in memory.
            writing: the writer, which stops after everything that gives it work.
        """
        self._parts = parts
        self._readiness = readiness
        self._web = web
        self._serve_web = serve_web
        self._drain = drain
        self._closers = closers
        self._writing = writing
        self._failed = False
        self._told_to_stop = asyncio.Event()

    async def serve(self, *, stop_with_stdin: bool = False) -> int:
        """Run until told to stop, by a signal or the end of the input; return the exit code."""
        on_stop(self._stop, with_stdin=stop_with_stdin)
        parts = [asyncio.create_task(part.run(), name=part.name) for part in self._parts]
        beside = [*parts, asyncio.create_task(self._close_when_told())]
        writer: list[asyncio.Task[None]] = []
        if self._writing is not None:
            processor, recovered = self._writing.processor, self._writing.recovered
            writer.append(asyncio.create_task(processor.run(recovered), name="writer"))
            beside.append(asyncio.create_task(self._writing.begun()))
        for part in (*writer, *parts):
            part.add_done_callback(self._part_ended)
        _LOG.info("serving", version=VERSION)
        try:
            await self._serve_web()
        finally:
            for task in beside:
                task.cancel()
            if self._writing is not None:
                self._writing.processor.stop()
                _, unfinished = await asyncio.wait(writer, timeout=_DRAIN_SECONDS_MAX)
                for task in unfinished:
                    task.cancel()
            await asyncio.gather(*writer, *beside, return_exceptions=True)
            with contextlib.suppress(StoreUnavailableError):
                for close in self._closers:
                    await close()
        _LOG.info("stopped")
        return 1 if self._failed else 0

    def _stop(self) -> None:
        self._readiness.stopping = True
        self._told_to_stop.set()

    async def _close_when_told(self) -> None:
        await self._told_to_stop.wait()
        _LOG.info("stopping")
        await self._drain()
        self._web.should_exit = True

    def _part_ended(self, part: asyncio.Task[None]) -> None:
        """Stop when a part ends that should not; half a server must not go on."""
        if not self._readiness.stopping:
            error = None if part.cancelled() else part.exception()
            _LOG.critical("part_ended", part=part.get_name(), exc_info=error)
            self._failed = True
            self._stop()
