"""Stand-ins for the connections of a gateway, and for who oversees them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from tests.unit.application.trails import AbsentTrail

from sectorwars.application.audit.trail import AddressPseudonyms, OperatorAudit
from sectorwars.application.operators.connection_oversight import ConnectionOversight
from sectorwars.domain.ids import PlayerId
from sectorwars.domain.values import UnixMicros
from sectorwars.protocol.shapes.connection import (
    ClosedConnection,
    ConnectionExplanation,
    ConnectionPage,
    OpenConnection,
)

NOW = UnixMicros(1_795_405_021_000_000)
AT = "2026-11-23T03:37:01.000000Z"
PLAYER = PlayerId("pl_1")


class Clock:
    def __init__(self) -> None:
        self.wall = NOW

    def now(self) -> UnixMicros:
        return self.wall

    def monotonic(self) -> float:
        return 0.0


@dataclass
class OneConnection:
    """A gateway `name` with one connection, `NAME-1`, which `goes` while an act is entered."""

    name: str = "c"
    lag_ms: int = 0
    closed_at: str = AT
    goes: bool = False
    closed: list[str] = field(default_factory=list)

    def page(
        self, player_id: PlayerId | None, limit: int, named: Callable[[str], str]
    ) -> ConnectionPage:
        shown = [self.open(named)][:limit]
        gone = ClosedConnection(
            f"{self.name}-0", PLAYER, "native", "", AT, self.closed_at, "client", 1000, "", 0, {}
        )
        return ConnectionPage([self.name], [], AT, 1, 1 - len(shown), shown, [gone][:limit])

    def explain(
        self, connection_id: str, named: Callable[[str], str]
    ) -> ConnectionExplanation | None:
        if connection_id != f"{self.name}-1" or self.closed:
            return None
        line = self.open(named)
        return ConnectionExplanation(self.name, AT, line, None, "s_1", AT, 1, [], None, {}, [])

    def close(self, connection_id: str) -> bool:
        if connection_id != f"{self.name}-1":
            return False
        self.closed.append(connection_id)
        return not self.goes

    def open(self, named: Callable[[str], str]) -> OpenConnection:
        where = named("192.0.2.1")
        name = f"{self.name}-1"
        return OpenConnection(
            name, PLAYER, "native", where, AT, AT, 0, 0, 0, self.lag_ms, 0, 0, None, {}, 0
        )


class Overseen:
    """The oversight of one gateway's connections, and its surroundings."""

    def __init__(self, connections: OneConnection | None = None) -> None:
        self.trail = AbsentTrail()
        self.clock = Clock()
        self.connections = connections or OneConnection()
        self.oversight = ConnectionOversight(
            self.connections,
            AddressPseudonyms(bytes),
            OperatorAudit(self.trail, AddressPseudonyms(bytes)),
            self.clock,
        )
