"""The server that most tests of this folder share, because a start costs seconds."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
from tests.integration.server.players import RestPlayer
from tests.integration.server.process import Server, running_for_a_while


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A running server whose limits are not met; a test that stops it starts it again."""
    with running_for_a_while() as server:
        yield server


@pytest.fixture(scope="session")
def strict_server() -> Iterator[Server]:
    """A running server with the limits of the design document, which tests meet."""
    limits = {
        "SECTORWARS_TRADE_RATE_LIMIT": "30",
        "SECTORWARS_ARIA_RATE_LIMIT": "60",
        "SECTORWARS_CONNECTIONS_PER_ADDRESS": "5",
        "SECTORWARS_MESSAGE_RATE_LIMIT": "100",
        "SECTORWARS_REQUEST_TIMEOUT": "2",
        "SECTORWARS_AUTHENTICATION_TIMEOUT": "3",
    }
    with running_for_a_while(limits) as server:
        yield server


@pytest.fixture
async def http(server: Server) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the server that the test uses."""
    async with httpx.AsyncClient(base_url=server.url, timeout=60) as client:
        yield client


@pytest.fixture
async def player(http: httpx.AsyncClient) -> RestPlayer:
    """A new player."""
    return await RestPlayer.register(http)
