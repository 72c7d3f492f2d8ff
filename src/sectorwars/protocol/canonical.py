"""Canonical JSON: the one text of a value that signatures are made over (RFC 8785)."""

from typing import Any

import msgspec
import rfc8785


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
    try:
        return rfc8785.dumps(msgspec.to_builtins(value))
    except (rfc8785.CanonicalizationError, UnicodeEncodeError) as error:
        raise NotCanonicalError(str(error)) from error
