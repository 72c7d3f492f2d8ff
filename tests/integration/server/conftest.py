"""The server that most tests of this folder share, because a start costs seconds."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
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
