"""What is wrong with a field, in sentences of ours and not the validator's, which speaks Python."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

SENTENCES: Final[dict[str, str]] = {
    "missing": "is missing",
    "extra_forbidden": "is not known here",
    "model_attributes_type": "must be a JSON object",
    "model_type": "must be a JSON object",
    "dict_type": "must be a JSON object",
    "list_type": "must be a list",
    "tuple_type": "must be a list",
    "too_short": "must have {min_length} or more items",
    "too_long": "must have {max_length} or fewer items",
    "string_type": "must be text",
    "string_unicode": "must be valid Unicode",
    "string_too_short": "must have {min_length} or more characters",
    "string_too_long": "must have {max_length} or fewer characters",
    "string_pattern_mismatch": "must match {pattern}",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "int_parsing_size": "is too large",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "finite_number": "must be a finite number",
    "greater_than": "must be more than {gt}",
    "greater_than_equal": "must be at least {ge}",
    "less_than": "must be less than {lt}",
    "less_than_equal": "must be at most {le}",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "literal_error": "must be {expected}",
    "enum": "must be {expected}",
    "datetime_type": "must be an RFC 3339 date-time",
    "datetime_parsing": "must be an RFC 3339 date-time",
    "datetime_from_date_parsing": "must be an RFC 3339 date-time",
    "datetime_object_invalid": "must be an RFC 3339 date-time",
    "timezone_aware": "must name its zone",
    # What a validator of ours raised, whose text is a sentence already.
    "value_error": "{error}",
}
"""By the validator's type of fault; the names in brackets are what it gives with it."""
OTHERWISE: Final = "is not valid"
"""Of a fault that has no sentence yet."""


def field_faults(faults: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Return, for each fault that the framework has found, the field and a sentence."""
    places = [tuple(fault["loc"]) for fault in faults]
    return [
        {
            "field": _field(fault["loc"]),
            "message": SENTENCES.get(fault["type"], OTHERWISE).format_map(fault.get("ctx", {})),
        }
        for fault in faults
        if not (fault["type"] == "too_short" and _lies_around(tuple(fault["loc"]), places))
    ]


def _lies_around(place: tuple[int | str, ...], places: Iterable[tuple[int | str, ...]]) -> bool:
    """Tell whether a list has faulty items, without which the validator may count too few."""
    return any(len(other) > len(place) and other[: len(place)] == place for other in places)


def _field(location: Iterable[int | str]) -> str:
    """Name a field by its place inside body, query, path or headers."""
    where, *inside = [str(part) for part in location]
    return ".".join(inside) or where
