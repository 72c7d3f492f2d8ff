"""Canonical JSON: the one text of a value that signatures are made over (RFC 8785)."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec
import rfc8785

_INTEGER_MAX: Final = 2**53 - 1
"""The greatest integer that a double holds exactly, beyond which there is no canonical form."""
_FRACTION_MIN: Final = 1e-4
"""The smallest number of which no encoder makes one with an exponent."""
_SORTING_ENCODER: Final = msgspec.json.Encoder(order="sorted")


_OBJECT_DECODER: Final = msgspec.json.Decoder(dict[str, Any])


class NotCanonicalError(ValueError):
    """A value has no canonical JSON form: a number beyond double precision, or a lone surrogate."""


def canonical_json(value: Any) -> bytes:
    """Serialize a value of dataclasses, mappings, sequences, text, numbers and None.

    Returns:
        UTF-8 with keys in the order of their UTF-16 code units, no white space, and numbers as
        ECMAScript prints them.

    Raises:
        NotCanonicalError: the value holds something that has no canonical form.

    Source: RFC 8785, JSON Canonicalization Scheme.
    """
    # A list of its own, because the walk puts integers in the place of whole floats.
    root = [msgspec.to_builtins(value)]
    try:
        # Almost every frame is plain, and this takes an eighth of the time.
        return _SORTING_ENCODER.encode(root[0]) if _make_plain(root) else rfc8785.dumps(root[0])
    except (rfc8785.CanonicalizationError, UnicodeEncodeError) as error:
        raise NotCanonicalError(str(error)) from error


def canonical_around(members: Mapping[str, str], data: bytes) -> bytes:
    """Serialize an object of text members, and one member `data` that is canonical JSON already."""
    return _SORTING_ENCODER.encode({**members, "data": msgspec.Raw(data)})


def canonical_as_sent(payload: bytes) -> tuple[dict[str, Any], bytes] | None:
    """Read an object that was sent as its canonical JSON with a `signature` put in at its end.

    Returns:
        Its members, and the canonical JSON of all but `signature`; None where the text is anything
        else, or might be. To encode what was read and find the same text proves as much as strict
        decoding does, such as that no key is given twice, in a fifth of the time.
    """
    try:
        members = _OBJECT_DECODER.decode(payload)
    except (ValueError, RecursionError):
        return None
    signature = members.get("signature")
    if not isinstance(signature, str) or not payload.isascii() or _has_unusual_number(members):
        return None
    text = _SORTING_ENCODER.encode({k: v for k, v in members.items() if k != "signature"})
    sent = with_signature(text, signature) == payload
    return (members, text) if sent else None


def with_signature(canonical: bytes, signature: str) -> bytes:
    """Put a signature, which needs no escapes, in at the end of an object's canonical JSON."""
    return canonical[:-1] + b',"signature":"' + signature.encode() + b'"}'


def _has_unusual_number(members: dict[str, Any]) -> bool:
    """Tell whether a number is no integer, or beyond _INTEGER_MAX."""
    containers: list[Any] = [members]
    while containers:
        container = containers.pop()
        for value in container.values() if type(container) is dict else container:
            kind = type(value)
            if kind is dict or kind is list:
                containers.append(value)
            elif kind is float or (kind is int and not -_INTEGER_MAX <= value <= _INTEGER_MAX):
                return True
    return False


def _make_plain(root: list[Any]) -> bool:
    """Make any encoder that sorts ASCII keys write the canonical text; False: it would not.

    Every encoder writes the same digits, the fewest that tell a double from its neighbours, but
    ECMAScript writes whole ones without a fraction, and others have exponents elsewhere.
    """
    containers: list[Any] = [root]
    while containers:
        container = containers.pop()
        kind = type(container)
        if kind is dict:
            if not _all_ascii(container):
                return False
            places = container.items()
        else:
            places = enumerate(container)
        for place, value in places:
            kind_of_value = type(value)
            if kind_of_value is str or kind_of_value is bool or value is None:
                continue
            if kind_of_value is int:
                if not -_INTEGER_MAX <= value <= _INTEGER_MAX:
                    return False
            elif kind_of_value is float:
                if value != 0 and not _FRACTION_MIN <= abs(value) <= _INTEGER_MAX:
                    return False
                if value.is_integer():
                    if kind is tuple:
                        return False
                    container[place] = int(value)
            elif kind_of_value is dict or kind_of_value is list or kind_of_value is tuple:
                containers.append(value)
            else:
                return False
    return True


def _all_ascii(keys: Iterable[Any]) -> bool:
    try:
        return "".join(keys).isascii()
    except TypeError:
        return False
