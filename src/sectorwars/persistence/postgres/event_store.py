"""The event store on PostgreSQL: one writer, one transaction and one round trip a batch."""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import asyncpg

from sectorwars.application.ports import (
    CommitFailedError,
    LeaseLostError,
    StoreUnavailableError,
)
from sectorwars.application.rows import (
    Batch,
    Lease,
    LoggedEvent,
    Receipt,
    ReceiptKey,
    StoredState,
)
from sectorwars.domain.event import StockCheckpointed, UniverseCreated
from sectorwars.persistence.postgres.batch_rows import (
    LogHead,
    LogRows,
    OffsetGapError,
    log_rows,
    order_state_rows,
    state_rows,
)
from sectorwars.persistence.postgres.connection import (
    COMMAND_SECONDS_MAX,
    UNAVAILABLE_ERRORS,
    Connection,
    Pool,
    PooledConnection,
    cause,
)
from sectorwars.persistence.postgres.hauler_rows import insert_haulers
from sectorwars.persistence.postgres.receipt_rows import select_receipts
from sectorwars.persistence.postgres.state_loader import load_state, select_log
from sectorwars.persistence.postgres.universe_rows import insert_universe
from sectorwars.persistence.retention import (
    HAULER_DEALS_KEPT,
    REJECTIONS_KEPT_MICROS,
    RULE_TRACES_KEPT,
    TICKS_KEPT,
)

_ADVISORY_LOCK: Final = 0x5EC7_0002
"""Held by the writer's connection, so that it is free as soon as that connection is gone."""
_LEASE_LOST: Final = "SW001"
_TAKEOVER_SECONDS_MAX: Final = 3
"""How long the backend of a writer that was killed is given to notice it."""
LEASE_SECONDS: Final = 30
"""A writer that has been silent for so long is cut off, though its connection seems alive."""

_APPEND_ARGUMENTS: Final = 26
_APPEND: Final = (
    f"SELECT append_batch({', '.join(f'${i}' for i in range(1, _APPEND_ARGUMENTS + 1))})"
)


@dataclass(slots=True)
class _Writer:
    """The connection that holds the lease, and where the log ends."""

    connection: PooledConnection
    lease: Lease
    head: LogHead


class PostgresEventStore:
    """The log, the tables and the receipts in PostgreSQL.

    A commit that fails ends the lease: the writer acquires it again and loads. Acquiring waits
    for a transaction that is still under way, so what is loaded then is final.
    """

    def __init__(self, pool: Pool) -> None:
        """Use connections of `pool`; while it holds the lease, one is its own."""
        self._pool = pool
        self._writer: _Writer | None = None
        # The last lease whose connection was dropped; its backend may still be about a commit.
        self._left_version: int | None = None

    async def acquire_lease(self, holder: str) -> Lease:
        """Take the lease if nobody live holds it, fencing every earlier holder.

        Live is who holds the advisory lock over a connection and has written within the last
        LEASE_SECONDS.

        Raises:
            LeaseLostError: another live writer holds it.
            StoreUnavailableError: the database cannot be reached.
        """
        await self._drop_writer()
        try:
            connection = await self._pool.acquire()
        except (asyncpg.PostgresError, *UNAVAILABLE_ERRORS) as error:
            raise _unavailable(error) from error
        try:
            await _lock_out_others(connection, self._left_version)
            async with connection.transaction():
                version = await connection.fetchval(
                    "UPDATE writer_lease SET holder = $1, version = version + 1, "
                    "backend_pid = pg_backend_pid(), heartbeat_at = clock_timestamp() "
                    "RETURNING version",
                    holder,
                )
                head = await connection.fetchrow(
                    "SELECT last_offset, event_hash, tick_hash FROM log_head"
                )
        except BaseException as error:
            await self._discard(connection)
            if isinstance(error, UNAVAILABLE_ERRORS):
                raise _unavailable(error) from error
            raise
        if head is None:
            raise StoreUnavailableError("The database has no log: its schema is damaged.")
        lease = Lease(holder, version)
        self._writer = _Writer(connection, lease, LogHead(*head))
        return lease

    async def release_lease(self, lease: Lease) -> None:
        """Give the lease back so that the next writer need not wait."""
        writer = self._writer
        if writer is None or writer.lease != lease:
            return
        # Were the connection broken, the lease would be free already.
        with contextlib.suppress(asyncpg.PostgresError, *UNAVAILABLE_ERRORS):
            await writer.connection.execute(
                "UPDATE writer_lease SET holder = NULL, backend_pid = NULL WHERE version = $1",
                lease.version,
            )
        await self._drop_writer()

    async def load(self) -> StoredState | None:
        """Return the stored state, or None where no universe has been born.

        Raises:
            StoreUnavailableError: the database cannot be reached.
        """
        try:
            async with (
                self._pool.acquire() as connection,
                connection.transaction(isolation="repeatable_read", readonly=True),
            ):
                return await load_state(connection)
        except UNAVAILABLE_ERRORS as error:
            raise _unavailable(error) from error

    async def append(self, lease: Lease, batch: Batch) -> None:
        """Make a batch durable in one transaction, in the order of offsets without a gap.

        Raises:
            LeaseLostError: the lease was taken over; nothing was written.
            CommitFailedError: the commit failed or its outcome is unknown; the lease is void.
        """
        writer = self._writer
        if writer is None or writer.lease != lease:
            raise LeaseLostError(f"The lease {lease.version} is not held any more.")
        try:
            rows = log_rows(writer.head, batch.events)
            await _write(writer, batch, rows)
        except BaseException as error:
            await self._drop_writer()
            if isinstance(error, asyncpg.PostgresError) and error.sqlstate == _LEASE_LOST:
                raise LeaseLostError(f"Another writer took lease {lease.version} over.") from error
            if isinstance(error, (asyncpg.PostgresError, OffsetGapError, *UNAVAILABLE_ERRORS)):
                raise CommitFailedError(f"A commit failed: {cause(error)}.") from error
            raise
        writer.head = rows.head

    async def events_after(self, offset: int, limit: int) -> list[LoggedEvent]:
        """Return at most `limit` events later than `offset` that are still kept, in order.

        Raises:
            StoreUnavailableError: the database cannot be reached.
        """
        try:
            async with (
                self._pool.acquire() as connection,
                connection.transaction(isolation="repeatable_read", readonly=True),
            ):
                return await select_log(connection, offset, limit)
        except UNAVAILABLE_ERRORS as error:
            raise _unavailable(error) from error

    async def find_receipts(self, keys: Sequence[ReceiptKey]) -> dict[ReceiptKey, Receipt]:
        """Return the stored receipts among `keys`.

        Raises:
            StoreUnavailableError: the database cannot be reached.
        """
        try:
            async with self._pool.acquire() as connection:
                return await select_receipts(connection, keys)
        except UNAVAILABLE_ERRORS as error:
            raise _unavailable(error) from error

    async def _drop_writer(self) -> None:
        writer, self._writer = self._writer, None
        if writer is not None:
            self._left_version = writer.lease.version
            await self._discard(writer.connection)

    async def _discard(self, connection: PooledConnection) -> None:
        """End a connection, and with it its advisory lock, instead of giving it back alive."""
        # A connection that broke has gone back to the pool by itself, and says so.
        with contextlib.suppress(asyncpg.PostgresError, *UNAVAILABLE_ERRORS):
            connection.terminate()
            await self._pool.release(connection)


