"""A difference makes of one document the other, whatever they are."""

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sectorwars.protocol.difference import Difference, NoSuchPlaceError, applied, difference

KEYS = st.text(alphabet="ab/~01", max_size=3)
SCALARS = st.none() | st.booleans() | st.integers(-2, 2) | st.floats(0, 1) | st.text(max_size=2)
DOCUMENTS = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


def same(one: Any, other: Any) -> bool:
    """Equal as JSON: a truth value is no number, as it is in Python."""
    return (
        repr(one) == repr(other) if not isinstance(one, dict | list) else _same_inside(one, other)
    )


def _same_inside(one: Any, other: Any) -> bool:
    if type(one) is not type(other) or len(one) != len(other):
        return False
    if isinstance(one, list):
        return all(map(same, one, other))
    return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)


@given(before=DOCUMENTS, after=DOCUMENTS)
def test_difference_makes_of_the_one_the_other_and_leaves_the_one(before: Any, after: Any) -> None:
    kept = copy.deepcopy(before)
    made = applied(difference(before, after), before)
    assert same(made, after)
    assert same(before, kept)


@given(document=DOCUMENTS)
def test_nothing_is_to_be_done_between_equals(document: Any) -> None:
    assert difference(document, copy.deepcopy(document)) == Difference({}, [])


@given(before=DOCUMENTS, after=DOCUMENTS)
def test_no_pointer_begins_another(before: Any, after: Any) -> None:
    change = difference(before, after)
    pointers = [*change.set, *change.unset]
    assert len(set(pointers)) == len(pointers)
    for pointer in pointers:
        assert not any(other.startswith(f"{pointer}/") for other in pointers)


@pytest.mark.parametrize(
    ("before", "after", "changes", "gone"),
    [
        ({"a": 1, "b": 2}, {"a": 1, "b": 3, "c": None}, {"/b": 3, "/c": None}, []),
        ({"a": 1, "b": 2}, {"a": 1}, {}, ["/b"]),
        ({"a": {"b": [1, 2, 3]}}, {"a": {"b": [1, 5, 3]}}, {"/a/b/1": 5}, []),
        ([1, 2], [1, 2, 3], {"": [1, 2, 3]}, []),
        ([[1], {"x": 0}], [[2], {"x": 0}], {"/0/0": 2}, []),
        ({"a/b": 1, "m~n": 2, "": 3}, {"a/b": 0, "m~n": 0, "": 0}, None, []),
        ({"a": 1}, {"a": True}, {"/a": True}, []),
        ({"a": {"b": 1}}, {"a": [1]}, {"/a": [1]}, []),
        (1, 2, {"": 2}, []),
    ],
)
def test_what_changes_is_named_by_json_pointers(
    before: Any, after: Any, changes: dict[str, Any] | None, gone: list[str]
) -> None:
    expected = {"/a~1b": 0, "/m~0n": 0, "/": 0} if changes is None else changes
    assert difference(before, after) == Difference(expected, gone)


@pytest.mark.parametrize(
    ("document", "change"),
    [
        ({"a": 1}, Difference({}, ["/b"])),
        ({"a": [1]}, Difference({}, ["/a/0"])),
        ([1], Difference({}, [""])),
        ({"a": [1]}, Difference({"/a/1": 2}, [])),
        ({"a": [1]}, Difference({"/a/-": 2}, [])),
        ({"a": [1]}, Difference({"/a/x": 2}, [])),
        ({"a": [1]}, Difference({"/a/\u0663": 2}, [])),
        ({"a": 1}, Difference({"/a/b": 2}, [])),
        ({"a": 1}, Difference({"/b/c": 2}, [])),
        ({"a": 1}, Difference({"a": 2}, [])),
    ],
)
def test_places_that_are_not_there_are_an_error(document: Any, change: Difference) -> None:
    with pytest.raises(NoSuchPlaceError):
        applied(change, document)
