"""Whether a token lets a connection in."""

from sectorwars.application.account import AccountRole
from sectorwars.application.accounts.tokens import Principal, TokenFault
from sectorwars.domain.rejection import Refusal
from sectorwars.gateway.connection import Connection
from sectorwars.gateway.limits import GatewayLimits
from sectorwars.gateway.neighbours import Neighbours
from sectorwars.gateway.ports import TokenVerifier
from sectorwars.gateway.registry import Registry
from sectorwars.observability.metrics import AUTHENTICATIONS
from sectorwars.protocol.effect import Authenticate, Moment
from sectorwars.protocol.refusal import RefusalCode, refuse


class Admission:
    """Verifies tokens against path, session and the limit of connections per address."""

    def __init__(
        self,
        tokens: TokenVerifier,
        registry: Registry,
        limits: GatewayLimits,
        neighbours: Neighbours,
    ) -> None:
        """Decide with `tokens` and what `registry` and `neighbours` know."""
        self._tokens = tokens
        self._neighbours = neighbours
        self._registry = registry
        self._limits = limits

    def decide(
        self,
        connection: Connection,
        token: str,
        returning_session_id: str | None,
        moment: Moment,
    ) -> Principal | Refusal:
        """Return whom the connection speaks for from now on, or why it is not let in.

        `returning_session_id` is a Foundation client's own id of its session, which an expired
        token may bring back.
        """
        principal = self._verify(token, returning_session_id, moment)
        if isinstance(principal, Principal):
            refusal = self._check(connection, principal, returning_session_id)
            if refusal is not None:
                principal = refusal
        code = principal.code if isinstance(principal, Refusal) else "ok"
        AUTHENTICATIONS.labels(code).inc()
        return principal

    def needs_recall(self, effect: Authenticate, moment: Moment) -> bool:
        """Tell whether a client may return to a session that another gateway has known."""
        if not effect.returning or not self._neighbours.may_exist:
            return False
        principal = self.genuine(effect.token, moment)
        return isinstance(principal, Principal) and (
            self._registry.foundation.find(principal.player_id, effect.client_session_id) is None
        )

    def genuine(self, token: str, moment: Moment) -> Principal | Refusal:
        """Return whom a token speaks for that may be over."""
        return self._tokens.inspect_expired(token, moment.wall)

    def _verify(
        self, token: str, returning_session_id: str | None, moment: Moment
    ) -> Principal | Refusal:
        principal = self._tokens.verify(token, moment.wall)
        if (
            isinstance(principal, Principal)
            or returning_session_id is None
            or principal.code != TokenFault.EXPIRED
        ):
            return principal
        expired = self.genuine(token, moment)
        if isinstance(expired, Refusal):
            return expired
        session = self._registry.foundation.find(expired.player_id, returning_session_id)
        if session is None or session.sid != expired.sid:
            return principal
        if (
            session.connection is None
            and moment.monotonic - session.lost.monotonic > self._limits.linger_seconds
        ):
            return principal
        return expired

    def _check(
        self, connection: Connection, principal: Principal, returning_session_id: str | None
    ) -> Refusal | None:
        if connection.path_player_id not in {None, principal.player_id}:
            return refuse(RefusalCode.PLAYER_MISMATCH)
        if connection.principal is not None:
            same = connection.principal.player_id == principal.player_id
            return None if same else refuse(RefusalCode.PLAYER_MISMATCH)
        if principal.role is AccountRole.SERVICE:
            return None
        address = connection.client.address
        counted = self._registry.counted(address) + self._neighbours.counted(address)
        if returning_session_id is not None:
            session = self._registry.foundation.find(principal.player_id, returning_session_id)
            replaced = None if session is None else session.connection
            # The connection that this one takes the place of will no longer count.
            if replaced is not None and replaced.client.address == address:
                counted -= 1
        limit = self._limits.connections_per_address
        if counted >= limit:
            return refuse(
                RefusalCode.TOO_MANY_CONNECTIONS,
                retry_after_ms=int(self._limits.close_timeout_seconds * 1_000),
                limit=f"connections_per_address={limit}",
                remaining=0,
            )
        return None
