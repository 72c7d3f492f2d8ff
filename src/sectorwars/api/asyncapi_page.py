"""The AsyncAPI document as a page to read: plain HTML, no script, nothing from elsewhere."""

import re
from collections.abc import Iterable, Mapping
from html import escape
from typing import Any, Final

STYLE: Final = """\
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; margin: 0.5rem 0 1.5rem; }
th, td { text-align: left; vertical-align: top; padding: 0.3rem 0.6rem;
  border-bottom: 1px solid color-mix(in srgb, currentColor 25%, transparent); }
code { font-family: ui-monospace, monospace; font-size: 0.9em; }
h1, h2, h3, p { overflow-wrap: anywhere; }
@media (max-width: 48rem) {
  table, tbody, tr, td { display: block; }
  thead { display: none; }
  tr { padding: 0.6rem 0;
    border-bottom: 1px solid color-mix(in srgb, currentColor 25%, transparent); }
  td { border: 0; padding: 0.1rem 0; overflow-wrap: anywhere; }
  td:empty { display: none; }
  td::before { content: attr(data-head) ": "; opacity: 0.75; }
}
"""


def asyncapi_page(document: Mapping[str, Any]) -> str:
    """Return the page of a document that `api.asyncapi` made."""
    info = document["info"]
    title = f"{info['title']}: the WebSocket, version {info['version']}"
    contents = "".join(
        f'<li><a href="#channel-{_text(key)}">{_text(key)}</a></li>' for key in document["channels"]
    )
    return (
        '<!doctype html>\n<html lang="en">\n<head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{_text(title)}</title>"
        '<link rel="icon" href="/favicon.svg" type="image/svg+xml">'
        '<link rel="stylesheet" href="/asyncapi.css"></head>\n<body>\n<main>\n'
        f"<h1>{_text(title)}</h1>\n<p>{_prose(info['description'])}</p>\n"
        '<p>As a document: <a href="/asyncapi.json">/asyncapi.json</a>; the HTTP interface: '
        '<a href="/openapi.json">/openapi.json</a>.</p>\n'
        f'<nav aria-label="Contents"><ul>{contents}<li><a href="#shapes">Shapes</a></li>'
        '<li><a href="#refusals">Refusals</a></li>'
        '<li><a href="#close-codes">Close codes</a></li></ul></nav>\n'
        + "".join(_channel(document, key) for key in document["channels"])
        + _shapes(document["components"]["schemas"])
        + _refusals(document["x-refusals"])
        + _close_codes(document["x-close-codes"])
        + "</main>\n</body>\n</html>\n"
    )


def _text(text: object) -> str:
    return escape(str(text))


