"""A gateway's projection, kept at the head of the log by what the bus brings and the log has."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from typing import Final, Protocol, assert_never

import structlog

from sectorwars.application.bus import (
    AlertsTurned,
    BatchCommitted,
    BusMessage,
    BusUnavailableError,
    ChannelPlace,
    ChannelsPlaced,
    ChannelsWanted,
    EngineAlive,
    EventBus,
    ForecastsStored,
    GatewayNews,
    RelayedFrame,
    SessionEnded,
)
from sectorwars.application.galaxy.catch_up import committed_after
from sectorwars.application.ports import (
    EventStore,
    ForecastStore,
    MarketArchive,
    StoreUnavailableError,
)
from sectorwars.application.reading.projection import Committed, Projection
from sectorwars.domain.event import TickAdvanced

SILENCE_SECONDS_MAX: Final = 4.0
"""How long the engine may say nothing before what is shown counts as stale."""
REACH_SECONDS_MAX: Final = 2.0
"""How long a message of the bus may be behind an answer before the log is asked."""
WANTED_EVERY_SECONDS: Final = 20.0
_RECONNECT_SECONDS: Final = 0.2

_LOG = structlog.get_logger(__name__)


class Channels(Protocol):
    """The channels of this process, which follow the engine's."""

    def channels(self) -> Sequence[str]:
        """Return the channels that are to be relayed."""
        ...

    def place(self, places: Iterable[ChannelPlace]) -> None:
        """Take the engine's word where channels are."""
        ...

    def relay(self, frames: Iterable[RelayedFrame]) -> None:
        """Hand the engine's frames on."""
        ...


class Sessions(Protocol):
    """The sign-in sessions that were ended, here or elsewhere."""

    def note_ended(self, message: SessionEnded) -> None:
        """Take note of a session that was ended at another gateway."""
        ...

    async def catch_up(self) -> None:
        """Learn from the store which sessions were ended unheard."""
        ...


class News(Protocol):
    """What gateways tell each other."""

    def hear(self, message: GatewayNews | AlertsTurned) -> None:
        """Take note of what was told, perhaps by this process itself."""
        ...

    async def catch_up(self) -> None:
        """Learn from the store what was told unheard."""
        ...


class Follower:
    """Applies each committed event once and in order, then hands its frames on.

    Batches that were seen are left out; what was missed is read from the log. Frames that were
    missed cannot be made up for here: asking the engine where its channels are shows the holes.
    """

    def __init__(
        self,
        projection: Projection,
        store: EventStore,
        archive: MarketArchive,
        forecasts: ForecastStore,
        bus: EventBus,
        channels: Channels,
        sessions: Sessions,
        news: News,
        observe: Callable[[Committed], None],
        tell_stale: Callable[[bool], None],
    ) -> None:
        """Keep `projection` up to date; `observe` is told what it has taken over.

        `tell_stale` is told True when the engine is not heard any more, False when it is again.
        """
        self._projection = projection
        self._store = store
        self._archive = archive
        self._forecasts = forecasts
        self._bus = bus
        self._channels = channels
        self._sessions = sessions
        self._news = news
        self._observe = observe
        self._tell_stale = tell_stale
        self._term = 0
        self._asked = False
        self._applying = asyncio.Lock()
        self._advanced = asyncio.Event()
        self.live = False
        self.engine_keys: tuple[bytes, ...] = ()

    async def run(self) -> None:
        """Follow until cancelled, coming back by itself when bus or store were away.

        Raises:
            LogGapError: the projection is too old for the log to bring it up to date.
        """
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._keep_wanting())
            while True:
                try:
                    async with self._bus.listen() as messages:
                        await self._follow(messages)
                except (BusUnavailableError, StoreUnavailableError, TimeoutError) as reason:
                    _LOG.warning("engine_unheard", reason=str(reason))
                finally:
                    self._become(live=False)
                await asyncio.sleep(_RECONNECT_SECONDS)

    async def reached(self, offset: int) -> None:
        """Wait until the projection has seen the event at `offset`.

        Raises:
            StoreUnavailableError: the bus has not brought it, and the log cannot be read.
        """
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(REACH_SECONDS_MAX):
                while self._projection.offset < offset:
                    self._advanced.clear()
                    await self._advanced.wait()
        if self._projection.offset < offset:
            await self._catch_up()

    async def _follow(self, messages: AsyncIterator[BusMessage]) -> None:
        # After listening has begun, so that nothing falls in between.
        await self._sessions.catch_up()
        await self._news.catch_up()
        await self._catch_up()
        await self._read_forecasts()
        self._want()
        while True:
            async with asyncio.timeout(SILENCE_SECONDS_MAX):
                message = await anext(messages)
            await self._take(message)

    async def _take(self, message: BusMessage) -> None:
        if isinstance(message, GatewayNews):
            self._news.hear(message)
            return
        match message:
            case ChannelsWanted():
                return
            case SessionEnded():
                self._sessions.note_ended(message)
                return
            case _:
                if message.term < self._term:
                    return
        if message.term > self._term:
            self._term = message.term
            self._want()
        self._become(live=True)
        match message:
            case BatchCommitted(_, committed, frames):
                await self._take_batch(committed)
                self._channels.relay(frames)
            case EngineAlive(_, offset, keys):
                self.engine_keys = keys
                if offset > self._projection.offset:
                    await self._catch_up()
                    self._want()
                elif self._asked:
                    # The engine may not have heard the question.
                    self._want()
            case ChannelsPlaced(_, places):
                self._asked = False
                self._channels.place(places)
            case ForecastsStored():
                await self._read_forecasts()
            case AlertsTurned():
                self._news.hear(message)
            case _:
                assert_never(message)

    def _become(self, *, live: bool) -> None:
        if live is not self.live:
            self.live = live
            self._tell_stale(not live)

    async def _take_batch(self, committed: Committed) -> None:
        if not committed.events:
            return
        if committed.events[0].offset > self._projection.offset + 1:
            await self._catch_up()
            self._want()
        async with self._applying:
            self._apply(_later(committed, self._projection.offset))

    async def _catch_up(self) -> None:
        async with self._applying:
            async for committed in committed_after(
                self._store, self._archive, self._projection.offset
            ):
                self._apply(committed)

    def _apply(self, committed: Committed) -> None:
        if committed.events:
            self._projection.apply(committed)
            self._observe(committed)
            self._advanced.set()

    async def _read_forecasts(self) -> None:
        self._projection.board.forecasts.post(await self._forecasts.latest())

    async def _keep_wanting(self) -> None:
        while True:
            await asyncio.sleep(WANTED_EVERY_SECONDS)
            self._want()

    def _want(self) -> None:
        self._asked = True
        self._bus.publish(ChannelsWanted(tuple(self._channels.channels())))


def _later(committed: Committed, offset: int) -> Committed:
    """Return what of a batch comes after `offset`."""
    events = tuple(logged for logged in committed.events if logged.offset > offset)
    ticks = {logged.event.tick for logged in events if isinstance(logged.event, TickAdvanced)}
    prices = tuple(prices for prices in committed.index_prices if prices.tick in ticks)
    return Committed(events, prices)
