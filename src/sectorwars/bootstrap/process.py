"""A server from its start to its clean stop, in this process."""

import asyncio
import contextlib
import socket
from collections.abc import Callable

import structlog

from sectorwars.application.keys import KEYS_DIRECTORY, KeyFileError
from sectorwars.application.ports import (
    CommitFailedError,
    LeaseLostError,
    StoreUnavailableError,
)
from sectorwars.bootstrap.heap import grow_heap, settle_heap
from sectorwars.bootstrap.listener import listen
from sectorwars.bootstrap.start_error import StartError
from sectorwars.bootstrap.stop_signals import (
    STOP_SIGNALS,
    ToldToStop,
    ignore_stop_signals,
    stoppable,
)
from sectorwars.bootstrap.wiring import Keys, open_server
from sectorwars.observability.logging import configure_logging
from sectorwars.persistence.data_directory import DataDirectoryError, DataDirectoryLock
from sectorwars.persistence.postgres.cluster import ClusterError, EmbeddedCluster
from sectorwars.persistence.postgres.migration import MigrationFailedError, SchemaTooNewError
from sectorwars.settings import Settings

_LOG = structlog.get_logger(__name__)


def run(settings: Settings) -> int:
    """Run the server until SIGTERM or Ctrl-C; return the exit code.

    Raises:
        StartError: something that the operator can mend is in the way.
    """
    configure_logging(settings.log_level, json_lines=settings.log_format == "json")
    with contextlib.ExitStack() as stack:
        stack.enter_context(stoppable())
        try:
            listener = stack.enter_context(listen(settings.host, settings.port))
            lock = stack.enter_context(DataDirectoryLock(settings.data_dir))
            host, port = listener.getsockname()[:2]
            lock.note_address(host, port)
            keys = Keys.load(settings.data_dir / KEYS_DIRECTORY)
            dsn, cluster = settings.database_url, None
            if dsn is None:
                cluster = EmbeddedCluster(settings.data_dir)
                stack.callback(cluster.stop)
                stack.callback(ignore_stop_signals)
                dsn = cluster.start()
            with asyncio.Runner(loop_factory=_loop_factory()) as runner:
                return runner.run(_serve(settings, keys, dsn, cluster, listener))
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
    for signal_number in STOP_SIGNALS:
        asyncio.get_running_loop().add_signal_handler(signal_number, starting.cancel)
    grow_heap()
    async with open_server(settings, keys, dsn) as server:
        settle_heap()
        return await server.serve(listener, cluster)


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop
