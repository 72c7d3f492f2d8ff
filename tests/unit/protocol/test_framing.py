"""Framing against RFC 6455, and against an implementation that others wrote."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.gateway.sockets import client_frame, server_frames
from websockets.frames import Frame
from websockets.frames import Opcode as ReferenceOpcode

from sectorwars.protocol.close_codes import CLOSINGS, CloseCode
from sectorwars.protocol.framing import (
    FRAGMENTS_MAX,
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
    encode_frame,
    encode_text,
)

LIMIT = 65_536


def parse(*pieces: bytes) -> list[Message]:
    parser = FrameParser(LIMIT)
    return [message for piece in pieces for message in parser.feed(piece)]


def refused(data: bytes) -> CloseCode:
    with pytest.raises(FramingError) as caught:
        parse(data)
    return caught.value.code


def text(payload: bytes, *, final: bool = True) -> bytes:
    return client_frame(Opcode.TEXT, payload, final=final)


def more(payload: bytes, *, final: bool = True) -> bytes:
    return client_frame(Opcode.CONTINUATION, payload, final=final)


@given(st.text(st.characters(max_codepoint=127), max_size=300), st.sampled_from([0, 300, 70_000]))
def test_what_is_one_plain_message_is_read_at_once_as_it_is_in_pieces(said: str, more: int) -> None:
    payload = said.encode() + b"x" * more
    data = text(payload)
    whole = FrameParser(LIMIT).whole_text(data)
    assert whole == (payload if len(payload) <= 65_535 else None)
    if whole is not None:
        assert parse(data[:3], data[3:]) == [TextMessage(whole)]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        text(b"ab")[:-1],
        text(b"ab") * 2,
        text(b"ab", final=False),
        text("ü".encode()),
        client_frame(Opcode.BINARY, b"ab"),
        client_frame(Opcode.PING, b"ab"),
        b"\xc1" + text(b"ab")[1:],
        b"\x81\x02\x00\x00\x00\x00ab",
        b"\x81\xfe\x00\x02\x00\x00\x00\x00ab",
        b"\x81\xfe\x00\x02\x00\x00\x00",
        text(b"x" * (LIMIT + 1)),
    ],
)
def test_anything_else_is_left_to_be_fed(data: bytes) -> None:
    assert FrameParser(LIMIT).whole_text(data) is None


@pytest.mark.parametrize("before", [text(b"a", final=False), text(b"a")[:4]])
def test_nothing_is_read_at_once_while_a_message_is_unfinished(before: bytes) -> None:
    parser = FrameParser(LIMIT)
    assert list(parser.feed(before)) == []
    assert parser.whole_text(text(b"b")) is None


def test_message_longer_than_the_limit_is_not_read_at_once() -> None:
    assert FrameParser(9).whole_text(text(b"0123456789")) is None
    assert FrameParser(10).whole_text(text(b"0123456789")) == b"0123456789"


@given(st.lists(st.text(max_size=200), max_size=8), st.data())
def test_messages_survive_any_cutting_of_the_stream(texts: list[str], data: st.DataObject) -> None:
    stream = b"".join(
        Frame(ReferenceOpcode.TEXT, message.encode()).serialize(mask=True) for message in texts
    )
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=10)))
    pieces = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    assert parse(*pieces) == [TextMessage(message.encode()) for message in texts]


@pytest.mark.parametrize("length", [0, 1, 125, 126, 127, 65_535, 65_536, 70_000])
def test_server_frames_are_those_of_the_reference(length: int) -> None:
    payload = b"x" * length
    expected = Frame(ReferenceOpcode.TEXT, payload).serialize(mask=False)
    assert encode_frame(Opcode.TEXT, payload) == encode_text(payload) == expected


@pytest.mark.parametrize("length", [125, 126, 65_535, LIMIT])
def test_lengths_up_to_the_limit_are_read(length: int) -> None:
    assert parse(text(b"a" * length)) == [TextMessage(b"a" * length)]


@pytest.mark.parametrize("length", [5, 126, 65_536])
def test_header_may_come_in_pieces(length: int) -> None:
    stream = text(b"a" * length)
    assert parse(*(stream[at : at + 1] for at in range(12)), stream[12:]) == [
        TextMessage(b"a" * length)
    ]


def test_fragments_are_joined_with_control_frames_between() -> None:
    ping = client_frame(Opcode.PING, b"now")
    messages = parse(text(b"one ", final=False), ping, more(b"two", final=False), more(b"!"))
    assert messages == [Ping(b"now"), TextMessage(b"one two!")]


def test_text_that_cannot_become_utf_8_is_refused_before_its_end() -> None:
    assert refused(text(b"a", final=False) + more(b"\xce\xff", final=False)) is (
        CloseCode.INVALID_TEXT
    )
    euro = "€".encode()
    assert refused(text(euro[:2], final=False) + more(b"")) is CloseCode.INVALID_TEXT


def test_character_may_be_cut_by_fragments() -> None:
    euro = "€".encode()
    assert parse(text(euro[:1], final=False), more(euro[1:])) == [TextMessage(euro)]


def test_binary_and_pong_are_told_apart() -> None:
    stream = client_frame(Opcode.BINARY, b"\xff") + client_frame(Opcode.PONG, b"p")
    assert parse(stream) == [BinaryMessage(b"\xff"), Pong(b"p")]


def test_limit_is_over_all_fragments_and_met_before_the_payload_comes() -> None:
    header_only = client_frame(Opcode.CONTINUATION, b"x" * LIMIT)[:10]
    assert refused(text(b"y", final=False) + header_only) is CloseCode.MESSAGE_TOO_BIG
    ten_megabytes = bytes([0x81, 0xFF]) + (10 * 2**20).to_bytes(8)
    assert refused(ten_megabytes) is CloseCode.MESSAGE_TOO_BIG


def test_endless_empty_fragments_are_refused() -> None:
    assert refused(text(b"", final=False) + more(b"", final=False) * FRAGMENTS_MAX) is (
        CloseCode.MESSAGE_TOO_BIG
    )


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"\xc1\x80\x00\x00\x00\x00", id="rsv1"),
        pytest.param(b"\xa1\x80\x00\x00\x00\x00", id="rsv2"),
        pytest.param(b"\x91\x80\x00\x00\x00\x00", id="rsv3"),
        pytest.param(b"\x83\x80\x00\x00\x00\x00", id="reserved data opcode"),
        pytest.param(b"\x8b\x80\x00\x00\x00\x00", id="reserved control opcode"),
        pytest.param(b"\x81\x01a", id="not masked"),
        pytest.param(b"\x09\x80\x00\x00\x00\x00", id="fragmented ping"),
        pytest.param(b"\x89\xfe\x00\x7e", id="long ping"),
        pytest.param(b"\x81\xfe\x00\x7d", id="two bytes for a length of one"),
        pytest.param(b"\x81\xff" + (65_535).to_bytes(8), id="eight bytes for one of two"),
        pytest.param(b"\x81\xff" + (2**63).to_bytes(8), id="length with its highest bit"),
        pytest.param(more(b"x"), id="continues nothing"),
        pytest.param(text(b"a", final=False) + text(b"b"), id="text within text"),
        pytest.param(client_frame(Opcode.CLOSE, b"\x03"), id="half a close code"),
        pytest.param(client_frame(Opcode.CLOSE, (1005).to_bytes(2)), id="close code 1005"),
        pytest.param(client_frame(Opcode.CLOSE, (999).to_bytes(2)), id="close code 999"),
        pytest.param(client_frame(Opcode.CLOSE, (5000).to_bytes(2)), id="close code 5000"),
    ],
)
def test_broken_protocol_is_refused(data: bytes) -> None:
    assert refused(data) is CloseCode.PROTOCOL_ERROR


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(text(b"\xc0\xaf"), id="overlong"),
        pytest.param(text(b"\xed\xa0\x80"), id="surrogate"),
        pytest.param(text("€".encode()[:2]), id="cut short"),
        pytest.param(client_frame(Opcode.CLOSE, b"\x03\xe8\xff"), id="close reason"),
    ],
)
def test_text_that_is_not_utf_8_is_refused(data: bytes) -> None:
    assert refused(data) is CloseCode.INVALID_TEXT


@pytest.mark.parametrize(
    ("payload", "code"),
    [(b"", None), ((1000).to_bytes(2) + b"bye", 1000), ((4999).to_bytes(2), 4999)],
)
def test_close_frame_is_read(payload: bytes, code: int | None) -> None:
    assert parse(client_frame(Opcode.CLOSE, payload)) == [PeerClose(code)]


def test_long_close_reason_is_cut_at_a_character() -> None:
    ((opcode, payload),) = server_frames(encode_close(CloseCode.INTERNAL_ERROR, "€" * 100))
    assert opcode is Opcode.CLOSE
    assert payload == (1011).to_bytes(2) + ("€" * 41).encode()


@pytest.mark.parametrize("code", CloseCode)
def test_every_close_code_says_whether_to_come_back(code: CloseCode) -> None:
    closing = CLOSINGS[code]
    assert len(closing.reason.encode()) <= 123
    if code >= 4_000:
        assert closing.reconnect is (code < 4_500)
