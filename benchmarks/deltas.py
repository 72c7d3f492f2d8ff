"""How many bytes a delta saves beside the whole frame, and what it costs to make and to apply.

A real server plays its own economy, ticks and haulers' trades, while a reader listens to its ports
and indices. Of each two frames of a channel that follow each other it is measured what the second
takes as a whole and as a delta to the first, each plain and pressed as permessage-deflate is agreed
on, and how long the delta takes: `make` at the gateway, once for all its readers, and `rebuild` at
a reader who checks the checksum. A port's frame in which one good has changed is one `after a
trade`.

There is no peer to run beside it, so it reports no ratio.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import secrets
import shutil
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import msgspec
from reporting import report, table
from serving import running
from serving.native import Requests
from websockets.asyncio.client import ClientConnection, connect

from sectorwars.domain.commodity import COMMODITIES
from sectorwars.protocol.deflate import press
from sectorwars.protocol.delta import delta_text, rebuilt

PROGRAM = str(Path(sys.executable).with_name("sectorwars"))
CHANNELS_MAX = 256
REPEATS = 5


@dataclass(frozen=True, slots=True)
class Measured:
    """The bytes of a frame in each form, and the processor's time for its delta."""

    whole: int
    pressed: int
    delta: int
    delta_pressed: int
    make_us: float
    rebuild_us: float


async def listen(address: str, seconds: float) -> list[bytes]:
    """Return the frames of ports and indices that are published meanwhile."""
    async with httpx.AsyncClient(base_url=f"{address}/api/v1", timeout=30) as http:
        body = {"username": f"reader_{secrets.token_hex(4)}", "password": "a long phrase is better"}
        grant = (await http.post("/auth/register", json=body)).raise_for_status().json()
        http.headers["Authorization"] = f"Bearer {grant['access_token']}"
        sectors = (await http.get("/galaxy/map")).raise_for_status().json()["sectors"]
    ports = [f"port.{port['port_id']}" for sector in sectors for port in sector["ports"]]
    channels = [*(f"market.{good.value}" for good in COMMODITIES), *ports][:CHANNELS_MAX]
    async with connect(address.replace("http", "ws") + "/ws/realtime", max_queue=None) as socket:
        requests = Requests("deltas")
        requests.take_key(await _ask(socket, requests, "authenticate", token=grant["access_token"]))
        await _ask(socket, requests, "subscribe", channels=channels)
        frames: list[bytes] = []
        try:
            async with asyncio.timeout(seconds):
                while True:
                    frames.append(await socket.recv(decode=False))
        except TimeoutError:
            return frames


async def _ask(
    socket: ClientConnection, requests: Requests, kind: str, **data: object
) -> dict[str, Any]:
    frame_id, request = requests.make(kind, data)
    await socket.send(request, text=True)
    while True:
        frame: dict[str, Any] = msgspec.json.decode(await socket.recv(decode=False))
        if frame.get("id") == frame_id:
            return frame


def measure(frames: list[bytes]) -> dict[str, list[Measured]]:
    """Measure each frame against the one before it in its channel, by what made it."""
    before: dict[str, bytes] = {}
    measured: dict[str, list[Measured]] = defaultdict(list)
    for text in frames:
        frame = msgspec.json.decode(text)
        base = before.get(frame["channel"])
        before[frame["channel"]] = text
        if base is None:
            continue
        old = msgspec.json.decode(base)
        delta = delta_text(base, text)
        read = msgspec.json.decode(delta)
        if rebuilt(old, read) != frame:
            raise SystemExit(f"A delta makes another frame: {delta!r}")
        measured[_kind(old, frame)].append(
            Measured(
                len(text),
                len(press(text)),
                len(delta),
                len(press(delta)),
                _microseconds(delta_text, base, text),
                _microseconds(rebuilt, old, read),
            )
        )
    return measured


def _kind(before: dict[str, Any], frame: dict[str, Any]) -> str:
    if frame["type"] == "market_update":
        return "index after a tick"
    goods = zip(before["data"]["goods"], frame["data"]["goods"], strict=True)
    changed = sum(old != new for old, new in goods)
    return "port after a trade" if changed == 1 else "port after a tick"


def _microseconds(call: Callable[..., object], *arguments: object) -> float:
    """Return the least of some times: what the machine does beside it is not measured."""
    times = []
    for _ in range(REPEATS):
        begun = time.perf_counter()
        call(*arguments)
        times.append(time.perf_counter() - begun)
    return 1e6 * min(times)


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0, help="how long is listened")
    options = parser.parse_args()

    place = Path(tempfile.mkdtemp(prefix="sectorwars-deltas-"))
    place.chmod(0o755)
    try:
        command = [PROGRAM, "serve", "--data-dir", str(place)]
        with running(command, place, os.environ, place / "log") as server:
            frames = asyncio.run(listen(server.address, options.seconds))
    finally:
        shutil.rmtree(place, ignore_errors=True)
    columns = Measured.__slots__
    rows = {
        kind: [statistics.mean(getattr(one, column) for one in of_kind) for column in columns]
        for kind, of_kind in sorted(measure(frames).items())
    }
    table(
        "frame of a", ["whole", "pressed", "delta", "delta_pressed", "make_us", "rebuild_us"], rows
    )
    figures = {
        f"{kind} {column}".replace(" ", "_"): value
        for kind, values in rows.items()
        for column, value in zip(columns, values, strict=True)
    }
    report("deltas", figures, {})


if __name__ == "__main__":
    main()
