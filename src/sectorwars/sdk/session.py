"""The client's side of the native protocol as a state machine, over all its connections. Sans-I/O.

Bytes and moments go in, outcomes come out. A command stays here until its fate is known: after a
lost connection it is asked for by `resume`, and what the server never saw is sent again under the
same id, so that nothing is lost and nothing is done twice.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

import msgspec

from sectorwars.domain.rejection import Retry
from sectorwars.domain.values import UnixMicros, parse_rfc3339, rfc3339
from sectorwars.protocol.canonical import NotCanonicalError, canonical_json
from sectorwars.protocol.delta import DELTA_TYPE, DeltaMismatchError, rebuilt
from sectorwars.protocol.effect import Moment
from sectorwars.protocol.messages import (
    RESUMED_COMMANDS_MAX,
    RESUMED_POSITIONS_MAX,
    AnnouncedLimits,
    AuthSuccess,
    Resumed,
    Stale,
    Subscribed,
)
from sectorwars.protocol.native_commands import COMMAND_REQUESTS
from sectorwars.protocol.rate_limit import TokenBucket
from sectorwars.protocol.signing import SessionKey, authenticated_frame
from sectorwars.sdk.backoff import Backoff
from sectorwars.sdk.errors import ForgedFrameError, RefusedError, refusal_error
from sectorwars.sdk.event import Event, snapshot_event, update_event
from sectorwars.sdk.keyring import Keyring

_DIRECT_ED25519: Final = frozenset({"auth_success", "auth_failed", "resumed"})


@dataclass(frozen=True, slots=True)
class Admitted:
    """The server let the client in."""

    player_id: str


@dataclass(frozen=True, slots=True)
class NotAdmitted:
    """The server did not let the client in."""

    error: RefusedError


@dataclass(frozen=True, slots=True)
class Answered:
    """A request has its final answer: the data of a frame, or why not."""

    key: str
    answer: dict[str, Any] | RefusedError


Outcome = Admitted | NotAdmitted | Answered | Event


@dataclass(slots=True)
class _Pending:
    kind: str
    data: dict[str, Any]
    backoff: Backoff
    due_at: float = 0.0
    frame_id: str | None = None


class ClientSession:
    """One client's session; requests are known by a key, which is a command's id."""

    def __init__(
        self,
        session_id: str,
        keyring: Keyring,
        random: Callable[[], float],
        *,
        deltas: bool = False,
    ) -> None:
        """Name the session; `random` gives numbers in [0, 1) for the waits between attempts.

        `is_stale` is whether the server says that what it tells grows old. With `deltas` frames
        may come as such; `delta_mismatches` counts those that did not fit, whose channels were
        asked for again.
        """
        self.session_id = session_id
        self.keyring = keyring
        self.delta_mismatches = 0
        self._deltas = deltas
        self._bases: dict[str, dict[str, Any]] = {}
        self._asked_again: set[str] = set()
        self._random = random
        self._pending: dict[str, _Pending] = {}
        self._in_flight: dict[str, str] = {}
        self._positions: dict[str, tuple[str, int]] = {}
        self._wanted: dict[str, None] = {}
        self._key: SessionKey | None = None
        self._counter = 0
        self._serial = 0
        self._limits: AnnouncedLimits | None = None
        self._bucket = TokenBucket(1, 0.0)
        self._ahead_micros = 0
        self.is_stale = False

    @property
    def is_admitted(self) -> bool:
        """Return whether the connection of now has been let in."""
        return self._limits is not None

    def request(self, key: str, kind: str, data: dict[str, Any]) -> None:
        """Ask for something under a key; it is sent, and sent again, until it is answered.

        Raises:
            ValueError: a request of that key is under way.
        """
        if key in self._pending:
            raise ValueError(f"{key} is under way")
        self._pending[key] = _Pending(kind, data, Backoff(self._random))

    def withdraw(self, key: str) -> None:
        """Stop waiting for an answer; what has been sent may happen all the same."""
        pending = self._pending.pop(key, None)
        if pending is not None and pending.frame_id is not None:
            self._in_flight.pop(pending.frame_id, None)

    def opened(self, token: str, moment: Moment) -> bytes:
        """Begin a new connection; return its first frame, which tells where the client stood."""
        self.lost()
        self._counter = 0
        data = {
            "token": token,
            "positions": [
                {"channel": channel, "epoch": epoch, "offset": offset}
                for channel, (epoch, offset) in islice(
                    self._positions.items(), RESUMED_POSITIONS_MAX
                )
            ],
            "commands": self._commands()[:RESUMED_COMMANDS_MAX],
            "deltas": self._deltas,
        }
        return self._frame("resume", data, moment)[1]

    def reauthenticate(self, token: str, moment: Moment) -> bytes:
        """Return the frame that brings a newer token of the same player in band."""
        return self._frame("authenticate", {"token": token}, moment)[1]

    def lost(self) -> None:
        """Note that the connection is gone: nothing is known of what is in flight."""
        self._key = None
        self._limits = None
        self.is_stale = False
        self._bases.clear()
        self._asked_again.clear()
        self._in_flight.clear()
        for pending in self._pending.values():
            pending.frame_id = None

    def due(self, moment: Moment) -> list[bytes]:
        """Return the frames to send now, within the limits that the server announced."""
        limits = self._limits
        frames: list[bytes] = []
        if limits is None:
            return frames
        for key, pending in self._pending.items():
            if len(self._in_flight) >= limits.requests_in_flight_max:
                break
            if pending.frame_id is not None or pending.due_at > moment.monotonic:
                continue
            wait_seconds = self._bucket.take(moment.monotonic)
            if wait_seconds > 0:
                pending.due_at = moment.monotonic + wait_seconds
                break
            pending.frame_id, frame = self._frame(pending.kind, pending.data, moment)
            self._in_flight[pending.frame_id] = key
            frames.append(frame)
        return frames

    def next_due(self) -> float | None:
        """Return the monotonic second at which something will be due, None where nothing waits."""
        waiting = [one.due_at for one in self._pending.values() if one.frame_id is None]
        return min(waiting, default=None) if self._limits is not None else None

    def receive(self, payload: str | bytes, moment: Moment) -> Sequence[Outcome]:
        """Take a text message of the server.

        Raises:
            ForgedFrameError: it does not bear the server's signature, or is no frame of it.
        """
        try:
            frame = msgspec.json.decode(payload)
            if frame["type"] == DELTA_TYPE:
                frame = self._rebuilt(frame)
                if frame is None:
                    return ()
            self._check(frame)
            return self._dispatch(frame, moment)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise ForgedFrameError(f"The frame is none of this protocol: {error}.") from error

    def unknown_kid(self, payload: str | bytes) -> bool:
        """Tell whether a frame names a key that has to be fetched first."""
        try:
            kid = msgspec.json.decode(payload, type=_Signed).kid
        except msgspec.DecodeError:
            return False
        return kid is not None and not self.keyring.knows(kid)

    def _check(self, frame: dict[str, Any]) -> None:
        if "kid" in frame:
            self.keyring.check(frame)
            if "offset" not in frame and frame["session_id"] not in {self.session_id, ""}:
                raise ForgedFrameError("The frame is of another session.")
            return
        covered = {name: value for name, value in frame.items() if name != "signature"}
        if self._key is None or frame["type"] in _DIRECT_ED25519 or "offset" in frame:
            raise ForgedFrameError("The frame names no key of the server.")
        try:
            canonical = canonical_json(covered)
        except NotCanonicalError as error:
            raise ForgedFrameError(f"The frame has no canonical form: {error}.") from error
        if not self._key.verify(canonical, str(frame.get("signature"))):
            raise ForgedFrameError("The signature does not fit the frame.")

    def _dispatch(self, frame: dict[str, Any], moment: Moment) -> Sequence[Outcome]:
        data = frame["data"]
        if "offset" in frame:
            return self._published(frame)
        match frame["type"]:
            case "resumed":
                return self._resumed(msgspec.convert(data, Resumed), frame["timestamp"], moment)
            case "auth_success":
                msgspec.convert(data, AuthSuccess)
                return ()
            case "auth_failed":
                return [NotAdmitted(refusal_error(data))]
            case "error" if not self.is_admitted:
                return [NotAdmitted(refusal_error(data))]
            case "error":
                return self._refused(frame.get("id"), refusal_error(data), moment)
            case "conflated":
                # Offsets tell the same: the next event counts what was skipped before it.
                return ()
            case "stale":
                self.is_stale = msgspec.convert(data, Stale).stale
                return ()
            case "subscribed":
                return self._subscribed(frame.get("id"), data)
            case _:
                return self._settled(frame.get("id"), data)

    def _resumed(self, resumed: Resumed, timestamp: str, moment: Moment) -> Sequence[Outcome]:
        self._key = SessionKey(bytes.fromhex(resumed.session_key))
        self._limits = resumed.limits
        self._bucket = TokenBucket(resumed.limits.messages_per_second, moment.monotonic)
        self._ahead_micros = parse_rfc3339(timestamp) - moment.wall
        outcomes: list[Outcome] = [Admitted(resumed.player_id)]
        for fate in resumed.commands:
            pending = self._pending.get(fate.command_id)
            if pending is None:
                continue
            match fate.status:
                case "executed" if fate.receipt is not None:
                    outcomes.append(self._final(fate.command_id, fate.receipt))
                case "rejected":
                    error = refusal_error(msgspec.to_builtins(fate))
                    outcomes.append(self._final(fate.command_id, error))
                case _:
                    # Under the same id, what is still pending is answered once it is decided.
                    pending.due_at = moment.monotonic
        replayed = {entry.channel for entry in resumed.channels if entry.outcome == "replay"}
        missing = [channel for channel in self._wanted if channel not in replayed]
        for start in range(0, len(missing), RESUMED_POSITIONS_MAX):
            self._subscribe_again(missing[start : start + RESUMED_POSITIONS_MAX])
        return outcomes

    def subscription(self, channels: Sequence[str]) -> dict[str, Any]:
        """Return the data of a `subscribe` request."""
        return {"channels": list(channels), "deltas": self._deltas}

    def forgo(self, channels: Sequence[str]) -> None:
        """Let go of channels; frames that are under way are dropped."""
        for channel in channels:
            self._wanted.pop(channel, None)
            self._positions.pop(channel, None)
            self._bases.pop(channel, None)

    def _subscribe_again(self, channels: Sequence[str]) -> None:
        self._serial += 1
        data = self.subscription(channels)
        self.request(f"subscribe again {self._serial}", "subscribe", data)

    def _rebuilt(self, delta: dict[str, Any]) -> dict[str, Any] | None:
        """Return the whole frame that a delta makes; None where it is passed over."""
        channel = delta["channel"]
        if channel not in self._wanted or channel in self._asked_again:
            return None
        try:
            return rebuilt(self._bases.get(channel, {}), delta)
        except DeltaMismatchError:
            self.delta_mismatches += 1
            self._asked_again.add(channel)
            self._subscribe_again([channel])
            return None

    def _published(self, frame: dict[str, Any]) -> Sequence[Outcome]:
        channel, epoch, offset = frame["channel"], frame["epoch"], int(frame["offset"])
        position = self._positions.get(channel)
        if channel not in self._wanted or position is None:
            return ()
        if self._deltas:
            self._bases[channel] = frame
        if epoch == position[0] and offset <= position[1]:
            return ()
        skipped = offset - position[1] - 1 if epoch == position[0] else offset - 1
        self._positions[channel] = (epoch, offset)
        return [update_event(Event(channel, epoch, offset, skipped), frame["data"])]

    def _subscribed(self, frame_id: str | None, data: dict[str, Any]) -> Sequence[Outcome]:
        key = self._in_flight.get(frame_id or "")
        if key is None:
            return ()
        outcomes: list[Outcome] = []
        for entry in msgspec.convert(data, Subscribed).channels:
            self._wanted[entry.channel] = None
            self._asked_again.discard(entry.channel)
            known = self._positions.get(entry.channel)
            skipped = 0
            if known is not None:
                same = known[0] == entry.epoch
                skipped = max(0, entry.offset - known[1]) if same else entry.offset
            self._positions[entry.channel] = (entry.epoch, entry.offset)
            event = Event(entry.channel, entry.epoch, entry.offset, skipped)
            outcomes.append(snapshot_event(event, entry.snapshot))
        return [*outcomes, self._final(key, data)]

    def _settled(self, frame_id: str | None, data: dict[str, Any]) -> Sequence[Outcome]:
        key = self._in_flight.get(frame_id or "")
        return () if key is None else [self._final(key, data)]

    def _refused(
        self, frame_id: str | None, error: RefusedError, moment: Moment
    ) -> Sequence[Outcome]:
        key = self._in_flight.get(frame_id or "")
        if key is None:
            return ()
        pending = self._pending[key]
        if error.retry not in {Retry.SAME_ID, Retry.LATER}:
            return [self._final(key, error)]
        del self._in_flight[frame_id or ""]
        pending.frame_id = None
        pending.due_at = moment.monotonic + pending.backoff.next_seconds(error.retry_after_ms)
        return ()

    def _final(self, key: str, answer: dict[str, Any] | RefusedError) -> Answered:
        self.withdraw(key)
        return Answered(key, answer)

    def _commands(self) -> list[str]:
        return [key for key, one in self._pending.items() if one.kind in COMMAND_REQUESTS]

    def _frame(self, kind: str, data: dict[str, Any], moment: Moment) -> tuple[str, bytes]:
        self._counter += 1
        frame_id = str(self._counter)
        frame: dict[str, object] = {
            "type": kind,
            "id": frame_id,
            "counter": self._counter,
            "data": data,
            # By the server's clock, so that a wrong one of this machine makes nothing stale.
            "timestamp": rfc3339(UnixMicros(moment.wall + self._ahead_micros)),
            "session_id": self.session_id,
        }
        if self._key is None:
            return frame_id, canonical_json(frame)
        return frame_id, authenticated_frame(frame, self._key)


class _Signed(msgspec.Struct):
    kid: str | None = None
