"""The outermost layer of every HTTP request: limits, headers, log, metrics, and the last resort."""

from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Any, Final

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sectorwars.api.errors import INTERNAL_ERROR, UNSUPPORTED_MEDIA_TYPE, problem_response
from sectorwars.api.paths import API_PREFIX
from sectorwars.application.accounts.client_address import IpNetwork, client_address
from sectorwars.application.audit.trail import DenialCounts
from sectorwars.application.ports import Clock
from sectorwars.observability.http_metrics import HttpMetrics
from sectorwars.protocol.codec import MalformedJsonError, decode_json

_CONTENT_SECURITY_POLICY: Final = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self' {sockets}",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
_SECURITY_HEADERS: Final = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=()",
}
_HSTS: Final = "max-age=31536000; includeSubDomains"
_DENIALS: Final = frozenset(
    {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS}
)
_DENIAL_CODES: Final = frozenset({"auth_busy"})
"""Denials whose status says something else: who signs in while others flood is turned away."""
_UNMATCHED: Final = "unmatched"
_HOST_CHARACTERS: Final = frozenset(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-:[]"
)

_LOG: Final = structlog.get_logger("sectorwars.http")


class HttpEdge:
    """Wrap the application so that every answer, whatever happens inside, is one of ours."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        clock: Clock,
        metrics: HttpMetrics,
        new_request_id: Callable[[], str],
        body_bytes_max: int,
        denials: DenialCounts,
        trusted_proxies: Sequence[IpNetwork],
    ) -> None:
        """Refuse bodies of more than `body_bytes_max` bytes, and count denials for the audit.

        `trusted_proxies` are believed about whom they forward for.
        """
        self._app = app
        self._clock = clock
        self._metrics = metrics
        self._new_request_id = new_request_id
        self._body_bytes_max = body_bytes_max
        self._denials = denials
        self._trusted_proxies = trusted_proxies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer an HTTP request; hand everything else on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        exchange = _Exchange(scope, send, self._new_request_id(), self._clock.monotonic())
        state: dict[str, Any] = scope.setdefault("state", {})
        state["received_monotonic"] = exchange.started
        with structlog.contextvars.bound_contextvars(request_id=exchange.request_id):
            try:
                if _has_unsupported_media_type(scope):
                    await problem_response(UNSUPPORTED_MEDIA_TYPE)(scope, receive, exchange.send)
                else:
                    bounded = _BoundedBody(receive, self._body_bytes_max)
                    await self._app(scope, bounded.receive, exchange.send)
            except ClientDisconnect:
                _LOG.info("client_disconnected", method=scope["method"])
            except Exception:
                _LOG.exception("request_failed", method=scope["method"])
                if not exchange.answered:
                    await problem_response(INTERNAL_ERROR)(scope, receive, exchange.send)
            self._record(scope, exchange)

    def _record(self, scope: Scope, exchange: "_Exchange") -> None:
        route = getattr(scope.get("route"), "path", _UNMATCHED)
        seconds = self._clock.monotonic() - exchange.started
        self._metrics.observe(scope["method"], route, exchange.status, seconds)
        code = scope["state"].get("problem_code")
        if code is not None and (exchange.status in _DENIALS or code in _DENIAL_CODES):
            self._denials.count(
                scope["state"].get("player_id"), self._address(scope), code, self._clock.now()
            )
        _LOG.info(
            "request",
            method=scope["method"],
            route=route,
            status=exchange.status,
            milliseconds=round(seconds * 1_000, 1),
            player_id=scope["state"].get("player_id"),
            **{
                name: scope["state"][name]
                for name in ("problem_code", "command_id")
                if name in scope["state"]
            },
        )

    def _address(self, scope: Scope) -> str:
        peer = scope.get("client")
        forwarded_for = ",".join(Headers(scope=scope).getlist("x-forwarded-for"))
        return client_address(
            None if peer is None else peer[0], forwarded_for, self._trusted_proxies
        )


class _Exchange:
    """A request under way: what has been answered so far, and the headers of every answer."""

    def __init__(self, scope: Scope, send: Send, request_id: str, started: float) -> None:
        self.request_id = request_id
        self.started = started
        self.answered = False
        self.status = 0
        self._scope = scope
        self._send = send

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.answered = True
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            headers["x-request-id"] = self.request_id
            headers.update(_SECURITY_HEADERS)
            headers["content-security-policy"] = _content_security_policy(self._scope)
            headers.setdefault("cache-control", "no-store")
            if self._scope["scheme"] == "https":
                headers["strict-transport-security"] = _HSTS
        await self._send(message)


class _BoundedBody:
    """Receive a request's body, up to a limit, and only if it is strict JSON."""

    def __init__(self, receive: Receive, bytes_max: int) -> None:
        self._receive = receive
        self._bytes_max = bytes_max
        self._body = b""

    async def receive(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request":
            self._body += message.get("body", b"")
            if len(self._body) > self._bytes_max:
                raise HTTPException(413, detail=f"body_bytes_max={self._bytes_max}")
            if self._body and not message.get("more_body", False):
                self._require_strict_json()
        return message

    def _require_strict_json(self) -> None:
        # The framework's reader takes NaN, and of a key that is given twice the last.
        try:
            decode_json(self._body)
        except MalformedJsonError as error:
            raise HTTPException(400, detail=str(error)) from error


def _content_security_policy(scope: Scope) -> str:
    """Allow the page its own server only; browsers differ in whether 'self' covers WebSockets."""
    host = Headers(scope=scope).get("host", "")
    named = bool(host) and _HOST_CHARACTERS.issuperset(host)
    sockets = f"ws://{host} wss://{host}" if named else ""
    return _CONTENT_SECURITY_POLICY.format(sockets=sockets)


def _has_unsupported_media_type(scope: Scope) -> bool:
    headers = Headers(scope=scope)
    has_body = headers.get("content-length", "0") != "0" or "transfer-encoding" in headers
    if not has_body or not scope["path"].startswith(API_PREFIX):
        return False
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    return media_type != "application/json"
