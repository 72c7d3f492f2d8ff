"""How the unchanged Foundation client signs what it sends, and what it does with what it gets."""

import hashlib
import json
import re
from dataclasses import dataclass, field
from typing import Any

from sectorwars.domain.values import UnixMicros, parse_rfc3339, rfc3339

KNOWN_TYPES = {
    "market_update",
    "universe_pulse",
    "port_network",
    "ai_alert",
    "trading_signal",
    "combat_event",
}
CLOCK_DIFFERENCE_MAX = 5 * 60 * 1_000_000
FRAMES_PER_WINDOW = 100
WINDOW_SECONDS = 60.0
_COMMODITY = re.compile(r"^[a-zA-Z0-9_-]{1,50}$")


def javascript_json(value: Any) -> str:
    """What `JSON.stringify` makes of plain data."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def sent_frame(kind: str, data: dict[str, Any], session_id: str, at: UnixMicros) -> bytes:
    """A frame as the client's `send` makes it."""
    covered = {"token": data["token"]} if data.get("action") == "authenticate" else data
    digest = hashlib.sha256((javascript_json(covered) + session_id).encode()).hexdigest()
    return javascript_json(
        {
            "type": kind,
            "data": data,
            "timestamp": rfc3339(at),
            "signature": digest,
            "session_id": session_id,
        }
    ).encode()


@dataclass
class FoundationClient:
    """The client's inbound validator, its limiter, and what its screens choke on."""

    shown: list[dict[str, Any]] = field(default_factory=list)
    dropped: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    _windows: dict[str, tuple[float, int]] = field(default_factory=dict)

    def receive(self, payload: bytes, at: UnixMicros, seconds: float) -> None:
        """Take a frame at a real time and a monotonic one."""
        frame = json.loads(payload)
        fault = self._fault(frame, at, seconds)
        if fault is None:
            self._render(frame)
            self.shown.append(frame)
        else:
            self.dropped.append((fault, frame))

    def _fault(self, frame: dict[str, Any], at: UnixMicros, seconds: float) -> str | None:
        for name in ("type", "data", "timestamp", "session_id"):
            if not frame.get(name):
                # An empty object is truthy in that client's language.
                if name == "data" and frame.get(name) == {}:
                    continue
                return f"no {name}"
        if frame["type"] not in KNOWN_TYPES:
            return "unknown type"
        if abs(at - parse_rfc3339(frame["timestamp"])) > CLOCK_DIFFERENCE_MAX:
            return "old"
        bucket = frame.get("player_id", "")
        started, count = self._windows.get(bucket, (seconds, 0))
        if seconds - started >= WINDOW_SECONDS:
            started, count = seconds, 0
        if count >= FRAMES_PER_WINDOW:
            return "too many"
        self._windows[bucket] = (started, count + 1)
        return None

    def _render(self, frame: dict[str, Any]) -> None:
        """Fail where the client's screens would crash or show nonsense."""
        data = frame["data"]
        assert frame["timestamp"].endswith("Z")
        if frame["type"] == "market_update" and "price" in data:
            assert isinstance(data["price"], int | float)
            assert data["price"] > 0
            assert isinstance(data["volume"], int | float)
            assert _COMMODITY.match(data["commodity"])
            assert data["commodity"] == data["commodity"].lower()
        if frame["type"] == "trading_signal":
            assert "commodity" not in data, "taken for a prediction, which crashes the dashboard"
            if data["type"] == "trade_refused":
                assert data["reason"]
                assert data["code"]
            if data["type"] == "trade_executed":
                trade = data["trade"]
                assert trade["type"].upper() in {"BUY", "SELL"}
                assert isinstance(trade["profit"], int | float)
                assert isinstance(trade["reasoning"], str)
