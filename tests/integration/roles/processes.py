"""An engine and gateways as they stand at a real Redis and a real PostgreSQL, each on its own."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import AsyncIterator, Callable, Collection, Coroutine, Sequence
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from redis.asyncio import Redis
from tests.small_galaxy import PLAYER, small_universe

from sectorwars.application.account import SessionId
from sectorwars.application.bus import ChannelsWanted, SessionEnded
from sectorwars.application.galaxy.birth import UniversePlan, newborn, prehistory
from sectorwars.application.galaxy.running import Galaxy, fresh_projection
from sectorwars.application.keys import signing_key
from sectorwars.application.processes.follower import Follower
from sectorwars.application.processes.frame_relay import FrameRelay
from sectorwars.application.processes.gateway_news import EngineEars
from sectorwars.application.processes.presence import Presence
from sectorwars.application.processes.remote_commands import RemoteCommands
from sectorwars.application.publishing.publications import Publisher
from sectorwars.application.reading.forecast_board import ForecastBoard
from sectorwars.application.reading.projection import Committed
from sectorwars.application.rows import Receipt
from sectorwars.application.writing.command_processor import (
    CommandProcessor,
    ProcessorLimits,
    Recovered,
)
from sectorwars.application.writing.trade_limit import TradeLimit
from sectorwars.bus.limits import BusLimits
from sectorwars.bus.redis.command_bus import RedisCommandBus
from sectorwars.bus.redis.command_queue import RedisCommandQueue
from sectorwars.bus.redis.connection import open_redis
from sectorwars.bus.redis.event_bus import RedisEventBus
from sectorwars.bus.seal import KEY_BYTES, Seal
from sectorwars.clock import SystemClock
from sectorwars.domain.command import Command, CommandEnvelope, Origin
from sectorwars.domain.ids import CommandId
from sectorwars.domain.rejection import Refusal
from sectorwars.gateway.audience import Bundle, Subscriber
from sectorwars.gateway.relay_hub import RelayHub
from sectorwars.persistence.postgres.connection import Pool, open_pool
from sectorwars.persistence.postgres.event_store import PostgresEventStore
from sectorwars.persistence.postgres.forecast_store import PostgresForecastStore
from sectorwars.persistence.postgres.market_archive import PostgresMarketArchive
from sectorwars.protocol.signing import FrameSigner

SEAL = Seal(bytes(range(KEY_BYTES)))
FRAME_KEY = signing_key(Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
PATIENT_SECONDS = 30.0
CLOCK = SystemClock()


async def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds."""
    async with asyncio.timeout(PATIENT_SECONDS):
        while not holds():  # noqa: ASYNC110 - what is waited for tells nobody
            await asyncio.sleep(0.01)


async def give_birth(dsn: str) -> None:
    """Let the small galaxy be born in an empty database."""
    pool = await open_pool(dsn, connections_max=2)
    store = PostgresEventStore(pool)
    lease = await store.acquire_lease("birth")
    async for batch in prehistory(newborn(small_universe(1)), CLOCK.now()):
        await store.append(lease, batch)
    await store.release_lease(lease)
    await pool.close()


class Process:
    """Tasks and connections that end together, as those of a process do."""

    def __init__(self, pool: Pool, redis: Redis) -> None:
        self.pool = pool
        self.redis = redis
        self._tasks: list[asyncio.Task[None]] = []

    def start(self, *parts: Coroutine[Any, Any, None]) -> None:
        self._tasks.extend(asyncio.ensure_future(part) for part in parts)

    async def kill(self) -> None:
        """End at once: nothing is drained, connections break."""
        self.pool.terminate()
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        await self.redis.aclose()
        unexpected = [
            result for result in results if not isinstance(result, asyncio.CancelledError | None)
        ]
        assert not unexpected, unexpected


class Engine(Process):
    """The writer, its publications and its side of the bus."""

    def __init__(self, pool: Pool, redis: Redis, name: str) -> None:
        super().__init__(pool, redis)
        self.galaxy = Galaxy(
            PostgresEventStore(pool),
            PostgresMarketArchive(pool),
            CLOCK,
            UniversePlan(7),
            name,
            ForecastBoard(),
            FrameSigner(FRAME_KEY.private, FRAME_KEY.kid),
        )
        self.bus = RedisEventBus(redis, SEAL, BusLimits())
        self.queue = RedisCommandQueue(redis, SEAL, CLOCK)
        self.relay = FrameRelay(
            self.bus,
            FrameSigner(FRAME_KEY.private, FRAME_KEY.kid),
            (FRAME_KEY.public.public_bytes_raw(),),
            uuid.uuid4().hex,
            lambda name: not name.startswith("port.nowhere"),
            CLOCK,
            EngineEars(self.bus, lambda: self.galaxy.lease.version, Presence(CLOCK)),
        )
        self.publisher: Publisher | None = None
        self.processor = CommandProcessor(
            self.galaxy.store,
            CLOCK,
            self._recover,
            self._take_over,
            TradeLimit(1_000),
            ProcessorLimits(),
        )

    def begin(self, recovered: Recovered) -> None:
        """Write with the lease that was taken."""
        projection = self.galaxy.projection
        self.publisher = Publisher(
            projection, self.relay, 1_000, 0, asyncio.get_running_loop().call_later
        )
        self.relay.begin(recovered.lease.version, projection.offset)
        self.start(
            self.processor.run(recovered),
            self.bus.run(),
            self.relay.run(),
            self.queue.serve(self.processor, lambda: projection.offset),
        )

    async def stand_by(self) -> None:
        """Wait for the lease, then begin."""
        self.begin(await self.galaxy.stand_by(lambda _: None, lambda done, ticks: None))

    async def _recover(self) -> Recovered:
        recovered = await self.galaxy.recover(self._take_over, lambda done, ticks: None)
        self.relay.begin(recovered.lease.version, self.galaxy.projection.offset)
        return recovered

    def _take_over(self, committed: Committed) -> None:
        assert self.publisher is not None
        self.relay.take_over(committed, self.publisher.take_over)


