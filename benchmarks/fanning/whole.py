"""`sectorwars serve` as it is, with one more publisher in it, whose pace the standard input sets.

A line `FRAMES WRITES_PER_SECOND` has so many indices published together, so often; 0 writes a
second: as often as the event loop comes round; 0 frames: none. They pass through the same hub as
all that the galaxy publishes: placed, encoded, signed, and written to whoever subscribed; of an
engine, through Redis to its gateways.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from figures import figures_of
from pace import INPUT, read_pace

from sectorwars.application.processes.frame_relay import FrameRelay
from sectorwars.cli import main
from sectorwars.clock import SystemClock
from sectorwars.domain.commodity import COMMODITIES
from sectorwars.domain.values import UnixMicros
from sectorwars.gateway.gateway import Gateway
from sectorwars.gateway.hub import Hub
from sectorwars.protocol.publication import FrameType, Publication, market_channel

Publish = Callable[[Sequence[Publication]], None]


class Feed:
    """Publishes the indices as they stood at the start, each time under a new version."""

    def __init__(self, publish: Publish) -> None:
        self._publish_all = publish
        self._clock = SystemClock()
        self._versions = itertools.count(1)
        self._frames = 0
        self._interval = 0.0
        self._told = asyncio.Event()

    def listen(self) -> None:
        """Take the pace from the standard input."""
        asyncio.get_running_loop().add_reader(INPUT, self._read_pace)

    async def run(self) -> None:
        """Publish at the pace that was told, each time stamped when it was due."""
        while True:
            self._told.clear()
            if self._frames == 0:
                await self._told.wait()
            elif self._interval == 0:
                self._publish(self._clock.now())
                await asyncio.sleep(0)
            else:
                await self._run_paced()

    async def _run_paced(self) -> None:
        loop = asyncio.get_running_loop()
        begun, wall = loop.time(), self._clock.now()
        for turn in itertools.count():
            due = turn * self._interval
            await asyncio.sleep(begun + due - loop.time())
            if self._told.is_set():
                return
            self._publish(UnixMicros(wall + round(due * 1_000_000)))

    def _read_pace(self) -> None:
        pace = read_pace()
        if pace is None:
            asyncio.get_running_loop().remove_reader(INPUT)
            return
        self._frames, per_second = pace
        self._interval = 1 / per_second if per_second else 0.0
        self._told.set()

    def _publish(self, at: UnixMicros) -> None:
        version = next(self._versions)
        self._publish_all(
            [
                Publication(
                    market_channel(good),
                    FrameType.MARKET_UPDATE,
                    figures_of(good, version),
                    at,
                    conflatable=True,
                )
                for good in COMMODITIES[: self._frames]
            ]
        )


def feed_gateways() -> None:
    """Have a feed run beside each gateway whose channels are its own."""
    run = Gateway.run

    async def run_fed(gateway: Gateway) -> None:
        hub = gateway.hub
        await _beside(run(gateway), hub.publish if isinstance(hub, Hub) else None)

    Gateway.run = run_fed  # type: ignore[method-assign]


def feed_engines() -> None:
    """Have a feed run beside each engine's relay of frames."""
    run = FrameRelay.run

    async def run_fed(relay: FrameRelay) -> None:
        await _beside(run(relay), relay.publish)

    FrameRelay.run = run_fed  # type: ignore[method-assign]


async def _beside(running: Coroutine[Any, Any, None], publish: Publish | None) -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(running)
        if publish is not None:
            feed = Feed(publish)
            feed.listen()
            group.create_task(feed.run())


if __name__ == "__main__":
    feed_gateways()
    feed_engines()
    main()
