"""A delta gives the whole frame text for text, or is found out."""

import json
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.gateway.doubles import frame_signer

from sectorwars.protocol.delta import (
    DeltaMismatchError,
    checksum,
    delta_text,
    rebuilt,
    whole_text,
)
from sectorwars.protocol.signing import signed_frame

DATA = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.floats(0, 9) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=10,
)
GOODS = {"goods": [{"commodity": "ore", "stock": 10}, {"commodity": "fuel", "stock": 0}], "v": 1}


def whole(offset: int, data: Any, epoch: str = "e.1") -> bytes:
    frame = {"type": "port_network", "channel": "port.p1", "epoch": epoch, "offset": offset}
    return signed_frame({**frame, "data": data, "session_id": "s"}, frame_signer())


def pair(change: dict[str, Any] | None = None) -> tuple[dict[str, Any], dict[str, Any], bytes]:
    """The frame before, the delta after it, and the whole frame that it is to make."""
    before, after = whole(4, GOODS), whole(5, {**GOODS, "v": 2})
    delta = json.loads(delta_text(before, after))
    delta["data"].update(change or {})
    return json.loads(before), delta, after


@given(before=DATA, after=DATA, offset=st.integers(1, 2**40))
def test_delta_gives_the_whole_frame_text_for_text(before: Any, after: Any, offset: int) -> None:
    base, text = whole(offset, before), whole(offset + 1, after)
    made = rebuilt(json.loads(base), json.loads(delta_text(base, text)))
    assert whole_text(made) == text


def test_delta_says_what_it_is_and_what_changes() -> None:
    _, delta, after = pair()
    assert delta == {
        "type": "delta",
        "channel": "port.p1",
        "epoch": "e.1",
        "offset": 5,
        "data": {
            "base": 4,
            "set": {"/offset": 5, "/data/v": 2, "/signature": json.loads(after)["signature"]},
            "checksum": f"{zlib.crc32(after):08x}",
        },
    }


def test_members_that_go_are_named() -> None:
    text = delta_text(whole(4, {"a": 1, "b": 2}), whole(5, {"a": 1}))
    assert json.loads(text)["data"]["unset"] == ["/data/b"]


@given(place=st.sampled_from(["offset", "stock", "name", "signature"]), by=st.integers(1, 9))
def test_reader_whose_frame_differs_anywhere_finds_out(place: str, by: int) -> None:
    before, delta, _ = pair()
    match place:
        case "offset":
            before["offset"] += by
        case "stock":
            before["data"]["goods"][by % 2]["stock"] += by
        case "name":
            before["data"]["goods"][by % 2]["commodity"] += "x" * by
        case _:
            signature = delta["data"]["set"]["/signature"]
            delta["data"]["set"]["/signature"] = signature[by:] + signature[:by]
    with pytest.raises(DeltaMismatchError):
        rebuilt(before, delta)


@pytest.mark.parametrize(
    "change",
    [
        {"checksum": "00000000"},
        {"checksum": 7},
        {"base": 3},
        {"base": None},
        {"set": {"/nowhere/at/all": 1}},
        {"set": {"": []}},
        {"set": {"/signature": 1}},
        {"set": {"/data/v": 2**60}},
        {"set": {}, "unset": ["/signature"]},
        {"unset": ["/kid"]},
    ],
)
def test_delta_that_makes_no_sense_is_a_mismatch(change: dict[str, Any]) -> None:
    before, delta, _ = pair(change)
    with pytest.raises(DeltaMismatchError):
        rebuilt(before, delta)


def test_delta_without_data_or_of_another_epoch_is_a_mismatch() -> None:
    before, delta, _ = pair()
    with pytest.raises(DeltaMismatchError):
        rebuilt(before, {**delta, "epoch": "e.2"})
    del delta["data"]
    with pytest.raises(DeltaMismatchError):
        rebuilt(before, delta)


def test_checksum_is_the_crc_32_of_everybody() -> None:
    # The check value of CRC-32/ISO-HDLC in the catalogue of CRC algorithms.
    assert checksum(b"123456789") == "cbf43926"
    assert checksum(b"") == "00000000"
