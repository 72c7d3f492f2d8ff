"""A projection that follows the engine: every event once and in order, whatever the bus does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest
from tests.small_core import BUY_10, SmallCore, running_core, virtual
from tests.small_galaxy import NOW, PLAYER

from sectorwars.application.account import SessionId
from sectorwars.application.alerts.alert import AlertId
from sectorwars.application.bus import (
    AlertsTurned,
    BatchCommitted,
    ChannelPlace,
    ChannelsPlaced,
    ChannelsWanted,
    EngineAlive,
    ForecastsStored,
    PlayerArrived,
    RelayedFrame,
    SessionEnded,
)
from sectorwars.application.galaxy.catch_up import LogGapError, committed_after
from sectorwars.application.galaxy.running import fresh_projection
from sectorwars.application.processes.follower import (
    SILENCE_SECONDS_MAX,
    WANTED_EVERY_SECONDS,
    Follower,
)
from sectorwars.application.reading import views
from sectorwars.application.reading.forecast_board import ForecastBoard
from sectorwars.application.reading.projection import Committed
from sectorwars.application.rows import LoggedEvent
from sectorwars.bus.limits import BusLimits
from sectorwars.bus.memory.broker import MemoryBroker
from sectorwars.bus.memory.event_bus import MemoryEventBus
from sectorwars.domain.event import TickAdvanced
from sectorwars.domain.values import Tick, UnixMicros
from sectorwars.forecasting.champion import Forecast
from sectorwars.persistence.memory.forecast_store import MemoryForecastStore
from sectorwars.persistence.memory.market_archive import MemoryMarketArchive
from sectorwars.protocol.publication import FrameType
from sectorwars.simulation.virtual_time import VirtualClock

KEYS = (b"key", b"other key")
FRAME = RelayedFrame(
    ChannelPlace("market.ore", "market.ore", "e1", 1),
    FrameType.MARKET_UPDATE,
    UnixMicros(1),
    None,
    conflatable=True,
    payload=b"{}",
)


class Channels:
    """Keeps what it is told, and that the projection was there first."""

    def __init__(self) -> None:
        self.placed: list[ChannelPlace] = []
        self.relayed: list[RelayedFrame] = []

    def channels(self) -> Sequence[str]:
        return ("market.ore",)

    def place(self, places: Iterable[ChannelPlace]) -> None:
        self.placed.extend(places)

    def relay(self, frames: Iterable[RelayedFrame]) -> None:
        self.relayed.extend(frames)


class Sessions:
    """Keeps what it hears."""

    def __init__(self) -> None:
        self.ended: list[SessionId] = []
        self.caught_up = 0

    def note_ended(self, message: SessionEnded) -> None:
        self.ended.append(message.sid)

    async def catch_up(self) -> None:
        self.caught_up += 1


class News:
    """Keeps what is told."""

    def __init__(self) -> None:
        self.heard: list[object] = []
        self.caught_up = 0

    def hear(self, message: object) -> None:
        self.heard.append(message)

    async def catch_up(self) -> None:
        self.caught_up += 1


class CountedForecasts(MemoryForecastStore):
    """Counts how often it is read."""

    def __init__(self) -> None:
        super().__init__()
        self.reads = 0

    async def latest(self) -> list[Forecast]:
        self.reads += 1
        return await super().latest()


class Scene:
    """A core whose log grows, and a follower that hears of it what a test lets it hear."""

    def __init__(self, core: SmallCore) -> None:
        self.core = core
        self.broker = MemoryBroker()
        self.bus = MemoryEventBus(self.broker, BusLimits())
        self.channels = Channels()
        self.sessions = Sessions()
        self.news = News()
        self.forecasts = CountedForecasts()
        self.observed: list[LoggedEvent] = []
        self.stale: list[bool] = []
        self.asked = 0
        self.head = 0

    async def open(self) -> None:
        state = await self.core.store.load()
        assert state is not None
        archive = MemoryMarketArchive(self.core.disk)
        clock = self.core.clock
        self.projection = await fresh_projection(state, archive, ForecastBoard(), clock.now())
        self.head = self.projection.offset
        self.follower = Follower(
            self.projection,
            self.core.store,
            archive,
            self.forecasts,
            self.bus,
            self.channels,
            self.sessions,
            self.news,
            lambda committed: self.observed.extend(committed.events),
            self.stale.append,
        )

    async def count_questions(self) -> None:
        async with self.bus.listen() as messages:
            async for message in messages:
                self.asked += isinstance(message, ChannelsWanted)

    async def batch(self) -> Committed:
        """What the engine has committed since the last of these."""
        archive = MemoryMarketArchive(self.core.disk)
        events: list[LoggedEvent] = []
        prices: list[Any] = []
        async for page in committed_after(self.core.store, archive, self.head):
            events.extend(page.events)
            prices.extend(page.index_prices)
        self.head = self.core.disk.last_offset
        return Committed(tuple(events), tuple(prices))

    async def say(self, *messages: Any) -> None:
        """Say something and let it be heard."""
        for message in messages:
            self.bus.publish(message)
        await asyncio.sleep(0.001)


def scene(
    test: Callable[[Scene], Coroutine[Any, Any, None]],
) -> Callable[[], None]:
    """Make a test of a coroutine function with a follower that runs."""

    async def run(clock: VirtualClock) -> None:
        async with running_core(clock) as core, _followed(Scene(core)) as opened:
            await test(opened)

    run.__name__, run.__doc__ = test.__name__, test.__doc__
    return virtual(run)


@asynccontextmanager
async def _followed(opened: Scene) -> AsyncIterator[Scene]:
    await opened.open()
    counting = asyncio.create_task(opened.count_questions())
    following = asyncio.create_task(opened.follower.run())
    await asyncio.sleep(0.001)
    yield opened
    assert not following.done()
    counting.cancel()
    following.cancel()
    await asyncio.gather(counting, following, return_exceptions=True)


def in_order(opened: Scene) -> bool:
    """Whether each event since the start was taken over once."""
    offsets = [logged.offset for logged in opened.observed]
    return offsets == list(range(offsets[0], opened.projection.offset + 1))


@scene
async def test_a_batch_is_taken_over_and_its_frames_are_handed_on(opened: Scene) -> None:
    await opened.core.tick(1)
    await opened.core.executed(BUY_10)
    committed = await opened.batch()
    await opened.say(BatchCommitted(1, committed, (FRAME,)))
    assert opened.observed == list(committed.events)
    assert opened.channels.relayed == [FRAME]
    assert opened.follower.live
    theirs = opened.core.galaxy.projection
    assert views.account_state(opened.projection.world, PLAYER, NOW) == views.account_state(
        theirs.world, PLAYER, NOW
    )
    for port_id in theirs.world.ports:
        assert views.port_market(opened.projection.world, port_id, NOW) == views.port_market(
            theirs.world, port_id, NOW
        )


@scene
async def test_a_batch_that_comes_twice_or_in_part_is_taken_over_once(opened: Scene) -> None:
    await opened.core.tick(1)
    first = await opened.batch()
    await opened.core.tick(1)
    second = await opened.batch()
    both = Committed(first.events + second.events, first.index_prices + second.index_prices)
    await opened.say(
        BatchCommitted(1, first, ()), BatchCommitted(1, first, ()), BatchCommitted(1, both, ())
    )
    assert opened.observed == list(both.events)


@scene
async def test_a_missed_batch_is_read_from_the_log_and_the_holes_are_asked_for(
    opened: Scene,
) -> None:
    await opened.say(ChannelsPlaced(1, ()))
    asked = opened.asked
    await opened.core.tick(2)
    await opened.batch()
    await opened.core.tick(1)
    await opened.say(BatchCommitted(1, await opened.batch(), ()))
    assert opened.projection.offset == opened.core.disk.last_offset
    assert in_order(opened)
    assert opened.asked == asked + 1


@scene
async def test_a_missed_last_batch_is_noticed_by_the_heartbeat(opened: Scene) -> None:
    await opened.core.tick(1)
    await opened.say(EngineAlive(1, opened.core.disk.last_offset, KEYS))
    assert opened.projection.offset == opened.core.disk.last_offset
    assert in_order(opened)


@scene
async def test_what_was_committed_during_an_outage_is_made_up_for(opened: Scene) -> None:
    opened.broker.go_away()
    await asyncio.sleep(0.01)
    assert not opened.follower.live
    await opened.core.tick(1)
    opened.broker.come_back()
    await asyncio.sleep(1)
    assert opened.projection.offset == opened.core.disk.last_offset
    assert opened.sessions.caught_up == opened.news.caught_up == 2


@scene
async def test_an_engine_that_says_nothing_leaves_the_picture_stale(opened: Scene) -> None:
    await opened.say(EngineAlive(1, 0, KEYS), EngineAlive(1, 0, KEYS))
    assert opened.follower.live
    await asyncio.sleep(SILENCE_SECONDS_MAX + 0.1)
    assert not opened.follower.live
    await asyncio.sleep(1)
    await opened.say(EngineAlive(1, 0, KEYS))
    assert opened.follower.live
    assert opened.stale == [False, True, False]


@scene
async def test_an_engine_that_was_replaced_is_not_listened_to(opened: Scene) -> None:
    await opened.say(EngineAlive(2, 0, KEYS))
    await opened.core.tick(1)
    stale = await opened.batch()
    await opened.say(BatchCommitted(1, stale, (FRAME,)))
    assert opened.channels.relayed == []
    assert opened.observed == []


@scene
async def test_the_question_is_repeated_until_the_engine_answers(opened: Scene) -> None:
    await opened.say(EngineAlive(1, 0, KEYS), EngineAlive(1, 0, KEYS))
    unanswered = opened.asked
    assert unanswered >= 2
    place = ChannelPlace("market.ore", "market.ore", "e1", 4)
    await opened.say(ChannelsPlaced(1, (place,)), EngineAlive(1, 0, KEYS))
    assert opened.asked == unanswered
    assert opened.channels.placed == [place]
    assert opened.follower.engine_keys == KEYS


@scene
async def test_channels_are_wanted_as_long_as_they_are_listened_to(opened: Scene) -> None:
    await opened.say(ChannelsPlaced(1, ()))
    asked = opened.asked
    for _ in range(int(WANTED_EVERY_SECONDS)):
        await asyncio.sleep(1)
        await opened.say(ChannelsPlaced(1, ()))
    assert opened.asked == asked + 1


@scene
async def test_ended_sessions_and_new_forecasts_are_heard_of(opened: Scene) -> None:
    reads = opened.forecasts.reads
    await opened.say(SessionEnded(SessionId("s_1"), UnixMicros(1)), ForecastsStored(1))
    assert opened.sessions.ended == ["s_1"]
    assert opened.forecasts.reads == reads + 1


@scene
async def test_news_are_handed_on_but_not_those_of_an_engine_that_was_replaced(
    opened: Scene,
) -> None:
    arrived = PlayerArrived("g1", PLAYER)
    turned = AlertsTurned(2, ((AlertId("al_1"), True),))
    await opened.say(arrived)
    # Gateways do not show that the engine lives.
    assert not opened.follower.live
    await opened.say(turned, AlertsTurned(1, ()))
    assert opened.news.heard == [arrived, turned]


@scene
async def test_waiting_for_an_offset_ends_with_its_batch_or_is_made_up_from_the_log(
    opened: Scene,
) -> None:
    await opened.core.tick(1)
    committed = await opened.batch()
    waiting = asyncio.create_task(opened.follower.reached(committed.events[-1].offset))
    await asyncio.sleep(0.001)
    assert not waiting.done()
    await opened.say(BatchCommitted(1, committed, ()))
    assert waiting.done()
    await opened.core.tick(1)
    await opened.follower.reached(opened.core.disk.last_offset)
    assert opened.projection.offset == opened.core.disk.last_offset


@scene
async def test_catching_up_on_many_ticks_lets_others_have_their_turn(opened: Scene) -> None:
    await opened.core.tick(130)
    turns = 0

    async def take_turns() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    archive = MemoryMarketArchive(opened.core.disk)
    other = asyncio.create_task(take_turns())
    pages = [page async for page in committed_after(opened.core.store, archive, opened.head)]
    other.cancel()
    assert turns >= len(pages) >= 3
    events = [logged for page in pages for logged in page.events]
    assert [logged.offset for logged in events] == [
        *range(opened.head + 1, opened.core.disk.last_offset + 1)
    ]
    for page in pages:
        ticks = [each.event.tick for each in page.events if isinstance(each.event, TickAdvanced)]
        assert [prices.tick for prices in page.index_prices] == ticks


async def test_a_log_that_was_pruned_is_no_way_to_catch_up() -> None:
    class Pruned:
        async def events_after(self, offset: int, limit: int) -> list[LoggedEvent]:
            tick = TickAdvanced(Tick(1), UnixMicros(1), ())
            return [LoggedEvent(offset + 1, tick), LoggedEvent(offset + 3, tick)]

    with pytest.raises(LogGapError):
        await anext(committed_after(Pruned(), None, 4))  # type: ignore[arg-type]
