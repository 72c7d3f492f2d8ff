"""How many frames reach how many readers, beside what others do and what the kernel can.

A load generator in C, a process of its own, holds the WebSockets and reads. Before it, in turn,
several times, medians reported: `limit`, a C program that writes ready frames and does nothing
else; `stock`, FastAPI on uvicorn's `websockets-sansio`; `node`, npm's `ws`; `gateway`, our server
with nothing to do but its gateway's work; `whole`, our server while its economy runs and 64
players trade; `pair`, an engine with two gateways over a Redis, each with half of the readers,
whose `1` is what comes of 200,000 offered messages a second and whose CPU time is all three's.
Ours are `sectorwars serve` as it is: real sessions subscribe by signed requests, and every frame
is placed, encoded and signed with Ed25519 before the same bytes go to all.

`1` and `10` are frames a write, as fast as they can be written; `10k` and `50k` are steady loads
of so many delivered messages a second, whose latency counts from when a frame was due. A reader
who is behind gets the newest only, by ours and in the C program and `node`. `cpu_us` is the
server's CPU time for each delivered message. `ask` is a request and its answer on 100
connections, one at a time on each: signed both ways by ours and by `stock`; `stock_echo` only
says a text back. Ratios are taken in each turn, between runs that follow each other; what is told
is their median. `idle_kb` is what a server's own memory grows by for each of 5,000 connections
that wait, after as many others, which take what its start left free. On a machine that does
other things too, believe the ratios of CPU time, `_cpu`, more than those of frames a second.
"""

from __future__ import annotations

import argparse
import statistics
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fanning.figures import figures_of
from fanning.load import Generator, Load, allow_descriptors
from fanning.servers import Server, Servers
from fanning.sockets import SESSION_ID
from reporting import report, table
from serving.native import Requests

from sectorwars.domain.commodity import Commodity
from sectorwars.domain.values import UnixMicros
from sectorwars.protocol.channel import SignedChannel
from sectorwars.protocol.publication import FrameType, Publication, market_channel
from sectorwars.protocol.signing import SESSION_KEY_BYTES, FrameSigner, SessionKey

READERS = 1_000
ASKERS = 100
TRADERS = 64
IDLE = 5_000
MANY = 10_000
STEADY = {"10k": 10_000, "50k": 50_000}
WRITES = {"1": 1, "10": 10}
HEADLINES = {
    "c_limit": "gateway_1_limit",
    "uvicorn": "gateway_1_stock",
    "npm_ws": "gateway_1_node",
    "uvicorn_echo": "ask_stock_echo",
}
"""The ratios that programs outside look for, and which of the others they are."""
PAIR_OFFERED = 200_000
_ASKED_MAX_PER_SECOND = 2_500
_AT = UnixMicros(1_795_405_021_000_000)


def sample_frame() -> bytes:
    """Return a frame as ours publishes them, for the servers of others to send."""
    figures = figures_of(Commodity.ORE, 71_204)
    signer = FrameSigner(Ed25519PrivateKey.generate(), "d6pVJ0mmX0W1w8PZkW7UqA")
    stream = "0f8fad5bd9cb469fa16570867728950e"
    channel = SignedChannel("market.ore", f"{stream}.1", stream, signer, 1)
    name = market_channel(Commodity.ORE)
    frame = channel.append(Publication(name, FrameType.MARKET_UPDATE, figures, _AT))
    return channel.encode(frame)


def sample_answer() -> bytes:
    """Return an answer as ours gives them."""
    return Requests(SESSION_ID, SessionKey(bytes(SESSION_KEY_BYTES))).make("pong", {})[1]


class Course:
    """Everything that is run before one server, and what came of it."""

    def __init__(self, generators: Callable[[Server], Generator], scripts: Path) -> None:
        """Load by `generators`; `scripts` is where those who ask find what to say."""
        self.runs: dict[str, list[Load]] = defaultdict(list)
        self._generators = generators
        self._scripts = scripts

    def fan_out(self, name: str, server: Server) -> None:
        """Flood the readers, then serve them steadily."""
        generator = self._generators(server)
        for label, frames in WRITES.items():
            with server.listeners(READERS, frames) as sockets, server.paced(frames, 0):
                self._enter(f"{name}_{label}", generator.listen(sockets))
        self.fan_out_steadily(name, server, STEADY)

    def fan_out_steadily(self, name: str, server: Server, paces: Mapping[str, int]) -> None:
        """Serve the readers so many messages a second."""
        generator = self._generators(server)
        with server.listeners(READERS, 1) as sockets:
            for label, per_second in paces.items():
                with server.paced(1, per_second / READERS):
                    self._enter(f"{name}_{label}", generator.listen(sockets))

    def ask(self, name: str, server: Server, seconds: float) -> None:
        """Ask and be answered."""
        requests = round(_ASKED_MAX_PER_SECOND * (seconds + 1))
        with server.askers(ASKERS, requests) as (sockets, scripts):
            self._scripts.write_bytes(b"".join(scripts))
            self._enter(f"{name}_ask", self._generators(server).ask(sockets, self._scripts))

    def _enter(self, name: str, load: Load) -> None:
        if load.closed or load.silent:
            raise SystemExit(
                f"{name}: {load.closed} connections were closed and {load.silent} got nothing."
            )
        self.runs[name].append(load)


