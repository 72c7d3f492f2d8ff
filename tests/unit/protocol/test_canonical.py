"""Canonical JSON against the vectors of RFC 8785."""

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from sectorwars.protocol.canonical import (
    NotCanonicalError,
    canonical_json,
    has_only_integers,
    with_signature,
    without_signature,
)
from sectorwars.protocol.shapes.trade import FillRun


def test_rfc_8785_example_of_all_kinds() -> None:
    value = {
        "numbers": [333333333.33333329, 1e30, 4.50, 2e-3, 0.000000000000000000000000001],
        "string": "\u20ac$\u000f\u000aA'\u0042\u0022\u005c\\\\\"/",
        "literals": [None, True, False],
    }
    assert canonical_json(value).decode() == (
        '{"literals":[null,true,false],'
        '"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
        '"string":"\u20ac$\\u000f\\nA\'B\\"\\\\\\\\\\\\\\"/"}'
    )


def test_rfc_8785_order_of_keys_is_by_utf_16_code_units() -> None:
    value = {
        "\u20ac": "Euro Sign",
        "\r": "Carriage Return",
        "\ufb33": "Hebrew Letter Dalet With Dagesh",
        "1": "One",
        "\U0001f600": "Emoji: Grinning Face",
        "\u0080": "Control",
        "\u00f6": "Latin Small Letter O With Diaeresis",
    }
    texts = canonical_json(value).decode().split('":"')[1:]
    assert [text.partition('"')[0] for text in texts] == [
        "Carriage Return",
        "One",
        "Control",
        "Latin Small Letter O With Diaeresis",
        "Euro Sign",
        "Emoji: Grinning Face",
        "Hebrew Letter Dalet With Dagesh",
    ]


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0.0, "0"),
        (-0.0, "0"),
        (5e-324, "5e-324"),
        (1.7976931348623157e308, "1.7976931348623157e+308"),
        (9007199254740992.0, "9007199254740992"),
        (295147905179352830000.0, "295147905179352830000"),
        (9.999999999999997e22, "9.999999999999997e+22"),
        (1e23, "1e+23"),
        (0.000001, "0.000001"),
        (1e-7, "1e-7"),
        (333333333.33333325, "333333333.33333325"),
        (-0.0000033333333333333333, "-0.0000033333333333333333"),
        (1424953923781206.2, "1424953923781206.2"),
    ],
)
def test_rfc_8785_numbers(number: float, text: str) -> None:
    assert canonical_json(number).decode() == text


def test_shapes_are_objects_of_their_fields() -> None:
    assert canonical_json([FillRun(61, 5)]) == b'[{"price_credits":61,"quantity":5}]'


def test_whole_floats_are_written_as_integers_wherever_they_stand() -> None:
    value = {"list": [61.0, -0.0, 0.5], "tuple": (61.0, 62), "nested": {"price": 1e6}}
    assert canonical_json(value) == (
        b'{"list":[61,0,0.5],"nested":{"price":1000000},"tuple":[61,62]}'
    )
    assert value["list"] == [61.0, -0.0, 0.5]


@pytest.mark.parametrize("value", [float("inf"), 2**53, {1: 2}, "\ud800", {"\udc00": 1}])
def test_what_has_no_canonical_form_is_an_error(value: object) -> None:
    with pytest.raises(NotCanonicalError):
        canonical_json(value)


def test_every_character_is_written_as_the_reference_does() -> None:
    characters = [chr(point) for point in (*range(0xD800), *range(0xE000, 0x10400))]
    assert canonical_json(characters) == rfc8785.dumps(characters)
    keyed = dict.fromkeys(characters[:128], 0)
    assert canonical_json(keyed) == rfc8785.dumps(keyed)


_PRICES = st.integers(-(2**40), 2**40).map(lambda cents: cents / 100)
_WHOLE = st.integers(-(2**54), 2**54)
_SCALARS = (
    st.none() | st.booleans() | st.text() | _WHOLE | st.floats() | _PRICES | _WHOLE.map(float)
)
_VALUES = st.recursive(
    _SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8
)


@given(_VALUES)
def test_what_is_written_quickly_is_what_the_reference_writes(value: object) -> None:
    try:
        expected = rfc8785.dumps(value)  # type: ignore[arg-type]
    except rfc8785.CanonicalizationError:
        with pytest.raises(NotCanonicalError):
            canonical_json(value)
    else:
        assert canonical_json(value) == expected


@given(st.text("0123456789abcdef"))
def test_a_signature_that_was_put_in_is_taken_out(signature: str) -> None:
    text = canonical_json({"a": 1, "b": {"signature": ""}})
    assert without_signature(with_signature(text, signature), signature) == text


@pytest.mark.parametrize(
    ("value", "only_integers"),
    [
        ({}, True),
        ({"n": [1, -2, True, None, "1.5"], "m": {"n": 2**53 - 1}}, True),
        ({"n": 1.5}, False),
        ({"n": 1.0}, False),
        ({"n": [{"m": [0, -2.5]}]}, False),
        ({"n": 2**53}, False),
        ({"m": [], "n": -(2**53)}, False),
    ],
)
def test_numbers_that_are_no_plain_integers_are_found(
    value: dict[str, object], *, only_integers: bool
) -> None:
    assert has_only_integers(value) is only_integers
