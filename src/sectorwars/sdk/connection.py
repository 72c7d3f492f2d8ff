"""The WebSocket that is kept open: the asyncio shell around `session`."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine
from http import HTTPStatus
from typing import Any, Final, assert_never

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus

from sectorwars.clock import SystemClock
from sectorwars.protocol.close_codes import CLOSINGS, CloseCode
from sectorwars.protocol.effect import Moment
from sectorwars.sdk.backoff import Backoff
from sectorwars.sdk.errors import (
    ClientError,
    RefusedError,
    SessionEndedError,
    UnavailableError,
    UnreachableError,
    refusal_error,
)
from sectorwars.sdk.event import Event, Mailbox
from sectorwars.sdk.rest import Rest
from sectorwars.sdk.session import Admitted, Answered, ClientSession, NotAdmitted, Outcome
from sectorwars.sdk.sign_in import SignIn

_STEADY_SECONDS: Final = 5.0
"""How long a connection has to hold before the waits between attempts begin anew."""
_NO_CLOSE_FRAME: Final = 1006
_FINAL_CODE_MIN: Final = 4_500


class Connection:
    """Keeps a session connected until it is closed, or the server ends it for good."""

    def __init__(
        self,
        rest: Rest,
        sign_in: SignIn,
        session: ClientSession,
        clock: SystemClock,
        random: Callable[[], float],
    ) -> None:
        """Connect `session` as the player of `sign_in`; `random` gives numbers in [0, 1)."""
        self.reconnects = 0
        self._rest = rest
        self._sign_in = sign_in
        self._session = session
        self._clock = clock
        self._backoff = Backoff(random)
        self._mailbox = Mailbox()
        self._arrived = asyncio.Event()
        self._wake = asyncio.Event()
        self._answers: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self._newer_token: str | None = None
        self._admitted: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._failure: ClientError | None = None
        self._keeper: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Connect for the first time.

        Raises:
            UnreachableError: the server does not answer.
            RefusedError: it does not let the player in.
        """
        self._keeper = asyncio.create_task(self._keep())
        try:
            await asyncio.shield(self._admitted)
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """Close the connection; nobody is waited for."""
        if self._keeper is not None:
            self._keeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._keeper
        self._fail(UnreachableError("The client is closed."))

    async def ask(self, key: str, kind: str, data: dict[str, Any]) -> dict[str, Any]:
        """Return the data of the answer to a request, however many connections that takes.

        Raises:
            RefusedError: the server refused for good.
            ClientError: the connection has ended for good.
        """
        if self._failure is not None:
            raise self._failure
        self._session.request(key, kind, data)
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._answers[key] = answer
        self._wake.set()
        try:
            return await answer
        finally:
            del self._answers[key]
            self._session.withdraw(key)

    async def events(self) -> AsyncIterator[Event]:
        """Give events as they come.

        Raises:
            ClientError: the connection has ended for good.
        """
        while True:
            self._arrived.clear()
            event = self._mailbox.take()
            if event is not None:
                yield event
            elif self._failure is not None:
                raise self._failure
            else:
                await self._arrived.wait()

    async def _keep(self) -> None:
        try:
            while True:
                wait_seconds = await self._until_lost()
                await asyncio.sleep(wait_seconds)
        except ClientError as error:
            self._fail(error)

    async def _until_lost(self) -> float:
        """Connect once, and return how many seconds to wait after the connection is lost.

        Raises:
            ClientError: there is no use in coming back.
        """
        began = self._clock.monotonic()
        retry_after_ms: int | None = None
        try:
            await self._converse()
        except UnavailableError as error:
            retry_after_ms = error.retry_after_ms
        except RefusedError as error:
            if error.code != "token_expired":
                raise
            self._sign_in.expire()
        except ConnectionClosed as error:
            code = _NO_CLOSE_FRAME if error.rcvd is None else error.rcvd.code
            if code == CloseCode.SESSION_EXPIRED:
                self._sign_in.forget()
            elif not _comes_back(code):
                raise SessionEndedError(code, error.rcvd.reason if error.rcvd else "") from error
        except InvalidStatus as error:
            retry_after_ms = _handshake_wait(error)
        except (OSError, InvalidHandshake, UnreachableError) as error:
            if not self._admitted.done():
                raise UnreachableError(f"The server cannot be reached: {error}.") from error
        finally:
            self._session.lost()
        if self._clock.monotonic() - began >= _STEADY_SECONDS:
            self._backoff.reset()
        return self._backoff.next_seconds(retry_after_ms)

    async def _converse(self) -> None:
        if self._admitted.done():
            self.reconnects += 1
        else:
            self._session.keyring.load(await self._rest.jwks())
        token = await self._sign_in.token()
        async with connect(self._rest.websocket_url, compression=None) as socket:
            await socket.send(self._session.opened(token, self._moment()), text=True)
            try:
                await _first_to_end(self._read(socket), self._write(socket), self._renew())
            except asyncio.CancelledError:
                # Who goes has met no error, which is what leaving the block would say.
                await socket.close()
                raise

    async def _read(self, socket: ClientConnection) -> None:
        while True:
            payload = await socket.recv(decode=False)
            if self._session.unknown_kid(payload):
                self._session.keyring.load(await self._rest.jwks())
            for outcome in self._session.receive(payload, self._moment()):
                self._take(outcome)
            self._wake.set()

    async def _write(self, socket: ClientConnection) -> None:
        """Send what is due; nobody else sends, so that counters rise in the order of sending."""
        while True:
            self._wake.clear()
            if self._newer_token is not None and self._session.is_admitted:
                token, self._newer_token = self._newer_token, None
                await socket.send(self._session.reauthenticate(token, self._moment()), text=True)
            for frame in self._session.due(self._moment()):
                await socket.send(frame, text=True)
            due_at = self._session.next_due()
            wait = None if due_at is None else max(0.0, due_at - self._clock.monotonic())
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await self._wake.wait()

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(max(0.0, self._sign_in.renew_at - self._clock.monotonic()))
            self._newer_token = await self._sign_in.token()
            self._wake.set()

    def _take(self, outcome: Outcome) -> None:
        match outcome:
            case Admitted():
                if not self._admitted.done():
                    self._admitted.set_result(None)
            case NotAdmitted(error):
                # A client that is in stays in: the next token may do.
                if not self._session.is_admitted:
                    raise error
            case Answered(key, answer):
                self._settle(key, answer)
            case Event():
                self._mailbox.put(outcome)
                self._arrived.set()
            case _:
                assert_never(outcome)

    def _settle(self, key: str, answer: dict[str, Any] | ClientError) -> None:
        waiting = self._answers.get(key)
        if waiting is None or waiting.done():
            return
        if isinstance(answer, ClientError):
            waiting.set_exception(answer)
        else:
            waiting.set_result(answer)

    def _fail(self, error: ClientError) -> None:
        self._failure = self._failure or error
        if not self._admitted.done():
            self._admitted.set_exception(error)
            # It may be that nobody waits for it.
            self._admitted.exception()
        for key in list(self._answers):
            self._settle(key, error)
        self._arrived.set()

    def _moment(self) -> Moment:
        return Moment(self._clock.now(), self._clock.monotonic())


async def _first_to_end(*loops: Coroutine[Any, Any, None]) -> None:
    """Run loops side by side until one fails, then end the others and raise why."""
    tasks = [asyncio.create_task(loop) for loop in loops]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    # In the order in which they were given: what was read tells more than that writing failed.
    for task in tasks:
        if task in done:
            task.result()


def _comes_back(code: int) -> bool:
    try:
        return CLOSINGS[CloseCode(code)].reconnect
    except ValueError:
        return code != CloseCode.NORMAL and code < _FINAL_CODE_MIN


def _handshake_wait(error: InvalidStatus) -> int | None:
    """Return how many milliseconds the server asks for, None where it does not say.

    Raises:
        RefusedError: it refused for good.
    """
    try:
        refusal = refusal_error(msgspec.json.decode(error.response.body or b""))
    except (ValueError, AttributeError):
        if error.response.status_code < HTTPStatus.INTERNAL_SERVER_ERROR:
            raise SessionEndedError(error.response.status_code, str(error)) from error
        return None
    if not isinstance(refusal, UnavailableError):
        raise refusal from error
    return refusal.retry_after_ms
