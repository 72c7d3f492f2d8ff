"""An engine that waits: its worlds, kept at the head of another writer's log."""

import asyncio
import math
from collections.abc import Awaitable, Callable
from typing import Final, NamedTuple

import structlog

from sectorwars.application.galaxy.catch_up import LogGapError, committed_after
from sectorwars.application.ports import Clock, EventStore, MarketArchive, StoreUnavailableError
from sectorwars.application.reading.projection import Projection
from sectorwars.application.writing.writer import Writer
from sectorwars.observability.metrics import STANDBY_BEHIND_SECONDS

_FOLLOW_SECONDS: Final = 0.25
"""How long the log is left alone once its head has been reached."""

_LOG = structlog.get_logger(__name__)


class Loaded(NamedTuple):
    """A writer and a projection with the same past, each with a world of its own."""

    writer: Writer
    projection: Projection


class Standby:
    """Loads once, then follows the log, so that there is little left to do at a takeover.

    All that both worlds are made of is in the log, or follows from it, as it does for the writer
    that is at work. Should the log not be kept any more where the worlds are, they are loaded anew.
    """

    def __init__(
        self,
        store: EventStore,
        archive: MarketArchive,
        clock: Clock,
        load: Callable[[], Awaitable[Loaded | None]],
    ) -> None:
        """Follow `store`; `load` returns what it holds, or None before a universe is born."""
        self._store = store
        self._archive = archive
        self._clock = clock
        self._load = load
        self._loaded: Loaded | None = None
        self._following = asyncio.Lock()
        self._at_head_monotonic = -math.inf

    async def run(self) -> None:
        """Follow until cancelled, whenever the store can be reached."""
        STANDBY_BEHIND_SECONDS.set_function(
            lambda: self._clock.monotonic() - self._at_head_monotonic
        )
        try:
            while True:
                try:
                    async with self._following:
                        await self._follow()
                except StoreUnavailableError as reason:
                    _LOG.warning("store_unavailable", reason=str(reason))
                await asyncio.sleep(_FOLLOW_SECONDS)
        finally:
            STANDBY_BEHIND_SECONDS.set_function(lambda: 0.0)

    async def finish(self) -> Loaded | None:
        """Return the worlds with all that was committed; nobody may commit any more.

        It is None where no universe has been born.

        Raises:
            StoreUnavailableError: the store cannot be reached.
        """
        async with self._following:
            begun = self._clock.monotonic()
            behind_seconds = begun - self._at_head_monotonic
            events = await self._follow()
            if self._loaded is not None:
                _LOG.info(
                    "standby_takes_over",
                    behind_seconds=round(behind_seconds, 3),
                    events=events,
                    milliseconds=round(1_000 * (self._clock.monotonic() - begun)),
                )
            return self._loaded

    async def _follow(self) -> int:
        """Go on to the head of the log; return how many events that took."""
        events = 0
        while True:
            if self._loaded is None:
                await self._load_anew()
            if self._loaded is None:
                return events
            writer, projection = self._loaded
            try:
                async for committed in committed_after(
                    self._store, self._archive, projection.offset
                ):
                    projection.apply(committed)
                    writer.follow(committed.events)
                    events += len(committed.events)
            except LogGapError as reason:
                _LOG.warning("standby_fell_behind", reason=str(reason))
                self._loaded = None
                self._at_head_monotonic = -math.inf
            else:
                self._at_head_monotonic = self._clock.monotonic()
                return events

    async def _load_anew(self) -> None:
        begun = self._clock.monotonic()
        self._loaded = await self._load()
        if self._loaded is not None:
            _LOG.info(
                "standby_loaded",
                offset=self._loaded.writer.last_offset,
                milliseconds=round(1_000 * (self._clock.monotonic() - begun)),
            )
