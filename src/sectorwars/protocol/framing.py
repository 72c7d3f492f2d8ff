"""WebSocket frames, sans-I/O: bytes in, messages out.

Source: RFC 6455, section 5. No extension is negotiated, so every reserved bit is an error.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from sectorwars.protocol.close_codes import CloseCode

CONTROL_PAYLOAD_MAX: Final = 125
FRAGMENTS_MAX: Final = 1_024
"""The most unfinished fragments of a message; empty ones would cost memory without end."""
_SHORT_LENGTH_MAX: Final = 125
_TWO_BYTE_LENGTH: Final = 126
_EIGHT_BYTE_LENGTH: Final = 127
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
    length = len(payload)
    first = 0x80 | opcode
    if length <= _SHORT_LENGTH_MAX:
        return bytes((first, length)) + payload
    if length < 1 << 16:
        return bytes((first, _TWO_BYTE_LENGTH)) + length.to_bytes(2) + payload
    return bytes((first, _EIGHT_BYTE_LENGTH)) + length.to_bytes(8) + payload


def encode_close(code: CloseCode, reason: str) -> bytes:
    """Frame a close with a reason, cut to what a control frame can hold."""
    text = reason.encode()[: CONTROL_PAYLOAD_MAX - 2].decode(errors="ignore").encode()
    return encode_frame(Opcode.CLOSE, code.to_bytes(2) + text)


def unmask(payload: bytes, mask: bytes) -> bytes:
    """Return the payload with its four-byte mask taken off."""
    # One big exclusive or is several times faster here than a loop over the bytes.
    length = len(payload)
    pattern = (mask * (length // 4 + 1))[:length]
    return (int.from_bytes(payload) ^ int.from_bytes(pattern)).to_bytes(length)


class FrameParser:
    """Parses what a client sends; hold one per connection.

    `message_bytes_max` bounds a message over all its fragments; a longer one is refused when its
    header arrives, before its payload is kept.
    """

    __slots__ = ("_buffer", "_fragments", "_fragments_bytes", "_message_bytes_max", "_opcode")

    def __init__(self, message_bytes_max: int) -> None:
        """Accept messages of at most `message_bytes_max` bytes."""
        self._message_bytes_max = message_bytes_max
        self._buffer = bytearray()
        self._opcode: Opcode | None = None
        self._fragments: list[bytes] = []
        self._fragments_bytes = 0

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
        if opcode < Opcode.CLOSE and self._fragments_bytes + length > self._message_bytes_max:
            raise FramingError(
                CloseCode.MESSAGE_TOO_BIG, f"a message has at most {self._message_bytes_max} bytes"
            )
        end = start + 4 + length
        if len(buffer) < end:
            return None
        payload = unmask(bytes(buffer[start + 4 : end]), bytes(buffer[start : start + 4]))
        del buffer[:end]
        return opcode, final, payload

    def _check_header(self, first: int, second: int) -> tuple[Opcode, bool]:
        opcode = _OPCODES.get(first & 0x0F)
        final = bool(first & 0x80)
        if opcode is None or first & 0x70:
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

    def _accept(self, opcode: Opcode, final: bool, payload: bytes) -> Message | None:
        if opcode is Opcode.PING:
            return Ping(payload)
        if opcode is Opcode.PONG:
            return Pong(payload)
        if opcode is Opcode.CLOSE:
            return PeerClose(_close_code(payload))
        if opcode is not Opcode.CONTINUATION:
            self._opcode = opcode
        if not final:
            if len(self._fragments) >= FRAGMENTS_MAX:
                raise FramingError(
                    CloseCode.MESSAGE_TOO_BIG, f"a message has at most {FRAGMENTS_MAX} fragments"
                )
            self._fragments.append(payload)
            self._fragments_bytes += len(payload)
            return None
        if self._fragments:
            payload = b"".join((*self._fragments, payload))
        kind, self._opcode = self._opcode, None
        self._fragments.clear()
        self._fragments_bytes = 0
        if kind is Opcode.BINARY:
            return BinaryMessage(payload)
        _require_utf8(payload)
        return TextMessage(payload)


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
        raise FramingError(CloseCode.INVALID_TEXT, "the text is not UTF-8") from None
