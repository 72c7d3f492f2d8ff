"""Bring a database to the schema of this release."""

import re
from collections.abc import Iterator
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Final

import asyncpg

from sectorwars.persistence.postgres.connection import (
    CONNECT_SECONDS_MAX,
    Connection,
    cause,
    connected,
)

_ADVISORY_LOCK: Final = 0x5EC7_0001
"""Two servers that start at once migrate one after the other."""
MIGRATIONS: Final = resources.files("sectorwars.persistence.postgres.migrations")
"""The folder of this release's migrations."""
_REVISION_FILE: Final = re.compile(r"(\d{4})_\w+\.py")


class SchemaMismatchError(Exception):
    """The schema is not this release's; the text is one sentence for the operator."""


class SchemaTooNewError(SchemaMismatchError):
    """A later release has migrated the database."""


class SchemaTooOldError(SchemaMismatchError):
    """The database still has to be migrated."""


class MigrationFailedError(Exception):
    """The schema could not be made; the text is one sentence for the operator."""


def code_revision(migrations: Traversable = MIGRATIONS) -> str:
    """Return the revision of the schema that this release needs."""
    return max(_revisions(migrations))


async def migrate(dsn: str, migrations: Traversable = MIGRATIONS) -> None:
    """Apply the migrations that the database lacks; harmless and quick where it lacks none.

    Args:
        migrations: the folder with Alembic's `env.py` and `versions/`.

    Raises:
        SchemaTooNewError: the database is of a later release; nothing was changed.
        MigrationFailedError: a migration failed; it was rolled back.
        StoreUnavailableError: the database cannot be reached.
    """
    async with connected(dsn) as connection:
        if await _is_current(connection, migrations):
            return
        try:
            await connection.execute("SELECT pg_advisory_lock($1)", _ADVISORY_LOCK)
            if not await _is_current(connection, migrations):
                await _upgrade(dsn, migrations)
        except asyncpg.PostgresError as error:
            raise MigrationFailedError(
                f"The database cannot be migrated: {cause(error)}."
            ) from error


async def require_schema(dsn: str) -> None:
    """Make sure, changing nothing, that the database has the schema of this release.

    Raises:
        SchemaMismatchError: it has a newer, an older or none.
        StoreUnavailableError: the database cannot be reached.
    """
    async with connected(dsn) as connection:
        if not await _is_current(connection, MIGRATIONS):
            raise SchemaTooOldError(
                "The database has not been migrated to this release: start the server once, "
                "or run `sectorwars migrate`."
            )


async def database_revision(connection: Connection) -> str | None:
    """Return the schema's revision, or None of a database that has no schema of ours."""
    if not await connection.fetchval("SELECT to_regclass('alembic_version') IS NOT NULL"):
        return None
    revision: str | None = await connection.fetchval("SELECT version_num FROM alembic_version")
    return revision


def require_known(revision: str, newest: str | None = None) -> None:
    """Make sure that a schema is not of a later release than `newest`, or than this one.

    Raises:
        SchemaTooNewError: it is.
    """
    known = newest or code_revision()
    if revision > known:
        raise SchemaTooNewError(
            f"The database is of a later release (schema {revision}, this one knows {known}): "
            "install that release or use another database."
        )


async def _is_current(connection: Connection, migrations: Traversable) -> bool:
    revision = await database_revision(connection)
    newest = code_revision(migrations)
    if revision is not None:
        require_known(revision, newest)
    return revision == newest


def _revisions(migrations: Traversable) -> Iterator[str]:
    for entry in (migrations / "versions").iterdir():
        match = _REVISION_FILE.fullmatch(entry.name)
        if match is not None:
            yield match[1]


async def _upgrade(dsn: str, migrations: Traversable) -> None:
    # Imported here because they cost 0.3 s, which a start with nothing to migrate is spared.
    from alembic import command
    from alembic.config import Config
    from sqlalchemy import Connection as SyncConnection
    from sqlalchemy.exc import DBAPIError
    from sqlalchemy.ext.asyncio import create_async_engine
    from sqlalchemy.pool import NullPool

    def upgrade(connection: SyncConnection) -> None:
        with resources.as_file(migrations) as folder:
            config = Config()
            config.set_main_option("script_location", str(folder).replace("%", "%%"))
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

    engine = create_async_engine(
        "postgresql+asyncpg://",
        async_creator=lambda: asyncpg.connect(dsn, timeout=CONNECT_SECONDS_MAX),
        poolclass=NullPool,
    )
    try:
        async with engine.begin() as connection:
            await connection.run_sync(upgrade)
    except DBAPIError as error:
        raise MigrationFailedError(
            f"The database cannot be migrated: {cause(error.orig or error)}."
        ) from error
    finally:
        await engine.dispose()
