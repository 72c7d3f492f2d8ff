"""Decode what a client sends, strictly, and typed parts of it."""

import json
import re
from typing import Any, Final, TypeVar

import msgspec

from sectorwars.domain.record import record
from sectorwars.domain.rejection import Refusal, Retry
from sectorwars.protocol.canonical import has_only_integers
from sectorwars.protocol.messages import FRAME_ID_LENGTH_MAX, NativeEnvelope
from sectorwars.protocol.refusal import CODE_BY_FIELD, RefusalCode, refuse

DEPTH_MAX: Final = 16
"""The deepest nesting of arrays and objects in a message."""

Shape = TypeVar("Shape")

# msgspec tells the place of a fault in its sentence only.
_FAULTY_FIELD: Final = re.compile(r"(?:at `\$\.|required field `)(\w+)`$")


class MalformedJsonError(ValueError):
    """A text is not the strict JSON that `decode_json` takes; the message says why."""


class _Envelope(msgspec.Struct):
    data: msgspec.Raw


@record
class DecodedFrame:
    """A frame's members, and its text as it was received."""

    members: dict[str, Any]
    payload: bytes

    @property
    def data(self) -> bytes:
        """Return the exact bytes of `data` as they were received."""
        return bytes(msgspec.json.decode(self.payload, type=_Envelope).data)


def decode_json(payload: bytes) -> Any:
    """Decode JSON of which no two readers can make different things.

    Raises:
        MalformedJsonError: the text is no UTF-8 or no JSON, or has NaN, infinite numbers, keys
            given twice, lone surrogates or nesting deeper than DEPTH_MAX.

    Source: RFC 7493, I-JSON.
    """
    try:
        # msgspec is the strict one; the standard library's decoder alone shows every key's pairs.
        msgspec.json.decode(payload)
        value = _strict_decoder.decode(payload.decode())
    except (ValueError, RecursionError) as error:
        raise MalformedJsonError(str(error)) from error
    if _deeper_than(value, DEPTH_MAX):
        raise MalformedJsonError(f"nesting is deeper than {DEPTH_MAX}")
    return value


def decode_sealed(payload: bytes) -> NativeEnvelope | None:
    """Decode a native frame that was sent as its canonical JSON with `signature` at its end.

    Returns:
        None where the text is anything else, or might be: `decode_frame` says what. To encode what
        was read and find the same text proves as much as strict decoding does, such as that no
        key is given twice, in a tenth of the time.
    """
    try:
        frame = _ENVELOPE_DECODER.decode(payload)
    except (ValueError, RecursionError):
        return None
    if (
        _ENVELOPE_ENCODER.encode(frame) != payload
        or not payload.isascii()
        or not 0 < len(frame.id) <= FRAME_ID_LENGTH_MAX
        or not frame.id.isprintable()
        or " " in frame.id
        or (frame.data and (_may_be_deep(payload) or not has_only_integers(frame.data)))
    ):
        return None
    return frame


def decode_frame(payload: bytes) -> DecodedFrame | Refusal:
    """Decode a text message that must be one JSON object with a member `data`."""
    try:
        members = decode_json(payload)
    except MalformedJsonError as error:
        return refuse(RefusalCode.MALFORMED_FRAME, f"The frame is not valid JSON: {error}.")
    if not isinstance(members, dict):
        return refuse(RefusalCode.MALFORMED_FRAME)
    if "data" not in members:
        return refuse(RefusalCode.INVALID_REQUEST, "The frame lacks `data`.")
    return DecodedFrame(members, payload)


def read_shape(value: Any, shape: type[Shape]) -> Shape | Refusal:
    """Read decoded JSON as a msgspec shape, without coercion.

    Unknown members are ignored, unless the shape forbids them.
    """
    try:
        return msgspec.convert(value, shape)
    except msgspec.ValidationError as error:
        return _shape_refusal(str(error))


def _shape_refusal(fault: str) -> Refusal:
    field = _FAULTY_FIELD.search(fault)
    code = None if field is None else CODE_BY_FIELD.get(field[1])
    if code is None:
        return refuse(RefusalCode.INVALID_REQUEST, f"{fault}.")
    return Refusal(code, Retry.NEVER, f"{fault}.")


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a key is given twice")
    return members


_ENVELOPE_DECODER: Final = msgspec.json.Decoder(NativeEnvelope)
_ENVELOPE_ENCODER: Final = msgspec.json.Encoder(order="deterministic")
_strict_decoder: Final = json.JSONDecoder(object_pairs_hook=_unique_keys)


def _may_be_deep(payload: bytes) -> bool:
    return payload.count(b"{") + payload.count(b"[") > DEPTH_MAX


def _deeper_than(value: Any, depth: int) -> bool:
    level = [value] if isinstance(value, dict | list) else []
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
