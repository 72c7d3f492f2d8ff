"""A process from its start to its clean stop."""

import asyncio
import contextlib
import os
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import structlog

from sectorwars.application.keys import BUS_KEY_FILE, KEYS_DIRECTORY, KeyFileError, load_secret
from sectorwars.application.ports import (
    CommitFailedError,
    LeaseLostError,
    StoreUnavailableError,
)
from sectorwars.bootstrap.engine import open_engine
from sectorwars.bootstrap.gateway import open_gateway
from sectorwars.bootstrap.heap import grow_heap, settle_heap
from sectorwars.bootstrap.keys import GatewayKeys, Keys
from sectorwars.bootstrap.listener import listen
from sectorwars.bootstrap.open_files import allow_open_files
from sectorwars.bootstrap.server import Server, watch
from sectorwars.bootstrap.single import open_single
from sectorwars.bootstrap.start_error import StartError
from sectorwars.bootstrap.stop_signals import (
    ToldToStop,
    ignore_stop_signals,
    on_stop,
    stoppable,
)
from sectorwars.bootstrap.supervisor import supervise
from sectorwars.observability.logging import configure_logging
from sectorwars.persistence.data_directory import (
    DataDirectoryError,
    DataDirectoryLock,
    refuse_unfinished_restore,
)
from sectorwars.persistence.postgres.cluster import ClusterError, EmbeddedCluster
from sectorwars.persistence.postgres.migration import MigrationFailedError, SchemaTooNewError
from sectorwars.settings import Settings

_LOOPBACK = "127.0.0.1"

_LOG = structlog.get_logger(__name__)


def run(settings: Settings) -> int:
    """Run what the role says until SIGTERM or Ctrl-C; return the exit code.

    Raises:
        StartError: something that the operator can mend is in the way.
    """
    configure_logging(settings.log_level, json_lines=settings.log_format == "json")
    allow_open_files(settings.max_connections)
    if settings.role != "all" or settings.redis_url is not None:
        structlog.contextvars.bind_contextvars(role=settings.role, pid=os.getpid())
    with contextlib.ExitStack() as stack:
        stack.enter_context(stoppable())
        try:
            match settings.role:
                case "all" if settings.redis_url is not None:
                    return supervise(settings, stack)
                case "all":
                    return _run_single(settings, stack)
                case "engine":
                    return _run_engine(settings, stack)
                case "gateway":
                    return _run_gateway(settings, stack)
        except (ToldToStop, asyncio.CancelledError):
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


def _run_single(settings: Settings, stack: contextlib.ExitStack) -> int:
    if settings.gateways > 1:
        raise StartError(
            "Gateways of their own reach the engine through a Redis: say where it is with "
            "--redis-url."
        )
    listener = stack.enter_context(listen(settings.host, settings.port))
    lock = stack.enter_context(DataDirectoryLock(settings.data_dir))
    host, port = listener.getsockname()[:2]
    lock.note_address(host, port)
    keys = Keys.load(settings.data_dir / KEYS_DIRECTORY)
    dsn, beside = settings.database_url, []
    if dsn is None:
        cluster = EmbeddedCluster(settings.data_dir)
        stack.callback(cluster.stop)
        stack.callback(ignore_stop_signals)
        dsn = cluster.start()
        beside.append(watch(cluster))
    return _serve(settings, open_single(settings, keys, dsn, listener, beside))


def _run_engine(settings: Settings, stack: contextlib.ExitStack) -> int:
    dsn, redis_url = _meeting_places(settings)
    refuse_unfinished_restore(settings.data_dir)
    listener = stack.enter_context(listen(settings.host, settings.port))
    keys = Keys.load(settings.data_dir / KEYS_DIRECTORY)
    return _serve(settings, open_engine(settings, keys, dsn, redis_url, listener))


def _run_gateway(settings: Settings, stack: contextlib.ExitStack) -> int:
    dsn, redis_url = _meeting_places(settings)
    refuse_unfinished_restore(settings.data_dir)
    shared = listen(settings.host, settings.port, shared=settings.share_port)
    listeners = [stack.enter_context(shared)]
    if settings.own_port is not None:
        listeners.append(stack.enter_context(listen(_LOOPBACK, settings.own_port)))
    directory = settings.data_dir / KEYS_DIRECTORY
    keys = GatewayKeys.load(directory)
    bus_key = load_secret(directory / BUS_KEY_FILE, make=False)
    return _serve(settings, open_gateway(settings, keys, bus_key, dsn, redis_url, listeners))


def _meeting_places(settings: Settings) -> tuple[str, str]:
    """Return where the database and the Redis are that processes of their own share."""
    if settings.database_url is None or settings.redis_url is None:
        raise StartError(
            f"A process of role {settings.role} shares its database and its Redis with others: "
            "say where they are with --database-url and --redis-url."
        )
    return settings.database_url, settings.redis_url


def _serve(settings: Settings, opening: AbstractAsyncContextManager[Server]) -> int:
    async def serve() -> int:
        starting = asyncio.current_task()
        if starting is None:
            raise RuntimeError("the server is started by a task")
        on_stop(starting.cancel, with_stdin=settings.stop_with_stdin)
        grow_heap()
        async with opening as server:
            settle_heap()
            return await server.serve(stop_with_stdin=settings.stop_with_stdin)

    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        return runner.run(serve())


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop
