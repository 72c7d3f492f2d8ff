"""The whole store as it was at one moment, read beside a running server."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Final

import asyncpg
import msgspec

from sectorwars.application.audit.store_verification import LogHeads, LogRecord
from sectorwars.application.ports import StoreUnavailableError
from sectorwars.application.rows import (
    OrderRow,
    Receipt,
    ReceiptKey,
    StoredState,
)
from sectorwars.application.state.market_transaction import MarketTransaction
from sectorwars.domain.event import Event
from sectorwars.domain.ids import OrderId
from sectorwars.persistence.event_codec import UnknownEventKindError, decode_event
from sectorwars.persistence.packed import PackedRowError, unpack_tick
from sectorwars.persistence.postgres.audit_trail import ConnectedAuditChain
from sectorwars.persistence.postgres.connection import (
    CONNECT_SECONDS_MAX,
    UNAVAILABLE_ERRORS,
    Connection,
    cause,
)
from sectorwars.persistence.postgres.migration import database_revision
from sectorwars.persistence.postgres.order_rows import order_of
from sectorwars.persistence.postgres.receipt_rows import select_receipts
from sectorwars.persistence.postgres.state_loader import load_state

_PREFETCH: Final = 1_000
_HEADS: Final = """
    SELECT last_offset, event_hash, tick_hash, ticks_forgotten, forgotten_offset,
           forgotten_tick_hash
    FROM log_head
"""
_TRANSACTIONS: Final = """
    SELECT log_offset, crossing, trade_id, player_id, port_id, transaction_type, commodity,
           quantity, total_credits, fees_credits, profit_credits, (real_time_price * 100)::bigint,
           volume_24h, stock_after, market_version, tick,
           (extract(epoch FROM executed_at) * 1000000)::bigint, rule_id, order_id, quote_id
    FROM market_transactions ORDER BY log_offset, crossing
"""


@asynccontextmanager
async def open_snapshot(dsn: str) -> AsyncIterator["PostgresStoreSnapshot"]:
    """Open a read-only snapshot that later commits of a running server do not change.

    Raises:
        StoreUnavailableError: the database cannot be reached; one plain sentence.
    """
    try:
        connection = await asyncpg.connect(
            dsn,
            timeout=CONNECT_SECONDS_MAX,
            # Folding a chunk of the log takes its time between two questions.
            server_settings={"idle_in_transaction_session_timeout": "0"},
        )
    except (asyncpg.PostgresError, *UNAVAILABLE_ERRORS) as error:
        raise StoreUnavailableError(f"The database cannot be reached: {cause(error)}.") from error
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            yield PostgresStoreSnapshot(connection)
    except UNAVAILABLE_ERRORS as error:
        raise StoreUnavailableError(f"The database went away: {cause(error)}.") from error
    finally:
        connection.terminate()


class PostgresStoreSnapshot:
    """Reads over one connection, within its transaction."""

    def __init__(self, connection: Connection) -> None:
        """Read over `connection`, which is in a repeatable-read transaction."""
        self._connection = connection

    @property
    def audit(self) -> ConnectedAuditChain:
        """Return the audit trail."""
        return ConnectedAuditChain(self._connection)

    async def export(self) -> str:
        """Return the name by which others see the same moment, while this connection lives."""
        name: str = await self._connection.fetchval("SELECT pg_export_snapshot()")
        return name

    async def schema(self) -> str | None:
        """Return the schema's revision, or None where there is no schema of ours."""
        return await database_revision(self._connection)

    async def universe_seed(self) -> int | None:
        """Return the number that the galaxy was made from, or None where none has been born."""
        seed: int | None = await self._connection.fetchval("SELECT seed FROM universe")
        return seed

    async def heads(self) -> LogHeads:
        """Return where the log ends."""
        return LogHeads(*await self._connection.fetchrow(_HEADS) or ())

    async def records(self) -> AsyncIterator[LogRecord]:
        """Yield the kept records of both logs in the order of their offsets."""
        ticks = aiter(self._ticks())
        tick = await anext(ticks, None)
        async for event in self._events():
            while tick is not None and tick.offset < event.offset:
                yield tick
                tick = await anext(ticks, None)
            yield event
        while tick is not None:
            yield tick
            tick = await anext(ticks, None)

    async def transactions(self) -> AsyncIterator[MarketTransaction]:
        """Yield the rows of `market_transactions` in the order of their offsets."""
        async for record in self._connection.cursor(_TRANSACTIONS, prefetch=_PREFETCH):
            yield MarketTransaction(*record)

    async def find_receipts(self, keys: Sequence[ReceiptKey]) -> dict[ReceiptKey, Receipt]:
        """Return the stored receipts among `keys`."""
        return await select_receipts(self._connection, keys)

    async def find_orders(self, order_ids: Sequence[OrderId]) -> dict[OrderId, OrderRow]:
        """Return the stored orders among `order_ids`."""
        records = await self._connection.fetch(
            "SELECT * FROM player_orders WHERE order_id = ANY ($1)", order_ids
        )
        return {order.order_id: order for order in map(order_of, records)}

    async def orders(self) -> int:
        """Count the orders, open and closed."""
        count: int = await self._connection.fetchval("SELECT count(*) FROM player_orders")
        return count

    async def executed_receipts(self) -> int:
        """Count the receipts of executed commands."""
        count: int = await self._connection.fetchval(
            "SELECT count(*) FROM command_receipts WHERE status = 'executed'"
        )
        return count

    async def load(self) -> StoredState | None:
        """Return the tables."""
        return await load_state(self._connection)

    async def _events(self) -> AsyncIterator[LogRecord]:
        query = "SELECT log_offset, kind, payload, hash FROM events ORDER BY log_offset"
        async for offset, kind, payload, digest in self._connection.cursor(
            query, prefetch=_PREFETCH
        ):
            event: Event | str
            try:
                event = decode_event(kind, payload)
            except (UnknownEventKindError, msgspec.DecodeError) as error:
                event = str(error)
            # The hash is over the payload alone, so the column must say the same.
            if not payload.startswith(f'{{"kind":"{kind}",'):
                event = f"the kind {kind!r} is not its payload's"
            yield LogRecord(offset, payload.encode(), digest, event, is_tick=False)

    async def _ticks(self) -> AsyncIterator[LogRecord]:
        query = "SELECT log_offset, tick, payload, hash FROM ticks ORDER BY log_offset"
        async for offset, tick, payload, digest in self._connection.cursor(
            query, prefetch=_PREFETCH
        ):
            event: Event | str
            try:
                event = unpack_tick(payload)
                if event.tick != tick:
                    event = f"the tick {tick} is not its payload's"
            except PackedRowError as error:
                event = str(error)
            yield LogRecord(offset, payload, digest, event, is_tick=True)
