"""Decide on a command: the one gate of the core."""

from typing import assert_never

from sectorwars.domain.command import (
    AdvanceTick,
    CancelOrder,
    CancelOrders,
    CommandEnvelope,
    CompleteJourney,
    CreateRule,
    DeleteRule,
    Dock,
    ExpireOrder,
    ExpireQuote,
    JudgeRule,
    MatchOrders,
    PauseAutomation,
    PlaceOrder,
    RegisterPlayer,
    RequestQuote,
    SetDisconnectPause,
    SetTradeCaps,
    SetTradingState,
    SwitchAutomation,
    ToggleRule,
    Trade,
    Travel,
    Undock,
)
from sectorwars.domain.rejection import Rejection, RejectionCode
from sectorwars.domain.values import UnixMicros
from sectorwars.engine.dealing import completed
from sectorwars.engine.decision import Accepted, Decision
from sectorwars.engine.handlers import (
    arrival,
    automation,
    economy_clock,
    flight,
    operating,
    ordering,
    quoting,
    trading,
)
from sectorwars.engine.world import World


def execute(world: World, envelope: CommandEnvelope, now: UnixMicros) -> Decision:
    """Decide on a command at real time `now`, changing nothing.

    Returns the events to apply, or the first refusal in the order of `RejectionCode`.
    """
    command = envelope.command
    if isinstance(command, AdvanceTick):
        return economy_clock.advance_tick(world, now)
    if isinstance(command, MatchOrders):
        return ordering.match(world, command.port_id, now)
    player_id = envelope.player_id
    if player_id is None:
        raise ValueError(f"{type(command).__name__} needs a player")
    if isinstance(command, RegisterPlayer):
        return arrival.register(world, player_id, envelope.command_id, now)
    if isinstance(command, SetTradingState):
        return operating.set_state(world, player_id, command, envelope.command_id, now)
    if isinstance(command, SetTradeCaps):
        return operating.set_caps(world, player_id, command, envelope.command_id, now)
    player = world.players.get(player_id)
    if player is None:
        return Rejection(RejectionCode.UNKNOWN_PLAYER, "This player is not in the galaxy.")
    match command:
        case Trade():
            outcome = trading.trade(world, player, command, envelope.command_id, now)
            if isinstance(outcome, Rejection):
                return outcome
            return Accepted((outcome, *completed(world, outcome)))
        case RequestQuote():
            return quoting.request(world, player, command, envelope.command_id, now)
        case PlaceOrder():
            return ordering.place(world, player, command, envelope.command_id, now)
        case CancelOrder():
            return ordering.cancel(world, player, command, envelope.command_id, now)
        case CancelOrders():
            return ordering.cancel_all(world, player, command, envelope.command_id, now)
        case Dock():
            return flight.dock(world, player, command, envelope.command_id, now)
        case Undock():
            return flight.undock(world, player, envelope.command_id, now)
        case Travel():
            return flight.travel(world, player, command, envelope.command_id, now)
        case CreateRule():
            return automation.create(world, player, command, envelope.command_id, now)
        case DeleteRule():
            return automation.delete(player, command, envelope.command_id, now)
        case ToggleRule():
            return automation.toggle(player, command, envelope.command_id, now)
        case SwitchAutomation():
            return automation.switch(player, command, envelope.command_id, now)
        case SetDisconnectPause():
            return automation.set_disconnect_pause(player, command, envelope.command_id, now)
        case PauseAutomation():
            return automation.pause(player, envelope.command_id, now)
        case JudgeRule():
            return automation.judge(world, player, command, envelope.command_id, now)
        case ExpireOrder():
            return ordering.expire(world, player, command.order_id, now)
        case ExpireQuote():
            return quoting.expire(world, player, command.quote_id, now)
        case CompleteJourney():
            return flight.complete_journey(player, now)
        case _:
            assert_never(command)
