"""The native dialect: signed commands with a rising counter, positions on every channel."""

from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from sectorwars.domain.command import CommandEnvelope, Origin, SwitchAutomation
from sectorwars.domain.ids import CommandId, PlayerId
from sectorwars.domain.rejection import Refusal
from sectorwars.domain.values import rfc3339
from sectorwars.protocol.canonical import NotCanonicalError, canonical_json, without_signature
from sectorwars.protocol.close_codes import CloseCode
from sectorwars.protocol.codec import DecodedFrame, read_shape
from sectorwars.protocol.dialect import (
    Executed,
    Outcome,
    SessionLimits,
    freshness_refusal,
    too_many_subscriptions,
)
from sectorwars.protocol.effect import (
    AskAria,
    AskFate,
    Authenticate,
    Close,
    Denied,
    Effect,
    Identity,
    Moment,
    Refused,
    Request,
    Resume,
    Send,
    Submit,
    Subscribe,
    Unsubscribe,
)
from sectorwars.protocol.messages import (
    AnnouncedLimits,
    AriaMessageData,
    AuthenticateData,
    AuthSuccess,
    ChannelsData,
    Conflated,
    GetCommandData,
    NativeEnvelope,
    NativeFrame,
    Resumed,
    ResumeData,
    ResumedChannel,
    ResumedCommand,
    Stale,
    Subscribed,
    SubscribeData,
    SubscribedChannel,
    Unsubscribed,
)
from sectorwars.protocol.native_commands import COMMAND_REQUESTS, answer_type, read_command
from sectorwars.protocol.publication import is_channel_name
from sectorwars.protocol.refusal import (
    RefusalCode,
    refusal_members,
    refuse,
    rejection_members,
)
from sectorwars.protocol.shapes.automation import AutomationStatus
from sectorwars.protocol.shapes.conversation import AriaAnswer
from sectorwars.protocol.signing import DirectFrame, FrameSigner, SessionKey, signed_frame

_NOTHING: Final = b"{}"


