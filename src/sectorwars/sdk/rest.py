"""The HTTP side: sign in, read, and commands that have no frame of their own."""

import asyncio
import http.client
import json
from typing import Any, Final
from urllib.parse import urlsplit

from sectorwars.protocol.service_proof import SERVICE_PROOF_HEADER
from sectorwars.sdk.errors import UnreachableError, refusal_error

_ANSWER_SECONDS_MAX: Final = 30.0
_PREFIX: Final = "/api/v1"


class Rest:
    """The server's HTTP interface, at a connection a request."""

    def __init__(self, url: str) -> None:
        """Speak to the server at `url`, such as `http://127.0.0.1:8000`.

        Raises:
            ValueError: the URL is not of HTTP or names no host.
        """
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or parts.hostname is None:
            raise ValueError(f"{url!r} is no URL of a server")
        self._secure = parts.scheme == "https"
        self._host, self._port = parts.hostname, parts.port
        host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
        authority = host if parts.port is None else f"{host}:{parts.port}"
        self.websocket_url = f"{'wss' if self._secure else 'ws'}://{authority}/ws/realtime"

    async def jwks(self) -> dict[str, Any]:
        """Return the keys of signed frames.

        Raises:
            UnreachableError: there was no answer.
            RefusedError: the server refused.
        """
        return await self._request("GET", "/.well-known/jwks.json", None, {})

    async def call(
        self,
        method: str,
        path: str,
        body: dict[str, Any] | None = None,
        token: str | None = None,
        service_proof: str | None = None,
    ) -> dict[str, Any]:
        """Return the JSON that a path below /api/v1 answers.

        Raises:
            UnreachableError: there was no answer; what was asked for may have been done.
            RefusedError: the server refused.
        """
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        if service_proof is not None:
            headers[SERVICE_PROOF_HEADER] = service_proof
        return await self._request(method, f"{_PREFIX}{path}", body, headers)

    async def _request(
        self, method: str, path: str, body: dict[str, Any] | None, headers: dict[str, str]
    ) -> dict[str, Any]:
        return await asyncio.to_thread(self._exchange, method, path, body, headers)

    def _exchange(
        self, method: str, path: str, body: dict[str, Any] | None, headers: dict[str, str]
    ) -> dict[str, Any]:
        kind = http.client.HTTPSConnection if self._secure else http.client.HTTPConnection
        connection = kind(self._host, self._port, timeout=_ANSWER_SECONDS_MAX)
        if body is not None:
            headers["Content-Type"] = "application/json"
        try:
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            said: dict[str, Any] = json.loads(answer.read() or b"{}")
            if answer.status >= http.client.BAD_REQUEST:
                raise refusal_error(said)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise UnreachableError(f"There is no answer from {self._host}: {error}.") from error
        finally:
            connection.close()
        return said
