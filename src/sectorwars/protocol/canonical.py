"""Canonical JSON: the one text of a value that signatures are made over (RFC 8785)."""

from collections.abc import Iterable
from typing import Any, Final

import msgspec
import rfc8785

_INTEGER_MAX: Final = 2**53 - 1
"""The greatest integer that a double holds exactly, beyond which there is no canonical form."""
_FRACTION_MIN: Final = 1e-4
"""The smallest number of which no encoder makes one with an exponent."""
_SORTING_ENCODER: Final = msgspec.json.Encoder(order="sorted")
_AROUND_SIGNATURE: Final = b',"signature":""}'


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


def with_signature(canonical: bytes, signature: str) -> bytes:
    """Put a signature, which needs no escapes, in at the end of an object's canonical JSON."""
    return canonical[:-1] + b',"signature":"' + signature.encode() + b'"}'


def without_signature(payload: bytes, signature: str) -> bytes:
    """Return the canonical JSON that `with_signature` has put this signature into."""
    return payload[: -len(signature) - len(_AROUND_SIGNATURE)] + b"}"


def has_only_integers(container: dict[str, Any]) -> bool:
    """Tell whether all numbers in decoded JSON are integers that have a canonical form."""
    containers: list[Any] = [container]
    for place in containers:
        for value in place.values() if type(place) is dict else place:
            kind = type(value)
            if kind is dict or kind is list:
                containers.append(value)
            elif kind is float or (kind is int and not -_INTEGER_MAX <= value <= _INTEGER_MAX):
                return False
    return True


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
