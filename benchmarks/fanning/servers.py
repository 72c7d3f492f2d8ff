"""The servers that are compared, each a process of its own, all paced in the same way."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil
from serving import free_port
from serving.native import Requests
from trading.sockets import LIMITS

from fanning.building import HERE, compile_program, node_with_ws
from fanning.sockets import SESSION_ID, NativeClient, WebSocket, script
from sectorwars.domain.commodity import COMMODITIES
from sectorwars.persistence.postgres.cluster import EmbeddedCluster
from sectorwars.protocol.publication import market_channel
from sectorwars.protocol.signing import SESSION_KEY_BYTES, SessionKey

_START_SECONDS_MAX = 120.0
_TRADES_PER_SECOND = 64.0
_ACCOUNT = {"username": "watcher", "password": "a long phrase is better"}
_ROOMY = {**LIMITS, "SECTORWARS_ACCESS_TOKEN_TTL": "7200", "SECTORWARS_MAX_CONNECTIONS": "15000"}
_ROOMY["SECTORWARS_CONNECTIONS_PER_ADDRESS"] = "20000"


class Server:
    """A server of others: whoever connects is sent everything, and requests are not signed."""

    def __init__(self, program: subprocess.Popen[str], port: int, fan: str, ask: str) -> None:
        """Hold `program`, which fans out at the path `fan` and answers at the path `ask`."""
        self.processes = [psutil.Process(program.pid)]
        self.port = port
        self._program = program
        self._fan = fan
        self._ask = ask

    def asked_at(self, path: str) -> Server:
        """Return the same server, asked at another path."""
        return Server(self._program, self.port, self._fan, path)

    @contextmanager
    def listeners(self, count: int, channels: int) -> Iterator[list[WebSocket]]:
        """Open WebSockets whose writes carry as many frames as there are channels."""
        with _closing() as sockets:
            for _ in range(count):
                sockets.append(WebSocket(self.port, self._fan))
            yield sockets

    @contextmanager
    def askers(self, count: int, requests: int) -> Iterator[tuple[list[WebSocket], list[bytes]]]:
        """Open WebSockets; return them with the requests that each is to send."""
        with _closing() as sockets:
            for _ in range(count):
                sockets.append(WebSocket(self.port, self._ask))
            key = SessionKey(bytes(SESSION_KEY_BYTES))
            written = script(Requests(SESSION_ID, key), requests)
            yield sockets, [written] * count

    def pace(self, frames: int, per_second: float) -> None:
        """Have writes of `frames` frames made, so many a second; 0: as many as can be."""
        if self._program.stdin is None:
            raise RuntimeError("the server was started without its pipe")
        self._program.stdin.write(f"{frames} {per_second}\n")
        self._program.stdin.flush()

    @contextmanager
    def paced(self, frames: int, per_second: float) -> Iterator[None]:
        """Fan out while the block runs."""
        self.pace(frames, per_second)
        try:
            yield
        finally:
            self.pace(0, 0)

    def memory_bytes(self) -> int:
        """Return the memory that is the process's own."""
        return int(self.processes[0].memory_full_info().uss)


@dataclass(frozen=True, slots=True)
class Gatekeeper:
    """A gateway process and where it listens."""

    program: subprocess.Popen[str]
    port: int


class Ours(Server):
    """Our server: native sessions subscribe to channels, and sign what they ask."""

    def __init__(
        self, program: subprocess.Popen[str], port: int, beside: Sequence[Gatekeeper] = ()
    ) -> None:
        """Register the account that all listeners use; they are dealt out to the gates `beside`."""
        super().__init__(program, port, "/ws/realtime", "/ws/realtime")
        self.processes += [psutil.Process(gate.program.pid) for gate in beside]
        self._gates = [gate.port for gate in beside] or [port]
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as http:
            _await_ready(http, program)
            grant = http.post("/api/v1/auth/register", json=_ACCOUNT).raise_for_status().json()
        self._token = grant["access_token"]

    @contextmanager
    def listeners(self, count: int, channels: int) -> Iterator[list[WebSocket]]:
        names = [market_channel(good) for good in COMMODITIES[:channels]]
        with _closing() as sockets:
            for place in range(count):
                sockets.append(WebSocket(self._gates[place % len(self._gates)], self._fan))
                NativeClient(sockets[-1], self._token).subscribe(names)
            yield sockets

    @contextmanager
    def askers(self, count: int, requests: int) -> Iterator[tuple[list[WebSocket], list[bytes]]]:
        scripts = []
        with _closing() as sockets:
            for _ in range(count):
                sockets.append(WebSocket(self.port, self._ask))
                client = NativeClient(sockets[-1], self._token)
                scripts.append(script(client.requests, requests))
            yield sockets, scripts


