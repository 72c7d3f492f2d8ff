"""What every bus of messages does, within one process and over a real Redis."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest
from tests.contract.bus.conftest import (
    LIMITS,
    PATIENT_SECONDS,
    Meeting,
    MemoryMeeting,
    RedisMeeting,
    running,
)

from sectorwars.application.account import SessionId
from sectorwars.application.alerts.alert import AlertId, Condition, StoredAlert
from sectorwars.application.bus import (
    AlertDeleted,
    AlertSet,
    AlertsTurned,
    AttemptMade,
    BatchCommitted,
    BusMessage,
    BusUnavailableError,
    ChannelPlace,
    ChannelsPlaced,
    ChannelsWanted,
    ConnectionsAsked,
    ConnectionsTold,
    EngineAlive,
    EventBus,
    ForecastsStored,
    FoundationSessionMoved,
    GatewayMessage,
    GatewayPresent,
    PlayerArrived,
    ProposalMoved,
    RelayedFrame,
    SessionEnded,
)
from sectorwars.application.reading.projection import Committed
from sectorwars.application.rows import (
    IndexPrices,
    LoggedEvent,
)
from sectorwars.domain.commodity import Commodity
from sectorwars.domain.event import ShipUndocked, TickAdvanced
from sectorwars.domain.ids import CommandId, PlayerId, PortId, SectorId
from sectorwars.domain.values import Tick, UnixMicros
from sectorwars.protocol.publication import FrameType
from sectorwars.protocol.shapes.signal import ProposalSignal

MESSAGES: tuple[BusMessage, ...] = (
    BatchCommitted(
        3,
        Committed(
            (
                LoggedEvent(7, TickAdvanced(Tick(-5), UnixMicros(9), ((1, -2), (0,)))),
                LoggedEvent(
                    8,
                    ShipUndocked(
                        command_id=CommandId("c1"),
                        player_id=PlayerId("pl_1"),
                        port_id=PortId("p0001"),
                        sector_id=SectorId("s0001"),
                        at=UnixMicros(10),
                    ),
                ),
            ),
            (IndexPrices(Tick(-5), (1,), (2,), (3,), (4,)),),
        ),
        (
            RelayedFrame(
                ChannelPlace("market.ore", "market.ore", "e.1", 4),
                FrameType.MARKET_UPDATE,
                UnixMicros(9),
                None,
                conflatable=True,
                payload=b'{"type":"market_update"}',
            ),
        ),
    ),
    ChannelsPlaced(3, (ChannelPlace("account.pl_1", "account", "e.2", 0),)),
    EngineAlive(3, 8, (bytes(32), b"\xff" * 32)),
    AlertsTurned(3, ((AlertId("al_1"), False),)),
    ForecastsStored(3),
    ChannelsWanted(("market.ore", "account.pl_1")),
    SessionEnded(SessionId("s_1"), UnixMicros(11)),
    GatewayPresent("g1", (PlayerId("pl_1"), PlayerId("pl_2")), {"10.0.0.1": 2}),
    PlayerArrived("g1", PlayerId("pl_3")),
    FoundationSessionMoved("g2", PlayerId("pl_1"), "session_1_a"),
    AttemptMade("g1", "sign_in.address", "10.0.0.1", UnixMicros(12)),
    AlertSet(
        "g1",
        StoredAlert(
            AlertId("al_2"),
            PlayerId("pl_1"),
            Commodity.ORE,
            None,
            Condition.PRICE_BELOW,
            50,
            UnixMicros(13),
        ),
    ),
    AlertDeleted("g1", AlertId("al_2")),
    ProposalMoved(
        "g1",
        PlayerId("pl_1"),
        ProposalSignal("proposal", "pr_1", "trade", "open", "2026-11-23T03:37:01.000000Z", None),
        UnixMicros(14),
    ),
    ConnectionsAsked("g1", "q1", None, PlayerId("pl_1"), 100, None, close=False),
    ConnectionsAsked("g1", "q2", "g2", None, 0, "g2-7", close=True),
    ConnectionsTold("g2", "g1", "q2", b"true"),
)


async def take(messages: AsyncIterator[BusMessage], count: int) -> list[BusMessage]:
    async with asyncio.timeout(PATIENT_SECONDS):
        return [await anext(messages) for _ in range(count)]


@contextlib.asynccontextmanager
async def reachable(bus: EventBus) -> AsyncIterator[AsyncIterator[BusMessage]]:
    """Listen as soon as the bus can be reached."""
    async with asyncio.timeout(PATIENT_SECONDS), contextlib.AsyncExitStack() as stack:
        while True:
            try:
                messages = await stack.enter_async_context(bus.listen())
                break
            except BusUnavailableError:
                await asyncio.sleep(0.01)
        yield messages


async def test_every_message_reaches_all_who_listen_whole_and_in_order(meeting: Meeting) -> None:
    engine, gateway = meeting.event_bus(), meeting.event_bus()
    async with running(engine.run), engine.listen() as own, gateway.listen() as theirs:
        for message in MESSAGES:
            engine.publish(message)
        assert await take(own, len(MESSAGES)) == list(MESSAGES)
        assert await take(theirs, len(MESSAGES)) == list(MESSAGES)


async def test_an_engine_is_spared_its_own_messages(meeting: Meeting) -> None:
    bus = meeting.event_bus()
    async with running(bus.run), bus.listen(to_gateways_only=True) as messages:
        for message in MESSAGES:
            bus.publish(message)
        from_gateways = [message for message in MESSAGES if isinstance(message, GatewayMessage)]
        assert await take(messages, len(from_gateways)) == from_gateways


async def test_who_comes_late_hears_only_what_follows(meeting: Meeting) -> None:
    bus = meeting.event_bus()
    async with running(bus.run), bus.listen() as early:
        bus.publish(EngineAlive(1, 1, ()))
        await take(early, 1)
        async with bus.listen() as late:
            bus.publish(EngineAlive(1, 2, ()))
            assert await take(late, 1) == [EngineAlive(1, 2, ())]


async def test_an_outage_is_told_to_listeners_and_then_it_heals(
    meeting: Meeting,
) -> None:
    bus = meeting.event_bus()
    async with running(bus.run):
        async with bus.listen() as messages:
            await meeting.go_away()
            with pytest.raises(BusUnavailableError):
                await take(messages, 1)
        with pytest.raises(BusUnavailableError):
            async with bus.listen():
                pass
        bus.publish(EngineAlive(1, 1, ()))
        await meeting.come_back()
        async with reachable(bus) as messages:
            bus.publish(ForecastsStored(2))
            heard = await take(messages, 1)
            # What was said while the bus was away may still be under way.
            if heard == [EngineAlive(1, 1, ())]:
                heard = await take(messages, 1)
            assert heard == [ForecastsStored(2)]


@pytest.mark.redis
async def test_messages_without_our_seal_are_ignored(redis_meeting: RedisMeeting) -> None:
    bus = redis_meeting.event_bus()
    channel = f"sectorwars:{redis_meeting.seal.namespace}:engine"
    async with running(bus.run), bus.listen() as messages:
        await redis_meeting.clients[0].publish(channel, b"\x00" * 64)
        bus.publish(ForecastsStored(1))
        assert await take(messages, 1) == [ForecastsStored(1)]


async def test_a_listener_who_does_not_read_is_cut_off_within_one_process() -> None:
    bus = MemoryMeeting().event_bus()
    async with bus.listen() as messages:
        for offset in range(LIMITS.messages_max + 1):
            bus.publish(EngineAlive(1, offset, ()))
        assert len(await take(messages, LIMITS.messages_max)) == LIMITS.messages_max
        with pytest.raises(BusUnavailableError):
            await take(messages, 1)