class Reader:
    """Listens to channels and keeps the bytes he gets."""

    def __init__(self) -> None:
        self.wires: list[bytes] = []
        self.pipe = None
        self.interrupted = False

    def deliver(self, bundle: Bundle) -> None:
        self.wires.extend(frame.wire() for frame in bundle.frames)


class Sessions:
    """Keeps what it hears of ended sessions."""

    def __init__(self) -> None:
        self.ended: list[SessionId] = []

    def note_ended(self, message: SessionEnded) -> None:
        self.ended.append(message.sid)

    async def catch_up(self) -> None:
        return


class News:
    """Hears of nothing but sessions, channels and events."""

    def hear(self, message: object) -> None:
        return

    async def catch_up(self) -> None:
        return


class GatewaySide(Process):
    """What a gateway has of the galaxy."""

    def __init__(self, pool: Pool, redis: Redis, name: str) -> None:
        super().__init__(pool, redis)
        self._name = name
        self._serial = 0
        self.sessions = Sessions()

    async def open(self) -> None:
        """Load the committed world and follow it from there."""
        store, archive = PostgresEventStore(self.pool), PostgresMarketArchive(self.pool)
        state = await store.load()
        assert state is not None
        self.projection = await fresh_projection(state, archive, ForecastBoard(), CLOCK.now())
        self.bus = RedisEventBus(self.redis, SEAL, BusLimits())
        self.hub = RelayHub(self._ask, self._interrupt, CLOCK.monotonic, 128, 60.0)
        self.follower = Follower(
            self.projection,
            store,
            archive,
            PostgresForecastStore(self.pool),
            self.bus,
            self.hub,
            self.sessions,
            News(),
            lambda _: None,
            lambda _: None,
        )
        commands = RedisCommandBus(self.redis, SEAL, CLOCK, self._name, BusLimits())
        self.commands = RemoteCommands(commands, self.follower.reached)
        self.start(self.bus.run(), self.follower.run(), commands.run())

    async def live(self) -> None:
        """Wait until the engine is heard."""
        await until(lambda: self.follower.live)

    async def subscribe(self, *channels: str) -> Reader:
        """Let a reader listen to channels."""
        assert await self.hub.open(channels)
        reader = Reader()
        for channel in channels:
            self.hub.subscribe(reader, channel, channel, CLOCK.monotonic())
        return reader

    async def submit(self, command: Command) -> Receipt | Refusal:
        """Submit a command of the player."""
        self._serial += 1
        command_id = CommandId(f"{self._name}-{self._serial}")
        envelope = CommandEnvelope(command_id, PLAYER, Origin.REST, command)
        return await self.commands.submit(envelope, CLOCK.monotonic())

    async def executed(self, command: Command) -> Receipt:
        """Submit a command until it is executed."""
        async with asyncio.timeout(PATIENT_SECONDS):
            while isinstance(outcome := await self.submit(command), Refusal):
                assert outcome.code in {"engine_unavailable", "outcome_unknown"}, outcome
                await asyncio.sleep(0.02)
        assert outcome.status == "executed", outcome.body
        return outcome

    def credits(self) -> int:
        """Return the player's credits as this process shows them."""
        return self.projection.world.ledger.balance(f"player:{PLAYER}")

    def _ask(self, channels: Sequence[str]) -> None:
        self.bus.publish(ChannelsWanted(tuple(channels)))

    def _interrupt(self, subscribers: Collection[Subscriber]) -> None:
        for subscriber in subscribers:
            assert isinstance(subscriber, Reader)
            subscriber.interrupted = True


class Installation:
    """Starts processes and ends those that are left."""

    def __init__(self, dsn: str, redis_url: str) -> None:
        self._dsn = dsn
        self._redis_url = redis_url
        self._processes: list[Process] = []

    async def engine(self, name: str = "first") -> Engine:
        """Return an engine that has not begun."""
        pool = await open_pool(self._dsn, connections_max=4)
        engine = Engine(pool, open_redis(self._redis_url), name)
        self._processes.append(engine)
        return engine

    async def running_engine(self) -> Engine:
        """Return an engine that writes."""
        engine = await self.engine()
        await engine.stand_by()
        return engine

    async def gateway(self, name: str) -> GatewaySide:
        """Return a gateway that follows the engine."""
        pool = await open_pool(self._dsn, connections_max=4)
        gateway = GatewaySide(pool, open_redis(self._redis_url), name)
        self._processes.append(gateway)
        await gateway.open()
        await gateway.live()
        return gateway

    async def close(self) -> None:
        """End every process."""
        for process in self._processes:
            await process.kill()


@contextlib.asynccontextmanager
async def installation(dsn: str, redis_url: str) -> AsyncIterator[Installation]:
    """A place with a newborn small galaxy."""
    await give_birth(dsn)
    place = Installation(dsn, redis_url)
    try:
        yield place
    finally:
        await place.close()