def _prose(text: object) -> str:
    """Return text whose words in backquotes are code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", _text(text))


def _code(text: object) -> str:
    return f"<code>{_text(text)}</code>"


def _table(label: str, heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    names = [_text(text) for text in heads]
    head = "".join(f'<th scope="col">{name}</th>' for name in names)
    body = "".join(_row(names, row) for row in rows)
    return (
        f'<div class="wide" role="region" aria-label="{_text(label)}" tabindex="0">'
        f"<table><thead><tr>{head}</tr></thead>\n<tbody>{body}</tbody></table></div>\n"
    )


def _row(heads: Iterable[str], row: Iterable[str]) -> str:
    """Return a row; where there is no room for a table, each cell names its own column."""
    cells = zip(heads, row, strict=True)
    return (
        "<tr>" + "".join(f'<td data-head="{head}">{cell}</td>' for head, cell in cells) + "</tr>\n"
    )


def _channel(document: Mapping[str, Any], key: str) -> str:
    channel = document["channels"][key]
    replies = _replies(document, key)
    rows = []
    for name, message in channel["messages"].items():
        payload = message["payload"]
        envelope = (
            _member(member, schema, member in payload["required"])
            for member, schema in payload["properties"].items()
            if member not in {"type", "data"}
        )
        rows.append(
            (
                _code(name),
                "client" if name in replies else "server",
                _code(message["name"]),
                f"{_type(payload['properties']['data'])}<br>{_prose(message['summary'])}",
                ", ".join(envelope),
                ", ".join(_code(answer) for answer in replies.get(name, ())),
            )
        )
    heads = ("frame", "from", "type", "data", "other members", "answered by")
    words = " ".join(channel[part] for part in ("summary", "description") if part in channel)
    return (
        f'<h2 id="channel-{_text(key)}">{_text(key)}: {_code(channel["address"])}</h2>\n'
        f"<p>{_prose(words)}</p>\n{_table(key, heads, rows)}"
    )


def _replies(document: Mapping[str, Any], channel: str) -> dict[str, list[str]]:
    """Return, by the name of each request of a channel, the names of its answers."""
    return {
        _last(operation["messages"][0]["$ref"]): [
            _last(answer["$ref"]) for answer in operation["reply"]["messages"]
        ]
        for operation in document["operations"].values()
        if operation["action"] == "receive" and _last(operation["channel"]["$ref"]) == channel
    }


def _last(reference: str) -> str:
    return reference.rpartition("/")[2]


def _member(name: str, schema: Mapping[str, Any], required: bool) -> str:
    mark = "" if required else "?"
    return f"{_code(name + mark)} {_type(schema)}"


def _type(schema: Mapping[str, Any]) -> str:
    """Return what a schema admits, in words and links to shapes."""
    if "$ref" in schema:
        name = _last(schema["$ref"])
        return f'<a href="#shape-{_text(name)}">{_text(name.rpartition(".")[2])}</a>'
    if "const" in schema:
        return _code(f'"{schema["const"]}"')
    if "enum" in schema:
        return " | ".join(_code(f'"{value}"') for value in schema["enum"])
    for keyword, between in (("anyOf", " | "), ("allOf", " and ")):
        if keyword in schema:
            return between.join(dict.fromkeys(_type(part) for part in schema[keyword]))
    if schema.get("type") == "array":
        return f"array of {_type(schema['items'])}" if "items" in schema else "array"
    if schema.get("type") == "object" and "properties" in schema:
        return ", ".join(
            f"{_code(name)} {_type(part)}" for name, part in schema["properties"].items()
        )
    return _text(schema.get("type", "anything"))


def _shapes(schemas: Mapping[str, Any]) -> str:
    sections = []
    for name, schema in sorted(schemas.items()):
        rows = [
            (_code(member), _type(part), "yes" if member in schema.get("required", ()) else "no")
            for member, part in schema.get("properties", {}).items()
        ]
        table = _table(name, ("member", "type", "always there"), rows) if rows else ""
        sections.append(
            f'<h3 id="shape-{_text(name)}">{_text(name)}</h3>\n'
            f"<p>{_prose(schema.get('description', ''))}</p>\n{table}"
        )
    return '<h2 id="shapes">Shapes</h2>\n' + "".join(sections)


def _refusals(refusals: Iterable[Mapping[str, Any]]) -> str:
    rows = [
        (
            _text(refusal.get("number", "")),
            _code(refusal["code"]),
            ", ".join(_code(retry) for retry in refusal["retry"]),
            _text(refusal.get("meaning", "")),
        )
        for refusal in refusals
    ]
    return '<h2 id="refusals">Refusals</h2>\n' + _table(
        "Refusals", ("number", "code", "retry", "meaning"), rows
    )


def _close_codes(closings: Iterable[Mapping[str, Any]]) -> str:
    rows = [
        (
            _text(closing["code"]),
            _code(closing["name"]),
            _text(closing["reason"]),
            "yes" if closing["reconnect"] else "no",
        )
        for closing in closings
    ]
    return '<h2 id="close-codes">Close codes</h2>\n' + _table(
        "Close codes", ("code", "name", "reason", "come back"), rows
    )
