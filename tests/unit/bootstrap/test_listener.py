"""Addresses are had or refused at once, and shared only by those who want to share."""

from __future__ import annotations

import socket

import pytest

from sectorwars.bootstrap.listener import listen, reserve
from sectorwars.bootstrap.start_error import StartError

HOST = "127.0.0.1"


def test_a_port_in_use_is_said() -> None:
    with listen(HOST, 0) as taken:
        taken.listen()
        port = taken.getsockname()[1]
        for attempt in (listen, reserve):
            with pytest.raises(StartError, match=f"Port {port} on {HOST} is in use"):
                attempt(HOST, port)


def test_an_address_that_is_none_is_said() -> None:
    with pytest.raises(StartError, match="cannot listen"):
        listen(HOST, 70_000)


def test_a_reserved_port_is_shared_and_leaves_connections_to_those_who_listen() -> None:
    with reserve(HOST, 0) as reserved:
        port = reserved.getsockname()[1]
        with listen(HOST, port, shared=True) as one, listen(HOST, port, shared=True) as other:
            for gateway in (one, other):
                gateway.listen()
                gateway.settimeout(0.05)
            with pytest.raises(StartError):
                listen(HOST, port)
            for _ in range(8):
                with socket.create_connection((HOST, port)) as player:
                    assert player.getsockname() in {_peer(one), _peer(other)}


def _peer(gateway: socket.socket) -> object:
    try:
        accepted, peer = gateway.accept()
    except TimeoutError:
        return None
    accepted.close()
    return peer
