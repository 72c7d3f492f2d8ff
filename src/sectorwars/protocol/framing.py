"""WebSocket frames, sans-I/O: bytes in, messages out.

Source: RFC 6455, section 5, and RFC 7692 for messages that are compressed.
"""

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from struct import Struct
from typing import Final

from sectorwars.protocol.close_codes import CloseCode
from sectorwars.protocol.deflate import BrokenDataError, Inflater, press

try:
    from websockets.speedups import apply_mask
except ImportError:
    # It was installed where there was no compiler.
    from websockets.utils import apply_mask

CONTROL_PAYLOAD_MAX: Final = 125
FRAGMENTS_MAX: Final = 1_024
"""The most unfinished fragments of a message; empty ones would cost memory without end."""
_SHORT_LENGTH_MAX: Final = 125
_MASKED_HEADER_MIN: Final = 6
_TWO_BYTE_LENGTH: Final = 126
_EIGHT_BYTE_LENGTH: Final = 127
_LENGTH_MIN: Final = {4: _TWO_BYTE_LENGTH, 10: 1 << 16}
"""The shortest payload for a header whose length ends at that byte."""
_TEXT: Final = 0x81
"""The first byte of a text message that is one frame, not compressed."""
_SHORT_HEADER: Final = Struct(">BB")
_LONG_HEADER: Final = Struct(">BBH")
_LONGEST_HEADER: Final = Struct(">BBQ")
_COMPRESSED: Final = 0x40
"""The reserved bit of a message's first frame that says so."""
_NewText: Final = codecs.getincrementaldecoder("utf-8")
_CLOSE_CODES_ON_THE_WIRE: Final = frozenset(
    {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, *range(3000, 5000)}
)


class Opcode(IntEnum):
    """The opcodes of RFC 6455."""

    CONTINUATION = 0x0
    TEXT = 0x1
    BINARY = 0x2
    CLOSE = 0x8
    PING = 0x9
    PONG = 0xA


_OPCODES: Final = {int(opcode): opcode for opcode in Opcode}


class FramingError(Exception):
    """The peer broke the protocol: the connection must be closed with `code`."""

    def __init__(self, code: CloseCode, reason: str) -> None:
        """Name the close code and, in at most 123 bytes, the reason."""
        super().__init__(reason)
        self.code = code
        self.reason = reason


@dataclass(frozen=True, slots=True)
class TextMessage:
    """A whole text message: valid UTF-8, defragmented."""

    payload: bytes


@dataclass(frozen=True, slots=True)
class BinaryMessage:
    """A whole binary message."""

    payload: bytes


@dataclass(frozen=True, slots=True)
class Ping:
    """A ping; answer with the same payload."""

    payload: bytes


@dataclass(frozen=True, slots=True)
class Pong:
    """A pong."""

    payload: bytes


@dataclass(frozen=True, slots=True)
class PeerClose:
    """The peer's close frame; `code` is None where it named none."""

    code: int | None


Message = TextMessage | BinaryMessage | Ping | Pong | PeerClose


def encode_frame(opcode: Opcode, payload: bytes) -> bytes:
    """Frame a whole message as a server does: one frame, unmasked."""
    return _framed(0x80 | opcode, payload)


def encode_text(payload: bytes) -> bytes:
    """Frame a text message as `encode_frame` does, in half of the time."""
    return _framed(_TEXT, payload)


def encode_compressed(payload: bytes) -> bytes:
    """Frame a whole text message, compressed, for a client that has agreed to that."""
    return _framed(0x80 | _COMPRESSED | Opcode.TEXT, press(payload))


def _framed(first: int, payload: bytes) -> bytes:
    length = len(payload)
    if length <= _SHORT_LENGTH_MAX:
        return _SHORT_HEADER.pack(first, length) + payload
    if length < 1 << 16:
        return _LONG_HEADER.pack(first, _TWO_BYTE_LENGTH, length) + payload
    return _LONGEST_HEADER.pack(first, _EIGHT_BYTE_LENGTH, length) + payload


