"""`sectorwars serve` as it is, with one more publisher in it, whose pace the standard input sets.

A line `FRAMES WRITES_PER_SECOND` has so many indices published together, so often; 0 writes a
second: as often as the event loop comes round; 0 frames: none. They pass through the same hub as
all that the galaxy publishes: placed, encoded, signed, and written to whoever subscribed.
"""

from __future__ import annotations

import asyncio
import dataclasses
import itertools
from collections.abc import Awaitable, Callable

from pace import INPUT, read_pace

from sectorwars.cli import main
from sectorwars.domain.commodity import COMMODITIES
from sectorwars.domain.values import UnixMicros
from sectorwars.gateway.gateway import Gateway
from sectorwars.protocol.publication import FrameType, Publication, market_channel
from sectorwars.protocol.shapes.market import MarketRealtime

Run = Callable[[Gateway], Awaitable[None]]


class Feed:
    """Publishes the indices as they stood at the start, each time under a new version."""

    def __init__(self, gateway: Gateway, figures: list[MarketRealtime]) -> None:
        self._gateway = gateway
        self._figures = figures
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
                self._publish(self._gateway.moment().wall)
                await asyncio.sleep(0)
            else:
                await self._run_paced()

    async def _run_paced(self) -> None:
        loop = asyncio.get_running_loop()
        begun, wall = loop.time(), self._gateway.moment().wall
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
        self._gateway._hub.publish(
            [
                Publication(
                    market_channel(good),
                    FrameType.MARKET_UPDATE,
                    dataclasses.replace(figures, version=version),
                    at,
                    conflatable=True,
                )
                for good, figures in zip(
                    COMMODITIES[: self._frames], self._figures[: self._frames], strict=True
                )
            ]
        )


def fed(run: Run) -> Run:
    """Return what runs a gateway with a feed beside it."""

    async def run_both(gateway: Gateway) -> None:
        feed = Feed(gateway, [gateway._snapshots.market_realtime(good) for good in COMMODITIES])
        feed.listen()
        async with asyncio.TaskGroup() as group:
            group.create_task(run(gateway))
            group.create_task(feed.run())

    return run_both


if __name__ == "__main__":
    Gateway.run = fed(Gateway.run)  # type: ignore[method-assign]
    main()
