"""Deltas: the form of a published frame for a reader who has the frame before it.

A delta is no statement of its own and bears no signature. What it makes of the frame before is the
whole frame, text for text, and that is signed as ever.
"""

import zlib
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from sectorwars.protocol.canonical import NotCanonicalError, canonical_json, with_signature
from sectorwars.protocol.difference import Difference, NoSuchPlaceError, applied, difference

DELTA_TYPE: Final = "delta"


class DeltaData(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What to change in the whole frame at the offset `base`.

    `set` and `unset` have JSON Pointers (RFC 6901) into that frame: values to put there, and
    members to take away. `checksum` is the CRC-32, eight lower-case hex digits, of the text of the
    whole frame that it makes.
    """

    base: int
    set: dict[str, Any]
    unset: list[str] = []
    checksum: str


class _Delta(msgspec.Struct):
    type: str
    channel: str
    epoch: str
    offset: int
    data: DeltaData


class DeltaMismatchError(ValueError):
    """A delta does not fit the frame that the reader has; he has to subscribe anew."""


def delta_text(before: bytes, after: bytes) -> bytes:
    """Return the delta between the texts of two whole frames that follow each other."""
    base, whole = msgspec.json.decode(before), msgspec.json.decode(after)
    change = difference(base, whole)
    data = DeltaData(
        base=base["offset"], set=change.set, unset=change.unset, checksum=checksum(after)
    )
    delta = _Delta(DELTA_TYPE, whole["channel"], whole["epoch"], whole["offset"], data)
    return msgspec.json.encode(delta)


def rebuilt(base: Mapping[str, Any], delta: Mapping[str, Any]) -> dict[str, Any]:
    """Return the whole frame that a delta makes of the whole frame before it, both decoded.

    Raises:
        DeltaMismatchError: it belongs to another frame, or makes a frame that it does not mean.
    """
    try:
        data = msgspec.convert(delta["data"], DeltaData)
        if (base["epoch"], base["offset"]) != (delta["epoch"], data.base):
            raise DeltaMismatchError("It is the delta to another frame.")
        whole = applied(Difference(data.set, data.unset), base)
        if not isinstance(whole, dict) or not isinstance(whole.get("signature"), str):
            raise DeltaMismatchError("It makes no signed frame.")
        text = whole_text(whole)
    except (msgspec.ValidationError, NoSuchPlaceError, NotCanonicalError, KeyError) as error:
        raise DeltaMismatchError(str(error)) from error
    if checksum(text) != data.checksum:
        raise DeltaMismatchError("The checksum is another.")
    return whole


def whole_text(frame: Mapping[str, Any]) -> bytes:
    """Return the text in which a published frame is sent whole."""
    covered = {name: value for name, value in frame.items() if name != "signature"}
    return with_signature(canonical_json(covered), frame["signature"])


def checksum(text: bytes) -> str:
    """Return a text's CRC-32 as `zlib` reckons it, in eight lower-case hex digits."""
    return f"{zlib.crc32(text):08x}"
