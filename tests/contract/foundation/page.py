"""The Foundation client's page in front of a gateway without a network."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.contract.foundation.foundation_client import FoundationClient, sent_frame
from tests.unit.gateway.doubles import Surroundings, principal, surroundings
from tests.unit.gateway.sockets import PlayerSocket

from sectorwars.domain.values import parse_rfc3339
from sectorwars.protocol.pacing import BEAT_SECONDS

_FILE = Path(__file__).parent / "vectors" / "foundation_frames.json"
VECTORS = json.loads(_FILE.read_text())["frames"]
RECORDED = [vector["text"] for vector in VECTORS]
AUTHENTICATE = json.loads(RECORDED[0])
TOKEN = AUTHENTICATE["data"]["token"]
SESSION_ID = AUTHENTICATE["session_id"]


class Page:
    """The client's page in front of a gateway that knows its token."""

    def __init__(self, around: Surroundings | None = None) -> None:
        self.around = around or surroundings()
        self.around.tokens.principals[TOKEN] = principal()
        self.client = FoundationClient()
        self.socket = PlayerSocket(self.around)

    async def send(self, text: str | bytes) -> list[dict[str, Any]]:
        """Send a frame at the time it says; return what was shown in answer."""
        payload = text.encode() if isinstance(text, str) else text
        before = len(self.client.shown)
        await self.socket.send(payload)
        self.take()
        return self.client.shown[before:]

    async def say(self, kind: str, data: dict[str, Any]) -> list[dict[str, Any]]:
        """Send a frame as the client makes it now; return what was shown in answer."""
        return await self.send(sent_frame(kind, data, SESSION_ID, self.around.clock.now()))

    def take(self) -> None:
        clock = self.around.clock
        for payload in self.socket.take():
            self.client.receive(payload, clock.now(), clock.monotonic())

    async def sign_in(self) -> list[dict[str, Any]]:
        self.around.clock.wall = parse_rfc3339(AUTHENTICATE["timestamp"])
        return await self.send(RECORDED[0])

    def wait(self, seconds: float) -> None:
        """Let time pass, beat by beat."""
        for _ in range(round(seconds / BEAT_SECONDS)):
            self.around.clock.advance(BEAT_SECONDS)
            self.around.gateway.beat()
            self.take()


def updates(frames: Sequence[dict[str, Any]]) -> list[str]:
    """The goods of the market updates among the frames."""
    return [frame["data"]["commodity"] for frame in frames if frame["type"] == "market_update"]
