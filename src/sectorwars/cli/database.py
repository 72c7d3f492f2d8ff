"""The database of a command that works beside a running server or a stopped one."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sectorwars.persistence.data_directory import DataDirectoryError, DataDirectoryLock
from sectorwars.persistence.postgres.cluster import EmbeddedCluster, running_dsn
from sectorwars.persistence.postgres.placement import find_area


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
