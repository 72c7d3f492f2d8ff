"""A real uvicorn server on a free port, with a gateway as its WebSocket side."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

import uvicorn
from tests.unit.gateway.doubles import Surroundings

from sectorwars.gateway.http_protocol import HttpPatience, build_http_protocol
from sectorwars.gateway.server import UpgradePolicy, build_ws_protocol


@dataclass
class Served:
    """A gateway that is served on a port of the loopback address."""

    port: int
    surroundings: Surroundings

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/ws/realtime"


class _Server(uvicorn.Server):
    """Says when it listens, and leaves the test run's signals alone."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.listening.set()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def _not_found(
    scope: dict[str, Any],
    receive: Callable[[], Awaitable[Any]],
    send: Callable[[Any], Awaitable[None]],
) -> None:
    while (await receive()).get("more_body"):
        pass
    headers = [(b"content-length", b"0")]
    await send({"type": "http.response.start", "status": 404, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


@asynccontextmanager
async def serve(
    surroundings: Surroundings,
    policy: UpgradePolicy | None = None,
    patience: HttpPatience | None = None,
    app: Callable[..., Awaitable[None]] | None = None,
) -> AsyncIterator[Served]:
    """Serve the gateway, and `app` over HTTP, until the block ends."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    server = _Server(
        uvicorn.Config(
            app or _not_found,
            http=build_http_protocol(surroundings.gateway, patience or HttpPatience()),
            ws=build_ws_protocol(surroundings.gateway, policy or UpgradePolicy()),
            lifespan="off",
            log_level="warning",
        )
    )
    task = asyncio.create_task(server.serve([listening]))
    await server.listening.wait()
    try:
        yield Served(listening.getsockname()[1], surroundings)
    finally:
        server.should_exit = True
        await task
