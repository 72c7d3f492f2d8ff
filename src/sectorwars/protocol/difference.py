"""What makes one JSON document into another: places to set, and places to take away.

Source: RFC 6901, JSON Pointer.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

_NOTHING: Final = object()


class NoSuchPlaceError(LookupError):
    """A document has no such place; the message is the pointer to it."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Pointers to the places of a document that get a value, and to members that it loses.

    No pointer is the beginning of another, so the order in which they are followed is free.
    """

    set: dict[str, Any]
    unset: list[str]


def difference(before: Any, after: Any) -> Difference:
    """Compare decoded JSON, member by member.

    Arrays of one length are compared element by element; of two lengths, the new one is set whole.
    """
    found = Difference({}, [])
    _compare(before, after, "", found)
    return found


def applied(change: Difference, before: Any) -> Any:
    """Return what a difference makes of a document, which stays as it is.

    Raises:
        NoSuchPlaceError: a pointer leads nowhere in it.
    """
    root = [_copy(before)]
    for pointer in change.unset:
        container, key = _place(root, pointer)
        if type(container) is not dict or key not in container:
            raise NoSuchPlaceError(pointer)
        del container[key]
    for pointer, value in change.set.items():
        container, key = _place(root, pointer)
        container[key] = value
    return root[0]


def _compare(before: Any, after: Any, pointer: str, found: Difference) -> None:
    kind = type(after)
    if kind is not type(before):
        # A number is never the truth value that Python takes for equal to it.
        found.set[pointer] = after
    elif kind is dict:
        for key, value in after.items():
            old = before.get(key, _NOTHING)
            if old is _NOTHING:
                found.set[f"{pointer}/{_escaped(key)}"] = value
            elif not _is_same_scalar(old, value):
                _compare(old, value, f"{pointer}/{_escaped(key)}", found)
        found.unset.extend(f"{pointer}/{_escaped(key)}" for key in before if key not in after)
    elif kind is list and len(before) == len(after):
        for place, (old, value) in enumerate(zip(before, after, strict=True)):
            if not _is_same_scalar(old, value):
                _compare(old, value, f"{pointer}/{place}", found)
    elif before != after:
        found.set[pointer] = after


def _is_same_scalar(old: Any, value: Any) -> bool:
    """Tell quickly of most values that they have not changed, before their pointer is made."""
    kind = type(value)
    return kind is type(old) and kind is not dict and kind is not list and bool(old == value)


def _copy(value: Any) -> Any:
    if type(value) is dict:
        return {key: _copy(member) for key, member in value.items()}
    if type(value) is list:
        return [_copy(element) for element in value]
    return value


def _place(root: list[Any], pointer: str) -> tuple[Any, Any]:
    """Return the container that a pointer leads to, and the key or index of the place in it."""
    container: Any = root
    key: Any = 0
    for token in _tokens(pointer):
        try:
            container = container[key]
        except KeyError as error:
            raise NoSuchPlaceError(pointer) from error
        if type(container) is dict:
            key = token
        elif type(container) is list and token.isdecimal() and token.isascii():
            key = int(token)
            if key >= len(container):
                raise NoSuchPlaceError(pointer)
        else:
            raise NoSuchPlaceError(pointer)
    return container, key


def _tokens(pointer: str) -> Iterator[str]:
    if pointer and not pointer.startswith("/"):
        raise NoSuchPlaceError(pointer)
    for token in pointer.split("/")[1:]:
        yield token.replace("~1", "/").replace("~0", "~")


def _escaped(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")
