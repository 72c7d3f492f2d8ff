"""What the two dialects of the protocol have in common, as a session sees them."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sectorwars.domain.record import record
from sectorwars.domain.rejection import Refusal
from sectorwars.domain.values import UnixMicros, parse_rfc3339
from sectorwars.protocol.refusal import RefusalCode, refuse


@record
class Executed:
    """An executed command's receipt; `body` is canonical JSON."""

    body: bytes


Outcome = Executed | Mapping[str, Any] | Refusal
"""A command's fate: its receipt, its `status` rejected as the JSON says it, or a refusal."""


@dataclass(frozen=True, slots=True)
class SessionLimits:
    """The limits of one session; the defaults are the design document's."""

    messages_per_second: int = 100
    authentication_timeout_seconds: int = 15
    heartbeat_seconds: int = 30
    message_bytes_max: int = 65_536
    subscriptions_max: int = 256
    requests_in_flight_max: int = 64
    freshness_seconds: int = 300
    refusals_per_minute: int = 20
    foundation_trading: bool = True


def too_many_subscriptions(limit: int, held: int) -> Refusal:
    """Refuse to subscribe to more than `limit` channels or goods; `held` there are already."""
    return refuse(
        RefusalCode.TOO_MANY_SUBSCRIPTIONS,
        limit=f"subscriptions_max={limit}",
        remaining=limit - held,
    )


def freshness_refusal(timestamp: Any, now: UnixMicros, window_seconds: int) -> Refusal | None:
    """Return why a frame's timestamp is not taken as of now, or None if it is."""
    try:
        sent_at = _micros(timestamp)
    except (ValueError, TypeError):
        return refuse(RefusalCode.INVALID_REQUEST, "`timestamp` is no RFC 3339 time with a zone.")
    if abs(now - sent_at) > window_seconds * 1_000_000:
        return refuse(RefusalCode.STALE_TIMESTAMP, limit=f"freshness_seconds={window_seconds}")
    return None


def _micros(timestamp: str) -> UnixMicros:
    fraction = timestamp[20:26]
    if len(timestamp) == 27 and fraction.isdecimal() and fraction.isascii():
        # Most write microseconds, and many frames in the same second.
        return UnixMicros(_whole_second(timestamp[:20] + timestamp[26]) + int(fraction))
    return parse_rfc3339(timestamp)


@lru_cache(maxsize=1_024)
def _whole_second(timestamp: str) -> UnixMicros:
    """Parse a time whose fraction was cut out from between its point and its zone."""
    second, point, zone = timestamp[:19], timestamp[19], timestamp[20:]
    return parse_rfc3339(f"{second}{point}000000{zone}")
