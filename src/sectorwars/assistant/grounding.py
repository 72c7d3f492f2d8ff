"""The check that every number in an answer comes from the result of a tool."""

import dataclasses
import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any, Final

_NUMBER: Final = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?")


def unresolved_numbers(text: str, results: Iterable[Any]) -> list[str]:
    """Return the numbers in `text` that stand in none of the results.

    A number resolves to a value that it equals, or that rounds to it at the decimals it shows.
    Signs do not count: a fall is said in words. Results are dataclasses, mappings, sequences,
    numbers and texts; numbers inside their texts count too, so that a name may hold one.
    """
    values = set(_values(list(results)))
    return [token for token in _NUMBER.findall(text) if not _resolves(_decimal(token), values)]


def _resolves(number: Decimal, values: set[Decimal]) -> bool:
    if number in values:
        return True
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int) or exponent >= 0:
        return False
    return any(value.quantize(Decimal(1).scaleb(exponent)) == number for value in values)


def _values(value: Any) -> Iterator[Decimal]:
    if value is None or isinstance(value, bool):
        return
    if isinstance(value, int | float):
        yield abs(Decimal(str(value)))
    elif isinstance(value, str):
        yield from map(_decimal, _NUMBER.findall(value))
    elif dataclasses.is_dataclass(value):
        for member in dataclasses.fields(value):
            yield from _values(getattr(value, member.name))
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _values(key)
            yield from _values(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _values(item)
    else:
        raise TypeError(f"a tool's result holds a {type(value).__name__}")


def _decimal(token: str) -> Decimal:
    return Decimal(token.replace(",", ""))