def memory_per_connection(server: Server, count: int) -> float:
    """Return the bytes by which a server's memory grows for each idle connection."""
    with server.listeners(count, 1):
        before = server.memory_bytes()
        with server.listeners(count, 1):
            return (server.memory_bytes() - before) / count


def hold_many(server: Server, generator: Generator) -> Load:
    """Serve ten thousand readers once a second; all must be reached and none closed."""
    with server.listeners(MANY, 1) as sockets, server.paced(1, 1):
        load = generator.listen(sockets)
    if load.closed or load.silent:
        raise SystemExit(f"Of {MANY} readers {load.silent} got nothing, {load.closed} were closed.")
    return load


def medians(runs: dict[str, list[Load]]) -> dict[str, float]:
    """Return the figures of the runs: the median of each over the repetitions."""
    figures: dict[str, float] = {}
    for name, loads in runs.items():
        for figure in ("per_second", "p50_ms", "p99_ms", "cpu_us"):
            values = [getattr(load, figure) for load in loads]
            figures[f"{name}_{figure.replace('per_second', 'per_s')}"] = statistics.median(values)
    return figures


def show(names: list[str], figures: dict[str, float]) -> None:
    """Print a row for each server."""
    columns = [
        *(f"{run}_{figure}" for run in WRITES for figure in ("per_s", "cpu_us")),
        *(f"{run}_{figure}" for run in STEADY for figure in ("p50_ms", "p99_ms")),
        *("ask_per_s", "ask_p99_ms", "idle_kb"),
    ]
    rows = {name: [figures.get(f"{name}_{column}") for column in columns] for name in names}
    table("server", columns, rows)


def measure(
    options: argparse.Namespace, stack: ExitStack
) -> tuple[list[str], dict[str, float], dict[str, float]]:
    """Run every server in turn; return their names, all figures, and the ratios."""
    servers = Servers(stack, sample_frame(), sample_answer())
    alone: dict[str, Server] = {"limit": servers.limit(), "stock": servers.stock()}
    node = servers.node()
    if node is not None:
        alone["node"] = node
    alone["gateway"] = servers.ours("gateway", time_scale=1)
    whole = servers.ours("whole", time_scale=60)
    echo = alone["stock"].asked_at("/ws/echo")

    def generator(server: Server) -> Generator:
        return Generator(server.processes, options.seconds)

    figures: dict[str, float] = {}
    for name, server in alone.items():
        # Of fresh servers: what an earlier load left free would be taken again.
        figures[f"{name}_idle_kb"] = memory_per_connection(server, options.idle) / 1_024
    course = Course(generator, servers.scripts)
    traded: list[float] = []
    for turn in range(options.repetitions):
        print(f"turn {turn + 1} of {options.repetitions} ...", flush=True)
        for name, server in alone.items():
            course.fan_out(name, server)
        for name, server in {**alone, "stock_echo": echo}.items():
            course.ask(name, server, options.seconds)
        with servers.traders(whole, TRADERS) as made:
            course.fan_out("whole", whole)
        traded.extend(made)
    figures.update(medians(course.runs))
    ratios = ratios_of(course.runs)
    figures["whole_trades_per_s"] = statistics.median(traded)
    figures.update(many_figures(alone["gateway"], generator(alone["gateway"])))
    pair = servers.pair()
    names = [*alone, "whole"]
    if pair is not None:
        course.runs.clear()
        for _ in range(options.repetitions):
            course.fan_out_steadily("pair", pair, {**STEADY, "1": PAIR_OFFERED})
        figures.update(medians(course.runs))
        names.append("pair")
    return names, figures, ratios


def many_figures(gateway: Server, generator: Generator) -> dict[str, float]:
    """Return what ten thousand connections of one process were served."""
    if allow_descriptors() < 2 * MANY:
        print(f"LEFT OUT: {MANY:,} connections, for which too few files may be open here.")
        return {}
    many = hold_many(gateway, generator)
    return {"gateway_10k_connections": MANY, "gateway_10k_connections_p99_ms": many.p99_ms}


def ratios_of(runs: Mapping[str, Sequence[Load]]) -> dict[str, float]:
    """Return ours over each peer: by frames a second, and by frames a second of CPU time."""
    pairs = {
        f"{ours}_{run}_{peer}": (f"{ours}_{run}", f"{peer}_{run}")
        for ours, peers in (("gateway", ("limit", "stock", "node")), ("whole", ("limit",)))
        for peer in peers
        for run in WRITES
    }
    pairs |= {f"ask_{peer}": ("gateway_ask", f"{peer}_ask") for peer in ("stock", "stock_echo")}
    ratios: dict[str, float] = {}
    for name, (ours, theirs) in pairs.items():
        turns = list(zip(runs[ours], runs.get(theirs, ()), strict=False))
        if turns:
            ratios[name] = statistics.median(a.per_second / b.per_second for a, b in turns)
            ratios[f"{name}_cpu"] = statistics.median(b.cpu_us / a.cpu_us for a, b in turns)
    return {name: ratios[of] for name, of in HEADLINES.items() if of in ratios} | ratios


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repetitions", type=int, default=3, help="how often each way is run")
    parser.add_argument("--seconds", type=float, default=3.0, help="how long each run lasts")
    parser.add_argument("--idle", type=int, default=IDLE, help="connections held idle")
    options = parser.parse_args()
    allow_descriptors()
    with ExitStack() as stack:
        names, figures, ratios = measure(options, stack)
    show(names, figures)
    report("fanout", figures, ratios)


if __name__ == "__main__":
    main()
