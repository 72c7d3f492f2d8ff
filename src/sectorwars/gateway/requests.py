"""What clients have asked for and is answered later: commands, their fates, ARIA."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Final, TypeVar

import msgspec

from sectorwars.application.ports import StoreUnavailableError
from sectorwars.application.rows import Receipt, ReceiptKey
from sectorwars.application.writing.command_writer import CommandWriter
from sectorwars.domain.ids import CommandId
from sectorwars.domain.rejection import Refusal, Retry
from sectorwars.gateway.connection import Connection
from sectorwars.gateway.ports import Assistant
from sectorwars.protocol.close_codes import CloseCode
from sectorwars.protocol.dialect import Executed, Outcome
from sectorwars.protocol.effect import AskAria, AskFate, Identity, Moment, Submit
from sectorwars.protocol.foundation import FoundationDialect
from sectorwars.protocol.messages import ResumedCommand
from sectorwars.protocol.native import NativeDialect

_Result = TypeVar("_Result")

_STORE_UNAVAILABLE: Final = Refusal(
    "store_unavailable", Retry.LATER, "The database cannot be reached just now.", 1_000
)


class Requests:
    """The requests under way, and how each is answered."""

    def __init__(
        self, commands: CommandWriter, assistant: Assistant, moment: Callable[[], Moment]
    ) -> None:
        """Have `commands` decide and `assistant` answer; `moment` tells the time."""
        self._commands = commands
        self._assistant = assistant
        self._moment = moment
        self._under_way: set[asyncio.Future[Any]] = set()

    def start(self, connection: Connection, work: Coroutine[Any, Any, None]) -> None:
        """Begin to answer; a failure closes the connection."""
        self._start(connection, work, lambda _: None)

    async def settled(self, seconds_max: float) -> None:
        """Wait, a bounded time, until nothing is under way."""
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=seconds_max)

    def submit(self, connection: Connection, submit: Submit, received: Moment) -> None:
        """Have a command decided, or a stale one looked up, and answered."""
        decided = (
            self._commands.submit(submit.envelope, received.monotonic)
            if submit.stale is None
            else self._look_up(connection, submit.envelope.command_id, submit.stale)
        )
        self._start(
            connection, decided, lambda outcome: self._tell_decided(connection, submit, outcome)
        )

    async def tell_fate(self, connection: Connection, effect: AskFate) -> None:
        """Say what became of a command of the player."""
        dialect = connection.session.dialect
        if not isinstance(dialect, NativeDialect):
            raise TypeError("only native clients ask for the fate of commands")
        fate = await self.fate(ReceiptKey(known_identity(connection).player_id, effect.command_id))
        moment = self._moment()
        connection.carry_out(dialect.fate_told(effect.request, fate, moment), moment)

    async def ask(self, connection: Connection, effect: AskAria) -> None:
        """Have ARIA answer a message."""
        dialect = connection.session.dialect
        if not isinstance(dialect, NativeDialect):
            raise TypeError("only native clients ask ARIA")
        player_id = known_identity(connection).player_id
        try:
            outcome = await self._assistant.answer(
                player_id, effect.message, effect.conversation_id
            )
        except StoreUnavailableError:
            outcome = _STORE_UNAVAILABLE
        moment = self._moment()
        connection.carry_out(dialect.aria_answered(effect.request, outcome, moment), moment)

    async def fate(self, key: ReceiptKey) -> ResumedCommand:
        """Return what became of a command."""
        fate = await self._commands.fate(key)
        if not isinstance(fate, Receipt):
            return ResumedCommand(
                fate.command_id, fate.status, None, fate.code, fate.retry, fate.detail
            )
        body = _json(fate)
        if fate.status == "executed":
            return ResumedCommand(key.command_id, "executed", body)
        return ResumedCommand(
            key.command_id,
            "rejected",
            None,
            body["code"],
            body["retry"],
            body["detail"],
            body["number"],
        )

    async def _look_up(
        self, connection: Connection, command_id: CommandId, stale: Refusal
    ) -> Receipt | Refusal:
        fate = await self._commands.fate(
            ReceiptKey(known_identity(connection).player_id, command_id)
        )
        return fate if isinstance(fate, Receipt) else stale

    def _tell_decided(
        self, connection: Connection, submit: Submit, decided: Receipt | Refusal
    ) -> None:
        outcome: Outcome
        if isinstance(decided, Refusal):
            outcome = decided
        else:
            executed = decided.status == "executed"
            outcome = Executed(decided.body) if executed else _json(decided)
        moment = self._moment()
        connection.carry_out(known_dialect(connection).decided(submit, outcome, moment), moment)

    def _start(
        self, connection: Connection, work: Awaitable[_Result], tell: Callable[[_Result], None]
    ) -> None:
        """Have `tell` called with what comes of `work`; a failure closes the connection."""
        future = asyncio.ensure_future(work)
        self._under_way.add(future)
        future.add_done_callback(lambda done: self._finished(connection, done, tell))

    def _finished(
        self,
        connection: Connection,
        done: asyncio.Future[_Result],
        tell: Callable[[_Result], None],
    ) -> None:
        self._under_way.discard(done)
        if done.cancelled():
            return
        try:
            tell(done.result())
        except Exception as error:
            # The client comes back and asks for the fate of what was not answered.
            connection.close(CloseCode.INTERNAL_ERROR)
            asyncio.get_running_loop().call_exception_handler(
                {"message": "a WebSocket request failed", "exception": error, "future": done}
            )


def known_dialect(connection: Connection) -> NativeDialect | FoundationDialect:
    """Return the dialect of a connection on which a good frame has come."""
    dialect = connection.session.dialect
    if dialect is None:
        raise RuntimeError("no frame has shown the dialect yet")
    return dialect


def known_identity(connection: Connection) -> Identity:
    """Return whom an authenticated connection speaks for."""
    identity = known_dialect(connection).identity
    if identity is None:
        raise RuntimeError("the connection is not authenticated")
    return identity


def _json(receipt: Receipt) -> dict[str, Any]:
    return msgspec.json.decode(receipt.body, type=dict[str, Any])
