"""What an engine puts on the bus: batches with their frames, places, its heartbeat."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.small_core import virtual

from sectorwars.application.bus import (
    BatchCommitted,
    BusMessage,
    ChannelPlace,
    ChannelsPlaced,
    ChannelsWanted,
    EngineAlive,
    PlayerArrived,
)
from sectorwars.application.ports import StoreUnavailableError
from sectorwars.application.processes.frame_relay import (
    HEARTBEAT_SECONDS,
    WANTED_SECONDS,
    FrameRelay,
)
from sectorwars.application.reading.projection import Committed
from sectorwars.application.rows import LoggedEvent
from sectorwars.bus.limits import BusLimits
from sectorwars.bus.memory.broker import MemoryBroker
from sectorwars.bus.memory.event_bus import MemoryEventBus
from sectorwars.domain.event import TickAdvanced
from sectorwars.domain.ids import PlayerId
from sectorwars.domain.values import Tick, UnixMicros
from sectorwars.protocol.canonical import canonical_json
from sectorwars.protocol.publication import FrameType, Publication
from sectorwars.protocol.signing import FrameSigner, verify_frame
from sectorwars.simulation.virtual_time import VirtualClock

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
KEYS = (KEY.public_key().public_bytes_raw(),)
TICK = Committed((LoggedEvent(8, TickAdvanced(Tick(1), UnixMicros(1), ())),), ())
ORE = Publication("market.ore", FrameType.MARKET_UPDATE, {"price": 1}, UnixMicros(1), None, True)
FUEL = Publication("market.fuel", FrameType.MARKET_UPDATE, {"price": 2}, UnixMicros(1), None, True)
ARRIVED = PlayerArrived("g1", PlayerId("pl_1"))
OWN = Publication(
    "account.pl_1", FrameType.TRADING_SIGNAL, {"credits": 3}, UnixMicros(1), PlayerId("pl_1")
)


class Gateways:
    """Keeps what happens, in its order."""

    def __init__(self) -> None:
        self.happened: list[object] = []
        self.store_away = False

    async def began(self) -> None:
        if self.store_away:
            self.store_away = False
            raise StoreUnavailableError("away")
        self.happened.append("began")

    def hear(self, message: object) -> None:
        self.happened.append(message)

    def broke_off(self) -> None:
        self.happened.append("broke off")


class Engine:
    """A relay that runs, and all it has said."""

    def __init__(self, clock: VirtualClock) -> None:
        self.broker = MemoryBroker()
        self.bus = MemoryEventBus(self.broker, BusLimits())
        self.heard: list[BusMessage] = []
        self.gateways = Gateways()
        self.relay = FrameRelay(
            self.bus,
            FrameSigner(KEY, "kid"),
            KEYS,
            "stream",
            lambda name: name != "port.nowhere",
            clock,
            self.gateways,
        )
        self.relay.begin(3, 7)

    async def listen(self) -> None:
        async with self.bus.listen() as messages:
            async for message in messages:
                self.heard.append(message)

    async def want(self, *channels: str) -> ChannelsPlaced:
        self.bus.publish(ChannelsWanted(channels))
        await asyncio.sleep(0.001)
        answer = self.heard[-1]
        assert isinstance(answer, ChannelsPlaced)
        return answer

    def batches(self) -> list[BatchCommitted]:
        return [message for message in self.heard if isinstance(message, BatchCommitted)]


@asynccontextmanager
async def running(clock: VirtualClock) -> AsyncIterator[Engine]:
    engine = Engine(clock)
    tasks = [asyncio.create_task(part()) for part in (engine.listen, engine.relay.run)]
    await asyncio.sleep(0.001)
    yield engine
    assert not tasks[1].done()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


@virtual
async def test_a_batch_travels_with_the_signed_frames_of_what_is_listened_to(
    clock: VirtualClock,
) -> None:
    async with running(clock) as engine:
        await engine.want("market.ore", "account.pl_1")
        assert engine.relay.wants("market.ore")
        assert not engine.relay.wants("market.fuel")
        engine.relay.take_over(TICK, lambda _: engine.relay.publish([ORE, FUEL, OWN]))
        await asyncio.sleep(0.001)
        (batch,) = engine.batches()
    assert (batch.term, batch.committed) == (3, TICK)
    ore, own = batch.frames
    assert (ore.place.channel, ore.place.offset, ore.conflatable) == ("market.ore", 1, True)
    assert (own.place.channel, own.place.public_name) == ("account.pl_1", "account")
    assert (own.player_id, own.conflatable) == ("pl_1", False)
    frame = msgspec.json.decode(own.payload)
    assert (frame["channel"], frame["offset"], frame["data"]) == ("account", 1, {"credits": 3})
    signature = frame.pop("signature")
    assert verify_frame(KEY.public_key(), canonical_json(frame), signature)


@virtual
async def test_a_batch_of_which_nothing_is_published_travels_too(clock: VirtualClock) -> None:
    async with running(clock) as engine:
        engine.relay.take_over(TICK, lambda _: None)
        await asyncio.sleep(HEARTBEAT_SECONDS)
        assert engine.batches() == [BatchCommitted(3, TICK, ())]
        assert engine.heard[-1] == EngineAlive(3, 8, KEYS)


@virtual
async def test_what_no_batch_brings_leaves_at_once_and_alone(clock: VirtualClock) -> None:
    async with running(clock) as engine:
        await engine.want("market.ore")
        engine.relay.publish([FUEL])
        engine.relay.publish([ORE])
        await asyncio.sleep(0.001)
        (batch,) = engine.batches()
    assert batch.committed == Committed((), ())
    assert [frame.place.channel for frame in batch.frames] == ["market.ore"]


@virtual
async def test_gateways_are_told_where_channels_are(clock: VirtualClock) -> None:
    async with running(clock) as engine:
        first = await engine.want("market.ore", "port.nowhere")
        engine.relay.publish([ORE])
        again = await engine.want("market.ore")
    assert first.term == 3
    assert first.places == (ChannelPlace("market.ore", "market.ore", "stream.1", 0),)
    assert again.places == (ChannelPlace("market.ore", "market.ore", "stream.1", 1),)


@virtual
async def test_a_channel_that_nobody_wants_any_more_begins_anew(clock: VirtualClock) -> None:
    async with running(clock) as engine:
        await engine.want("market.ore", "market.fuel")
        await asyncio.sleep(WANTED_SECONDS / 2)
        await engine.want("market.fuel")
        await asyncio.sleep(WANTED_SECONDS / 2 + HEARTBEAT_SECONDS)
        assert not engine.relay.wants("market.ore")
        assert engine.relay.wants("market.fuel")
        placed = await engine.want("market.ore")
    assert placed.places == (ChannelPlace("market.ore", "market.ore", "stream.3", 0),)


@virtual
async def test_an_outage_ends_by_itself(clock: VirtualClock) -> None:
    async with running(clock) as engine:
        engine.broker.go_away()
        await asyncio.sleep(1)
        assert engine.gateways.happened[:2] == ["began", "broke off"]
        # Whoever was not heard may have changed what the store has.
        engine.gateways.store_away = True
        engine.broker.come_back()
        await asyncio.sleep(1)
        listening = asyncio.create_task(engine.listen())
        await asyncio.sleep(0.001)
        assert (await engine.want("market.ore")).places
        engine.bus.publish(ARRIVED)
        await asyncio.sleep(0.001)
        assert engine.gateways.happened[-2:] == ["began", ARRIVED]
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
