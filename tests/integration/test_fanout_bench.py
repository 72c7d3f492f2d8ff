"""What `./dev bench fanout` counts and times, it counts and times rightly."""

import json
import shutil
import socket
import subprocess
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

SOURCES = Path(__file__).parents[2] / "benchmarks" / "fanning"
FRAMES = 40
LATE_MS = 25.0

pytestmark = pytest.mark.skipif(shutil.which("cc") is None, reason="there is no C compiler")


def built(name: str, folder: Path) -> Path:
    flags = ("-O1", "-Wall", "-Wextra", "-Werror")
    program = folder / name
    subprocess.run(["cc", *flags, "-o", program, SOURCES / f"{name}.c"], check=True)
    return program


def text(payload: bytes) -> bytes:
    return bytes((0x81, 126)) + len(payload).to_bytes(2) + payload


def stamped(seconds_ago: float) -> bytes:
    at = datetime.fromtimestamp(time.time() - seconds_ago, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    frame = {"data": {"timestamp": "of nothing"}, "pad": "x" * 100, "timestamp": at, "type": "t"}
    return text(json.dumps(frame, separators=(",", ":")).encode())


def test_load_counts_every_frame_and_its_time_since_its_stamp(tmp_path: Path) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        program = subprocess.Popen(
            [built("load", tmp_path), "listen", "1", "0.1"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            pass_fds=[theirs.fileno()],
        )
        with program:
            assert program.stdin is not None
            assert program.stdout is not None
            program.stdin.write(f"{theirs.fileno()}\n")
            program.stdin.close()
            assert program.stdout.readline() == "ready\n"
            ours.sendall(stamped(0) * 3)
            assert program.stdout.readline() == "begin\n"
            for _ in range(FRAMES // 2):
                pair = stamped(LATE_MS / 1_000) * 2
                ours.sendall(pair[:200])
                ours.sendall(pair[200:])
            ours.sendall(b"\x89\x02hi")
            counted: dict[str, Any] = json.loads(program.stdout.read())
        pong = ours.recv(100)
    assert counted["frames"] == FRAMES
    assert (counted["closed"], counted["silent"]) == (0, 0)
    assert LATE_MS <= counted["p50_us"] / 1_000 < LATE_MS + 500
    assert pong == b"\x8a\x82\x00\x00\x00\x00hi"


def test_limit_keeps_its_pace_and_stamps_its_frames(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    for name in ("frame", "answer"):
        (tmp_path / name).write_bytes(stamped(3_600)[4:])
    texts = (str(tmp_path / "frame"), str(tmp_path / "answer"))
    command = [str(built("limit", tmp_path)), str(port), *texts]
    with subprocess.Popen(command, stdin=subprocess.PIPE, text=True) as program:
        assert program.stdin is not None
        with connected(port) as reader:
            reader.sendall(b"GET / HTTP/1.1\r\n\r\n")
            assert reader.recv(4_096).startswith(b"HTTP/1.1 101")
            program.stdin.write("2 50\n")
            program.stdin.flush()
            begun, received = time.time(), b""
            while time.time() < begun + 0.5:
                received += reader.recv(65_536)
        program.stdin.close()
    size = len(stamped(0))
    stamps = [
        datetime.fromisoformat(json.loads(received[at + 4 : at + size])["timestamp"]).timestamp()
        for at in range(0, len(received) - size + 1, size)
    ]
    assert 10 <= len(stamps) <= 56
    assert stamps[0::2] == stamps[1::2]
    assert begun - 1 < stamps[0] < stamps[-1] < begun + 1


def connected(port: int) -> socket.socket:
    end = time.monotonic() + 10
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=10)
        except ConnectionRefusedError:
            assert time.monotonic() < end
            time.sleep(0.01)
