"""The whole path: native WebSocket frames to a real server process."""

from __future__ import annotations

import asyncio
import itertools
import os
import socket
import sys
import time
from asyncio.subprocess import DEVNULL
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import msgspec
from websockets.asyncio.client import ClientConnection, connect

from sectorwars.domain.values import UnixMicros, rfc3339
from sectorwars.protocol.canonical import canonical_json
from sectorwars.protocol.signing import SessionKey, authenticated_frame
from trading.group_commit import QUANTITY
from trading.load import Trade as MakeTrade

_START_SECONDS_MAX = 120.0
_LIMITS = {
    "SECTORWARS_AUTH_RATE_LIMIT": "1000000",
    "SECTORWARS_TRADE_RATE_LIMIT": "1000000",
    "SECTORWARS_MESSAGE_RATE_LIMIT": "1000000",
    "SECTORWARS_CONNECTIONS_PER_ADDRESS": "1000",
    "SECTORWARS_LOG_LEVEL": "warning",
}


class _Trader:
    """A native connection whose player buys and sells in turn."""

    def __init__(self, connection: ClientConnection, serial: int, commodity: str) -> None:
        self._connection = connection
        self._session_id = f"bench-{serial}"
        self._commodity = commodity
        self._counter = itertools.count(1)
        self._orders = itertools.count()
        self._key: SessionKey | None = None

    async def authenticate(self, token: str) -> None:
        answer = await self._ask("authenticate", {"token": token})
        self._key = SessionKey(bytes.fromhex(answer["data"]["session_key"]))

    async def trade(self) -> None:
        serial = next(self._orders)
        order = {
            "command_id": f"{self._session_id}-{serial}",
            "side": "sell" if serial % 2 else "buy",
            "commodity": self._commodity,
            "quantity": QUANTITY,
        }
        answer = await self._ask("execute_trade", order)
        if answer["type"] != "trade_executed":
            raise SystemExit(f"An order was not executed: {answer}")

    async def _ask(self, kind: str, data: dict[str, Any]) -> dict[str, Any]:
        counter = next(self._counter)
        frame: dict[str, Any] = {
            "type": kind,
            "id": str(counter),
            "counter": counter,
            "data": data,
            "timestamp": rfc3339(UnixMicros(time.time_ns() // 1_000)),
            "session_id": self._session_id,
        }
        # The generator shares two cores with what it measures: it must not be the slower one.
        wire = canonical_json(frame) if self._key is None else authenticated_frame(frame, self._key)
        await self._connection.send(wire, text=True)
        while True:
            answer = msgspec.json.decode(
                await self._connection.recv(decode=False), type=dict[str, Any]
            )
            if answer.get("id") == frame["id"]:
                return answer


@asynccontextmanager
async def open_socket_traders(
    data_dir: Path, dsn: str, count: int
) -> AsyncIterator[Sequence[MakeTrade]]:
    """Start a server on an empty database and connect traders to it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = await asyncio.create_subprocess_exec(
        str(Path(sys.executable).with_name("sectorwars")),
        *("serve", "--data-dir", str(data_dir), "--database-url", dsn, "--port", str(port)),
        env={**os.environ, **_LIMITS},
        stdout=DEVNULL,
    )
    try:
        async with (
            AsyncExitStack() as stack,
            httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=60) as http,
        ):
            await _until_ready(http)
            traders = [await _connect(stack, http, port, serial) for serial in range(count)]
            yield [trader.trade for trader in traders]
    finally:
        server.terminate()
        await server.wait()


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
    body = {"username": f"bench_{serial}", "password": "a long phrase is better"}
    grant = (await http.post("/api/v1/auth/register", json=body)).raise_for_status().json()
    headers = {"Authorization": f"Bearer {grant['access_token']}"}
    state = (await http.get("/api/v1/player/state", headers=headers)).json()
    path = f"/api/v1/trading/market/{state['docked_port_id']}"
    goods = (await http.get(path, headers=headers)).json()["goods"]
    both = [good["commodity"] for good in goods if good["buys"] and good["sells"]]
    connection = await stack.enter_async_context(
        connect(f"ws://127.0.0.1:{port}/ws/realtime", compression=None)
    )
    trader = _Trader(connection, serial, both[serial % len(both)])
    await trader.authenticate(grant["access_token"])
    return trader
