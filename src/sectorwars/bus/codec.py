"""Messages of the bus as MessagePack. All processes of a galaxy run the same release."""

from dataclasses import dataclass
from typing import Any, Final, get_args

import msgspec

from sectorwars.application.bus import (
    Answer,
    BatchCommitted,
    BusMessage,
    RelayedFrame,
)
from sectorwars.application.reading.projection import Committed
from sectorwars.application.rows import (
    IndexPrices,
    LoggedEvent,
    Receipt,
    ReceiptKey,
)
from sectorwars.domain.command import CommandEnvelope, Origin, PlayerCommand
from sectorwars.domain.event import Event
from sectorwars.domain.ids import CommandId, PlayerId
from sectorwars.domain.rejection import Refusal
from sectorwars.protocol.shapes.command import CommandFate

Tagged = tuple[str, msgspec.Raw]

_ENCODER: Final = msgspec.msgpack.Encoder()


def _decoders(*kinds: Any) -> dict[str, msgspec.msgpack.Decoder[Any]]:
    return {kind.__name__: msgspec.msgpack.Decoder(kind) for kind in kinds}


_COMMANDS: Final = _decoders(*get_args(PlayerCommand))
_EVENTS: Final = _decoders(*get_args(Event))
_OUTCOMES: Final = _decoders(Receipt, Refusal, CommandFate)
_MESSAGES: Final = _decoders(*(kind for kind in get_args(BusMessage) if kind is not BatchCommitted))


@dataclass(frozen=True, slots=True)
class Request:
    """A command, or the question of its fate, as a gateway puts it.

    `waited_micros` is how long the gateway itself has had it.
    """

    gateway: str
    request_id: str
    waited_micros: int
    body: CommandEnvelope | ReceiptKey


_REQUEST: Final = msgspec.msgpack.Decoder(tuple[str, str, int, bool, msgspec.Raw])
_KEY: Final = msgspec.msgpack.Decoder(ReceiptKey)
_ENVELOPE: Final = msgspec.msgpack.Decoder(tuple[CommandId, PlayerId | None, Origin, Tagged])
_ANSWER: Final = msgspec.msgpack.Decoder(tuple[str, int, Tagged])
_TAGGED: Final = msgspec.msgpack.Decoder(Tagged)
_BATCH: Final = msgspec.msgpack.Decoder(
    tuple[int, list[tuple[int, Tagged]], tuple[IndexPrices, ...], tuple[RelayedFrame, ...]]
)


def encode_request(request: Request) -> bytes:
    """Encode a command or a question."""
    body = request.body
    is_command = isinstance(body, CommandEnvelope)
    shape = _envelope(body) if isinstance(body, CommandEnvelope) else body
    head = (request.gateway, request.request_id, request.waited_micros)
    return _ENCODER.encode((*head, is_command, shape))


def decode_request(data: bytes) -> Request:
    """Decode a command or a question.

    Raises:
        msgspec.DecodeError: it is neither.
    """
    gateway, request_id, waited_micros, is_command, raw = _REQUEST.decode(data)
    if not is_command:
        return Request(gateway, request_id, waited_micros, _KEY.decode(raw))
    command_id, player_id, origin, command = _ENVELOPE.decode(raw)
    envelope = CommandEnvelope(command_id, player_id, origin, _untag(_COMMANDS, command))
    return Request(gateway, request_id, waited_micros, envelope)


def encode_answer(request_id: str, answer: Answer) -> bytes:
    """Encode the writer's answer to a request."""
    return _ENCODER.encode((request_id, answer.offset, _tag(answer.outcome)))


def decode_answer(data: bytes) -> tuple[str, Answer]:
    """Decode the id of a request and the writer's answer to it.

    Raises:
        msgspec.DecodeError: it is none.
    """
    request_id, offset, outcome = _ANSWER.decode(data)
    return request_id, Answer(_untag(_OUTCOMES, outcome), offset)


def encode_message(message: BusMessage) -> bytes:
    """Encode a message to all who listen."""
    if not isinstance(message, BatchCommitted):
        return _ENCODER.encode(_tag(message))
    committed = message.committed
    events = [(logged.offset, _tag(logged.event)) for logged in committed.events]
    body = (message.term, events, committed.index_prices, message.frames)
    return _ENCODER.encode((BatchCommitted.__name__, body))


def decode_message(data: bytes) -> BusMessage:
    """Decode a message to all who listen.

    Raises:
        msgspec.DecodeError: it is none.
    """
    kind, body = _TAGGED.decode(data)
    if kind != BatchCommitted.__name__:
        message: BusMessage = _untag(_MESSAGES, (kind, body))
        return message
    term, events, index_prices, frames = _BATCH.decode(body)
    logged = tuple(LoggedEvent(offset, _untag(_EVENTS, event)) for offset, event in events)
    return BatchCommitted(term, Committed(logged, index_prices), frames)


def _envelope(envelope: CommandEnvelope) -> tuple[object, ...]:
    return (envelope.command_id, envelope.player_id, envelope.origin, _tag(envelope.command))


def _tag(value: object) -> tuple[str, object]:
    return type(value).__name__, value


def _untag(decoders: dict[str, msgspec.msgpack.Decoder[Any]], tagged: Tagged) -> Any:
    kind, body = tagged
    decoder = decoders.get(kind)
    if decoder is None:
        raise msgspec.DecodeError(f"this release knows no {kind!r}")
    return decoder.decode(body)
