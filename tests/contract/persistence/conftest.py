"""The two stores as installations that can be started, killed and robbed of their lease."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Protocol

import asyncpg
import pytest
from tests.small_core import QUOTE_SIGNER

from sectorwars.application.ports import (
    EventArchive,
    EventStore,
    MarketArchive,
    MarketRecord,
    OrderArchive,
    RuleTraceArchive,
)
from sectorwars.application.rows import (
    Batch,
    LoggedEvent,
    Receipt,
    ReceiptKey,
)
from sectorwars.application.state.recovery import account_rows
from sectorwars.application.writing.market_recorder import MarketRecorder
from sectorwars.application.writing.writer import Writer
from sectorwars.domain.command import CommandEnvelope, Origin, PlayerCommand
from sectorwars.domain.ids import CommandId, PlayerId
from sectorwars.domain.values import MICROS_PER_SECOND, UnixMicros
from sectorwars.engine.apply import apply
from sectorwars.engine.genesis import create_universe
from sectorwars.engine.world import World
from sectorwars.persistence.memory.disk import MemoryDisk
from sectorwars.persistence.memory.event_archive import MemoryEventArchive
from sectorwars.persistence.memory.event_store import MemoryEventStore
from sectorwars.persistence.memory.market_archive import MemoryMarketArchive
from sectorwars.persistence.memory.market_record import MemoryMarketRecord
from sectorwars.persistence.memory.order_archive import MemoryOrderArchive
from sectorwars.persistence.memory.rule_trace_archive import MemoryRuleTraceArchive
from sectorwars.persistence.postgres.connection import Pool, open_pool
from sectorwars.persistence.postgres.event_archive import PostgresEventArchive
from sectorwars.persistence.postgres.event_store import PostgresEventStore
from sectorwars.persistence.postgres.market_archive import PostgresMarketArchive
from sectorwars.persistence.postgres.market_record import PostgresMarketRecord
from sectorwars.persistence.postgres.order_archive import PostgresOrderArchive
from sectorwars.persistence.postgres.rule_trace_archive import PostgresRuleTraceArchive


class Installation(Protocol):
    """One durable place on which servers start and die."""

    async def start(self) -> tuple[EventStore, MarketArchive]:
        """Start a server's stores."""
        ...

    def traces(self, store: EventStore) -> RuleTraceArchive:
        """Return the archive of verdicts beside a store."""
        ...

    def events(self, store: EventStore) -> EventArchive:
        """Return the archive of players' acts beside a store."""
        ...

    def orders(self, store: EventStore) -> OrderArchive:
        """Return the archive of orders beside a store."""
        ...

    def market_record(self, store: EventStore) -> MarketRecord:
        """Return the record of the market beside a store."""
        ...

    async def kill(self, store: EventStore) -> None:
        """Let the server of a store die without a farewell."""
        ...

    async def seize_lease(self) -> None:
        """Raise the lease's version behind everybody's back."""
        ...


class MemoryInstallation:
    def __init__(self) -> None:
        self._disk = MemoryDisk()

    async def start(self) -> tuple[EventStore, MarketArchive]:
        return MemoryEventStore(self._disk), MemoryMarketArchive(self._disk)

    def traces(self, store: EventStore) -> RuleTraceArchive:
        return MemoryRuleTraceArchive(self._disk)

    def events(self, store: EventStore) -> EventArchive:
        return MemoryEventArchive(self._disk)

    def orders(self, store: EventStore) -> OrderArchive:
        return MemoryOrderArchive(self._disk)

    def market_record(self, store: EventStore) -> MarketRecord:
        return MemoryMarketRecord(self._disk)

    async def kill(self, store: EventStore) -> None:
        assert isinstance(store, MemoryEventStore)
        store.die()

    async def seize_lease(self) -> None:
        self._disk.lease_is_live = False
        await MemoryEventStore(self._disk).acquire_lease("intruder")

    async def close(self) -> None:
        pass


