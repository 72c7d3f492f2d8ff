"""permessage-deflate: what is agreed on, and compressed messages against those of others."""

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.gateway.sockets import client_frame
from websockets.extensions.permessage_deflate import PerMessageDeflate
from websockets.frames import Frame
from websockets.frames import Opcode as ReferenceOpcode

from sectorwars.protocol.close_codes import CloseCode
from sectorwars.protocol.deflate import MalformedOfferError, agree, press
from sectorwars.protocol.framing import (
    BinaryMessage,
    FrameParser,
    FramingError,
    Message,
    Opcode,
    Ping,
    TextMessage,
    encode_compressed,
)

LIMIT = 65_536
COMPRESSED = 0x40
AGREED = (
    "permessage-deflate; server_no_context_takeover; client_no_context_takeover; "
    "server_max_window_bits=12"
)
A_MEGABYTE = press(b"a" * 2**20)
"""About a kilobyte."""


def compressed(
    payload: bytes, opcode: Opcode = Opcode.TEXT, *, first: bool = True, final: bool = True
) -> bytes:
    """A client's frame of compressed data; only the first one of a message says so."""
    frame = bytearray(client_frame(opcode, payload, final=final))
    if first:
        frame[0] |= COMPRESSED
    return bytes(frame)


def parse(*pieces: bytes) -> list[Message]:
    parser = FrameParser(LIMIT, compression=True)
    return [message for piece in pieces for message in parser.feed(piece)]


def refused(*pieces: bytes) -> CloseCode:
    with pytest.raises(FramingError) as caught:
        parse(*pieces)
    return caught.value.code


@pytest.mark.parametrize(
    "offers",
    [
        "permessage-deflate",
        "permessage-deflate; client_max_window_bits",
        'permessage-deflate; client_max_window_bits="10"',
        "permessage-deflate;server_no_context_takeover;client_no_context_takeover",
        "permessage-deflate; server_max_window_bits=12",
        "x-unknown; a=1, permessage-deflate",
        "permessage-deflate; server_max_window_bits=8, permessage-deflate",
        "\tpermessage-deflate \t,\tother",
    ],
)
def test_offer_that_can_be_kept_is_accepted(offers: str) -> None:
    assert agree(offers) == AGREED


@pytest.mark.parametrize(
    "offers",
    [
        "x-webkit-deflate-frame",
        "permessage-deflate; server_max_window_bits=11",
        "permessage-deflate; server_max_window_bits",
        "permessage-deflate; server_max_window_bits=16",
        "permessage-deflate; client_max_window_bits=7",
        "permessage-deflate; client_max_window_bits=010",
        "permessage-deflate; server_no_context_takeover=1",
        "permessage-deflate; client_max_window_bits; client_max_window_bits",
        "permessage-deflate; mystery",
    ],
)
def test_offer_that_cannot_be_kept_is_declined(offers: str) -> None:
    assert agree(offers) is None


@pytest.mark.parametrize("offers", ["", ",", "a;", "a;;b", "a b", "a; b=", 'a; b="c', "a\x00", "ä"])
def test_header_that_offers_nothing_readable_is_told_apart(offers: str) -> None:
    with pytest.raises(MalformedOfferError):
        agree(offers)


@given(st.text(min_size=1, max_size=2_000))
def test_our_messages_are_read_by_the_reference(text: str) -> None:
    stream = encode_compressed(text.encode())
    reference = PerMessageDeflate(True, True, 12, 15)
    length, start = stream[1], 2
    if length == 126:
        length, start = int.from_bytes(stream[2:4]), 4
    frame = Frame(ReferenceOpcode.TEXT, stream[start:], rsv1=True)
    assert len(frame.data) == length
    assert reference.decode(frame).data == text.encode()


@given(st.text(max_size=2_000), st.integers(8, 15))
def test_messages_of_the_reference_are_read(text: str, window_bits: int) -> None:
    reference = PerMessageDeflate(True, True, 15, max(window_bits, 9))
    frame = Frame(ReferenceOpcode.TEXT, text.encode())
    stream = frame.serialize(mask=True, extensions=[reference])
    assert stream[0] & COMPRESSED
    assert parse(stream) == [TextMessage(text.encode())]


