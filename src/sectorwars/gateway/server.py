"""The gateway's side of the HTTP server: uvicorn hands every upgrade request to this protocol.

So FastAPI and the WebSockets share one port, and a WebSocket never passes through ASGI.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from ipaddress import IPv4Network, IPv6Network
from typing import Any, cast

from uvicorn import Config
from uvicorn.server import ServerState

from sectorwars.gateway.client_address import client_address
from sectorwars.gateway.connection import Connection
from sectorwars.gateway.gateway import Gateway
from sectorwars.observability.metrics import UPGRADES_REFUSED
from sectorwars.protocol.close_codes import CloseCode
from sectorwars.protocol.session import Session
from sectorwars.protocol.upgrade import (
    OriginPolicy,
    UpgradeRefusal,
    accept_response,
    read_head,
    read_upgrade,
    refusal_response,
)

_HEAD_END = b"\r\n\r\n"
_RETRY_AFTER_SECONDS = 5
_DENIALS = frozenset({HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS})


@dataclass(frozen=True, slots=True)
class UpgradePolicy:
    """Who may open a WebSocket, whose forwarded address is believed, and whether to compress."""

    origins: OriginPolicy = field(default_factory=OriginPolicy)
    trusted_proxies: Sequence[IPv4Network | IPv6Network] = ()
    compression: bool = True


def build_ws_protocol(gateway: Gateway, policy: UpgradePolicy) -> type[asyncio.Protocol]:
    """Return a class for uvicorn's `ws=` option whose connections belong to `gateway`."""

    class GatewayProtocol(WebSocketProtocol):
        """The protocol bound to its gateway; uvicorn makes one a connection."""

        def __init__(
            self, config: Config, server_state: ServerState, app_state: dict[str, Any]
        ) -> None:
            super().__init__(gateway, policy, server_state)

    return GatewayProtocol


class WebSocketProtocol(asyncio.Protocol):
    """Answers one opening handshake, then passes bytes on to a connection."""

    def __init__(self, gateway: Gateway, policy: UpgradePolicy, server_state: ServerState) -> None:
        """Serve one socket; it is listed in the server's state until it is gone."""
        self._gateway = gateway
        self._policy = policy
        # uvicorn calls `shutdown` on what is in this set, whatever its class.
        self._open_protocols = cast("set[Any]", server_state.connections)
        self._transport: asyncio.Transport | None = None
        self._connection: Connection | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the socket over from the HTTP protocol."""
        # Not checked by isinstance: uvloop's transports only look like asyncio's.
        self._transport = cast("asyncio.Transport", transport)
        self._open_protocols.add(self)

    def data_received(self, data: bytes) -> None:
        """Take the request head, which uvicorn hands over in one piece, then frames."""
        if self._connection is not None:
            self._connection.feed(data)
        elif self._transport is not None and not self._transport.is_closing():
            head, _, rest = data.partition(_HEAD_END)
            self._upgrade(self._transport, head)
            if rest and self._connection is not None:
                self._connection.feed(rest)

    def pause_writing(self) -> None:
        """Pass on that the socket takes nothing."""
        if self._connection is not None:
            self._connection.pause_writing()

    def resume_writing(self) -> None:
        """Pass on that the socket takes bytes again."""
        if self._connection is not None:
            self._connection.resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        """Pass on that the socket is gone."""
        self._open_protocols.discard(self)
        if self._connection is not None:
            self._connection.lost()

    def shutdown(self) -> None:
        """Close, because the server stops; called by uvicorn."""
        if self._connection is not None:
            self._connection.close(CloseCode.SERVICE_RESTART)
        elif self._transport is not None:
            self._transport.close()

    def _upgrade(self, transport: asyncio.Transport, head: bytes) -> None:
        request_head = read_head(head)
        peer = transport.get_extra_info("peername")
        client = client_address(
            peer[0] if isinstance(peer, tuple) else None,
            tls=transport.get_extra_info("sslcontext") is not None,
            headers=request_head.headers,
            trusted_proxies=self._policy.trusted_proxies,
        )
        request = read_upgrade(
            request_head, self._policy.origins, compression=self._policy.compression
        )
        if isinstance(request, UpgradeRefusal):
            self._refuse(transport, request, client.address)
            return
        refusal = self._capacity_refusal(client.address)
        if refusal is not None:
            self._refuse(transport, refusal, client.address)
            return
        gateway = self._gateway
        moment = gateway.moment()
        session = Session(gateway.parts, moment, confidential=client.confidential)
        connection = Connection(
            gateway,
            transport,
            session,
            client,
            request.player_id,
            moment,
            compression=request.extension is not None,
        )
        self._connection = connection
        transport.write(accept_response(request))
        # So that whoever is not behind has no bytes waiting, and may be written to directly.
        transport.set_write_buffer_limits(high=0)
        gateway.opened(connection)
        if request.token is not None:
            connection.carry_out(session.receive_header_token(request.token, moment), moment)

    def _capacity_refusal(self, address: str) -> UpgradeRefusal | None:
        gateway = self._gateway
        limits = gateway.limits
        if gateway.draining:
            return UpgradeRefusal(
                HTTPStatus.SERVICE_UNAVAILABLE,
                "server_stopping",
                "The server is stopping.",
                "later",
                retry_after_s=_RETRY_AFTER_SECONDS,
            )
        if len(gateway.registry.connections) >= limits.connections_max:
            return UpgradeRefusal(
                HTTPStatus.SERVICE_UNAVAILABLE,
                "server_full",
                "The server has as many connections as it can hold.",
                "later",
                f"max_connections={limits.connections_max}",
                remaining=0,
                retry_after_s=_RETRY_AFTER_SECONDS,
            )
        if gateway.registry.unauthenticated(address) >= limits.unauthenticated_per_address:
            return UpgradeRefusal(
                HTTPStatus.TOO_MANY_REQUESTS,
                "too_many_connections",
                "Too many connections of this address are not authenticated.",
                "later",
                f"unauthenticated_per_address={limits.unauthenticated_per_address}",
                remaining=0,
                retry_after_s=_RETRY_AFTER_SECONDS,
            )
        return None

    def _refuse(self, transport: asyncio.Transport, refusal: UpgradeRefusal, address: str) -> None:
        UPGRADES_REFUSED.labels(refusal.code).inc()
        if refusal.status in _DENIALS:
            self._gateway.denied(None, address, refusal.code, self._gateway.moment())
        transport.write(refusal_response(refusal))
        transport.close()
