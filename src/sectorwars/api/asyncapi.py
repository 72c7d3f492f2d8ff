"""The AsyncAPI document of the WebSocket, made from the shapes that encode and decode its frames.

Source: AsyncAPI Specification 3.0.0.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, Final

import msgspec

from sectorwars.api.frames import (
    DELTA,
    FOUNDATION_ANSWERS,
    FOUNDATION_EXCHANGES,
    FOUNDATION_UNASKED,
    NATIVE_ANSWERS,
    NATIVE_EXCHANGES,
    NATIVE_UNASKED,
    STREAMS,
    UNSIGNED_REQUESTS,
    Exchange,
    Frame,
    Stream,
)
from sectorwars.api.websocket_refusals import websocket_refusals
from sectorwars.domain.commodity import COMMODITIES
from sectorwars.protocol.close_codes import CLOSINGS
from sectorwars.protocol.foundation_messages import FoundationFrame
from sectorwars.protocol.messages import NativeFrame
from sectorwars.protocol.publication import PRIVATE_CHANNELS

ADDRESS: Final = "/ws/{player}"
_REF: Final = "#/components/schemas/{name}"
_DESCRIPTION: Final = """\
One endpoint speaks two dialects, `native` and that of the Foundation client; the first good frame
shows which. Text frames of JSON. Times are RFC 3339 in UTC; money and goods are integers.
Every refused request gets an answer with a `code` of `x-refusals` and the class of `retry` that
makes sense: `never`, `same_id`, `new_id` or `later`. `x-close-codes` says for each close code
whether to come back."""

_TIMESTAMP: Final = {"type": "string", "format": "date-time"}
_ED25519: Final = {
    "type": "string",
    "description": (
        "Ed25519, base64url without padding, over the canonical JSON (RFC 8785) of the frame "
        "without `signature`, by the key `kid` of /.well-known/jwks.json."
    ),
}
_HMAC: Final = {
    "type": "string",
    "pattern": "^[0-9a-f]{64}$",
    "description": (
        "HMAC-SHA256, lower-case hex, with the session key, over the canonical JSON (RFC 8785) "
        "of the frame without `signature`."
    ),
}
_DIGEST: Final = {
    "type": "string",
    "pattern": "^[0-9a-f]{64}$",
    "description": (
        "SHA-256, lower-case hex, over the bytes of `data` as sent, then `session_id`; in "
        'authenticate over {"token": …} alone, then `session_id`.'
    ),
}
_KID: Final = {"type": "string", "description": "The key's name in /.well-known/jwks.json."}
_PLAYER_ID: Final = {"type": "string", "description": "On frames for one player only."}
_SESSION_ID: Final = {"type": "string", "description": "The client's own name for its session."}
_STREAM_ID: Final = {"type": "string", "description": "The publishing stream's id."}

_PUBLISHED: Final[Mapping[str, Any]] = {
    "channel": {"type": "string"},
    "epoch": {"type": "string", "description": "A position of another epoch means nothing here."},
    "offset": {"type": "integer", "minimum": 1, "description": "Rises by one in an epoch."},
    "timestamp": _TIMESTAMP,
    "session_id": _STREAM_ID,
    "kid": _KID,
    "signature": _ED25519,
}
_DELTA: Final = ("channel", "epoch", "offset")
"""The members that a delta has of those; the others are in what it changes."""
_ANSWER: Final[Mapping[str, Any]] = {
    "id": {"type": "string", "description": "The `id` of the request that is answered."},
    "timestamp": _TIMESTAMP,
    "session_id": _SESSION_ID,
    "player_id": _PLAYER_ID,
    "kid": _KID,
    "signature": {"anyOf": [_ED25519, _HMAC]},
}
_FOUNDATION_ANSWER: Final[Mapping[str, Any]] = {
    "timestamp": _TIMESTAMP,
    "session_id": {
        "type": "string",
        "description": "The client's session; on broadcast frames the stream's id.",
    },
    "player_id": _PLAYER_ID,
    "kid": _KID,
    "signature": _ED25519,
}
_OPTIONAL: Final = frozenset({"id", "player_id"})
"""Members of server frames that are left out where they mean nothing."""


@cache
def asyncapi_document(version: str) -> dict[str, Any]:
    """Return the document of the interface's `version`, made once; it is not to be changed."""
    schemas = _Schemas()
    channels = {
        "native": _native_channel(schemas),
        **{stream.key: _stream_channel(schemas, stream) for stream in STREAMS},
        "foundation": _foundation_channel(schemas),
    }
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Sectorwars 2102", "version": version, "description": _DESCRIPTION},
        "defaultContentType": "application/json",
        "servers": _servers(),
        "channels": channels,
        "operations": {
            **_exchange_operations("native", NATIVE_EXCHANGES),
            "native_send": _send_operation("native", NATIVE_UNASKED),
            **{
                f"{stream.key}_publish": _send_operation(
                    stream.key, [frame.key for frame in stream.frames]
                )
                for stream in STREAMS
            },
            **_exchange_operations("foundation", FOUNDATION_EXCHANGES),
            "foundation_send": _send_operation("foundation", FOUNDATION_UNASKED),
        },
        "components": {
            "schemas": schemas.components,
            "securitySchemes": {
                "bearer": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "JWT",
                    "description": (
                        "The access token, on the upgrade request; else the first frame brings it."
                    ),
                }
            },
        },
        "x-refusals": websocket_refusals(),
        "x-close-codes": [
            {
                "code": code.value,
                "name": code.name.lower(),
                "reason": closing.reason,
                "reconnect": closing.reconnect,
            }
            for code, closing in CLOSINGS.items()
        ],
    }