@given(st.binary(min_size=1, max_size=500), st.data())
def test_compressed_message_may_be_cut_into_fragments(payload: bytes, data: st.DataObject) -> None:
    pressed = press(payload)
    cut = data.draw(st.integers(0, len(pressed)))
    first = compressed(pressed[:cut], Opcode.BINARY, final=False)
    ping = client_frame(Opcode.PING, b"")
    last = compressed(pressed[cut:], Opcode.CONTINUATION, first=False)
    assert parse(first, ping, last) == [Ping(b""), BinaryMessage(payload)]


def test_plain_messages_and_compressed_ones_may_alternate() -> None:
    stream = compressed(press(b"one")), client_frame(Opcode.TEXT, b"two"), compressed(press(b"one"))
    assert parse(*stream) == [TextMessage(b"one"), TextMessage(b"two"), TextMessage(b"one")]


def test_message_may_end_in_a_block_that_is_the_last() -> None:
    deflater = zlib.compressobj(wbits=-15)
    payload = deflater.compress(b"the end") + deflater.flush() + b"\x00"
    assert parse(compressed(payload)) == [TextMessage(b"the end")]


def test_message_at_the_limit_is_taken_and_one_beyond_it_is_not() -> None:
    assert parse(compressed(press(b"a" * LIMIT))) == [TextMessage(b"a" * LIMIT)]
    assert refused(compressed(press(b"a" * (LIMIT + 1)))) is CloseCode.MESSAGE_TOO_BIG


def test_bomb_is_not_inflated_beyond_the_limit() -> None:
    assert len(A_MEGABYTE) < 10_000
    assert refused(compressed(A_MEGABYTE)) is CloseCode.MESSAGE_TOO_BIG
    half = len(A_MEGABYTE) // 64
    first = compressed(A_MEGABYTE[:half], final=False)
    rest = compressed(A_MEGABYTE[half:], Opcode.CONTINUATION, first=False)
    assert refused(first, rest) is CloseCode.MESSAGE_TOO_BIG


def test_fragments_that_inflate_to_nothing_have_an_end() -> None:
    nothing = b"\x00\x00\x00\xff\xff" * 2_000
    first = compressed(nothing, final=False)
    more = compressed(nothing, Opcode.CONTINUATION, first=False, final=False)
    assert parse(first, *[more] * 5) == []
    assert refused(first, *[more] * 6) is CloseCode.MESSAGE_TOO_BIG


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        pytest.param(compressed(b"\xff\xff\xff"), CloseCode.PROTOCOL_ERROR, id="not compressed"),
        pytest.param(
            compressed(press(b"a")[:-1] + b"\x03\x00" + b"x" * 9),
            CloseCode.PROTOCOL_ERROR,
            id="data after the last block",
        ),
        pytest.param(compressed(press(b"\xff")), CloseCode.INVALID_TEXT, id="not UTF-8"),
        pytest.param(
            compressed(b"", Opcode.PING), CloseCode.PROTOCOL_ERROR, id="compressed control frame"
        ),
        pytest.param(
            compressed(press(b"a"), final=False) + compressed(b"", Opcode.CONTINUATION),
            CloseCode.PROTOCOL_ERROR,
            id="compressed continuation",
        ),
        pytest.param(
            bytes([compressed(b"")[0] | 0x20]) + compressed(b"")[1:],
            CloseCode.PROTOCOL_ERROR,
            id="second reserved bit",
        ),
    ],
)
def test_broken_compression_is_refused(frame: bytes, code: CloseCode) -> None:
    assert refused(frame) is code


def test_compressed_frame_that_was_not_agreed_on_breaks_the_protocol() -> None:
    with pytest.raises(FramingError) as caught:
        list(FrameParser(LIMIT).feed(compressed(press(b"a"))))
    assert caught.value.code is CloseCode.PROTOCOL_ERROR
