"""The client can be imported where the server's libraries are not."""

from __future__ import annotations

import subprocess
import sys

import pytest

from sectorwars.sdk.rest import Rest

SERVER_ONLY = {
    "alembic",
    "asyncpg",
    "click",
    "fastapi",
    "numpy",
    "prometheus_client",
    "pydantic",
    "redis",
    "sqlalchemy",
    "starlette",
    "structlog",
    "uvicorn",
}


def test_it_loads_no_library_of_the_server() -> None:
    code = "import sys, sectorwars.sdk; print(*{name.split('.')[0] for name in sys.modules})"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    loaded = set(done.stdout.split())
    assert "websockets" in loaded
    assert loaded & SERVER_ONLY == set()


@pytest.mark.parametrize(
    ("url", "websocket_url"),
    [
        ("http://127.0.0.1:8000", "ws://127.0.0.1:8000/ws/realtime"),
        ("https://play.example/", "wss://play.example/ws/realtime"),
        ("http://[::1]:8000", "ws://[::1]:8000/ws/realtime"),
    ],
)
def test_the_websocket_is_where_the_server_is(url: str, websocket_url: str) -> None:
    assert Rest(url).websocket_url == websocket_url


@pytest.mark.parametrize("url", ["127.0.0.1:8000", "ftp://x", "http://"])
def test_what_is_no_url_of_a_server_is_told(url: str) -> None:
    with pytest.raises(ValueError, match="no URL of a server"):
        Rest(url)
