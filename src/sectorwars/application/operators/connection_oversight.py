"""What operators see of players' connections, and closing one; each act is held against them."""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Final, Protocol

from sectorwars.application.audit.trail import (
    AddressPseudonyms,
    AuditKind,
    Operator,
    OperatorAct,
    OperatorAudit,
)
from sectorwars.application.ports import Clock
from sectorwars.domain.ids import PlayerId
from sectorwars.domain.rejection import Refusal, Retry
from sectorwars.domain.values import MICROS_PER_SECOND, UnixMicros
from sectorwars.protocol.shapes.connection import (
    ConnectionClosed,
    ConnectionExplanation,
    ConnectionPage,
    OpenConnection,
)

UNKNOWN_CONNECTION: Final = Refusal(
    "unknown_connection",
    Retry.NEVER,
    "There is no such connection, and none was closed lately.",
)
ALL_CONNECTIONS: Final = "connections"
"""The subject of a look at everybody's connections."""

_LOOK_MICROS: Final = 600 * MICROS_PER_SECOND
_LOOKS_MAX: Final = 1_024


_GATEWAY_NAME_LENGTH: Final = 8


def gateway_of(stream_id: str) -> str:
    """Return what operators call the gateway of a stream; the ids of its connections begin so."""
    return stream_id[:_GATEWAY_NAME_LENGTH]


class Connections(Protocol):
    """The connections of this process. `named` gives an address's pseudonym."""

    def page(
        self, player_id: PlayerId | None, limit: int, named: Callable[[str], str]
    ) -> ConnectionPage:
        """Show at most `limit` open connections, of a player or of all, and the closed ones."""
        ...

    def explain(
        self, connection_id: str, named: Callable[[str], str]
    ) -> ConnectionExplanation | None:
        """Tell all of a connection that is open or was closed lately; None where none is known."""
        ...

    def close(self, connection_id: str) -> bool:
        """Close an open connection; return False where there is none."""
        ...


class Elsewhere(Protocol):
    """The other gateways, which have connections too."""

    async def pages(
        self, player_id: PlayerId | None, limit: int
    ) -> tuple[list[ConnectionPage], list[str]]:
        """Return the pages of the other gateways, and the names of those that say nothing."""
        ...

    async def explain(self, connection_id: str) -> ConnectionExplanation | None:
        """Return what the gateway of a connection tells of it."""
        ...

    async def close(self, connection_id: str) -> bool:
        """Have the gateway of a connection close it; tell whether it did."""
        ...


class _Nowhere:
    """Stands for the other gateways where there are none."""

    async def pages(
        self, player_id: PlayerId | None, limit: int
    ) -> tuple[list[ConnectionPage], list[str]]:
        return [], []

    async def explain(self, connection_id: str) -> ConnectionExplanation | None:
        return None

    async def close(self, connection_id: str) -> bool:
        return False


