import msgspec
import pytest

from sectorwars.domain.rejection import Refusal
from sectorwars.protocol.codec import DEPTH_MAX, DecodedFrame, decode_frame, read_shape
from sectorwars.protocol.messages import AuthenticateData, ExecuteTradeData


def test_data_is_kept_as_it_was_received() -> None:
    frame = decode_frame(b' {"type":"a", "data": {"x" : 1.0,"y":"\\u00e9"} }')
    assert isinstance(frame, DecodedFrame)
    assert frame.data == b'{"x" : 1.0,"y":"\\u00e9"}'
    assert frame.members["data"] == {"x": 1.0, "y": "é"}


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"{",
        b"nonsense",
        b'{"data":{}} trailing',
        b'{"data":NaN}',
        b'{"data":Infinity}',
        b'{"data":-Infinity}',
        b'{"data":1e999}',
        b'{"data":01}',
        b"{'data':1}",
        b'{"data":"\\ud800"}',
        b'{"data":"\n"}',
        b'{"data":1,"data":2}',
        b'{"data":{"quantity":1,"quantity":2}}',
        b'{"data":' + b"[" * 10_000 + b"]" * 10_000 + b"}",
        b"[]",
        b"null",
        b'"data"',
        pytest.param(
            b'{"data":' + b"[" * DEPTH_MAX + b"]" * DEPTH_MAX + b"}", id="one level too deep"
        ),
        b'{"data":' + b"9" * 5_000 + b"}",
    ],
)
def test_what_is_not_one_strict_json_object_is_malformed(payload: bytes) -> None:
    refusal = decode_frame(payload)
    assert isinstance(refusal, Refusal)
    assert refusal.code == "malformed_frame"


def test_deepest_allowed_nesting_is_read() -> None:
    depth = DEPTH_MAX - 1
    frame = decode_frame(b'{"data":' + b"[" * depth + b"]" * depth + b"}")
    assert isinstance(frame, DecodedFrame)


def test_frame_without_data_is_invalid() -> None:
    refusal = decode_frame(b'{"type":"ping"}')
    assert isinstance(refusal, Refusal)
    assert refusal.code == "invalid_request"


ORDER = {"command_id": "c-1", "side": "buy", "commodity": "ore", "quantity": 10}


def test_unknown_members_are_ignored() -> None:
    data = read_shape({"token": "t", "later": True}, AuthenticateData)
    assert data == AuthenticateData("t")


def test_a_misspelt_bound_makes_no_order_without_one() -> None:
    refusal = read_shape({**ORDER, "maxprice": 60}, ExecuteTradeData)
    assert isinstance(refusal, Refusal)
    assert refusal.code == "invalid_request"
    assert "maxprice" in refusal.detail


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"quantity": "10"}, "invalid_quantity"),
        ({"quantity": 1.5}, "invalid_quantity"),
        ({"quantity": True}, "invalid_quantity"),
        ({"quantity": None}, "invalid_quantity"),
        ({"quantity": 2**53}, "invalid_quantity"),
        ({"side": "steal"}, "invalid_request"),
        ({"commodity": 7}, "invalid_request"),
        ({"commodity": "x" * 65}, "invalid_request"),
        ({"command_id": ""}, "invalid_request"),
        ({"command_id": "with space"}, "invalid_request"),
        ({"command_id": "line\n"}, "invalid_request"),
        ({"command_id": "x" * 129}, "invalid_request"),
        ({"max_price": "100"}, "invalid_price_bound"),
    ],
)
def test_wrong_member_is_refused_and_named(change: dict[str, object], code: str) -> None:
    refusal = read_shape({**ORDER, **change}, ExecuteTradeData)
    assert isinstance(refusal, Refusal)
    assert refusal.code == code
    assert next(iter(change)) in refusal.detail


def test_encoded_shapes_decode_to_themselves() -> None:
    data = ExecuteTradeData("c-1", "sell", "ore", 3, min_price=50)
    assert msgspec.convert(msgspec.to_builtins(data), ExecuteTradeData) == data
