"""Cases of RFC 6455 and RFC 7692 as bytes, by section, with what has to come back.

A message that is taken is known by its answer, which repeats the message's `id`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from tests.unit.gateway.sockets import MASK, client_frame

from sectorwars.protocol.deflate import press
from sectorwars.protocol.framing import FRAGMENTS_MAX, Opcode

LIMIT = 65_536
COMPRESSED = 0x40
EURO = "€".encode()
NORMAL = (1000).to_bytes(2)


@dataclass(frozen=True)
class Case:
    """What is sent, in pieces, and what comes back.

    `answers` are ids of messages that were taken, payloads of pongs, or codes of refusals without
    an id, in order. `code` is the close code, None where the connection has to live on, 1005 where
    the close frame has none.
    """

    section: str
    name: str
    sent: Sequence[bytes]
    answers: tuple[str, ...] = ()
    code: int | None = None
    compression: bool = False

    def __str__(self) -> str:
        """Name the case by its section."""
        return f"{self.section} {self.name}"


def message(frame_id: str, padding: int = 0) -> bytes:
    """A message that is answered with its id; `padding` makes it so much longer."""
    return b'{"type":"x","id":"%s","data":{},"padding":"%s"}' % (frame_id.encode(), b"p" * padding)


def message_of(length: int, frame_id: str) -> bytes:
    """A message of a length in bytes."""
    return message(frame_id, length - len(message(frame_id)))


def text(payload: bytes, *, final: bool = True) -> bytes:
    return client_frame(Opcode.TEXT, payload, final=final)


def more(payload: bytes, *, final: bool = True) -> bytes:
    return client_frame(Opcode.CONTINUATION, payload, final=final)


def ping(payload: bytes = b"") -> bytes:
    return client_frame(Opcode.PING, payload)


def pong(payload: bytes = b"") -> bytes:
    return client_frame(Opcode.PONG, payload)


def close(payload: bytes = NORMAL) -> bytes:
    return client_frame(Opcode.CLOSE, payload)


def with_bits(frame: bytes, bits: int) -> bytes:
    return bytes([frame[0] | bits]) + frame[1:]


def with_opcode(opcode: int, payload: bytes = b"") -> bytes:
    frame = client_frame(Opcode.TEXT, payload)
    return bytes([0x80 | opcode]) + frame[1:]


def header(first: int, length_bytes: bytes) -> bytes:
    return bytes([first]) + length_bytes + MASK


def pressed(payload: bytes, *, final: bool = True) -> bytes:
    return with_bits(text(payload, final=final), COMPRESSED)


def each_byte(data: bytes) -> list[bytes]:
    return [data[place : place + 1] for place in range(len(data))]


FRAMING = [
    *(
        Case("1", f"text of {length} bytes", [text(message_of(length, "a"))], ("a",))
        for length in (60, 125, 126, 127, 128, 65_535, LIMIT)
    ),
    Case("1", "text in single bytes", each_byte(text(message("a"))), ("a",)),
    Case("1", "empty text", [text(b"")], ("malformed_frame",)),
    Case("1", "empty binary", [client_frame(Opcode.BINARY, b"")], ("binary_not_supported",)),
    Case("1", "binary", [client_frame(Opcode.BINARY, b"\xff" * 200)], ("binary_not_supported",)),
    Case("1", "three frames in one piece", [b"".join(text(message(i)) for i in "abc")], (*"abc",)),
    Case("1", "not masked", [b"\x81\x02{}"], code=1002),
    Case("1", "ping not masked", [b"\x89\x00"], code=1002),
    Case(
        "1", "two bytes for a short length", [header(0x81, b"\xfe\x00\x05") + b"12345"], code=1002
    ),
    Case("1", "eight bytes for a short length", [header(0x81, b"\xff" + bytes(8))], code=1002),
    Case("1", "length of 2^63", [header(0x81, b"\xff\x80" + bytes(7))], code=1002),
]
PINGS = [
    Case("2", "ping without payload", [ping()], ("",)),
    Case("2", "ping with payload", [ping(b"hello")], ("hello",)),
    Case("2", "ping of 125 bytes", [ping(b"x" * 125)], ("x" * 125,)),
    Case("2", "ping of 125 bytes in single bytes", each_byte(ping(b"x" * 125)), ("x" * 125,)),
    Case("2", "ping of 126 bytes", [header(0x89, b"\xfe\x00\x7e") + b"x" * 126], code=1002),
    Case("2", "ten pings", [b"".join(ping(i) for i in each_byte(b"0123456789"))], (*"0123456789",)),
    Case("2", "pong nobody asked for", [pong(), pong(b"x"), text(message("a"))], ("a",)),
    Case("2", "pong of 126 bytes", [header(0x8A, b"\xfe\x00\x7e") + b"x" * 126], code=1002),
    Case("2", "flood of pings", [ping() * 300], ("",) * 200, code=4006),
    Case("2", "flood of pongs", [pong() * 300], code=4006),
]
RESERVED_BITS = [
    *(
        Case("3", f"{name}, {what}", [with_bits(frame, bits)], code=1002)
        for name, bits in (("first bit", 0x40), ("second bit", 0x20), ("third bit", 0x10))
        for what, frame in (("text", text(b"{}")), ("ping", ping()), ("close", close()))
    ),
    Case("3", "all bits", [with_bits(text(b"{}"), 0x70)], code=1002),
    Case("3", "after a good one", [text(message("a")) + with_bits(ping(), 0x10)], ("a",), 1002),
]
OPCODES = [
    Case("4", f"opcode {opcode}", [with_opcode(opcode, payload)], code=1002)
    for opcode in (*range(3, 8), *range(11, 16))
    for payload in (b"", b"x" * 10)
]
FRAGMENTS = [
    Case(
        "5",
        "two fragments",
        [text(message("a")[:9], final=False), more(message("a")[9:])],
        ("a",),
    ),
    Case(
        "5",
        "a fragment a byte",
        [
            text(b"", final=False),
            *(more(byte, final=False) for byte in each_byte(message("a"))),
            more(b""),
        ],
        ("a",),
    ),
    Case(
        "5",
        "pings between fragments",
        [
            text(message("a")[:9], final=False) + ping(b"1"),
            more(message("a")[9:20], final=False) + ping(b"2") + pong(),
            more(message("a")[20:]),
        ],
        ("1", "2", "a"),
    ),
    Case("5", "fragmented ping", [client_frame(Opcode.PING, b"", final=False)], code=1002),
    Case("5", "fragmented pong", [client_frame(Opcode.PONG, b"", final=False)], code=1002),
    Case("5", "fragmented close", [client_frame(Opcode.CLOSE, b"", final=False)], code=1002),
    Case("5", "continues nothing", [more(b"{}")], code=1002),
    Case("5", "continues nothing, to go on", [more(b"{}", final=False)], code=1002),
    Case("5", "continues what has ended", [text(message("a")), more(b"x")], ("a",), 1002),
    Case("5", "text within text", [text(b"{", final=False), text(b"}")], code=1002),
    Case(
        "5",
        "binary within text",
        [text(b"{", final=False), client_frame(Opcode.BINARY, b"}")],
        code=1002,
    ),
    Case("5", "close between fragments", [text(b"{", final=False), close()], code=1000),
    Case(
        "5",
        "fragments without end",
        [text(b"", final=False) + more(b"", final=False) * FRAGMENTS_MAX],
        code=1009,
    ),
]
_NO_UTF8 = {
    "lone continuation": b"\x80",
    "impossible byte": b"\xfe",
    "overlong slash": b"\xc0\xaf",
    "overlong in three": b"\xe0\x80\xaf",
    "surrogate": b"\xed\xa0\x80",
    "pair of surrogates": b"\xed\xa0\x81\xed\xb0\x80",
    "beyond the last": b"\xf4\x90\x80\x80",
    "five bytes": b"\xf8\x88\x80\x80\x80",
    "cut short": EURO[:2],
}
_NONCHARACTER = '{"type":"x","id":"a","data":{},"p":"\uffff\U0001f600€\u0000"}'.encode().replace(
    b"\x00", b""
)
UTF8 = [
    *(Case("6", name, [text(b'"' + data + b'"')], code=1007) for name, data in _NO_UTF8.items()),
    Case("6", "characters of every length", [text(_NONCHARACTER)], ("a",)),
    Case(
        "6",
        "character cut by fragments",
        [text(_NONCHARACTER[:-4], final=False), more(_NONCHARACTER[-4:])],
        ("a",),
    ),
    Case("6", "at once, not at the end", [text(b"\xce\xff", final=False)], code=1007),
    Case(
        "6",
        "at once, in a later fragment",
        [text(EURO[:1], final=False), more(EURO[1:2], final=False), more(b"\xff", final=False)],
        code=1007,
    ),
    Case("6", "cut short by the end", [text(EURO[:2], final=False), more(b"")], code=1007),
]
CLOSES = [
    *(
        Case("7", f"close code {code}", [close(code.to_bytes(2) + b"bye")], code=code)
        for code in (
            *(1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014),
            *(3000, 3999, 4000, 4999),
        )
    ),
    *(
        Case("7", f"close code {code}", [close(code.to_bytes(2))], code=1002)
        for code in (0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535)
    ),
    Case("7", "close without a code", [close(b"")], code=1005),
    Case("7", "close of one byte", [close(b"\x03")], code=1002),
    Case("7", "close of 125 bytes", [close(NORMAL + b"r" * 123)], code=1000),
    Case("7", "close of 126 bytes", [header(0x88, b"\xfe\x00\x7e") + b"x" * 126], code=1002),
    Case("7", "reason that is not UTF-8", [close(NORMAL + b"\xff")], code=1007),
    Case("7", "nothing counts after a close", [close() + ping(b"late") + close()], code=1000),
    Case("7", "what was sent before is answered", [text(message("a")) + close()], ("a",), 1000),
]
LIMITS = [
    Case("9", "one byte too many", [text(message_of(LIMIT + 1, "a"))], code=1009),
    Case("9", "a frame of 10 MB", [text(b"x" * (10 * 2**20))], code=1009),
    Case("9", "announced, not sent", [header(0x81, b"\xff" + (2**40).to_bytes(8))], code=1009),
    Case(
        "9",
        "fragments that add up",
        [text(b"x" * 40_000, final=False), more(b"x" * 40_000)],
        code=1009,
    ),
    Case(
        "9",
        "as long as may be, in fragments",
        [
            text(message_of(LIMIT, "a")[:30_000], final=False),
            more(message_of(LIMIT, "a")[30_000:]),
        ],
        ("a",),
    ),
]
COMPRESSION = [
    Case("12", "compressed text", [pressed(press(message("a", 500)))], ("a",), compression=True),
    Case(
        "12",
        "plain beside compressed",
        [pressed(press(message("a"))), text(message("b"))],
        ("a", "b"),
        compression=True,
    ),
    Case(
        "12",
        "compressed fragments, a ping between",
        [
            pressed(press(message("a"))[:7], final=False) + ping(b"1"),
            more(press(message("a"))[7:]),
        ],
        ("1", "a"),
        compression=True,
    ),
    Case("12", "bomb", [pressed(press(b"a" * 10_000_000))], code=1009, compression=True),
    Case("12", "not compressed at all", [pressed(b"\xff\xff\xff")], code=1002, compression=True),
    Case("12", "compressed ping", [with_bits(ping(), COMPRESSED)], code=1002, compression=True),
    Case("12", "second bit", [with_bits(text(b"{}"), 0x20)], code=1002, compression=True),
    Case("12", "not UTF-8", [pressed(press(b"\xff"))], code=1007, compression=True),
]
CASES = [
    *FRAMING,
    *PINGS,
    *RESERVED_BITS,
    *OPCODES,
    *FRAGMENTS,
    *UTF8,
    *CLOSES,
    *LIMITS,
    *COMPRESSION,
]
