"""The AsyncAPI document, and what it says of single frames."""

import json
from typing import Any

import jsonschema_rs
import msgspec

from sectorwars.api.asyncapi import asyncapi_document
from sectorwars.api.frames import FOUNDATION_ANSWERS, NATIVE_ANSWERS, STREAMS, Frame

DOCUMENT = json.loads(msgspec.json.encode(asyncapi_document("1")))


def resolve(reference: str) -> Any:
    node = DOCUMENT
    for step in reference.removeprefix("#/").split("/"):
        node = node[step]
    return node


def closed(schema: Any) -> Any:
    """The schema with its references put in, which admits no member that it does not name."""
    if isinstance(schema, list):
        return [closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return closed(resolve(schema["$ref"]))
    if "allOf" in schema:
        parts = [closed(part) for part in schema["allOf"]]
        names = {name: part for all_of in parts for name, part in all_of["properties"].items()}
        required = [name for part in parts for name in part.get("required", ())]
        schema = {"type": "object", "required": required, "properties": names}
    schema = {name: closed(part) for name, part in schema.items()}
    if schema.get("type") == "object" and "properties" in schema:
        schema["additionalProperties"] = False
    return schema


def payload(channel: str, key: str) -> Any:
    return DOCUMENT["channels"][channel]["messages"][key]["payload"]


def faults(schema: Any, frame: dict[str, Any]) -> list[str]:
    return [
        f"{error.instance_path}: {error.message}"
        for error in jsonschema_rs.Draft7Validator(schema).iter_errors(frame)
    ]


def assert_sent(channel: str, frame: dict[str, Any]) -> str:
    """Hold a frame of the server against the only message of the channel that it can be."""
    tables = {"native": NATIVE_ANSWERS, "foundation": FOUNDATION_ANSWERS}
    streams = {stream.key: stream.frames for stream in STREAMS}
    [key] = [
        entry.key for entry in {**tables, **streams}[channel] if is_like(entry, channel, frame)
    ]
    assert faults(closed(payload(channel, key)), frame) == []
    return key


def is_like(entry: Frame, channel: str, frame: dict[str, Any]) -> bool:
    if entry.type != frame["type"]:
        return False
    if channel != "foundation":
        return True
    kind = {name: frame["data"][name] for name in ("action", "type") if name in frame["data"]}
    return kind == (entry.fixed or ({"type": "ai_alert"} if entry.key == "alert" else {}))


def assert_asked(channel: str, key: str, frame: dict[str, Any]) -> None:
    schema = {**payload(channel, key), "components": DOCUMENT["components"]}
    assert faults(schema, frame) == []
