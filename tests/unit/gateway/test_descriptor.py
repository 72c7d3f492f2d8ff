"""Which sockets may be written to past the event loop, and what they say of it."""

import asyncio
import socket
from typing import Any

from sectorwars.gateway.descriptor import plain_descriptor, write_to_all


def transport(**facts: Any) -> asyncio.BaseTransport:
    return asyncio.BaseTransport(facts)


def test_plain_socket_has_a_descriptor() -> None:
    with socket.socket() as opened:
        assert plain_descriptor(transport(socket=opened)) == opened.fileno()
    assert plain_descriptor(transport(socket=opened)) is None


def test_tls_and_what_has_no_socket_have_none() -> None:
    assert plain_descriptor(transport()) is None
    with socket.socket() as opened:
        assert plain_descriptor(transport(socket=opened, sslcontext=object())) is None


def test_those_that_do_not_take_all_are_named_with_what_they_took() -> None:
    data = bytes(1 << 20)
    near, far = socket.socketpair()
    broken, gone = socket.socketpair()
    with near, far, broken:
        near.setblocking(False)
        gone.close()
        ((place, written),) = write_to_all([near.fileno()], data)
        assert (place, 0 < written < len(data)) == (0, True)
        assert write_to_all([near.fileno(), broken.fileno()], b"more") == [(0, 0), (1, 0)]