def payload_of(wire: bytes) -> bytes:
    """Return the payload of a frame that `encode_frame` has made."""
    match wire[1]:
        case 126:
            return wire[4:]
        case 127:
            return wire[10:]
        case _:
            return wire[2:]


def encode_close(code: CloseCode, reason: str) -> bytes:
    """Frame a close with a reason, cut to what a control frame can hold."""
    text = reason.encode()[: CONTROL_PAYLOAD_MAX - 2].decode(errors="ignore").encode()
    return encode_frame(Opcode.CLOSE, code.to_bytes(2) + text)


class FrameParser:
    """Parses what a client sends; hold one per connection.

    `message_bytes_max` bounds a message over all its fragments, inflated or not; a longer one is
    refused when its header arrives, before its payload is kept. Text that is not UTF-8 is refused
    with the fragment that shows it.
    """

    __slots__ = (
        "_buffer",
        "_compression",
        "_fragments",
        "_fragments_bytes",
        "_inflater",
        "_message_bytes_max",
        "_opcode",
        "_text",
    )

    def __init__(self, message_bytes_max: int, *, compression: bool = False) -> None:
        """Accept messages of at most `message_bytes_max` bytes, compressed if so agreed."""
        self._message_bytes_max = message_bytes_max
        self._compression = compression
        self._buffer = bytearray()
        self._opcode: Opcode | None = None
        self._inflater: Inflater | None = None
        self._fragments: list[bytes] = []
        self._fragments_bytes = 0
        self._text: codecs.IncrementalDecoder | None = None

    def whole_text(self, data: bytes) -> bytes | None:
        """Return the text that bytes are, where they are one whole plain message and no more.

        Returns:
            None where they are, or might be, anything else: they are to be fed then.
        """
        size = len(data)
        if size < _MASKED_HEADER_MIN or data[0] != _TEXT or self._buffer or self._opcode:
            return None
        length, mask = data[1] & 0x7F, 2
        if length == _TWO_BYTE_LENGTH:
            length, mask = data[2] << 8 | data[3], 4
            if length < _LENGTH_MIN[4]:
                return None
        start = mask + 4
        if start + length != size or data[1] < 0x80 or length > self._message_bytes_max:
            return None
        payload = apply_mask(data[start:], data[mask:start])
        return payload if payload.isascii() else None

    def feed(self, data: bytes) -> Iterator[Message]:
        """Take bytes as they come and yield the messages that they complete.

        Raises:
            FramingError: the bytes break the protocol; nothing may be fed after it.
        """
        self._buffer += data
        while (frame := self._next_frame()) is not None:
            message = self._accept(*frame)
            if message is not None:
                yield message

    def _next_frame(self) -> tuple[Opcode, bool, bytes] | None:
        buffer = self._buffer
        if len(buffer) < 2:
            return None
        first, second = buffer[0], buffer[1]
        opcode, final = self._check_header(first, second)
        length = second & 0x7F
        start = 2
        if length == _TWO_BYTE_LENGTH:
            start = 4
        elif length == _EIGHT_BYTE_LENGTH:
            start = 10
        if len(buffer) < start:
            return None
        if start > 2:
            length = int.from_bytes(buffer[2:start])
            if not _LENGTH_MIN[start] <= length < 1 << 63:
                raise FramingError(CloseCode.PROTOCOL_ERROR, "the length is not the shortest")
        if opcode < Opcode.CLOSE and self._fragments_bytes + length > self._message_bytes_max:
            raise self._too_big()
        end = start + 4 + length
        if len(buffer) < end:
            return None
        payload = apply_mask(bytes(buffer[start + 4 : end]), bytes(buffer[start : start + 4]))
        del buffer[:end]
        if first & _COMPRESSED:
            self._inflater = Inflater()
        return opcode, final, payload

    def _check_header(self, first: int, second: int) -> tuple[Opcode, bool]:
        opcode = _OPCODES.get(first & 0x0F)
        final = bool(first & 0x80)
        if opcode is None or (first & 0x70 and not self._may_be_compressed(first, opcode)):
            raise FramingError(CloseCode.PROTOCOL_ERROR, "a reserved bit or opcode is used")
        if not second & 0x80:
            raise FramingError(CloseCode.PROTOCOL_ERROR, "a client's frames must be masked")
        if opcode >= Opcode.CLOSE:
            if not final or second & 0x7F > CONTROL_PAYLOAD_MAX:
                raise FramingError(
                    CloseCode.PROTOCOL_ERROR, "a control frame is fragmented or long"
                )
        elif (opcode is Opcode.CONTINUATION) is (self._opcode is None):
            raise FramingError(CloseCode.PROTOCOL_ERROR, "fragments are out of order")
        return opcode, final

    def _may_be_compressed(self, first: int, opcode: Opcode) -> bool:
        return (
            self._compression
            and first & 0x70 == _COMPRESSED
            and opcode in {Opcode.TEXT, Opcode.BINARY}
        )

    def _accept(self, opcode: Opcode, final: bool, payload: bytes) -> Message | None:
        if opcode is Opcode.PING:
            return Ping(payload)
        if opcode is Opcode.PONG:
            return Pong(payload)
        if opcode is Opcode.CLOSE:
            return PeerClose(_close_code(payload))
        if opcode is not Opcode.CONTINUATION:
            self._opcode = opcode
        if self._inflater is not None:
            payload = self._inflate(self._inflater, payload, final=final)
        if not final:
            self._keep_fragment(payload)
            return None
        if self._fragments:
            self._check_text(payload, final=True)
            payload = b"".join((*self._fragments, payload))
        elif self._opcode is Opcode.TEXT:
            _require_utf8(payload)
        kind = self._opcode
        self._opcode = self._inflater = self._text = None
        self._fragments.clear()
        self._fragments_bytes = 0
        return BinaryMessage(payload) if kind is Opcode.BINARY else TextMessage(payload)

    def _inflate(self, inflater: Inflater, payload: bytes, *, final: bool) -> bytes:
        room = self._message_bytes_max - self._fragments_bytes
        try:
            inflated = inflater.feed(payload, room, final=final)
        except BrokenDataError:
            raise FramingError(CloseCode.PROTOCOL_ERROR, "the compressed data is broken") from None
        if len(inflated) > room:
            raise self._too_big()
        # What inflates to less than it was counts as it came, lest a message have no end.
        self._fragments_bytes += max(len(payload) - len(inflated), 0)
        return inflated

    def _keep_fragment(self, payload: bytes) -> None:
        if len(self._fragments) >= FRAGMENTS_MAX:
            raise FramingError(
                CloseCode.MESSAGE_TOO_BIG, f"a message has at most {FRAGMENTS_MAX} fragments"
            )
        self._check_text(payload, final=False)
        self._fragments.append(payload)
        self._fragments_bytes += len(payload)

    def _check_text(self, payload: bytes, *, final: bool) -> None:
        if self._opcode is not Opcode.TEXT:
            return
        if self._text is None:
            self._text = _NewText()
        try:
            self._text.decode(payload, final)
        except UnicodeDecodeError:
            raise _not_utf8() from None

    def _too_big(self) -> FramingError:
        return FramingError(
            CloseCode.MESSAGE_TOO_BIG, f"a message has at most {self._message_bytes_max} bytes"
        )


def _close_code(payload: bytes) -> int | None:
    if not payload:
        return None
    code = int.from_bytes(payload[:2])
    if len(payload) == 1 or code not in _CLOSE_CODES_ON_THE_WIRE:
        raise FramingError(CloseCode.PROTOCOL_ERROR, "the close code is invalid")
    _require_utf8(payload[2:])
    return code


def _require_utf8(payload: bytes) -> None:
    try:
        payload.decode()
    except UnicodeDecodeError:
        raise _not_utf8() from None


def _not_utf8() -> FramingError:
    return FramingError(CloseCode.INVALID_TEXT, "the text is not UTF-8")
