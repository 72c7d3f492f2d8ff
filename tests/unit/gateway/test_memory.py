"""What an idle connection takes of the process's memory."""

import json
import tracemalloc

from tests.unit.gateway.doubles import surroundings
from tests.unit.gateway.native_client import NativeClient
from tests.unit.gateway.sockets import PlayerSocket

from sectorwars.gateway.limits import GatewayLimits
from sectorwars.protocol.dialect import SessionLimits

_CONNECTIONS = 200
_BYTES_MAX = 8_192
"""Of Python's objects, the test's own ends of the sockets among them."""


async def test_an_idle_reader_takes_a_few_kilobytes() -> None:
    many = 2 * _CONNECTIONS
    around = surroundings(
        GatewayLimits(
            SessionLimits(messages_per_second=2 * many),
            connections_per_address=many,
            unauthenticated_per_address=many,
        )
    )

    async def reader(serial: int) -> PlayerSocket:
        socket, client = PlayerSocket(around), NativeClient(f"session-{serial}")
        await socket.send(client.frame("authenticate", {"token": "good"}))
        client.take_key(json.loads(socket.take()[0]))
        await socket.send(client.frame("subscribe", {"channels": ["market.ore"]}))
        assert json.loads(socket.take()[0])["type"] == "subscribed"
        return socket

    # What is made once is made by the first ones.
    sockets = [await reader(serial) for serial in range(_CONNECTIONS)]
    tracemalloc.start()
    try:
        sockets += [await reader(serial) for serial in range(_CONNECTIONS, many)]
        taken, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(around.gateway.registry.connections) == many == len(sockets)
    assert taken / _CONNECTIONS < _BYTES_MAX
