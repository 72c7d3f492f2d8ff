"""Connections to PostgreSQL."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final, TypeAlias

import asyncpg
import asyncpg.pool

from sectorwars.application.ports import StoreUnavailableError

PooledConnection: TypeAlias = "asyncpg.pool.PoolConnectionProxy[asyncpg.Record]"
Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record] | PooledConnection"
Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"

CONNECT_SECONDS_MAX: Final = 10.0
COMMAND_SECONDS_MAX: Final = 30.0

UNAVAILABLE_ERRORS: Final = (
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # a connection that broke between two commands
    OSError,
    TimeoutError,
)
"""What asyncpg raises when the server is away, going away or full, rather than wrong."""

_SERVER_SETTINGS: Final = {
    "application_name": "sectorwars",
    # A plan that was good while a table was empty must not be kept when it is big.
    "plan_cache_mode": "force_custom_plan",
    # So that the server notices within half a minute when a client's machine has gone.
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "4",
}


@asynccontextmanager
async def connected(dsn: str) -> AsyncIterator[Connection]:
    """Open a connection for as long as the block lasts.

    Raises:
        StoreUnavailableError: the database cannot be reached, or went away during the block.
    """
    try:
        connection = await asyncpg.connect(dsn, timeout=CONNECT_SECONDS_MAX)
    except (asyncpg.PostgresError, *UNAVAILABLE_ERRORS) as error:
        raise StoreUnavailableError(f"The database cannot be reached: {cause(error)}.") from error
    try:
        yield connection
        await connection.close()
    except UNAVAILABLE_ERRORS as error:
        raise StoreUnavailableError(f"The database went away: {cause(error)}.") from error
    finally:
        # What failed may leave a connection for which closing would wait.
        connection.terminate()


async def open_pool(dsn: str, *, connections_max: int) -> Pool:
    """Open a pool of connections; one is opened at once, the others when they are needed.

    Raises:
        StoreUnavailableError: the server cannot be reached or refuses us; one plain sentence.
    """
    try:
        return await asyncpg.create_pool(
            dsn,
            min_size=1,
            max_size=connections_max,
            max_inactive_connection_lifetime=0,
            timeout=CONNECT_SECONDS_MAX,
            command_timeout=COMMAND_SECONDS_MAX,
            server_settings=_SERVER_SETTINGS,
            reset=_keep_as_it_is,
        )
    except (asyncpg.PostgresError, *UNAVAILABLE_ERRORS) as error:
        raise StoreUnavailableError(f"The database cannot be reached: {cause(error)}.") from error


@asynccontextmanager
async def pool_of(dsn: str, *, connections_max: int) -> AsyncIterator[Pool]:
    """Open a pool of connections for as long as the block lasts.

    Raises:
        StoreUnavailableError: the server cannot be reached or refuses us; one plain sentence.
    """
    pool = await open_pool(dsn, connections_max=connections_max)
    try:
        yield pool
    except BaseException:
        # What failed may still hold a connection, for which closing would wait.
        pool.terminate()
        raise
    await pool.close()


@asynccontextmanager
async def acquire(pool: Pool) -> AsyncIterator[PooledConnection]:
    """Lend a connection of a pool, for as long as the block lasts.

    Raises:
        StoreUnavailableError: the database cannot be reached, or went away during the block.
    """
    try:
        async with pool.acquire() as connection:
            yield connection
    except UNAVAILABLE_ERRORS as error:
        raise StoreUnavailableError(f"The database cannot be reached: {cause(error)}.") from error


def cause(error: BaseException) -> str:
    """Name a driver error in words that fit into a sentence."""
    text = str(error).strip().splitlines()
    return text[0].rstrip(".") if text else type(error).__name__


async def _keep_as_it_is(_connection: Connection) -> None:
    """Spare the round trip that would reset settings which nobody here changes."""