class _Schemas:
    """The schemas of all shapes that frames hold, generated together so that names are unique."""

    def __init__(self) -> None:
        frames = [
            *(exchange.request for exchange in (*NATIVE_EXCHANGES, *FOUNDATION_EXCHANGES)),
            *NATIVE_ANSWERS,
            *FOUNDATION_ANSWERS,
            *(frame for stream in STREAMS for frame in stream.frames),
        ]
        shapes = list(dict.fromkeys(shape for frame in frames for shape in frame.data))
        envelopes = (NativeFrame, FoundationFrame)
        references, components = msgspec.json.schema_components(
            [*envelopes, *shapes], ref_template=_REF
        )
        self.components: dict[str, Any] = components
        self._references = dict(zip([*envelopes, *shapes], references, strict=True))

    def members(self, envelope: type[msgspec.Struct]) -> dict[str, Any]:
        """Return the schemas of an envelope's members, by name."""
        name = self._references[envelope]["$ref"].rpartition("/")[2]
        members: dict[str, Any] = self.components[name]["properties"]
        return members

    def data(self, frame: Frame) -> dict[str, Any]:
        """Return the schema of a frame's data."""
        references = [self._references[shape] for shape in frame.data]
        shape: dict[str, Any] = references[0] if len(references) == 1 else {"anyOf": references}
        if not frame.fixed:
            return shape
        fixed = {
            "type": "object",
            "required": list(frame.fixed),
            "properties": {name: {"const": value} for name, value in frame.fixed.items()},
        }
        return {"allOf": [fixed, shape]}

    def summary(self, frame: Frame) -> str:
        """Return the first lines of the descriptions of a frame's data."""
        return " ".join(
            self.components[self._references[shape]["$ref"].rpartition("/")[2]][
                "description"
            ].partition("\n")[0]
            for shape in frame.data
        )


def _servers() -> dict[str, Any]:
    host = {"host": {"default": "localhost:8000", "description": "Where the server listens."}}
    return {
        "tls": {
            "host": "{host}",
            "protocol": "wss",
            "variables": host,
            "description": "Over TLS, from anywhere.",
            "security": [{"$ref": "#/components/securitySchemes/bearer"}],
        },
        "loopback": {
            "host": "{host}",
            "protocol": "ws",
            "variables": host,
            "description": "On the server's own machine; a session key is given out there too.",
            "security": [{"$ref": "#/components/securitySchemes/bearer"}],
        },
    }


def _socket(description: str, messages: dict[str, Any]) -> dict[str, Any]:
    return {
        "address": ADDRESS,
        "description": description,
        "parameters": {
            "player": {
                "description": "A player's id, or `realtime`: the player that the token names."
            }
        },
        "messages": messages,
        "bindings": {"ws": {"method": "GET", "bindingVersion": "0.1.0"}},
    }


