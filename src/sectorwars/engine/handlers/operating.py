"""Decide on operators' commands to the risk gate; who may give them is checked at the door."""

from typing import assert_never

from sectorwars.domain.command import SetTradeCaps, SetTradingState
from sectorwars.domain.event import TradeCapsSet, TradingStateSet
from sectorwars.domain.ids import CommandId, PlayerId, PortId
from sectorwars.domain.rejection import Rejection, RejectionCode
from sectorwars.domain.risk import CAP_MAX, NO_CAPS, TradingScope
from sectorwars.domain.values import UnixMicros
from sectorwars.engine.decision import Accepted, Decision
from sectorwars.engine.world import World


def set_state(
    world: World,
    operator: PlayerId,
    command: SetTradingState,
    command_id: CommandId,
    now: UnixMicros,
) -> Decision:
    """Open, restrict or halt trading in the game, at a port or for a player."""
    subject = command.subject
    match command.scope:
        case TradingScope.GAME:
            subject = None
        case TradingScope.PORT:
            if subject is None or PortId(subject) not in world.ports:
                return Rejection(RejectionCode.UNKNOWN_PORT, f"There is no port {subject!r}.")
        case TradingScope.PLAYER:
            if subject is None or PlayerId(subject) not in world.players:
                return _unknown_player(subject)
        case _:
            assert_never(command.scope)
    before = world.risk.state(command.scope, subject)
    return Accepted(
        (
            TradingStateSet(
                operator,
                command_id,
                now,
                command.scope,
                subject,
                before,
                command.state,
                command.reason,
            ),
        )
    )


def set_caps(
    world: World,
    operator: PlayerId,
    command: SetTradeCaps,
    command_id: CommandId,
    now: UnixMicros,
) -> Decision:
    """Set the caps of a player, or of all."""
    subject = command.subject
    if subject is not None and subject not in world.players:
        return _unknown_player(subject)
    if any(cap is not None and not 0 <= cap <= CAP_MAX for cap in command.caps.values()):
        return Rejection(
            RejectionCode.INVALID_CAP, f"A cap is a whole number from 0 to {CAP_MAX}, or none."
        )
    before = (
        world.risk.game_caps if subject is None else world.risk.player_caps.get(subject, NO_CAPS)
    )
    return Accepted(
        (TradeCapsSet(operator, command_id, now, subject, before, command.caps, command.reason),)
    )


def _unknown_player(subject: str | None) -> Rejection:
    return Rejection(RejectionCode.UNKNOWN_PLAYER, f"There is no player {subject!r}.")
