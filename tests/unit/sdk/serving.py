"""The server's side of a conversation, spoken by hand: it signs as the server does."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sectorwars.application.keys import jwks, signing_key
from sectorwars.domain.values import UnixMicros, rfc3339
from sectorwars.protocol.canonical import canonical_json
from sectorwars.protocol.effect import Moment
from sectorwars.protocol.signing import (
    FrameSigner,
    SessionKey,
    authenticated_frame,
    signed_frame,
)

SESSION = "s-1"
START = UnixMicros(1_800_000_000_000_000)


def at(seconds: float) -> Moment:
    """Return the moment so many seconds after the start, on both clocks."""
    return Moment(UnixMicros(START + int(seconds * 1_000_000)), seconds)


@dataclass
class Serving:
    """Signs frames with keys of its own."""

    in_flight_max: int = 8
    per_second: int = 100
    ahead_micros: int = 0
    key: SessionKey = field(default_factory=lambda: SessionKey(bytes(32)))

    def __post_init__(self) -> None:
        own = signing_key(Ed25519PrivateKey.generate())
        self.signer = FrameSigner(own.private, own.kid)
        self.jwks = jwks([own.private.public_key()])

    def limits(self) -> dict[str, int]:
        return {
            "messages_per_second": self.per_second,
            "message_bytes_max": 65_536,
            "subscriptions_max": 100,
            "requests_in_flight_max": self.in_flight_max,
            "heartbeat_seconds": 30,
        }

    def resumed(
        self, channels: list[dict[str, Any]] | None = None, commands: list[Any] | None = None
    ) -> bytes:
        data = {
            "player_id": "pl_1",
            "session_key": self.key.hex,
            "limits": self.limits(),
            "channels": channels or [],
            "commands": commands or [],
        }
        return self.signed("resumed", data)

    def signed(self, kind: str, data: Any, **members: Any) -> bytes:
        return signed_frame(self._frame(kind, data, members), self.signer)

    def answer(self, kind: str, data: Any, request: bytes) -> bytes:
        members = {"id": json.loads(request)["id"]}
        return authenticated_frame(self._frame(kind, data, members), self.key)

    def published(self, channel: str, offset: int, data: Any, epoch: str = "e1") -> bytes:
        members = {"channel": channel, "epoch": epoch, "offset": offset, "session_id": "stream"}
        return self.signed("market_update", data, **members)

    def is_signed(self, request: bytes) -> bool:
        """Tell whether a request bears the session's HMAC."""
        frame = json.loads(request)
        signature = frame.pop("signature")
        return self.key.verify(canonical_json(frame), signature)

    def _frame(self, kind: str, data: Any, members: dict[str, Any]) -> dict[str, Any]:
        timestamp = rfc3339(UnixMicros(START + self.ahead_micros))
        return {
            "type": kind,
            "data": data,
            "timestamp": timestamp,
            "session_id": SESSION,
            **members,
        }
