"""What a native client does to its frames: counts, signs, and checks what comes back."""

import json
from typing import Any

from tests.unit.gateway.doubles import NOW

from sectorwars.domain.values import UnixMicros, rfc3339
from sectorwars.protocol.canonical import canonical_json
from sectorwars.protocol.signing import SessionKey

SESSION_ID = "session-1"


class NativeClient:
    """Makes frames of one session."""

    def __init__(self, session_id: str = SESSION_ID) -> None:
        self.session_id = session_id
        self.key: SessionKey | None = None
        self.counter = 0

    def frame(self, kind: str, data: Any, at: UnixMicros = NOW, **members: Any) -> bytes:
        """The next frame; `members` replace what it would be made of."""
        self.counter += 1
        frame: dict[str, Any] = {
            "type": kind,
            "id": str(self.counter),
            "counter": self.counter,
            "data": data,
            "timestamp": rfc3339(at),
            "session_id": self.session_id,
            **members,
        }
        if self.key is not None and "signature" not in frame:
            frame["signature"] = self.key.sign(canonical_json(frame))
        return json.dumps(frame).encode()

    def take_key(self, answer: dict[str, Any]) -> None:
        """Sign with the key that `auth_success` or `resumed` brought."""
        self.key = SessionKey(bytes.fromhex(answer["data"]["session_key"]))

    def is_ours(self, answer: dict[str, Any]) -> bool:
        """Whether a direct frame carries this session's HMAC."""
        assert self.key is not None
        covered = {name: value for name, value in answer.items() if name != "signature"}
        return self.key.verify(canonical_json(covered), answer["signature"])
