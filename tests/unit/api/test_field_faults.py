"""Faults of fields are told in our own sentences, whatever the validator calls them."""

import json
from enum import Enum
from typing import Annotated, Any, Literal, get_args

import pytest
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic_core.core_schema import ErrorType

from sectorwars.api.field_faults import SENTENCES, field_faults


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


class Inner(BaseModel):
    model_config = ConfigDict(extra="forbid")
    text: str


class Everything(BaseModel):
    model_config = ConfigDict(extra="forbid")

    inner: Inner = Inner(text="")
    table: dict[str, int] = {}
    items: Annotated[tuple[int, ...], Field(min_length=1, max_length=2)] = (1,)
    names: list[str] = []
    text: Annotated[str, Field(min_length=2, max_length=3, pattern="^[a-z{}]+$")] = "ab"
    count: Annotated[int, Field(ge=1, le=9)] = 1
    share: Annotated[float, Field(gt=0, lt=1, allow_inf_nan=False)] = 0.5
    active: bool = False
    hold: Literal["empty", "aboard"] = "empty"
    colour: Colour = Colour.RED
    since: AwareDatetime | None = None
    even: int = 2

    @field_validator("even")
    @classmethod
    def _is_even(cls, number: int) -> int:
        if number % 2:
            raise ValueError("give an {even} number")
        return number


@pytest.mark.parametrize(
    ("given", "field", "message"),
    [
        ({"inner": {}}, "inner.text", "is missing"),
        ({"inner": 1}, "inner", "must be a JSON object"),
        ({"table": 1}, "table", "must be a JSON object"),
        ({"x": 1}, "x", "is not known here"),
        ({"items": 1}, "items", "must be a list"),
        ({"names": 1}, "names", "must be a list"),
        ({"items": []}, "items", "must have 1 or more items"),
        ({"items": [1, 2, 3]}, "items", "must have 2 or fewer items"),
        ({"items": ["a"]}, "items.0", "must be a whole number"),
        ({"text": 1}, "text", "must be text"),
        ({"text": "a"}, "text", "must have 2 or more characters"),
        ({"text": "abcd"}, "text", "must have 3 or fewer characters"),
        ({"text": "AB"}, "text", "must match ^[a-z{}]+$"),
        ({"count": None}, "count", "must be a whole number"),
        ({"count": 1.5}, "count", "must be a whole number"),
        ({"count": "9" * 5_000}, "count", "is too large"),
        ({"count": 0}, "count", "must be at least 1"),
        ({"count": 10}, "count", "must be at most 9"),
        ({"share": "a"}, "share", "must be a number"),
        ({"share": None}, "share", "must be a number"),
        ({"share": float("inf")}, "share", "must be a finite number"),
        ({"share": 0}, "share", "must be more than 0.0"),
        ({"share": 1}, "share", "must be less than 1.0"),
        ({"active": None}, "active", "must be true or false"),
        ({"active": "perhaps"}, "active", "must be true or false"),
        ({"hold": "half"}, "hold", "must be 'empty' or 'aboard'"),
        ({"colour": "green"}, "colour", "must be 'red' or 'blue'"),
        ({"since": "yesterday"}, "since", "must be an RFC 3339 date-time"),
        ({"since": {}}, "since", "must be an RFC 3339 date-time"),
        ({"since": "2102-01-01T00:00:00"}, "since", "must name its zone"),
        ({"even": 1}, "even", "give an {even} number"),
    ],
    ids=json.dumps,
)
def test_a_fault_is_told(given: dict[str, Any], field: str, message: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Everything.model_validate(given)
    located = [{**fault, "loc": ("body", *fault["loc"])} for fault in caught.value.errors()]
    assert field_faults(located) == [{"field": field, "message": message}]


def test_a_fault_of_the_whole_is_told_of_the_body() -> None:
    told = field_faults([{"type": "missing", "loc": ("body",)}])
    assert told == [{"field": "body", "message": "is missing"}]


def test_what_has_no_sentence_yet_is_not_told_in_the_validators_words() -> None:
    fault = {"type": "uuid_parsing", "loc": ("path", "id"), "msg": "Input should be a UUID"}
    assert field_faults([fault]) == [{"field": "id", "message": "is not valid"}]


def test_each_sentence_is_for_a_fault_that_the_validator_can_find() -> None:
    assert set(get_args(ErrorType)) >= SENTENCES.keys()