async def _lock_out_others(connection: Connection, left_version: int | None) -> None:
    """Take the writer's advisory lock; `left_version` is the lease of ours that was left, if any.

    Raises:
        LeaseLostError: a live writer holds it.
    """
    if await connection.fetchval("SELECT pg_try_advisory_lock($1)", _ADVISORY_LOCK):
        return
    # Cut off a writer that is silent, and a commit of our own that we have ceased to wait for; a
    # writer that has just been killed lets go by itself.
    await connection.execute(
        "SELECT pg_terminate_backend(backend_pid) FROM writer_lease "
        "WHERE version = $2 OR heartbeat_at < clock_timestamp() - $1 * interval '1 second'",
        LEASE_SECONDS,
        left_version,
    )
    try:
        async with connection.transaction():
            await connection.execute(f"SET LOCAL lock_timeout = '{_TAKEOVER_SECONDS_MAX}s'")
            await connection.execute("SELECT pg_advisory_lock($1)", _ADVISORY_LOCK)
    except asyncpg.LockNotAvailableError as error:
        holder = await connection.fetchval("SELECT holder FROM writer_lease")
        raise LeaseLostError(
            f"Another server ({holder}) is running this universe in the same database."
        ) from error


async def _write(writer: _Writer, batch: Batch, rows: LogRows) -> None:
    connection = writer.connection
    born = next((e.event for e in batch.events if isinstance(e.event, UniverseCreated)), None)
    checkpoints = [e for e in batch.events if isinstance(e.event, StockCheckpointed)]
    arguments = (
        writer.lease.version,
        writer.head.offset,
        rows.head.offset,
        rows.head.event_hash,
        rows.head.tick_hash,
        rows.events,
        rows.ticks,
        rows.trades,
        *state_rows(batch),
        rows.orders,
        *order_state_rows(batch),
        RULE_TRACES_KEPT,
    )
    if born is None and not checkpoints:
        # A single statement is its own transaction.
        await connection.fetchval(_APPEND, *arguments, timeout=COMMAND_SECONDS_MAX)
        return
    async with connection.transaction():
        if born is not None:
            await insert_universe(connection, born)
            await insert_haulers(connection, born)
        await connection.fetchval(_APPEND, *arguments, timeout=COMMAND_SECONDS_MAX)
        for logged in checkpoints:
            if isinstance(logged.event, StockCheckpointed):
                await connection.execute(
                    "SELECT forget_old($1, $2, $3, $4)",
                    logged.offset,
                    logged.event.tick - TICKS_KEPT,
                    logged.event.tick - HAULER_DEALS_KEPT,
                    logged.event.at - REJECTIONS_KEPT_MICROS,
                )


def _unavailable(error: BaseException) -> StoreUnavailableError:
    return StoreUnavailableError(f"The database cannot be reached: {cause(error)}.")
