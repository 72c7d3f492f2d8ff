"""Requests of native clients."""

from __future__ import annotations

import itertools
import time
from typing import Any

from sectorwars.domain.values import UnixMicros, rfc3339
from sectorwars.protocol.canonical import canonical_json
from sectorwars.protocol.signing import SessionKey, authenticated_frame


class Requests:
    """Makes the requests of a session, signed once there is a key."""

    def __init__(self, session_id: str, key: SessionKey | None = None) -> None:
        """Sign with `key`."""
        self.key = key
        self._session_id = session_id
        self._counter = itertools.count(1)

    def make(self, kind: str, data: dict[str, Any]) -> tuple[str, bytes]:
        """Return the next request and its id."""
        counter = next(self._counter)
        frame: dict[str, Any] = {
            "type": kind,
            "id": str(counter),
            "counter": counter,
            "data": data,
            "timestamp": rfc3339(UnixMicros(time.time_ns() // 1_000)),
            "session_id": self._session_id,
        }
        # A generator shares two cores with what it measures: it must not be the slower one.
        wire = canonical_json(frame) if self.key is None else authenticated_frame(frame, self.key)
        return frame["id"], wire

    def take_key(self, auth_success: dict[str, Any]) -> None:
        """Sign from now on with the key that `auth_success` brought."""
        self.key = SessionKey(bytes.fromhex(auth_success["data"]["session_key"]))
