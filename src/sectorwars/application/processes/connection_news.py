"""What operators ask of connections, asked of the other gateways too."""

import asyncio
import contextlib
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from sectorwars.application.bus import ConnectionsAsked, ConnectionsTold, EventBus
from sectorwars.application.operators.connection_oversight import ConnectionOversight, gateway_of
from sectorwars.domain.ids import PlayerId
from sectorwars.protocol.shapes.connection import ConnectionExplanation, ConnectionPage

ANSWER_SECONDS_MAX: Final = 1.0

_ENCODER: Final = msgspec.json.Encoder()
_PAGE: Final = msgspec.json.Decoder(ConnectionPage)
_EXPLANATION: Final = msgspec.json.Decoder(ConnectionExplanation | None)
_CLOSED: Final = msgspec.json.Decoder(bool)


@dataclass(slots=True)
class _Question:
    expected: int
    answers: dict[str, bytes] = field(default_factory=dict)
    answered: asyncio.Event = field(default_factory=asyncio.Event)


class ConnectionNews:
    """Puts questions to the other gateways, and answers theirs: a `connection_oversight.Elsewhere`.

    Who does not answer in a second is left out, and named as silent.
    """

    def __init__(
        self,
        bus: EventBus,
        name: str,
        others: Callable[[], Collection[str]],
        oversight: ConnectionOversight,
        new_id: Callable[[], str],
    ) -> None:
        """Speak as the gateway `name` of what `oversight` sees; `others` names the others."""
        self._bus = bus
        self._name = name
        self._others = others
        self._oversight = oversight
        self._new_id = new_id
        self._questions: dict[str, _Question] = {}
        oversight.ask_elsewhere(self)

    async def pages(
        self, player_id: PlayerId | None, limit: int
    ) -> tuple[list[ConnectionPage], list[str]]:
        """Return the pages of the other gateways, and the names of those that say nothing."""
        asked = list(self._others())
        if not asked:
            return [], []
        answers = await self._ask(len(asked), None, player_id, limit)
        silent = sorted(gateway_of(name) for name in asked if name not in answers)
        return [_PAGE.decode(body) for body in answers.values()], silent

    async def explain(self, connection_id: str) -> ConnectionExplanation | None:
        """Return what the gateway of a connection tells of it."""
        body = await self._ask_owner(connection_id, close=False)
        return None if body is None else _EXPLANATION.decode(body)

    async def close(self, connection_id: str) -> bool:
        """Have the gateway of a connection close it; tell whether it did."""
        body = await self._ask_owner(connection_id, close=True)
        return body is not None and _CLOSED.decode(body)

    def hear(self, message: ConnectionsAsked | ConnectionsTold) -> None:
        """Answer a question, or take an answer."""
        if isinstance(message, ConnectionsTold):
            question = self._questions.get(message.question_id)
            if message.to == self._name and question is not None:
                question.answers[message.gateway] = message.body
                if len(question.answers) >= question.expected:
                    question.answered.set()
        elif message.gateway != self._name and message.to in {None, self._name}:
            body = _ENCODER.encode(self._answer(message))
            told = ConnectionsTold(self._name, message.gateway, message.question_id, body)
            self._bus.publish(told)

    def _answer(self, asked: ConnectionsAsked) -> Any:
        if asked.connection_id is None:
            return self._oversight.own_page(asked.player_id, asked.limit)
        if asked.close:
            return self._oversight.close_own(asked.connection_id)
        return self._oversight.own_explanation(asked.connection_id)

    async def _ask_owner(self, connection_id: str, *, close: bool) -> bytes | None:
        for name in self._others():
            if connection_id.startswith(f"{gateway_of(name)}-"):
                answers = await self._ask(1, name, None, 0, connection_id, close=close)
                return answers.get(name)
        return None

    async def _ask(
        self,
        expected: int,
        to: str | None,
        player_id: PlayerId | None,
        limit: int,
        connection_id: str | None = None,
        *,
        close: bool = False,
    ) -> dict[str, bytes]:
        question_id = self._new_id()
        question = self._questions[question_id] = _Question(expected)
        try:
            self._bus.publish(
                ConnectionsAsked(
                    self._name, question_id, to, player_id, limit, connection_id, close
                )
            )
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(ANSWER_SECONDS_MAX):
                    await question.answered.wait()
        finally:
            del self._questions[question_id]
        return question.answers
