"""What operators let through the risk gate, seen and set; every change is held against them."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any, Final

from sectorwars.application.audit.trail import AuditKind, Operator, OperatorAct, OperatorAudit
from sectorwars.application.ports import Clock
from sectorwars.application.reading.order_views import caps_view
from sectorwars.application.reading.projection import Projection
from sectorwars.application.reading.queries import UnknownNounError
from sectorwars.application.rows import (
    Receipt,
    ReceiptKey,
)
from sectorwars.application.writing.command_writer import CommandWriter
from sectorwars.domain.command import (
    CommandEnvelope,
    OperatorCommand,
    Origin,
    SetTradeCaps,
    SetTradingState,
)
from sectorwars.domain.ids import CommandId, PlayerId, PortId
from sectorwars.domain.rejection import Refusal
from sectorwars.domain.risk import NO_CAPS, TradeCaps, TradingScope
from sectorwars.protocol.shapes.risk import TradeCapsView, TradingStateView

GAME: Final = "game"
"""The subject of an act on the whole game."""
SETTINGS: Final = Operator("settings")
"""Who acts when the server is started with settings that say something else than is set."""


class TradingControls:
    """The states and caps of the risk gate, for operators whose permission has been checked."""

    def __init__(
        self, projection: Projection, processor: CommandWriter, audit: OperatorAudit, clock: Clock
    ) -> None:
        """Read from `projection`, change through `processor`, and enter changes into `audit`."""
        self._projection = projection
        self._processor = processor
        self._audit = audit
        self._clock = clock

    def state(self, scope: TradingScope, subject: str | None) -> TradingStateView:
        """Show what is set for the game (subject None), a port or a player.

        Raises:
            UnknownNounError: there is no such port or player.
        """
        world = self._projection.world
        match scope:
            case TradingScope.GAME:
                pass
            case TradingScope.PORT:
                if PortId(subject or "") not in world.ports:
                    raise UnknownNounError("unknown_port", f"There is no port {subject!r}.")
            case TradingScope.PLAYER:
                self._require_player(PlayerId(subject or ""))
        return TradingStateView(scope.value, subject, world.risk.state(scope, subject).value)

    def caps(self, player_id: PlayerId | None) -> TradeCapsView:
        """Show the caps set for a player himself, or for all.

        Raises:
            UnknownNounError: there is no such player.
        """
        return caps_view(self._caps(player_id))

    async def set_state(
        self,
        operator: Operator,
        command: SetTradingState,
        command_id: CommandId,
        received_monotonic: float,
    ) -> Receipt | Refusal:
        """Open, restrict or halt trading.

        Raises:
            UnknownNounError: there is no such port or player.
            StoreUnavailableError: the change cannot be entered, so it is not made.
        """
        before = self.state(command.scope, command.subject).state
        act = OperatorAct(
            AuditKind.TRADING_STATE_CHANGED,
            command.subject or GAME,
            {"state": before},
            {"state": command.state.value},
            {"reason": command.reason, "command_id": command_id},
        )
        return await self._carry_out(operator, act, command, command_id, received_monotonic)

    async def set_caps(
        self,
        operator: Operator,
        command: SetTradeCaps,
        command_id: CommandId,
        received_monotonic: float,
    ) -> Receipt | Refusal:
        """Set the caps of a player, or of all.

        Raises:
            UnknownNounError: there is no such player.
            StoreUnavailableError: the change cannot be entered, so it is not made.
        """
        act = OperatorAct(
            AuditKind.TRADE_CAPS_CHANGED,
            command.subject or GAME,
            _set_caps(self._caps(command.subject)),
            _set_caps(command.caps),
            {"reason": command.reason, "command_id": command_id},
        )
        return await self._carry_out(operator, act, command, command_id, received_monotonic)

    async def set_game_caps(
        self, configured: TradeCaps, command_id: CommandId, received_monotonic: float
    ) -> Receipt | Refusal | None:
        """Set the game's caps that the settings name; those that they leave out stay.

        Returns what became of it, None where nothing was to be changed.

        Raises:
            StoreUnavailableError: the change cannot be entered, so it is not made.
        """
        present = self._caps(None)
        caps = replace(present, **_set_caps(configured))
        if caps == present:
            return None
        command = SetTradeCaps(None, caps, "The settings of the server say so.")
        return await self.set_caps(SETTINGS, command, command_id, received_monotonic)

    async def _carry_out(
        self,
        operator: Operator,
        act: OperatorAct,
        command: OperatorCommand,
        command_id: CommandId,
        received_monotonic: float,
    ) -> Receipt | Refusal:
        player_id = PlayerId(operator.actor)
        known = await self._processor.fate(ReceiptKey(player_id, command_id))
        is_retry = isinstance(known, Receipt)
        if not is_retry:
            await self._audit.enter(operator, act, None, self._clock.now())
        outcome = await self._processor.submit(
            CommandEnvelope(command_id, player_id, Origin.OPERATOR, command), received_monotonic
        )
        if outcome.code is not None and not is_retry:
            await self._audit.enter(operator, act, outcome.code, self._clock.now())
        return outcome

    def _caps(self, player_id: PlayerId | None) -> TradeCaps:
        risk = self._projection.world.risk
        if player_id is None:
            return risk.game_caps
        self._require_player(player_id)
        return risk.player_caps.get(player_id, NO_CAPS)

    def _require_player(self, player_id: PlayerId) -> None:
        if player_id not in self._projection.world.players:
            raise UnknownNounError("unknown_player", f"There is no player {player_id!r}.")


def _set_caps(caps: TradeCaps) -> Mapping[str, Any]:
    return {name: cap for name, cap in asdict(caps).items() if cap is not None}