class Servers:
    """Starts servers and ends them all."""

    def __init__(self, stack: ExitStack, frame: bytes, answer: bytes) -> None:
        """Let the servers of others send `frame` to listeners and `answer` to who asks."""
        self._stack = stack
        self._place = Path(tempfile.mkdtemp(prefix="sectorwars-fanout-"))
        # PostgreSQL runs as another user where this is root.
        self._place.chmod(0o755)
        stack.callback(shutil.rmtree, self._place, ignore_errors=True)
        self._texts = [self._place / "frame", self._place / "answer"]
        for file, text in zip(self._texts, (frame, answer), strict=True):
            file.write_bytes(text)

    @property
    def scripts(self) -> Path:
        """Return where the scripts of those who ask are kept."""
        return self._place / "scripts"

    def limit(self) -> Server:
        """Start the program in C that only writes."""
        return self._other([str(compile_program("limit"))], "/", "/")

    def stock(self) -> Server:
        """Start FastAPI on stock uvicorn."""
        return self._other([sys.executable, str(HERE / "stock.py")], "/ws/fan", "/ws/ask")

    def node(self) -> Server | None:
        """Start npm's `ws`, if it can be had."""
        found = node_with_ws()
        if found is None:
            return None
        node, environment = found
        return self._other([node, str(HERE / "peer.mjs")], "/", "/", environment)

    def ours(self, name: str, time_scale: int) -> Ours:
        """Start our server on a galaxy of its own, which lives at `time_scale`."""
        gate = self._serve(name, "--time-scale", str(time_scale))
        return Ours(gate.program, gate.port)

    def pair(self) -> Ours | None:
        """Start an engine with two gateways; None, loudly, where there is no Redis."""
        redis = shutil.which("redis-server")
        if redis is None:
            print("LEFT OUT: two gateways, because there is no redis-server here.")
            return None
        port = free_port()
        command = [redis, "--port", str(port), "--save", "", "--appendonly", "no"]
        _await_listening(port, self._start(command, None))
        place = self._place / "pair"
        place.mkdir(mode=0o755)
        cluster = EmbeddedCluster(place)
        self._stack.callback(cluster.stop)
        shared = (
            *("--database-url", cluster.start(), "--redis-url", f"redis://127.0.0.1:{port}"),
            *("--time-scale", "1"),
        )
        # It makes the keys that gateways need.
        engine = self._serve("pair", "--role", "engine", *shared)
        with httpx.Client(base_url=f"http://127.0.0.1:{engine.port}", timeout=60) as http:
            _await_ready(http, engine.program)
        gates = [self._serve("pair", "--role", "gateway", *shared) for _ in range(2)]
        for gate in gates:
            with httpx.Client(base_url=f"http://127.0.0.1:{gate.port}", timeout=60) as http:
                _await_ready(http, gate.program)
        return Ours(engine.program, gates[0].port, gates)

    def _serve(self, name: str, *options: str) -> Gatekeeper:
        port = free_port()
        command = [sys.executable, str(HERE / "whole.py"), "serve", *options]
        place = ("--data-dir", str(self._place / name), "--port", str(port))
        program = self._start(
            [*command, *place, "--log-level", "warning"], {**os.environ, **_ROOMY}
        )
        return Gatekeeper(program, port)

    @contextmanager
    def traders(self, server: Ours, count: int) -> Iterator[list[float]]:
        """Let players trade while the block runs; at its end note their trades a second."""
        made: list[float] = []
        arguments = (str(server.port), str(count), str(_TRADES_PER_SECOND))
        command = [sys.executable, str(HERE / "traders.py"), *arguments]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as program:
            try:
                if program.stdout is None or program.stdout.readline().strip() != "trading":
                    raise SystemExit("The traders did not begin.")
                yield made
            finally:
                program.send_signal(signal.SIGTERM)
                made.append(float(program.communicate()[0] or "nan"))

    def _other(self, command: Sequence[str], fan: str, ask: str, environment: Any = None) -> Server:
        port = free_port()
        program = self._start([*command, str(port), *map(str, self._texts)], environment)
        _await_listening(port, program)
        return Server(program, port, fan, ask)

    def _start(self, command: Sequence[str], environment: Any) -> subprocess.Popen[str]:
        program = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, env=environment
        )
        self._stack.callback(_end, program)
        return program


@contextmanager
def _closing() -> Iterator[list[WebSocket]]:
    sockets: list[WebSocket] = []
    try:
        yield sockets
    finally:
        for opened in sockets:
            opened.close()


def _await_listening(port: int, program: subprocess.Popen[str]) -> None:
    end = time.monotonic() + _START_SECONDS_MAX
    while time.monotonic() < end and program.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise SystemExit(f"A server did not start: {program.args!r}.")


def _await_ready(http: httpx.Client, program: subprocess.Popen[str]) -> None:
    end = time.monotonic() + _START_SECONDS_MAX
    while time.monotonic() < end and program.poll() is None:
        try:
            if http.get("/readyz").status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise SystemExit(f"A server did not become ready: {program.args!r}.")


def _end(program: subprocess.Popen[str]) -> None:
    program.terminate()
    try:
        program.wait(timeout=30)
    except subprocess.TimeoutExpired:
        program.kill()
        program.wait()
