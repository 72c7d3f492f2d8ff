"""The database of a command that works beside a running server or a stopped one."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from sectorwars.application.ports import StoreUnavailableError
from sectorwars.cli.failure import fail
from sectorwars.persistence.data_directory import DataDirectoryError, DataDirectoryLock
from sectorwars.persistence.postgres.cluster import ClusterError, EmbeddedCluster, running_dsn
from sectorwars.persistence.postgres.connection import Pool, open_pool
from sectorwars.persistence.postgres.migration import SchemaMismatchError, require_schema
from sectorwars.persistence.postgres.placement import find_area
from sectorwars.settings import PREFIX, Settings

T = TypeVar("T")

DATABASE_ERRORS: Final = (
    ClusterError,
    DataDirectoryError,
    SchemaMismatchError,
    StoreUnavailableError,
)
"""Why a store cannot be read; each says so in a sentence."""

data_dir_option = click.option(
    "--data-dir",
    type=click.Path(file_okay=False, path_type=Path),
    envvar=f"{PREFIX}DATA_DIR",
    default=Settings.model_fields["data_dir"].default,
    show_default=True,
    help="The server's data directory.",
)
database_url_option = click.option(
    "--database-url", envvar=f"{PREFIX}DATABASE_URL", help="A PostgreSQL other than our own."
)


@contextmanager
def database(data_dir: Path, database_url: str | None) -> Iterator[str]:
    """Give the DSN of the store, starting the embedded PostgreSQL where no server runs it."""
    if database_url is not None:
        yield database_url
        return
    dsn = running_dsn(data_dir)
    if dsn is not None:
        yield dsn
        return
    if not (find_area(data_dir) / "cluster").exists():
        raise DataDirectoryError(f"No universe has been born in {data_dir}.")
    with DataDirectoryLock(data_dir):
        cluster = EmbeddedCluster(data_dir)
        try:
            yield cluster.start()
        finally:
            cluster.stop()


def on_database(
    data_dir: Path, database_url: str | None, work: Callable[[Pool], Coroutine[Any, Any, T]]
) -> T:
    """Do something with the store, or say why it cannot be reached and exit with 2."""

    async def connected(dsn: str) -> T:
        await require_schema(dsn)
        pool = await open_pool(dsn, connections_max=1)
        try:
            return await work(pool)
        finally:
            pool.terminate()

    try:
        with database(data_dir, database_url) as dsn:
            return asyncio.run(connected(dsn))
    except DATABASE_ERRORS as error:
        fail(str(error))