class ConnectionOversight:
    """Shows and closes connections, for operators whose permission has been checked.

    A look is entered into the audit before it is granted: once in ten minutes for a sign-in
    session and a subject, as a page looks anew every few seconds.
    """

    def __init__(
        self,
        connections: Connections,
        pseudonyms: AddressPseudonyms,
        audit: OperatorAudit,
        clock: Clock,
    ) -> None:
        """Look at `connections`, and enter into `audit`."""
        self._connections = connections
        self._pseudonyms = pseudonyms
        self._audit = audit
        self._clock = clock
        self._looks: OrderedDict[tuple[str | None, str, str], UnixMicros] = OrderedDict()
        self._elsewhere: Elsewhere = _Nowhere()

    def ask_elsewhere(self, elsewhere: Elsewhere) -> None:
        """Ask the other gateways too."""
        self._elsewhere = elsewhere

    def own_page(self, player_id: PlayerId | None, limit: int) -> ConnectionPage:
        """Return this gateway's part of a page; who asks has answered for it to the audit."""
        return self._connections.page(player_id, limit, self._named)

    def own_explanation(self, connection_id: str) -> ConnectionExplanation | None:
        """Explain a connection of this gateway, as `own_page` does."""
        return self._connections.explain(connection_id, self._named)

    def close_own(self, connection_id: str) -> bool:
        """Close a connection of this gateway, as `own_page` does; tell whether it was open."""
        return self._connections.close(connection_id)

    async def page(
        self, operator: Operator, player_id: PlayerId | None, limit: int
    ) -> ConnectionPage:
        """Show open connections, of a player or of all, and those closed lately.

        Raises:
            StoreUnavailableError: the look cannot be entered, so it is not granted.
        """
        await self._enter_look(operator, player_id or ALL_CONNECTIONS)
        others, silent = await self._elsewhere.pages(player_id, limit)
        return _joined([self.own_page(player_id, limit), *others], silent, limit)

    async def explain(
        self, operator: Operator, connection_id: str
    ) -> ConnectionExplanation | Refusal:
        """Tell all of a connection that is open or was closed lately.

        Raises:
            StoreUnavailableError: the look cannot be entered, so it is not granted.
        """
        explanation = await self._find(connection_id)
        if explanation is None:
            return UNKNOWN_CONNECTION
        await self._enter_look(operator, connection_id)
        return explanation

    async def close(
        self, operator: Operator, connection_id: str, reason: str
    ) -> ConnectionClosed | Refusal:
        """Close a connection; its client may come back at once.

        Raises:
            StoreUnavailableError: the act cannot be entered, so it is not done.
        """
        explanation = await self._find(connection_id)
        if explanation is None or explanation.open is None:
            return UNKNOWN_CONNECTION
        act = OperatorAct(
            AuditKind.CONNECTION_CLOSED,
            explanation.open.player_id or connection_id,
            {"connection": "open"},
            {"connection": "closed"},
            {"connection_id": connection_id, "reason": reason},
        )
        await self._audit.enter(operator, act, None, self._clock.now())
        closed = self.close_own(connection_id) or await self._elsewhere.close(connection_id)
        if not closed:
            await self._audit.enter(operator, act, UNKNOWN_CONNECTION.code, self._clock.now())
            return UNKNOWN_CONNECTION
        return ConnectionClosed(connection_id, "closed")

    async def _find(self, connection_id: str) -> ConnectionExplanation | None:
        own = self.own_explanation(connection_id)
        return own or await self._elsewhere.explain(connection_id)

    async def _enter_look(self, operator: Operator, subject: str) -> None:
        now = self._clock.now()
        look = (operator.session, operator.actor, subject)
        entered_at = self._looks.get(look)
        if entered_at is not None and now - entered_at < _LOOK_MICROS:
            return
        act = OperatorAct(AuditKind.CONNECTIONS_VIEWED, subject, None, None, {})
        await self._audit.enter(operator, act, None, now)
        self._looks[look] = now
        self._looks.move_to_end(look)
        while len(self._looks) > _LOOKS_MAX:
            self._looks.popitem(last=False)

    def _named(self, address: str) -> str:
        return self._pseudonyms.pseudonym(address, self._clock.now())


def _joined(pages: Sequence[ConnectionPage], silent: list[str], limit: int) -> ConnectionPage:
    """Make one page of those of all gateways."""
    connections = sorted(
        (line for page in pages for line in page.connections), key=_trouble, reverse=True
    )
    closed = sorted(
        (line for page in pages for line in page.closed),
        key=lambda line: line.closed_at,
        reverse=True,
    )
    shown = connections[:limit]
    left_out = sum(page.left_out for page in pages) + len(connections) - len(shown)
    return ConnectionPage(
        sorted(name for page in pages for name in page.gateways),
        sorted(silent),
        pages[0].as_of,
        sum(page.open for page in pages),
        left_out,
        shown,
        closed[:limit],
    )


def _trouble(line: OpenConnection) -> tuple[int, int, int, str]:
    return (line.lag_ms, line.queued_bytes, line.refused, line.opened_at)
