"""A native connection without a network, and its client."""

import json
from typing import Any

from tests.unit.gateway.doubles import (
    Surroundings,
    surroundings,
)
from tests.unit.gateway.native_client import NativeClient
from tests.unit.gateway.sockets import PlayerSocket


class Line:
    """One native connection and its client."""

    def __init__(self, around: Surroundings | None = None, **socket: Any) -> None:
        self.around = around or surroundings()
        self.client = NativeClient()
        self.socket = PlayerSocket(self.around, **socket)

    async def ask(self, kind: str, data: Any, **members: Any) -> dict[str, Any]:
        """Send a request; return its one answer."""
        await self.socket.send(self.client.frame(kind, data, self.around.clock.wall, **members))
        (answer,) = self.take()
        return answer

    def take(self) -> list[dict[str, Any]]:
        return [json.loads(payload) for payload in self.socket.take()]

    async def sign_in(self, bearer: str = "good") -> dict[str, Any]:
        answer = await self.ask("authenticate", {"token": bearer})
        if answer["type"] == "auth_success":
            self.client.take_key(answer)
        return answer


async def live(around: Surroundings | None = None, bearer: str = "good") -> Line:
    line = Line(around)
    assert (await line.sign_in(bearer))["type"] == "auth_success"
    return line
