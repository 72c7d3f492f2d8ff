"""The running galaxy: writer and projection, brought to life from the store and kept alive."""

import asyncio
from collections.abc import Callable
from typing import Final

from sectorwars.application.galaxy.birth import UniversePlan, newborn, prehistory
from sectorwars.application.galaxy.catch_up import committed_after
from sectorwars.application.galaxy.standby import Loaded, Standby
from sectorwars.application.ports import (
    Clock,
    EventStore,
    LeaseLostError,
    MarketArchive,
    StoreUnavailableError,
)
from sectorwars.application.reading.forecast_board import ForecastBoard
from sectorwars.application.reading.market_board import MarketBoard
from sectorwars.application.reading.projection import Committed, Projection
from sectorwars.application.rows import (
    Lease,
    StoredState,
)
from sectorwars.application.state.market_fold import with_market_folded
from sectorwars.application.state.recovery import restore
from sectorwars.application.writing.command_processor import Recovered
from sectorwars.application.writing.market_recorder import MarketRecorder
from sectorwars.application.writing.writer import Writer
from sectorwars.domain.event import UniverseCreated
from sectorwars.domain.values import (
    TICKS_PER_GAME_DAY,
    TICKS_PER_GAME_HOUR,
    Tick,
    UnixMicros,
    div_floor,
)
from sectorwars.engine.world import World
from sectorwars.protocol.signing import FrameSigner

_STAND_BY_SECONDS: Final = 0.1


