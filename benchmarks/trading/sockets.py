"""The whole path: native WebSocket frames to a real server process."""

from __future__ import annotations

import asyncio
import itertools
import os
import sys
from asyncio.subprocess import DEVNULL
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import httpx
from serving import free_port
from serving.socket_client import NativeClient

from trading.group_commit import QUANTITY
from trading.load import Trade as MakeTrade

_START_SECONDS_MAX = 120.0
LIMITS = {
    "SECTORWARS_AUTH_RATE_LIMIT": "1000000",
    "SECTORWARS_TRADE_RATE_LIMIT": "1000000",
    "SECTORWARS_MESSAGE_RATE_LIMIT": "1000000",
    "SECTORWARS_CONNECTIONS_PER_ADDRESS": "1000",
    "SECTORWARS_LOG_LEVEL": "warning",
}


class _Trader:
    """A native connection whose player buys and sells in turn."""

    def __init__(self, client: NativeClient, serial: int, commodity: str) -> None:
        self._client = client
        self._serial = serial
        self._commodity = commodity
        self._orders = itertools.count()

    async def trade(self) -> None:
        serial = next(self._orders)
        order = {
            "command_id": f"bench-{self._serial}-{serial}",
            "side": "sell" if serial % 2 else "buy",
            "commodity": self._commodity,
            "quantity": QUANTITY,
        }
        answer = await self._client.ask("execute_trade", order)
        if answer.type != "trade_executed":
            raise SystemExit(f"An order was not executed: {bytes(answer.data)!r}")


@asynccontextmanager
async def open_socket_traders(
    data_dir: Path, dsn: str, count: int
) -> AsyncIterator[Sequence[MakeTrade]]:
    """Start a server on an empty database and connect traders to it."""
    port = free_port()
    server = await asyncio.create_subprocess_exec(
        str(Path(sys.executable).with_name("sectorwars")),
        *("serve", "--data-dir", str(data_dir), "--database-url", dsn, "--port", str(port)),
        env={**os.environ, **LIMITS},
        stdout=DEVNULL,
    )
    try:
        async with connect_traders(port, count) as traders:
            yield traders
    finally:
        server.terminate()
        await server.wait()


@asynccontextmanager
async def connect_traders(port: int, count: int) -> AsyncIterator[Sequence[MakeTrade]]:
    """Connect traders to a server on this machine, once it is ready."""
    async with (
        AsyncExitStack() as stack,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=60) as http,
    ):
        await _until_ready(http)
        traders = [await _connect(stack, http, port, serial) for serial in range(count)]
        yield [trader.trade for trader in traders]


async def _until_ready(http: httpx.AsyncClient) -> None:
    async with asyncio.timeout(_START_SECONDS_MAX):
        while True:
            try:
                if (await http.get("/readyz")).status_code == 200:
                    return
            except httpx.TransportError:
                await asyncio.sleep(0.1)


async def _connect(
    stack: AsyncExitStack, http: httpx.AsyncClient, port: int, serial: int
) -> _Trader:
    body = {"username": f"bench_{os.getpid()}_{serial}", "password": "a long phrase is better"}
    grant = (await http.post("/api/v1/auth/register", json=body)).raise_for_status().json()
    headers = {"Authorization": f"Bearer {grant['access_token']}"}
    state = (await http.get("/api/v1/player/state", headers=headers)).json()
    path = f"/api/v1/trading/market/{state['docked_port_id']}"
    goods = (await http.get(path, headers=headers)).json()["goods"]
    both = [good["commodity"] for good in goods if good["buys"] and good["sells"]]
    client = await NativeClient.open("127.0.0.1", port, f"bench-{serial}")
    stack.callback(client.close)
    await client.authenticate(grant["access_token"])
    return _Trader(client, serial, both[serial % len(both)])