class PostgresInstallation:
    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._pools: dict[EventStore, Pool] = {}

    async def start(self) -> tuple[EventStore, MarketArchive]:
        pool = await open_pool(self._dsn, connections_max=3)
        store = PostgresEventStore(pool)
        self._pools[store] = pool
        return store, PostgresMarketArchive(pool)

    def traces(self, store: EventStore) -> RuleTraceArchive:
        return PostgresRuleTraceArchive(self._pools[store])

    def events(self, store: EventStore) -> EventArchive:
        return PostgresEventArchive(self._pools[store], span_offsets=7)

    def orders(self, store: EventStore) -> OrderArchive:
        return PostgresOrderArchive(self._pools[store])

    def market_record(self, store: EventStore) -> MarketRecord:
        return PostgresMarketRecord(self._pools[store])

    async def kill(self, store: EventStore) -> None:
        self._pools[store].terminate()

    async def seize_lease(self) -> None:
        connection = await asyncpg.connect(self._dsn)
        await connection.execute("UPDATE writer_lease SET version = version + 1")
        await connection.close()

    async def close(self) -> None:
        for pool in self._pools.values():
            pool.terminate()


@pytest.fixture(params=["memory", "postgres"])
async def installation(request: pytest.FixtureRequest) -> AsyncIterator[Installation]:
    """A fresh place without a universe."""
    place: MemoryInstallation | PostgresInstallation
    if request.param == "memory":
        place = MemoryInstallation()
    else:
        place = PostgresInstallation(request.getfixturevalue("database_url"))
    yield place
    await place.close()


class Galaxy:
    """A live world whose writer's batches the tests store."""

    def __init__(self) -> None:
        born = create_universe(seed=7, sectors=20, prehistory_ticks=0)
        self.world = World(born.seed, born.tick)
        self.now = UnixMicros(1_764_000_000 * MICROS_PER_SECOND)
        self._birth = born
        self._commands = 0
        self._writer = Writer(self.world, MarketRecorder(), 1, signer=QUOTE_SIGNER)

    def birth(self) -> Batch:
        """Return the batch that brings the universe into the store."""
        apply(self.world, self._birth)
        return Batch(
            events=(LoggedEvent(1, self._birth),),
            receipts=(),
            players=(),
            accounts=account_rows(self.world, [self._birth]),
        )

    def command(self, player: str, command: PlayerCommand) -> tuple[Batch, Receipt]:
        """Return the batch and the receipt of one command."""
        self._commands += 1
        command_id = CommandId(f"c{self._commands}")
        player_id = PlayerId(player)
        receipt = self._writer.decide(
            CommandEnvelope(command_id, player_id, Origin.REST, command),
            ReceiptKey(player_id, command_id),
            f"digest {command_id}".encode(),
            self.now,
        )
        return self._writer.cut(), receipt

    def executed(self, player: str, command: PlayerCommand) -> Batch:
        """Return the batch of a command that the engine grants."""
        batch, receipt = self.command(player, command)
        assert receipt.status == "executed", receipt.body
        return batch

    def ticks(self, count: int = 1) -> Batch:
        """Return a batch of `count` ticks, one a real second."""
        for _ in range(count):
            self.now = UnixMicros(self.now + MICROS_PER_SECOND)
            self._writer.advance_tick(self.now)
        return self._writer.cut()

    def pause(self, seconds: int) -> Batch:
        """Let real time pass while the server is down, then one tick."""
        self.now = UnixMicros(self.now + seconds * MICROS_PER_SECOND)
        return self.ticks(1)

    def arrivals(self) -> Batch:
        """Let time pass until every ship under way has arrived."""
        self.now = UnixMicros(self.now + 60 * MICROS_PER_SECOND)
        self._writer.meet_deadlines(self.now)
        return self._writer.cut()


@pytest.fixture
def galaxy() -> Iterator[Galaxy]:
    """A universe of twenty sectors that no store knows yet."""
    return Galaxy()