class Galaxy:
    """Takes the lease, rebuilds the writer, and brings the projection to the store's head."""

    def __init__(
        self,
        store: EventStore,
        archive: MarketArchive,
        clock: Clock,
        plan: UniversePlan,
        holder: str,
        forecasts: ForecastBoard,
        signer: FrameSigner,
    ) -> None:
        """Write as `holder`; `plan` is used where no universe has been born yet.

        Rules and market figures read the forecasts that are posted on `forecasts`; `signer` signs
        quotes.
        """
        self.forecasts = forecasts
        self.store = store
        self.archive = archive
        self._clock = clock
        self._plan = plan
        self._holder = holder
        self._signer = signer
        self._projection: Projection | None = None
        self._lease: Lease | None = None
        self._standby: Standby | None = None

    @property
    def lease(self) -> Lease:
        """Return the lease that is held; there is one after the first `recover`."""
        if self._lease is None:
            raise RuntimeError("the lease has not been taken")
        return self._lease

    @property
    def projection(self) -> Projection:
        """Return the committed world; there is one after the first `recover`."""
        if self._projection is None:
            raise RuntimeError("the galaxy has not been brought to life")
        return self._projection

    async def recover(
        self, take_over: Callable[[Committed], None], on_birth: Callable[[int, int], None]
    ) -> Recovered:
        """Take the lease and rebuild the writer from the store.

        `take_over` gets what was committed without the projection's knowledge, and has the
        projection apply it; `on_birth` sees the progress of a universe's birth.

        Raises:
            LeaseLostError: another live writer holds the lease.
            StoreUnavailableError: the store cannot be reached.
            CommitFailedError: the birth of a universe could not be made durable.
        """
        lease = await self.store.acquire_lease(self._holder)
        self._lease = lease
        loaded = None if self._standby is None else await self._standby.finish()
        if loaded is None or loaded.writer.world.tick < 0:
            writer = await self._load_writing(lease, take_over, on_birth)
        else:
            writer, self._projection = loaded
        return Recovered(writer, lease, await self._latest(writer.last_offset))

    async def stand_by(
        self, take_over: Callable[[Committed], None], on_birth: Callable[[int, int], None]
    ) -> Recovered:
        """Wait until no live writer holds the lease any more, then `recover`.

        Meanwhile the log is followed, so that how long a recovery takes then does not depend on
        the size of the galaxy.
        """
        following: asyncio.Task[None] | None = None
        try:
            while True:
                try:
                    return await self.recover(take_over, on_birth)
                except (LeaseLostError, StoreUnavailableError):
                    if following is None:
                        self._standby = Standby(self.store, self.archive, self._clock, self._load)
                        following = asyncio.create_task(self._standby.run())
                done, _ = await asyncio.wait({following}, timeout=_STAND_BY_SECONDS)
                for failed in done:
                    await failed
        finally:
            self._standby = None
            if following is not None:
                following.cancel()

    async def _load_writing(
        self,
        lease: Lease,
        take_over: Callable[[Committed], None],
        on_birth: Callable[[int, int], None],
    ) -> Writer:
        """Load what nobody else changes, after the birth of the universe where that is due."""
        state = await self._settled()
        if state is None or state.checkpoint.tick < 0:
            writer = newborn(self._plan.create()) if state is None else await self._writer(state)
            del state
            async for batch in prehistory(writer, self._clock.now(), on_birth):
                await self.store.append(lease, batch)
            del writer
            state = await self._settled()
            if state is None:
                raise RuntimeError("the universe that was born is not in the store")
        if self._projection is None:
            writer, self._projection = await self._worlds(state)
        else:
            writer = await self._writer(state)
            await self._catch_up(take_over)
        return writer

    async def _load(self) -> Loaded | None:
        state = await self._settled()
        return None if state is None else await self._worlds(state)

    async def _worlds(self, state: StoredState) -> Loaded:
        writer = await self._writer(state)
        return Loaded(
            writer,
            await fresh_projection(state, self.archive, self.forecasts, self._clock.now()),
        )

    async def _latest(self, last_offset: int) -> UnixMicros:
        """Return the real time of the last event, before which nothing may happen any more."""
        [last] = await self.store.events_after(last_offset - 1, 1)
        return UnixMicros(0) if isinstance(last.event, UniverseCreated) else last.event.at

    async def _settled(self) -> StoredState | None:
        state = await self.store.load()
        return None if state is None else with_market_folded(state)

    async def _writer(self, state: StoredState) -> Writer:
        world = restore(state)
        writer = Writer(
            world,
            await self._recorder(world),
            state.last_offset,
            self.forecasts.confidence_milli,
            self._signer,
        )
        # Or else the first tick would take a second or two of a great galaxy.
        writer.prepare_tick(0, 1)
        return writer

    async def _recorder(self, world: World) -> MarketRecorder:
        day = div_floor(world.tick - 1, TICKS_PER_GAME_DAY) * TICKS_PER_GAME_DAY
        hour = div_floor(world.tick - 1, TICKS_PER_GAME_HOUR) * TICKS_PER_GAME_HOUR
        minutes = await self.archive.index_candles("1m", world.tick, world.tick - day)
        ticks = await self.archive.tick_prices(Tick(hour - 1), TICKS_PER_GAME_HOUR + 1)
        recorder = MarketRecorder()
        # Another writer may have recorded more since the world was loaded.
        recorder.resume(
            [minute for minute in minutes if minute.start >= day],
            [prices for prices in ticks if prices.market.tick <= world.tick],
        )
        return recorder

    async def _catch_up(self, take_over: Callable[[Committed], None]) -> None:
        async for committed in committed_after(self.store, self.archive, self.projection.offset):
            take_over(committed)


async def fresh_projection(
    state: StoredState, archive: MarketArchive, forecasts: ForecastBoard, now: UnixMicros
) -> Projection:
    """Return the committed world as of `state`, with the quotes of its last game day."""
    world = restore(state)
    board = MarketBoard(forecasts)
    after = Tick(world.tick - TICKS_PER_GAME_DAY - 1)
    for prices in await archive.index_prices(after, TICKS_PER_GAME_DAY + 1):
        # A writer may have recorded more since the state was loaded.
        if prices.tick <= world.tick:
            board.post(prices, now)
    return Projection(world, board, state.last_offset)
