"""The opening handshake of a WebSocket, sans-I/O: a request head in, a response out.

Source: RFC 6455, section 4.
"""

import hashlib
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

from sectorwars.protocol.canonical import canonical_json
from sectorwars.protocol.deflate import MalformedOfferError, agree
from sectorwars.protocol.shapes.command import RetryClass
from sectorwars.protocol.shapes.problem import Problem

PATH_PREFIX: Final = "/ws/"
REALTIME: Final = "realtime"
"""In place of a player id: whichever player the token names."""
_ACCEPT_GUID: Final = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_PLAYER_ID_LENGTH_MAX: Final = 128


@dataclass(frozen=True, slots=True)
class UpgradeRequest:
    """A valid request to open a WebSocket.

    `player_id` is the one in the path, or None for `realtime`; `token` comes from an
    `Authorization: Bearer` header; `extension` is what was agreed on, as the response says it.
    """

    player_id: str | None
    token: str | None
    accept: str
    extension: str | None = None


@dataclass(frozen=True, slots=True)
class UpgradeRefusal:
    """Why a WebSocket is not opened."""

    status: HTTPStatus
    code: str
    detail: str
    retry: RetryClass = "never"
    limit: str | None = None
    remaining: int | None = None
    retry_after_s: int | None = None


_INVALID: Final = UpgradeRefusal(
    HTTPStatus.BAD_REQUEST, "invalid_upgrade", "This is no WebSocket handshake (RFC 6455)."
)


@dataclass(frozen=True, slots=True)
class OriginPolicy:
    """Who may open a WebSocket: the server's own pages, those listed, and programs (no Origin)."""

    allowed: frozenset[str] = frozenset()

    def admits(self, origin: str | None, host: str | None) -> bool:
        """Tell whether a request with these headers may be upgraded."""
        if origin is None or origin in self.allowed:
            return True
        try:
            parts = urlsplit(origin)
        except ValueError:
            return False
        return (
            parts.scheme in {"http", "https"}
            and host is not None
            and parts.netloc.lower() == host.lower()
        )


@dataclass(frozen=True, slots=True)
class RequestHead:
    """A request without its body; header names are in lower case."""

    method: str
    target: str
    headers: dict[str, str]


def read_head(head: bytes) -> RequestHead:
    """Read a request head up to and without its empty line.

    The HTTP server has parsed the request before and written this head itself, so names and
    values are known to be well formed.
    """
    request_line, *lines = head.decode("latin-1").split("\r\n")
    headers: dict[str, str] = {}
    for line in lines:
        name, _, value = line.partition(":")
        key = name.strip().lower()
        value = value.strip()
        headers[key] = f"{headers[key]},{value}" if key in headers else value
    method, target, _ = request_line.split(" ", 2)
    return RequestHead(method, target, headers)


def read_upgrade(
    head: RequestHead, origins: OriginPolicy, *, compression: bool
) -> UpgradeRequest | UpgradeRefusal:
    """Judge whether a request opens a WebSocket, with compression where that is let and offered."""
    method, target, headers = head.method, head.target, head.headers
    path = target.partition("?")[0]
    player_id = path.removeprefix(PATH_PREFIX)
    if player_id == path or not 0 < len(player_id) <= _PLAYER_ID_LENGTH_MAX or "/" in player_id:
        return UpgradeRefusal(HTTPStatus.NOT_FOUND, "not_found", "There is no WebSocket here.")
    if not origins.admits(headers.get("origin"), headers.get("host")):
        return UpgradeRefusal(
            HTTPStatus.FORBIDDEN, "origin_forbidden", "Pages of this origin may not connect."
        )
    key = headers.get("sec-websocket-key", "")
    if method != "GET" or headers.get("sec-websocket-version") != "13" or not _is_key(key):
        return _INVALID
    try:
        offers = headers.get("sec-websocket-extensions")
        extension = None if offers is None else agree(offers)
    except MalformedOfferError:
        return _INVALID
    scheme, _, credentials = headers.get("authorization", "").partition(" ")
    return UpgradeRequest(
        player_id=None if player_id == REALTIME else player_id,
        token=credentials.strip() if scheme.lower() == "bearer" else None,
        accept=b64encode(hashlib.sha1(key.encode() + _ACCEPT_GUID).digest()).decode(),  # noqa: S324 - RFC 6455 says SHA-1
        extension=extension if compression else None,
    )


def accept_response(request: UpgradeRequest) -> bytes:
    """Return the response that opens the WebSocket."""
    extension = request.extension
    agreed = "" if extension is None else f"Sec-WebSocket-Extensions: {extension}\r\n"
    return (
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Accept: {request.accept}\r\n{agreed}\r\n"
    ).encode()


def refusal_response(refusal: UpgradeRefusal) -> bytes:
    """Return a whole response with problem details (RFC 9457) that refuses the WebSocket."""
    status = refusal.status
    body = canonical_json(
        Problem(
            type="about:blank",
            title=status.phrase,
            status=status.value,
            detail=refusal.detail,
            code=refusal.code,
            retry=refusal.retry,
            retry_after_ms=None if refusal.retry_after_s is None else refusal.retry_after_s * 1_000,
            limit=refusal.limit,
            remaining=refusal.remaining,
        )
    )
    lines = [
        f"HTTP/1.1 {status.value} {status.phrase}",
        "Content-Type: application/problem+json",
        f"Content-Length: {len(body)}",
        "Connection: close",
        "Cache-Control: no-store",
    ]
    if refusal.retry_after_s is not None:
        lines.append(f"Retry-After: {refusal.retry_after_s}")
    if status is HTTPStatus.BAD_REQUEST:
        lines.append("Sec-WebSocket-Version: 13")
    return "\r\n".join((*lines, "", "")).encode() + body


def _is_key(key: str) -> bool:
    try:
        return len(b64decode(key, validate=True)) == 16
    except (Base64Error, ValueError):
        return False
