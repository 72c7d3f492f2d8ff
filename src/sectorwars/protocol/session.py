"""One connection as a state machine: awaiting authentication, then live. Sans-I/O.

Frames and moments go in, effects come out; the shell carries them out and calls back with what
came of them. The order of the checks on a frame is that of docs/PROTOCOL.md: rate, decode and
schema, session, signature and counter, receipt, freshness; size is checked before, by framing.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from sectorwars.domain.ids import PlayerId
from sectorwars.domain.rejection import Refusal
from sectorwars.domain.values import UnixMicros, rfc3339
from sectorwars.protocol.close_codes import CloseCode
from sectorwars.protocol.codec import decode_frame, decode_sealed
from sectorwars.protocol.dialect import SessionLimits
from sectorwars.protocol.effect import (
    Authenticate,
    Close,
    Denied,
    Effect,
    Identity,
    Moment,
    Refused,
    Request,
    Send,
)
from sectorwars.protocol.foundation import FoundationDialect
from sectorwars.protocol.messages import FRAME_ID_LENGTH_MAX
from sectorwars.protocol.native import NativeDialect
from sectorwars.protocol.rate_limit import TokenBucket
from sectorwars.protocol.refusal import RefusalCode, refusal_members, refuse
from sectorwars.protocol.shapes.automation import AutomationStatus
from sectorwars.protocol.signing import FrameSigner, signed_frame

SNAPSHOTS_PER_MESSAGE: Final = 4
"""So many channels cost about what answering a message does, beyond the request itself."""


class _Identified(msgspec.Struct):
    id: str


@dataclass(frozen=True, slots=True)
class SessionParts:
    """What all sessions of a gateway share: limits, key, fresh secrets, and committed facts."""

    limits: SessionLimits
    signer: FrameSigner
    new_secret: Callable[[], bytes]
    port_name: Callable[[str], str]
    automation_status: Callable[[PlayerId], AutomationStatus]


class Session:
    """A connection from its opening to its end.

    `dialect` is None until the first good frame shows which one the client speaks.
    """

    __slots__ = (
        "_bucket",
        "_confidential",
        "_opened_at",
        "_parts",
        "_session_expires_at",
        "dialect",
    )

    def __init__(self, parts: SessionParts, moment: Moment, *, confidential: bool) -> None:
        """Open at `moment`; `confidential` says that nobody can listen in (TLS or loopback)."""
        self._parts = parts
        self._confidential = confidential
        self._opened_at = moment.monotonic
        self._session_expires_at: UnixMicros | None = None
        self._bucket = TokenBucket(parts.limits.messages_per_second, moment.monotonic)
        self.dialect: NativeDialect | FoundationDialect | None = None

    def receive_text(self, payload: bytes, moment: Moment) -> Sequence[Effect]:
        """Take a text message, valid UTF-8 and within the size limit."""
        wait_seconds = self._bucket.take(moment.monotonic)
        if wait_seconds:
            return self._too_fast(wait_seconds, _frame_id(payload), moment)
        if type(self.dialect) is NativeDialect:
            sealed = decode_sealed(payload)
            if sealed is not None:
                return self.dialect.receive_sealed(sealed, payload, moment)
        frame = decode_frame(payload)
        if isinstance(frame, Refusal):
            return self._refuse(frame, None, moment)
        if self.dialect is None:
            self.dialect = self._recognise(frame.members, moment)
        if self.dialect is None:
            return self._refuse(refuse(RefusalCode.NOT_AUTHENTICATED), _frame_id(payload), moment)
        return self.dialect.receive(frame, moment)

    def receive_binary(self, moment: Moment) -> Sequence[Effect]:
        """Refuse a binary message; the connection lives."""
        wait_seconds = self._bucket.take(moment.monotonic)
        if wait_seconds:
            return self._too_fast(wait_seconds, None, moment)
        return self._refuse(refuse(RefusalCode.BINARY_NOT_SUPPORTED), None, moment)

    def receive_header_token(self, token: str, moment: Moment) -> Sequence[Effect]:
        """Take the token of an `Authorization` header as if the first frame had brought it."""
        session_id = self._parts.new_secret()[:16].hex()
        dialect = self._native(session_id)
        self.dialect = dialect
        if not self._confidential:
            return dialect.refuse_authentication(
                refuse(RefusalCode.INSECURE_TRANSPORT), None, moment
            )
        return [Authenticate(token, session_id, False, Request(None))]

    def admitted(self, bucket: TokenBucket, identity: Identity) -> None:
        """Go live: count messages in the player's own bucket, until his sign-in session ends."""
        self._bucket = bucket
        self._session_expires_at = identity.session_expires_at

    def charge_snapshots(self, count: int) -> None:
        """Count snapshots that the player was given as messages of his."""
        self._bucket.charge(count / SNAPSHOTS_PER_MESSAGE)

    def timer(self, moment: Moment) -> Sequence[Effect]:
        """Do what is due; called about once a second."""
        limits = self._parts.limits
        if self._session_expires_at is None:
            if moment.monotonic - self._opened_at < limits.authentication_timeout_seconds:
                return ()
            return [Close(CloseCode.AUTHENTICATION_TIMEOUT)]
        if moment.wall >= self._session_expires_at:
            return [Close(CloseCode.SESSION_EXPIRED)]
        return () if self.dialect is None else self.dialect.timer(moment)

    def _too_fast(
        self, wait_seconds: float, frame_id: str | None, moment: Moment
    ) -> Sequence[Effect]:
        rate = self._parts.limits.messages_per_second
        refusal = refuse(
            RefusalCode.MESSAGE_RATE_EXCEEDED,
            retry_after_ms=int(wait_seconds * 1_000) + 1,
            limit=f"message_rate_limit={rate}/s",
            remaining=0,
        )
        return [Denied(refusal.code), *self._refuse(refusal, frame_id, moment)]

    def _recognise(
        self, members: dict[str, Any], moment: Moment
    ) -> NativeDialect | FoundationDialect | None:
        session_id = members.get("session_id")
        if not isinstance(session_id, str) or not 0 < len(session_id) <= FRAME_ID_LENGTH_MAX:
            return None
        if members.get("type") in {"authenticate", "resume"}:
            return self._native(session_id)
        if members.get("type") == "ai_alert":
            parts = self._parts
            return FoundationDialect(
                session_id,
                parts.limits,
                parts.signer,
                parts.port_name,
                parts.automation_status,
                moment,
            )
        return None

    def _native(self, session_id: str) -> NativeDialect:
        parts = self._parts
        return NativeDialect(
            session_id,
            parts.limits,
            parts.signer,
            parts.new_secret,
            parts.automation_status,
            confidential=self._confidential,
        )

    def _refuse(self, refusal: Refusal, frame_id: str | None, moment: Moment) -> Sequence[Effect]:
        if self.dialect is not None:
            return self.dialect.refuse(refusal, frame_id, moment)
        frame: dict[str, object] = {
            "type": "error",
            "data": refusal_members(refusal),
            "timestamp": rfc3339(moment.wall),
            "session_id": "",
        }
        if frame_id is not None:
            frame["id"] = frame_id
        return [Refused(refusal.code, frame_id), Send(signed_frame(frame, self._parts.signer))]


def _frame_id(payload: bytes) -> str | None:
    try:
        return msgspec.json.decode(payload, type=_Identified).id[:FRAME_ID_LENGTH_MAX]
    except (ValueError, RecursionError):
        return None
