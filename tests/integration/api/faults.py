"""Inputs that a JSON Schema forbids, made from the schema: one fault in an else good request."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import jsonschema_rs

Schema = Mapping[str, Any]

DEEP: Any = []
for _ in range(20):
    DEEP = [DEEP]

NOT_JSON = {"nan": math.nan, "infinity": math.inf, "lone surrogate": "a\ud800b", "deep": DEEP}
"""What Python's encoder writes, and no strict reader takes."""
ODDITIES: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1, 1.5, 1e300, 2**31, 2**53, 2**63, 10**30, -(2**63) - 1),
    *("", " ", "1", "x", "x" * 5_000, "a\x00b", "\x00", "line\n", "a\u202eb", "é", "😀" * 40),
    *("<script>alert(1)</script>", "'; DROP TABLE players; --", "../../etc/passwd", "{{7*7}}"),
    *([], [[]], ["x"], {}, {"x": 1}),
)
"""Values that some field forbids, and others take."""


class Fault(NamedTuple):
    """A body with one fault: in which field, what of it, and the body."""

    field: str
    value: Any
    body: Any

    def __str__(self) -> str:
        """Name the fault, shortly."""
        return f"{self.field}={repr(self.value)[:40]}"


class FaultySchema:
    """A schema of a document with references."""

    def __init__(self, schema: Schema, definitions: Schema, prefix: str) -> None:
        """Read references `prefix` + name from `definitions`."""
        self._definitions = definitions
        self._prefix = prefix
        self._schema = self._inlined(schema)

    def example(self) -> Any:
        """Return a value that the schema admits, with required members only."""
        return _example(self._schema)

    def admits(self, value: Any) -> bool:
        """Tell whether the schema admits a value."""
        return _admits(self._schema, value)

    def faults(self) -> list[Fault]:
        """Return bodies with one fault each, in every field at every depth."""
        return [fault for fault in _faults(self._schema, "") if fault.field]

    def allowed_oddities(self) -> list[Fault]:
        """Return bodies that are odd and yet admitted, one oddity each."""
        bodies: list[Fault] = []
        for name, schema in self._schema.get("properties", {}).items():
            odd = [value for value in ODDITIES if _admits(schema, value)]
            whole = _example(self._schema)
            bodies += [Fault(name, value, {**whole, name: value}) for value in odd]
        return bodies

    @property
    def fields(self) -> list[str]:
        """The names of the members at the top."""
        return list(self._schema.get("properties", {}))

    def _inlined(self, schema: Any) -> Any:
        if isinstance(schema, list):
            return [self._inlined(part) for part in schema]
        if not isinstance(schema, dict):
            return schema
        if "$ref" in schema:
            return self._inlined(self._definitions[schema["$ref"].removeprefix(self._prefix)])
        inlined = {name: self._inlined(part) for name, part in schema.items()}
        alternatives = [part for part in inlined.get("anyOf", []) if part != {"type": "null"}]
        if alternatives and "properties" in alternatives[0]:
            return {**alternatives[0], "nullable": True}
        return inlined


def _admits(schema: Schema, value: Any) -> bool:
    """Tell whether a schema admits a value; unlike in JSON Schema, 1.0 is not an integer."""
    return jsonschema_rs.Draft202012Validator(dict(schema)).is_valid(value)


def _variants(schema: Schema) -> list[Schema]:
    return [part for part in schema.get("anyOf", [schema]) if part.get("type") != "null"]


def _example(schema: Schema) -> Any:
    first = _variants(schema)[0]
    if "enum" in first:
        return first["enum"][0]
    if "const" in first:
        return first["const"]
    match first.get("type"):
        case "integer" | "number":
            return int(first.get("minimum", 1))
        case "boolean":
            return True
        case "array":
            return [_example(first["items"])] * first.get("minItems", 0)
        case "object":
            required = first.get("required", ())
            return {name: _example(first["properties"][name]) for name in required}
        case _:
            # A password has no pattern, and must differ from the username, which has one.
            return "an-odd-name" if "pattern" in first else "correct-horse-battery"


def _edges(schema: Schema) -> Iterator[Any]:
    """Yield the values next to what the schema's bounds admit."""
    for part in _variants(schema):
        if "minimum" in part:
            yield int(part["minimum"]) - 1
        if "maximum" in part:
            yield int(part["maximum"]) + 1
        if "maxLength" in part:
            yield "x" * (part["maxLength"] + 1)
        if part.get("minLength"):
            yield "x" * (part["minLength"] - 1)
        if "maxItems" in part:
            yield [_example(part["items"])] * (part["maxItems"] + 1)


def _faults(schema: Schema, field: str) -> Iterator[Fault]:
    for value in NOT_JSON.values():
        yield Fault(field, value, value)
    for value in (*_edges(schema), *ODDITIES):
        if not _admits(schema, value) and not (value is None and schema.get("nullable")):
            yield Fault(field, value, value)
    types = {part.get("type") for part in _variants(schema)}
    if "integer" in types and "number" not in types:
        yield Fault(field, 1.0, 1.0)
    for part in _variants(schema):
        if part.get("type") == "array":
            for inner in _faults(part["items"], f"{field}.0"):
                yield inner._replace(body=[inner.body])
        if "properties" in part:
            yield from _member_faults(part, field)


def _member_faults(schema: Schema, field: str) -> Iterator[Fault]:
    whole = _example(schema)
    prefix = f"{field}." if field else ""
    for name, part in schema["properties"].items():
        for inner in _faults(part, prefix + name):
            yield inner._replace(body={**whole, name: inner.body})
    for name in schema.get("required", ()):
        rest = {other: value for other, value in whole.items() if other != name}
        yield Fault(prefix + name, "missing", rest)
    yield Fault(prefix + "nobody_knows_it", 1, {**whole, "nobody_knows_it": 1})


def twice(body: Mapping[str, Any]) -> str:
    """Write an object with its first member given twice."""
    text = json.dumps(body)
    name, value = next(iter(body.items()), ("x", 1))
    again = f"{json.dumps(name)}: {json.dumps(value)}"
    return text[:-1] + (", " if body else f"{again}, ") + again + "}"
