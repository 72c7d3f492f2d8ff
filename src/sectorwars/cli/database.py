"""The database of a command that works beside a running server or a stopped one."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import click

from sectorwars.application.ports import StoreUnavailableError
from sectorwars.persistence.data_directory import DataDirectoryError, DataDirectoryLock
from sectorwars.persistence.postgres.cluster import ClusterError, EmbeddedCluster, running_dsn
from sectorwars.persistence.postgres.migration import SchemaMismatchError
from sectorwars.persistence.postgres.placement import find_area
from sectorwars.settings import PREFIX, Settings

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
