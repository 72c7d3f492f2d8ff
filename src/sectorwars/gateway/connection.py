"""One socket around one session: bytes in, effects carried out, bytes out without waiting."""

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar, assert_never

from sectorwars.application.accounts.tokens import Principal
from sectorwars.gateway.audience import Bundle, Pipe
from sectorwars.gateway.client_address import ClientAddress
from sectorwars.gateway.descriptor import plain_descriptor
from sectorwars.gateway.outbox import Outbox, OutboxFullError
from sectorwars.gateway.round_trip import tcp_round_trip_seconds
from sectorwars.observability.metrics import (
    CLOSES,
    FRAMES_CONFLATED,
    READER_BEHIND_SECONDS,
)
from sectorwars.protocol.channel import PublishedFrame
from sectorwars.protocol.close_codes import CLOSINGS, CloseCode
from sectorwars.protocol.deflate import PRESSED_BYTES_MIN
from sectorwars.protocol.effect import (
    AskAria,
    AskFate,
    Authenticate,
    Close,
    Denied,
    Effect,
    FollowAccount,
    KeepSession,
    Moment,
    Refused,
    Resume,
    Send,
    SendMarketUpdates,
    SendPredictions,
    SendPulse,
    Submit,
    Subscribe,
    Unsubscribe,
)
from sectorwars.protocol.foundation import FoundationDialect
from sectorwars.protocol.framing import (
    BinaryMessage,
    FrameParser,
    FramingError,
    Message,
    Opcode,
    PeerClose,
    Ping,
    Pong,
    TextMessage,
    encode_close,
    encode_compressed,
    encode_frame,
    encode_text,
)
from sectorwars.protocol.messages import Conflated
from sectorwars.protocol.native import NativeDialect
from sectorwars.protocol.rate_limit import TokenBucket
from sectorwars.protocol.session import Session

if TYPE_CHECKING:
    from sectorwars.gateway.gateway import Gateway

GatewayEffect = (
    Denied
    | Refused
    | Authenticate
    | Submit
    | AskFate
    | Subscribe
    | Unsubscribe
    | Resume
    | FollowAccount
    | SendMarketUpdates
    | SendPredictions
    | SendPulse
    | KeepSession
    | AskAria
)
"""The effects that a connection cannot carry out by itself."""

Kept = TypeVar("Kept", bytes, Bundle)

_PING = encode_frame(Opcode.PING, b"")
_HEARTBEATS_MISSED_MAX = 2


