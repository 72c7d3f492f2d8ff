"""HTTP as uvicorn speaks it, with patience that ends: slow and broken senders are turned away.

uvicorn itself waits for a request's head and body, and for a reader of its answer, without end.
"""

import asyncio
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final, cast

import h11
from uvicorn import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from sectorwars.application.accounts.client_address import client_address
from sectorwars.gateway.gateway import Gateway
from sectorwars.protocol.upgrade import UpgradeRefusal, refusal_response

REQUEST_TIMEOUT: Final = "request_timeout"
_LINGER_SECONDS: Final = 1.0
"""How long who was hung up on may still send, so that he gets to read why."""
_BAD_REQUEST: Final = UpgradeRefusal(
    HTTPStatus.BAD_REQUEST, "bad_request", "This is no HTTP request (RFC 9112)."
)


@dataclass(frozen=True, slots=True)
class HttpPatience:
    """How long is waited for those who speak HTTP.

    Args:
        request_seconds: for a whole request, head and body, from the connection's start or the
            request's first bytes.
        waited_for_max: how many may keep the server waiting; beyond it the longest has to go.
        evictable_seconds: how long he must have kept it waiting, however many come at once.
        answer_seconds: how long a reader may take nothing of an answer.
    """

    request_seconds: float = 15.0
    waited_for_max: int = 256
    evictable_seconds: float = 1.0
    answer_seconds: float = 30.0


def build_http_protocol(gateway: Gateway, patience: HttpPatience) -> type[asyncio.Protocol]:
    """Return a class for uvicorn's `http=` option; `gateway` counts whom it turns away."""
    waiting: dict[PatientHttpProtocol, float] = {}

    class GatewayHttpProtocol(PatientHttpProtocol):
        """The protocol bound to its gateway; uvicorn makes one a connection."""

        def __init__(
            self,
            config: Config,
            server_state: ServerState,
            app_state: dict[str, Any],
            _loop: asyncio.AbstractEventLoop | None = None,
        ) -> None:
            super().__init__(config, server_state, app_state, _loop)
            self.bind(gateway, patience, waiting)

    return GatewayHttpProtocol


class PatientHttpProtocol(H11Protocol):
    """One HTTP connection, until it is closed or becomes a WebSocket."""

    def bind(
        self,
        gateway: Gateway,
        patience: HttpPatience,
        waiting: "dict[PatientHttpProtocol, float]",
    ) -> None:
        """Wait with `patience`; `waiting` has all connections of whom more is waited for."""
        self._gateway = gateway
        self._patience = patience
        self._waiting = waiting
        self._request_timer: asyncio.TimerHandle | None = None
        self._answer_timer: asyncio.TimerHandle | None = None
        self._linger_timer: asyncio.TimerHandle | None = None
        self._is_http = True

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to wait for the first request."""
        super().connection_made(cast("asyncio.Transport", transport))
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing any more."""
        self._wait_no_more()
        self._forgive_reader()
        if self._linger_timer is not None:
            self._linger_timer.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take bytes, unless the sender was hung up on."""
        if self._linger_timer is None:
            super().data_received(data)

    def shutdown(self) -> None:
        """Close, because the server stops; called by uvicorn."""
        if self._linger_timer is None:
            super().shutdown()
        else:
            self.transport.close()

    def handle_events(self) -> None:
        """Handle what has come, then wait for the rest of a request, if there is one."""
        super().handle_events()
        if self._is_request_under_way():
            self._wait()
        else:
            self._wait_no_more()

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        """Leave the socket to the WebSocket protocol, with what came behind the request.

        The answer to a request before it may still fill the socket: that is its concern now.
        """
        self._is_http = False
        self._forgive_reader()
        super().handle_websocket_upgrade(event)
        protocol = cast("asyncio.Protocol", self.transport.get_protocol())
        if self.flow.write_paused:
            protocol.pause_writing()
        frames, _ = self.conn.trailing_data
        if frames:
            protocol.data_received(frames)

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP, unless an answer is being sent already."""
        self._hang_up(_BAD_REQUEST)

    def pause_writing(self) -> None:
        """Begin to wait for a reader who takes nothing."""
        super().pause_writing()
        if self._answer_timer is None:
            seconds = self._patience.answer_seconds
            self._answer_timer = self.loop.call_later(seconds, self.transport.abort)

    def resume_writing(self) -> None:
        """He has taken some."""
        super().resume_writing()
        self._forgive_reader()

    def _unsupported_upgrade_warning(self) -> None:
        """Say nothing: anybody may ask for HTTP/2, and is answered in HTTP/1.1."""

    def _is_request_under_way(self) -> bool:
        if not self._is_http or self._linger_timer is not None or self.transport.is_closing():
            return False
        if self.conn.their_state is h11.IDLE:
            return bool(self.conn.trailing_data[0])
        return self.conn.their_state is h11.SEND_BODY

    def _wait(self) -> None:
        if self._request_timer is not None:
            return
        now = self.loop.time()
        seconds = self._patience.request_seconds
        self._request_timer = self.loop.call_later(seconds, self._give_up)
        self._waiting[self] = now
        if len(self._waiting) > self._patience.waited_for_max:
            longest, since = next(iter(self._waiting.items()))
            if now - since >= self._patience.evictable_seconds:
                longest._give_up()

    def _wait_no_more(self) -> None:
        if self._request_timer is not None:
            self._request_timer.cancel()
            self._request_timer = None
            del self._waiting[self]

    def _forgive_reader(self) -> None:
        if self._answer_timer is not None:
            self._answer_timer.cancel()
            self._answer_timer = None

    def _give_up(self) -> None:
        if not self._is_request_under_way():
            # Browsers connect ahead of need, and would show an answer to nothing to their users.
            self._wait_no_more()
            self.transport.close()
            return
        gateway = self._gateway
        # A proxy's request may be so slow that it does not say yet whom it is for.
        address = client_address(None if self.client is None else self.client[0], None, ())
        gateway.denied(None, address, REQUEST_TIMEOUT, gateway.moment())
        self._hang_up(
            UpgradeRefusal(
                HTTPStatus.REQUEST_TIMEOUT,
                REQUEST_TIMEOUT,
                "The request did not come in time.",
                "later",
                f"request_timeout={self._patience.request_seconds:g}",
                remaining=0,
                retry_after_s=1,
            )
        )

    def _hang_up(self, refusal: UpgradeRefusal) -> None:
        self._wait_no_more()
        if not self._is_answer_due():
            self.transport.close()
            return
        self.transport.write(refusal_response(refusal))
        # What still comes is thrown away: a socket that is closed with bytes unread takes the
        # answer back.
        self._linger_timer = self.loop.call_later(_LINGER_SECONDS, self.transport.close)
        if self.cycle is not None:
            # Whoever was to answer learns that there is nobody any more.
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        if self.transport.can_write_eof():
            self.transport.write_eof()

    def _is_answer_due(self) -> bool:
        if self.cycle is None or not self.cycle.response_started:
            return True
        # The last answer may have been given before all of its request was there.
        return self.cycle.response_complete and self.conn.their_state is not h11.SEND_BODY
