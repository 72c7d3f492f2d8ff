"""What a reader of published frames has had, each as the text of the whole frame."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from tests.integration.server.players import NativePlayer
from websockets.exceptions import ConnectionClosed

from sectorwars.protocol.delta import rebuilt, whole_text


class FrameLog:
    """Keeps texts by channel, epoch and offset; a delta is kept as the frame that it makes."""

    def __init__(self, native: NativePlayer) -> None:
        self.texts: dict[str, dict[tuple[str, int], str]] = defaultdict(dict)
        self.forms: Counter[str] = Counter()
        self.bytes = 0
        self._native = native
        self._bases: dict[str, dict[str, Any]] = {}

    def offset(self, channel: str) -> int:
        """Return the newest offset of a channel; 0 where nothing has come."""
        return max((offset for _, offset in self.texts[channel]), default=0)

    async def subscribe(self, channels: Sequence[str], *, deltas: bool) -> None:
        """Subscribe, before anything is listened to."""
        data = {"channels": list(channels), "deltas": deltas}
        answer = await self._native.ask("subscribe", data)
        assert answer["type"] == "subscribed", answer

    async def listen(self) -> None:
        """Take what comes, until the connection is closed."""
        with contextlib.suppress(ConnectionClosed):
            while True:
                self.take(await self._native.socket.recv(decode=True))

    def take(self, text: str) -> None:
        """Take a text message."""
        frame = json.loads(text)
        if "offset" not in frame:
            return
        channel = frame["channel"]
        self.bytes += len(text)
        self.forms["delta" if frame["type"] == "delta" else "whole"] += 1
        if frame["type"] == "delta":
            frame = rebuilt(self._bases[channel], frame)
            text = whole_text(frame).decode()
        self._bases[channel] = frame
        known = self.texts[channel].setdefault((frame["epoch"], frame["offset"]), text)
        assert known == text


@asynccontextmanager
async def listening(*logs: FrameLog) -> AsyncIterator[None]:
    """Let logs listen until the block ends; what fails in one of them fails the test."""
    async with asyncio.TaskGroup() as tasks:
        listeners = [tasks.create_task(log.listen()) for log in logs]
        yield
        for listener in listeners:
            listener.cancel()


async def caught_up(logs: Sequence[FrameLog], with_log: FrameLog) -> None:
    """Wait until the logs have had all that one of them has had up to now."""
    aims = {channel: with_log.offset(channel) for channel in list(with_log.texts)}
    await until(
        lambda: all(log.offset(channel) >= aim for log in logs for channel, aim in aims.items())
    )


async def until(holds: Callable[[], bool]) -> None:
    """Look again and again until it holds."""
    async with asyncio.timeout(60):
        while not holds():  # noqa: ASYNC110 - it is another process that makes it true
            await asyncio.sleep(0.01)


def assert_equal(one: FrameLog, other: FrameLog) -> int:
    """Hold what both have had to be the same texts; return how many frames that are."""
    count = 0
    assert one.texts.keys() == other.texts.keys()
    for channel, texts in one.texts.items():
        both = texts.keys() & other.texts[channel].keys()
        assert both
        assert {place: texts[place] for place in both} == {
            place: other.texts[channel][place] for place in both
        }
        count += len(both)
    return count


def assert_without_gaps(log: FrameLog) -> None:
    """Hold that every frame from the first to the newest has come."""
    for texts in log.texts.values():
        offsets = sorted(offset for _, offset in texts)
        assert offsets == list(range(offsets[0], offsets[-1] + 1))