class Connection:
    """An open WebSocket; a `hub.Subscriber`."""

    def __init__(
        self,
        gateway: "Gateway",
        transport: asyncio.Transport,
        session: Session,
        client: ClientAddress,
        path_player_id: str | None,
        moment: Moment,
        *,
        compression: bool = False,
    ) -> None:
        """Serve `session` over `transport`; `path_player_id` is the player in the URL, if any.

        With `compression`, long messages are compressed, and the client's may be.
        Once `closing`, nothing is sent any more, and only the peer's close frame is waited for.
        """
        self.session = session
        self.client = client
        self.path_player_id = path_player_id
        self.principal: Principal | None = None
        self.channels: set[str] = set()
        self.follower: AccountFollower | None = None
        self.counted = False
        self.closing = False
        self._gateway = gateway
        self._transport = transport
        limits = gateway.limits
        self._parser = FrameParser(limits.session.message_bytes_max, compression=compression)
        self._deaf = False
        self._frames_per_second = limits.frames_per_second_of_strangers
        self._frames = TokenBucket(self._frames_per_second, moment.monotonic)
        self._compression = compression
        wire = PublishedFrame.compressed_wire if compression else PublishedFrame.wire
        self._outbox = Outbox(limits.backlog_frames_max, limits.backlog_bytes_max, wire)
        descriptor = plain_descriptor(transport)
        self._pipe = None if descriptor is None else Pipe(descriptor, compression, transport.write)
        self._unsent: list[bytes] = []
        self._paused_at: float | None = None
        self._heard_at = moment.monotonic
        self._pinged_at = moment.monotonic
        self._awaits_pong = False
        self._close_timer: asyncio.TimerHandle | None = None
        self.history = gateway.witness.begin(moment)

    @property
    def heard_at(self) -> float:
        """Return when the last bytes came, on the monotonic clock."""
        return self._heard_at

    @property
    def queued_frames(self) -> int:
        """Return how many frames wait until the socket takes bytes again."""
        return len(self._outbox)

    @property
    def queued_bytes(self) -> int:
        """Return how many bytes were written that the socket has not taken."""
        return self._transport.get_write_buffer_size()

    @property
    def skipped(self) -> int:
        """Return how many frames were left out since the reader fell behind."""
        return sum(self._outbox.skipped.values())

    def skipped_of(self, channel: str) -> int:
        """Return how many frames of a channel were left out since the reader fell behind."""
        return self._outbox.skipped.get(channel, 0)

    def lag_seconds(self, now: float) -> float:
        """Return how long the socket has taken nothing."""
        return 0.0 if self._paused_at is None else now - self._paused_at

    def round_trip_seconds(self) -> float | None:
        """Return the last ping's round trip, or else the kernel's measure of the TCP connection."""
        if self.history.ping_seconds is not None:
            return self.history.ping_seconds
        return tcp_round_trip_seconds(self._transport.get_extra_info("socket"))

    def feed(self, data: bytes) -> None:
        """Take bytes from the socket."""
        if self.closing:
            self._await_peer_close(data)
            return
        moment = self._gateway.moment()
        self._heard_at = moment.monotonic
        text = self._parser.whole_text(data)
        if text is not None:
            # Almost every read is just this.
            if self._is_admitted(moment):
                self._receive_text(text, moment)
            return
        try:
            for message in self._parser.feed(data):
                if self._is_admitted(moment):
                    self._receive(message, moment)
                if self.closing:
                    return
        except FramingError as error:
            self._hang_up(error.code, error.reason)

    def admitted(self, moment: Moment) -> None:
        """Let more frames through from now on: the client has said who he is."""
        self._frames_per_second = self._gateway.limits.frames_per_second
        self._frames = TokenBucket(self._frames_per_second, moment.monotonic)

    def carry_out(self, effects: Sequence[Effect], moment: Moment) -> None:
        """Do what the session asks for."""
        for effect in effects:
            match effect:
                case Send(payload):
                    self.send(self._text(payload))
                case Close(code):
                    self.close(code)
                case _:
                    self._gateway.perform(self, effect, moment)

    @property
    def pipe(self) -> Pipe | None:
        """The socket, while it can simply be written to."""
        return None if self._paused_at is not None or self.closing else self._pipe

    def hand_over(self, frames: Sequence[PublishedFrame]) -> None:
        """Take frames that were published before, if there are any, for this reader alone.

        As one piece: frame by frame, a long absence would fill the backlog.
        """
        if frames:
            self.deliver(Bundle(frames))

    def deliver(self, bundle: Bundle) -> None:
        """Take published frames from the hub, and write them as one piece."""
        if self._paused_at is None:
            self.send(bundle.wire(compressed=self._compression))
        elif not self.closing:
            self._keep(self._outbox.add, bundle)

    def send(self, wire: bytes) -> None:
        """Send a frame that must not be dropped: an answer, or a player's own event."""
        if self.closing:
            return
        if self._paused_at is not None:
            self._keep(self._outbox.keep, wire)
            return
        if not self._unsent:
            self._gateway.answers.wait(self)
        self._unsent.append(wire)

    def flush(self) -> None:
        """Write what was sent in this turn of the loop, as one piece."""
        unsent, self._unsent = self._unsent, []
        if unsent and not self._transport.is_closing():
            self._transport.write(unsent[0] if len(unsent) == 1 else b"".join(unsent))

    def send_if_ready(self, wire: bytes) -> None:
        """Send a frame that the next of its kind makes worthless, unless the reader is slow."""
        if self._paused_at is None:
            self.send(wire)

    def pause_writing(self) -> None:
        """Stop writing: the socket takes nothing just now."""
        if self._paused_at is None:
            self._paused_at = self._gateway.moment().monotonic
            self._gateway.pipe_changed(self)

    def resume_writing(self) -> None:
        """Write what has waited, and tell a native client what was left out."""
        if self._paused_at is None or self.closing:
            return
        paused_at, self._paused_at = self._paused_at, None
        self._gateway.pipe_changed(self)
        frames, skipped = self._outbox.take()
        if frames:
            self._write(b"".join(frames))
            READER_BEHIND_SECONDS.observe(self._gateway.moment().monotonic - paused_at)
        left_out = sum(channel.skipped for channel in skipped)
        FRAMES_CONFLATED.inc(left_out)
        self.history.conflated += left_out
        dialect = self.session.dialect
        if skipped and isinstance(dialect, NativeDialect):
            moment = self._gateway.moment()
            self.carry_out(dialect.conflated(Conflated(skipped), moment), moment)

    def timer(self, moment: Moment) -> None:
        """Keep the heartbeat, close a dead or too slow connection, and do what is due."""
        if self.closing:
            return
        if (
            self._paused_at is not None
            and moment.monotonic - self._paused_at >= self._gateway.limits.slow_seconds_max
        ):
            limit = f"slow_seconds_max={self._gateway.limits.slow_seconds_max:g}"
            self.close(CloseCode.SLOW_CONSUMER, limit=limit)
            return
        heartbeat = self._gateway.limits.session.heartbeat_seconds
        if moment.monotonic - self._heard_at >= heartbeat * (_HEARTBEATS_MISSED_MAX + 0.5):
            self.close(CloseCode.HEARTBEAT_LOST, limit=f"heartbeat_interval={heartbeat}")
            return
        if moment.monotonic - max(self._heard_at, self._pinged_at) >= heartbeat:
            self._pinged_at = moment.monotonic
            self._awaits_pong = True
            self.send_if_ready(_PING)
        self.carry_out(self.session.timer(moment), moment)

    def close(
        self, code: CloseCode, reason: str | None = None, *, limit: str | None = None
    ) -> None:
        """Send a close frame and wait a while for the other half of the handshake.

        `reason` takes the place of the code's own; `limit` is what was exceeded.
        """
        if self.closing:
            return
        CLOSES.labels(code.name.lower()).inc()
        said = CLOSINGS[code].reason if reason is None else reason
        if limit is not None:
            said = f"{said}: {limit}"
        self.history.close_code, self.history.close_reason = int(code), said
        self._write(encode_close(code, said))
        self._end()

    def lost(self) -> None:
        """The socket is gone."""
        if not self.closing:
            self._end()
        if self._close_timer is not None:
            self._close_timer.cancel()

    def _is_admitted(self, moment: Moment) -> bool:
        """Count a frame; close on who sends more of them than anybody may."""
        if self._frames.take(moment.monotonic) == 0:
            return True
        self._gateway.perform(self, Denied(CloseCode.TOO_MANY_MESSAGES.name.lower()), moment)
        limit = f"frames_per_second={self._frames_per_second}"
        self._hang_up(CloseCode.TOO_MANY_MESSAGES, limit=f"{limit}; reconnect in 1000 ms")
        return False

    def _receive_text(self, payload: bytes, moment: Moment) -> None:
        self.history.frames_received += 1
        self.carry_out(self.session.receive_text(payload, moment), moment)

    def _receive(self, message: Message, moment: Moment) -> None:
        match message:
            case TextMessage(payload):
                self._receive_text(payload, moment)
            case BinaryMessage():
                self.history.frames_received += 1
                self.carry_out(self.session.receive_binary(moment), moment)
            case Ping(payload):
                self.send(encode_frame(Opcode.PONG, payload))
            case Pong():
                self._measure(moment)
            case PeerClose(code):
                self._answer_close(code)
            case _:
                assert_never(message)

    def _measure(self, moment: Moment) -> None:
        if self._awaits_pong:
            self._awaits_pong = False
            self.history.ping_seconds = moment.monotonic - self._pinged_at

    def _hang_up(
        self, code: CloseCode, reason: str | None = None, *, limit: str | None = None
    ) -> None:
        """Close on who breaks the protocol or floods, and listen no more."""
        self._deaf = True
        self.close(code, reason, limit=limit)
        # What still comes is read and thrown away: a socket that is closed with bytes unread takes
        # the close frame back.
        if self._transport.can_write_eof() and not self._transport.is_closing():
            self._transport.write_eof()

    def _answer_close(self, code: int | None) -> None:
        self.history.closed_by_client = True
        self.history.close_code = code
        payload = b"" if code is None else code.to_bytes(2)
        self._write(encode_frame(Opcode.CLOSE, payload))
        self._end()
        self._transport.close()

    def _end(self) -> None:
        self.closing = True
        # A transport that is asked to close still waits for a peer who reads nothing.
        self._close_timer = asyncio.get_running_loop().call_later(
            self._gateway.limits.close_timeout_seconds, self._transport.abort
        )
        self._gateway.leave(self)

    def _await_peer_close(self, data: bytes) -> None:
        if self._deaf:
            return
        try:
            if any(isinstance(message, PeerClose) for message in self._parser.feed(data)):
                self._transport.close()
        except FramingError:
            self._transport.close()

    def _text(self, payload: bytes) -> bytes:
        if self._compression and len(payload) >= PRESSED_BYTES_MIN:
            return encode_compressed(payload)
        return encode_text(payload)

    def _keep(self, keep: Callable[[Kept], None], what: Kept) -> None:
        try:
            keep(what)
        except OutboxFullError:
            self.close(CloseCode.SLOW_CONSUMER)

    def _write(self, data: bytes) -> None:
        """Write behind what was sent before, whether the socket takes anything or not."""
        self._unsent.append(data)
        self.flush()


class AccountFollower:
    """Hands a player's own publications to a Foundation session, which has its own frames."""

    __slots__ = ("_dialect", "_gateway", "connection")

    pipe = None

    def __init__(
        self, gateway: "Gateway", connection: Connection, dialect: FoundationDialect
    ) -> None:
        """Follow the account for `connection`."""
        self._gateway = gateway
        self.connection = connection
        self._dialect = dialect

    def deliver(self, bundle: Bundle) -> None:
        """Take frames of the account's channel."""
        moment = self._gateway.moment()
        for frame in bundle.frames:
            effects = self._dialect.account_published(frame.publication.data, moment)
            self.connection.carry_out(effects, moment)
