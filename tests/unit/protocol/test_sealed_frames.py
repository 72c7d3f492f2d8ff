"""Native frames that were sent as their canonical JSON are read as strict decoding reads them."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sectorwars.protocol.canonical import canonical_json, with_signature, without_signature
from sectorwars.protocol.codec import DEPTH_MAX, DecodedFrame, decode_frame, decode_sealed
from sectorwars.protocol.messages import NativeEnvelope, NativeFrame

MEMBERS: dict[str, Any] = {
    "counter": 3,
    "data": {"command_id": "c-1", "quantity": 10, "open": None, "of": [1, {"b": True}]},
    "id": "f-3",
    "session_id": "s",
    "timestamp": "2026-11-30T10:00:00Z",
    "type": "execute_trade",
}
SENT = with_signature(canonical_json(MEMBERS), "ab")
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


def sent(**members: Any) -> bytes:
    return with_signature(msgspec.json.encode({**MEMBERS, **members}, order="sorted"), "ab")


def test_a_frame_is_read_with_what_its_signature_covers() -> None:
    frame = decode_sealed(SENT)
    assert frame == NativeEnvelope(**MEMBERS, signature="ab")
    assert without_signature(SENT, "ab") == canonical_json(MEMBERS)


@pytest.mark.parametrize(
    "payload",
    [
        SENT.replace(b'"quantity":10', b'"quantity":10,"quantity":10'),
        SENT.replace(b'"counter":3', b'"counter":3,"counter":3'),
        SENT.replace(b'"counter":3', b'"counter": 3'),
        SENT.replace(b'"counter":3', b'"counter":-1'),
        SENT.replace(b'"counter":3', b'"counter":3.0'),
        SENT.replace(b'"counter":3', b'"aside":1,"counter":3'),
        SENT.replace(b'"signature":"ab"', b'"signature":"ab","zone":1'),
        SENT.replace(b'"signature":"ab"', b'"signature":"\\u0061b"'),
        SENT.replace(b',"signature":"ab"', b""),
        canonical_json({**MEMBERS, "signature": "ab"}),
        json.dumps({**MEMBERS, "signature": "ab"}).encode(),
        sent(id=""),
        sent(id="x" * 129),
        sent(id="a b"),
        sent(id="a\n"),
        sent(id="ü"),
        sent(data={"quantity": 1.5}),
        sent(data={"quantity": 2**53}),
        sent(data={"of": [[1e5]]}),
        sent(data=json.loads('{"of":' + "[" * DEPTH_MAX + "]" * DEPTH_MAX + "}")),
        SENT[:-1],
        SENT + b" ",
        b"[" * 10_000,
        b"\xff",
        b"[]",
    ],
)
def test_what_is_not_plainly_canonical_is_left_to_strict_reading(payload: bytes) -> None:
    assert decode_sealed(payload) is None


@given(st.dictionaries(st.text(), _VALUES, max_size=4), st.text(max_size=5), st.text(max_size=5))
def test_what_is_read_so_is_read_as_strictly(data: dict[str, Any], name: str, mark: str) -> None:
    members = {**MEMBERS, "data": data, "id": name}
    payload = with_signature(msgspec.json.encode(members, order="sorted"), mark)
    frame = decode_sealed(payload)
    if frame is None:
        return
    strict = decode_frame(payload)
    assert isinstance(strict, DecodedFrame)
    checked = msgspec.convert(strict.members, NativeFrame)
    assert msgspec.structs.asdict(checked) == msgspec.structs.asdict(frame)
    del strict.members["signature"]
    assert canonical_json(strict.members) == without_signature(payload, frame.signature)