class NativeDialect:
    """A native connection: `session_id` is the client's own name for its session."""

    def __init__(
        self,
        session_id: str,
        limits: SessionLimits,
        signer: FrameSigner,
        new_secret: Callable[[], bytes],
        automation_status: Callable[[PlayerId], AutomationStatus],
        *,
        confidential: bool,
    ) -> None:
        """Speak with one client.

        Args:
            session_id: the client's id of its session, repeated on all direct frames.
            limits: the session's limits.
            signer: the gateway's own key, for frames before there is a session key.
            new_secret: makes SESSION_KEY_BYTES random bytes.
            automation_status: gives how a player's automation stands, committed.
            confidential: whether nobody can listen in: TLS, or both ends on this machine.
        """
        self.identity: Identity | None = None
        self._session_id = session_id
        self._limits = limits
        self._signer = signer
        self._new_secret = new_secret
        self._automation_status = automation_status
        self._confidential = confidential
        self._key: SessionKey | None = None
        self._counter = -1
        self._subscriptions: set[str] = set()
        self._in_flight = 0

    def receive(self, frame: DecodedFrame, moment: Moment) -> Sequence[Effect]:
        """Take a decoded frame: schema, session, signature, counter, then freshness."""
        request = read_shape(frame.members, NativeFrame)
        if isinstance(request, Refusal):
            frame_id = frame.members.get("id")
            return self.refuse(request, frame_id if isinstance(frame_id, str) else None, moment)
        return self._take(request, frame, moment)

    def receive_sealed(
        self, request: NativeEnvelope, payload: bytes, moment: Moment
    ) -> Sequence[Effect]:
        """Take a frame of good schema whose text is canonical, but for the signature in it."""
        return self._take(request, without_signature(payload, request.signature), moment)

    def _take(
        self, request: NativeEnvelope, sealed: DecodedFrame | bytes, moment: Moment
    ) -> Sequence[Effect]:
        if request.type == "authenticate":
            return self._authenticate(request, moment)
        if self.identity is None:
            if request.type == "resume":
                return self._resume(request, moment)
            return self.refuse(refuse(RefusalCode.NOT_AUTHENTICATED), request.id, moment)
        refusal = self._check_seal(request, sealed)
        if refusal is not None:
            refused = self.refuse(refusal, request.id, moment, _command_id(request))
            return [Denied(refusal.code), *refused]
        self._counter = request.counter
        stale = freshness_refusal(request.timestamp, moment.wall, self._limits.freshness_seconds)
        if request.type in COMMAND_REQUESTS:
            return self._submit(request, self.identity, stale, moment)
        if stale is not None:
            return self.refuse(stale, request.id, moment)
        match request.type:
            case "ping":
                return [self._enclosed("pong", _NOTHING, request.id, moment)]
            case "subscribe":
                return self._subscribe(request, moment)
            case "unsubscribe":
                return self._unsubscribe(request, moment)
            case "get_command":
                return self._get_command(request, moment)
            case "aria_message":
                return self._aria_message(request, moment)
            case "resume":
                return self.refuse(refuse(RefusalCode.ALREADY_AUTHENTICATED), request.id, moment)
            case _:
                return self.refuse(refuse(RefusalCode.UNKNOWN_REQUEST), request.id, moment)

    def refuse(
        self,
        refusal: Refusal,
        frame_id: str | None,
        moment: Moment,
        command_id: str | None = None,
    ) -> Sequence[Effect]:
        """Answer `error`; `command_id` is for the records only."""
        answer = self._answer("error", refusal_members(refusal), frame_id, moment)
        return [Refused(refusal.code, frame_id, command_id), answer]

    def refuse_authentication(
        self, refusal: Refusal, frame_id: str | None, moment: Moment
    ) -> Sequence[Effect]:
        """Answer `auth_failed`; the connection of a client that is already in goes on."""
        failed = self._signed("auth_failed", refusal_members(refusal), frame_id, moment)
        answer: list[Effect] = [Denied(refusal.code), Refused(refusal.code, frame_id), failed]
        if self.identity is not None:
            return answer
        if refusal.code == RefusalCode.TOO_MANY_CONNECTIONS:
            return [*answer, Close(CloseCode.TOO_MANY_CONNECTIONS)]
        return [*answer, Close(CloseCode.AUTHENTICATION_FAILED)]

    def authenticated(
        self, effect: Authenticate, identity: Identity, moment: Moment
    ) -> Sequence[Effect]:
        """Give out a session key; a client that authenticates again keeps the one it has."""
        self.identity = identity
        data = AuthSuccess(identity.player_id, self._session_key().hex, self._announced())
        return [self._signed("auth_success", data, effect.request.frame_id, moment)]

    def subscribed(
        self, request: Request, channels: Sequence[SubscribedChannel], moment: Moment
    ) -> Sequence[Effect]:
        """Answer with each channel's position and state there."""
        return [self._answer("subscribed", Subscribed(tuple(channels)), request.frame_id, moment)]

    def channels_missing(
        self, effect: Subscribe, missing: Sequence[str], moment: Moment
    ) -> Sequence[Effect]:
        """Refuse channels of good form that do not exist; nothing was subscribed."""
        self._subscriptions.difference_update(effect.added)
        refusal = refuse(RefusalCode.UNKNOWN_CHANNEL, f"There is no channel {missing[0]}.")
        return self.refuse(refusal, effect.request.frame_id, moment)

    def channels_ended(self, names: Sequence[str], moment: Moment) -> Sequence[Effect]:
        """Tell the client that he may not listen to channels any more."""
        self._subscriptions.difference_update(names)
        return [self._answer("unsubscribed", Unsubscribed(tuple(names)), None, moment)]

    def resumed(
        self,
        effect: Resume,
        identity: Identity,
        channels: Sequence[ResumedChannel],
        commands: Sequence[ResumedCommand],
        moment: Moment,
    ) -> Sequence[Effect]:
        """Say how each channel goes on and what became of each command."""
        self._in_flight -= 1
        self.identity = identity
        self._subscriptions.update(entry.channel for entry in channels if entry.outcome == "replay")
        data = Resumed(
            identity.player_id,
            self._session_key().hex,
            self._announced(),
            tuple(channels),
            tuple(commands),
        )
        return [self._signed("resumed", data, effect.request.frame_id, moment)]

    def decided(self, submit: Submit, outcome: Outcome, moment: Moment) -> Sequence[Effect]:
        """Answer a command with its receipt, or `error` with its id."""
        self._in_flight -= 1
        frame_id = submit.request.frame_id
        command_id = submit.envelope.command_id
        if isinstance(outcome, Refusal):
            code, members = outcome.code, refusal_members(outcome)
        elif isinstance(outcome, Executed):
            return [self._executed(submit, outcome.body, moment)]
        else:
            code, members = outcome["code"], rejection_members(outcome)
        answer = self._answer("error", {"command_id": command_id, **members}, frame_id, moment)
        return [Refused(code, frame_id, command_id), answer]

    def fate_told(self, request: Request, fate: ResumedCommand, moment: Moment) -> Sequence[Effect]:
        """Say what became of a command."""
        self._in_flight -= 1
        return [self._answer("command_fate", fate, request.frame_id, moment)]

    def aria_answered(
        self, request: Request, outcome: AriaAnswer | Refusal, moment: Moment
    ) -> Sequence[Effect]:
        """Give ARIA's answer, or `error`."""
        self._in_flight -= 1
        if isinstance(outcome, Refusal):
            return self.refuse(outcome, request.frame_id, moment)
        return [self._answer("aria_answer", outcome, request.frame_id, moment)]

    def conflated(self, conflated: Conflated, moment: Moment) -> Sequence[Effect]:
        """Tell a slow reader how many frames were left out."""
        return [self._answer("conflated", conflated, None, moment)]

    def told_stale(self, stale: Stale, moment: Moment) -> Sequence[Effect]:
        """Tell whether what is shown grows old."""
        return [self._answer("stale", stale, None, moment)]

    def timer(self, moment: Moment) -> Sequence[Effect]:
        """Nothing of this dialect is due by time alone."""
        return ()

    def _authenticate(self, request: NativeEnvelope, moment: Moment) -> Sequence[Effect]:
        data = read_shape(request.data, AuthenticateData)
        if isinstance(data, Refusal):
            return self.refuse(data, request.id, moment)
        refusal = self._check_admission(request)
        if refusal is not None:
            return self.refuse_authentication(refusal, request.id, moment)
        self._counter = request.counter
        return [Authenticate(data.token, self._session_id, False, Request(request.id))]

    def _resume(self, request: NativeEnvelope, moment: Moment) -> Sequence[Effect]:
        data = read_shape(request.data, ResumeData)
        if isinstance(data, Refusal):
            return self.refuse(data, request.id, moment)
        refusal = self._check_admission(request)
        if refusal is not None:
            return self.refuse_authentication(refusal, request.id, moment)
        if len(data.positions) > self._limits.subscriptions_max:
            return self.refuse(self._too_many_subscriptions(), request.id, moment)
        if self._in_flight > 0:
            # Each looks up many commands; nothing else is under way before it is done.
            refusal = refuse(
                RefusalCode.TOO_MANY_REQUESTS,
                retry_after_ms=1_000,
                limit="resumptions_in_flight_max=1",
                remaining=0,
            )
            return self.refuse(refusal, request.id, moment)
        self._in_flight += 1
        self._counter = request.counter
        return [
            Resume(
                data.token,
                self._session_id,
                tuple({position.channel: position for position in data.positions}.values()),
                data.deltas,
                tuple(CommandId(command) for command in dict.fromkeys(data.commands)),
                Request(request.id),
            )
        ]

    def _check_admission(self, request: NativeEnvelope) -> Refusal | None:
        if not self._confidential:
            return refuse(RefusalCode.INSECURE_TRANSPORT)
        if request.session_id != self._session_id:
            return refuse(RefusalCode.SESSION_MISMATCH)
        return None

    def _check_seal(self, request: NativeEnvelope, sealed: DecodedFrame | bytes) -> Refusal | None:
        if request.session_id != self._session_id:
            return refuse(RefusalCode.SESSION_MISMATCH)
        if isinstance(sealed, bytes):
            canonical = sealed
        else:
            covered = {name: value for name, value in sealed.members.items() if name != "signature"}
            try:
                canonical = canonical_json(covered)
            except NotCanonicalError as error:
                return refuse(
                    RefusalCode.MALFORMED_FRAME, f"The frame has no canonical form: {error}."
                )
        if not self._session_key().verify(canonical, request.signature):
            return refuse(RefusalCode.INVALID_SIGNATURE)
        if request.counter <= self._counter:
            return refuse(RefusalCode.COUNTER_NOT_RISING, limit=f"counter>{self._counter}")
        return None

    def _subscribe(self, request: NativeEnvelope, moment: Moment) -> Sequence[Effect]:
        data = read_shape(request.data, SubscribeData)
        if isinstance(data, Refusal):
            return self.refuse(data, request.id, moment)
        subscriptions = self._subscriptions.union(data.channels)
        if len(subscriptions) > self._limits.subscriptions_max:
            return self.refuse(self._too_many_subscriptions(), request.id, moment)
        for name in data.channels:
            if not is_channel_name(name):
                refusal = refuse(RefusalCode.UNKNOWN_CHANNEL, f"There is no channel {name!r}.")
                return self.refuse(refusal, request.id, moment)
        added = frozenset(subscriptions - self._subscriptions)
        self._subscriptions = subscriptions
        channels = tuple(dict.fromkeys(data.channels))
        return [Subscribe(channels, added, data.deltas, Request(request.id))]

    def _unsubscribe(self, request: NativeEnvelope, moment: Moment) -> Sequence[Effect]:
        data = read_shape(request.data, ChannelsData)
        if isinstance(data, Refusal):
            return self.refuse(data, request.id, moment)
        left = tuple(name for name in data.channels if name in self._subscriptions)
        self._subscriptions.difference_update(left)
        answer = self._answer("unsubscribed", Unsubscribed(left), request.id, moment)
        return [Unsubscribe(left), answer]

    def _submit(
        self, request: NativeEnvelope, identity: Identity, stale: Refusal | None, moment: Moment
    ) -> Sequence[Effect]:
        named = read_command(request.type, request.data)
        if isinstance(named, Refusal):
            return self.refuse(named, request.id, moment, _command_id(request))
        full = self._in_flight_refusal()
        if full is not None:
            return self.refuse(full, request.id, moment, named.command_id)
        self._in_flight += 1
        envelope = CommandEnvelope(
            named.command_id, identity.player_id, Origin.WEBSOCKET, named.command
        )
        return [Submit(envelope, Request(request.id), stale)]

    def _executed(self, submit: Submit, body: bytes, moment: Moment) -> Send:
        frame_id = submit.request.frame_id
        player_id = submit.envelope.player_id
        if player_id is not None and isinstance(submit.envelope.command, SwitchAutomation):
            receipt = msgspec.json.decode(body, type=dict[str, object])
            receipt["automation"] = self._automation_status(player_id)
            return self._answer("automation_update", receipt, frame_id, moment)
        return self._enclosed(answer_type(submit.envelope.command), body, frame_id, moment)

    def _get_command(self, request: NativeEnvelope, moment: Moment) -> Sequence[Effect]:
        data = read_shape(request.data, GetCommandData)
        if isinstance(data, Refusal):
            return self.refuse(data, request.id, moment)
        full = self._in_flight_refusal()
        if full is not None:
            return self.refuse(full, request.id, moment)
        self._in_flight += 1
        return [AskFate(CommandId(data.command_id), Request(request.id))]

    def _aria_message(self, request: NativeEnvelope, moment: Moment) -> Sequence[Effect]:
        data = read_shape(request.data, AriaMessageData)
        if isinstance(data, Refusal):
            return self.refuse(data, request.id, moment)
        full = self._in_flight_refusal()
        if full is not None:
            return self.refuse(full, request.id, moment)
        self._in_flight += 1
        return [AskAria(data.message, data.conversation_id, Request(request.id))]

    def _too_many_subscriptions(self) -> Refusal:
        return too_many_subscriptions(self._limits.subscriptions_max, len(self._subscriptions))

    def _in_flight_refusal(self) -> Refusal | None:
        limit = self._limits.requests_in_flight_max
        if self._in_flight < limit:
            return None
        return refuse(
            RefusalCode.TOO_MANY_REQUESTS,
            retry_after_ms=1_000,
            limit=f"requests_in_flight_max={limit}",
            remaining=0,
        )

    def _answer(self, kind: str, data: object, frame_id: str | None, moment: Moment) -> Send:
        if self._key is None:
            return self._signed(kind, data, frame_id, moment)
        return self._enclosed(kind, canonical_json(data), frame_id, moment)

    def _enclosed(self, kind: str, data: bytes, frame_id: str | None, moment: Moment) -> Send:
        """Answer in a session that has a key, with data that is canonical JSON already."""
        frame = DirectFrame(
            data=msgspec.Raw(data),
            id=frame_id,
            player_id=None if self.identity is None else self.identity.player_id,
            session_id=self._session_id,
            timestamp=rfc3339(moment.wall),
            type=kind,
        )
        return Send(frame.authenticated(self._session_key()))

    def _signed(self, kind: str, data: object, frame_id: str | None, moment: Moment) -> Send:
        frame: dict[str, object] = {
            "type": kind,
            "data": data,
            "timestamp": rfc3339(moment.wall),
            "session_id": self._session_id,
        }
        if frame_id is not None:
            frame["id"] = frame_id
        if self.identity is not None:
            frame["player_id"] = self.identity.player_id
        return Send(signed_frame(frame, self._signer))

    def _session_key(self) -> SessionKey:
        if self._key is None:
            self._key = SessionKey(self._new_secret())
        return self._key

    def _announced(self) -> AnnouncedLimits:
        limits = self._limits
        return AnnouncedLimits(
            messages_per_second=limits.messages_per_second,
            message_bytes_max=limits.message_bytes_max,
            subscriptions_max=limits.subscriptions_max,
            requests_in_flight_max=limits.requests_in_flight_max,
            heartbeat_seconds=limits.heartbeat_seconds,
        )


def _command_id(request: NativeEnvelope) -> str | None:
    command_id = request.data.get("command_id")
    return command_id if isinstance(command_id, str) else None