def _native_channel(schemas: _Schemas) -> dict[str, Any]:
    messages: dict[str, Any] = {}
    for exchange in NATIVE_EXCHANGES:
        frame = exchange.request
        envelope = {**schemas.members(NativeFrame), "timestamp": _TIMESTAMP, "signature": _HMAC}
        optional = {"signature"} if frame.key in UNSIGNED_REQUESTS else set[str]()
        if optional:
            envelope["signature"] = {"type": "string", "description": "Not looked at."}
        messages[frame.key] = _message(schemas, frame, envelope, optional, correlated=True)
    for frame in NATIVE_ANSWERS:
        messages[frame.key] = _message(
            schemas, frame, _ANSWER, _OPTIONAL | {"kid"}, correlated=True
        )
    return _socket(
        "The native dialect. Its requests are signed, and `counter` rises with each; `timestamp` "
        "is within five minutes of the server's clock.",
        messages,
    )


def _stream_channel(schemas: _Schemas, stream: Stream) -> dict[str, Any]:
    envelope = dict(_PUBLISHED)
    if not stream.parameters:
        envelope["channel"] = {"const": stream.address}
    if stream.address in PRIVATE_CHANNELS:
        envelope["player_id"] = _PLAYER_ID
    channel: dict[str, Any] = {
        "address": stream.address,
        "title": stream.address,
        "summary": stream.summary,
        "description": "Comes over the native connection to whoever has sent `subscribe` for it.",
        "messages": {
            frame.key: _message(
                schemas,
                frame,
                {name: envelope[name] for name in _DELTA} if frame is DELTA else envelope,
                frozenset(),
                correlated=False,
            )
            for frame in stream.frames
        },
    }
    if stream.parameters:
        channel["parameters"] = {
            name: {"description": description} for name, description in stream.parameters.items()
        }
    if "commodity" in stream.parameters:
        channel["parameters"]["commodity"]["enum"] = [good.value for good in COMMODITIES]
    return channel


def _foundation_channel(schemas: _Schemas) -> dict[str, Any]:
    messages: dict[str, Any] = {}
    envelope = {
        **schemas.members(FoundationFrame),
        "timestamp": _TIMESTAMP,
        "signature": _DIGEST,
    }
    for exchange in FOUNDATION_EXCHANGES:
        messages[exchange.request.key] = _message(
            schemas, exchange.request, envelope, frozenset(), correlated=False
        )
    for frame in FOUNDATION_ANSWERS:
        messages[frame.key] = _message(
            schemas, frame, _FOUNDATION_ANSWER, _OPTIONAL, correlated=False
        )
    return _socket(
        "The Foundation client's dialect, recognised by `type: ai_alert` in its first frame. "
        "Broadcast frames stay under 100 in any minute.",
        messages,
    )


def _message(
    schemas: _Schemas,
    frame: Frame,
    envelope: Mapping[str, Any],
    optional: Iterable[str],
    *,
    correlated: bool,
) -> dict[str, Any]:
    members = {**envelope, "type": {"const": frame.type}, "data": schemas.data(frame)}
    left_out = set(optional)
    message: dict[str, Any] = {
        "name": frame.type,
        "title": frame.key,
        "summary": schemas.summary(frame),
        "payload": {
            "type": "object",
            "required": [name for name in members if name not in left_out],
            "properties": members,
        },
    }
    if correlated:
        message["correlationId"] = {"location": "$message.payload#/id"}
    return message


def _exchange_operations(channel: str, exchanges: Sequence[Exchange]) -> dict[str, Any]:
    return {
        f"{channel}_{exchange.request.key}": {
            "action": "receive",
            "channel": _channel_reference(channel),
            "messages": [_message_reference(channel, exchange.request.key)],
            "reply": {
                "channel": _channel_reference(channel),
                "messages": [_message_reference(channel, key) for key in exchange.answers],
            },
        }
        for exchange in exchanges
    }


def _send_operation(channel: str, keys: Iterable[str]) -> dict[str, Any]:
    return {
        "action": "send",
        "channel": _channel_reference(channel),
        "messages": [_message_reference(channel, key) for key in keys],
    }


def _channel_reference(channel: str) -> dict[str, str]:
    return {"$ref": f"#/channels/{channel}"}


def _message_reference(channel: str, key: str) -> dict[str, str]:
    return {"$ref": f"#/channels/{channel}/messages/{key}"}
