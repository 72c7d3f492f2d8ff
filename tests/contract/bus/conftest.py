"""The two buses as places where gateways and engines meet, and which can go away."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any, Protocol

import pytest
from redis.asyncio import Redis
from tests.redis_server import RedisServer

from sectorwars.application.bus import CommandBus, CommandQueue, EventBus, SharedWindow
from sectorwars.bus.limits import BusLimits
from sectorwars.bus.memory.broker import MemoryBroker
from sectorwars.bus.memory.command_bus import MemoryCommandBus
from sectorwars.bus.memory.command_queue import MemoryCommandQueue
from sectorwars.bus.memory.event_bus import MemoryEventBus
from sectorwars.bus.memory.shared_window import MemorySharedWindow
from sectorwars.bus.redis.command_bus import RedisCommandBus
from sectorwars.bus.redis.command_queue import RedisCommandQueue
from sectorwars.bus.redis.connection import open_redis
from sectorwars.bus.redis.event_bus import RedisEventBus
from sectorwars.bus.redis.shared_window import RedisSharedWindow
from sectorwars.bus.seal import KEY_BYTES, Seal
from sectorwars.clock import SystemClock

LIMITS = BusLimits(commands_max=4, messages_max=64)
PATIENT_SECONDS = 10.0


@contextlib.asynccontextmanager
async def running(*parts: Callable[[], Coroutine[Any, Any, None]]) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(part()) for part in parts]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        assert all(isinstance(result, asyncio.CancelledError) for result in results), results


class Meeting(Protocol):
    """Where the processes of one galaxy meet."""

    def command_bus(self, gateway: str, limits: BusLimits = LIMITS) -> CommandBus:
        """Return a gateway's side; its `run` is for the test to start."""
        ...

    def command_queue(self) -> CommandQueue:
        """Return an engine's side."""
        ...

    def event_bus(self) -> EventBus:
        """Return a process's bus of messages; its `run` is for the test to start."""
        ...

    def shared_window(self, what: str, limit: int, seconds: int) -> SharedWindow:
        """Return a process's side of a limit."""
        ...

    async def go_away(self) -> None:
        """Break off with everybody and forget what was waiting."""
        ...

    async def come_back(self) -> None:
        """Be reachable again."""
        ...


class MemoryMeeting:
    """All in this process."""

    def __init__(self) -> None:
        self._broker = MemoryBroker()

    def command_bus(self, gateway: str, limits: BusLimits = LIMITS) -> CommandBus:
        return MemoryCommandBus(self._broker, SystemClock(), limits)

    def command_queue(self) -> CommandQueue:
        return MemoryCommandQueue(self._broker)

    def event_bus(self) -> EventBus:
        return MemoryEventBus(self._broker, LIMITS)

    def shared_window(self, what: str, limit: int, seconds: int) -> SharedWindow:
        return MemorySharedWindow(self._broker, SystemClock(), what, limit, seconds)

    async def go_away(self) -> None:
        self._broker.go_away()

    async def come_back(self) -> None:
        self._broker.come_back()


class RedisMeeting:
    """At a real Redis; every part has a client of its own, as processes have."""

    def __init__(self, server: RedisServer) -> None:
        self.server = server
        self.seal = Seal(bytes(KEY_BYTES))
        self.clients = [open_redis(server.url)]

    def command_bus(self, gateway: str, limits: BusLimits = LIMITS) -> CommandBus:
        return RedisCommandBus(self._client(), self.seal, SystemClock(), gateway, limits)

    def command_queue(self) -> CommandQueue:
        return RedisCommandQueue(self._client(), self.seal, SystemClock())

    def event_bus(self) -> EventBus:
        return RedisEventBus(self._client(), self.seal, LIMITS)

    def shared_window(self, what: str, limit: int, seconds: int) -> SharedWindow:
        return RedisSharedWindow(self._client(), self.seal, what, limit, seconds)

    async def go_away(self) -> None:
        self.server.kill()

    async def come_back(self) -> None:
        await asyncio.to_thread(self.server.start)

    def _client(self) -> Redis:
        self.clients.append(open_redis(self.server.url))
        return self.clients[-1]


@pytest.fixture
async def redis_meeting() -> AsyncIterator[RedisMeeting]:
    with RedisServer() as server:
        meeting = RedisMeeting(server)
        yield meeting
        for client in meeting.clients:
            await client.aclose()


@pytest.fixture(params=["memory", pytest.param("redis", marks=pytest.mark.redis)])
async def meeting(request: pytest.FixtureRequest) -> AsyncIterator[Meeting]:
    if request.param == "memory":
        yield MemoryMeeting()
        return
    with RedisServer() as server:
        redis = RedisMeeting(server)
        yield redis
        for client in redis.clients:
            await client.aclose()
