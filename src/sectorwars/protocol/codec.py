"""Decode what a client sends, strictly, and typed parts of it."""

import json
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import msgspec

from sectorwars.domain.rejection import Refusal
from sectorwars.protocol.refusal import RefusalCode, refuse

DEPTH_MAX: Final = 16
"""The deepest nesting of arrays and objects in a frame."""

Shape = TypeVar("Shape")


class _Envelope(msgspec.Struct):
    data: msgspec.Raw


@dataclass(frozen=True, slots=True)
class DecodedFrame:
    """A frame's members, and the exact bytes of its `data` as they were received."""

    members: dict[str, Any]
    data: bytes


def decode_frame(payload: bytes) -> DecodedFrame | Refusal:
    """Decode a text message that must be one JSON object with a member `data`.

    Refused are malformed JSON, NaN, infinite numbers, keys given twice, lone surrogates and
    nesting deeper than DEPTH_MAX.
    """
    try:
        # msgspec is the strict one; the standard library's decoder alone shows every key's pairs.
        msgspec.json.decode(payload)
        members = _strict_decoder.decode(payload.decode())
    except (ValueError, RecursionError) as error:
        return refuse(RefusalCode.MALFORMED_FRAME, f"The frame is not valid JSON: {error}.")
    if not isinstance(members, dict):
        return refuse(RefusalCode.MALFORMED_FRAME)
    if _deeper_than(members, DEPTH_MAX):
        return refuse(RefusalCode.MALFORMED_FRAME, f"Nesting is deeper than {DEPTH_MAX}.")
    if "data" not in members:
        return refuse(RefusalCode.INVALID_REQUEST, "The frame lacks `data`.")
    return DecodedFrame(members, bytes(msgspec.json.decode(payload, type=_Envelope).data))


def read_shape(value: Any, shape: type[Shape]) -> Shape | Refusal:
    """Read decoded JSON as a msgspec shape, without coercion; unknown members are ignored."""
    try:
        return msgspec.convert(value, shape)
    except msgspec.ValidationError as error:
        return refuse(RefusalCode.INVALID_REQUEST, f"{error}.")


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a key is given twice")
    return members


_strict_decoder: Final = json.JSONDecoder(object_pairs_hook=_unique_keys)


def _deeper_than(value: Any, depth: int) -> bool:
    level = [value]
    for _ in range(depth):
        level = [
            child
            for parent in level
            for child in (parent.values() if isinstance(parent, dict) else parent)
            if isinstance(child, dict | list)
        ]
        if not level:
            return False
    return True
