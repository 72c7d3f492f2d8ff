"""What single events tell a player who follows his signals or ARIA, beside his account."""

from typing import assert_never

from sectorwars.application.aria.conversation import ProposalId, confirmed_proposal
from sectorwars.application.ports import Broadcaster
from sectorwars.application.reading.projection import Projection
from sectorwars.application.reading.rule_views import (
    automation_after,
    automation_status,
    reasoning_of,
)
from sectorwars.application.reading.trade_views import trade_report
from sectorwars.domain.event import (
    AutomationEvent,
    AutomationSwitched,
    DisconnectPauseSet,
    GoodsTraded,
    PlayerEvent,
    RuleCreated,
    RuleDeleted,
    RuleRearmed,
    RuleToggled,
)
from sectorwars.domain.ids import PlayerId, RuleId
from sectorwars.domain.market import Side
from sectorwars.domain.values import UnixMicros
from sectorwars.protocol.publication import (
    FrameType,
    Publication,
    aria_channel,
    signals_channel,
)
from sectorwars.protocol.shapes.signal import (
    AutomationSignal,
    AutomationStep,
    ProposalSignal,
    TradeSignal,
)


class Signals:
    """Makes the frames that follow from one event of a player; none where nobody listens."""

    def __init__(self, projection: Projection, broadcaster: Broadcaster) -> None:
        """Show automation as `projection` has it; ask `broadcaster` who listens."""
        self._projection = projection
        self._broadcaster = broadcaster

    def of(self, event: PlayerEvent) -> list[Publication]:
        """Return what is told of an event that the projection has just taken over."""
        if not isinstance(event, GoodsTraded | AutomationEvent):
            return []
        told = []
        if self._broadcaster.wants(signals_channel(event.player_id)):
            told.append(self._signal(event))
        if isinstance(event, GoodsTraded):
            proposal_id = confirmed_proposal(event.command_id)
            if proposal_id is not None and self._broadcaster.wants(aria_channel(event.player_id)):
                told.append(_executed(proposal_id, event))
        return told

    def _signal(self, event: GoodsTraded | AutomationEvent) -> Publication:
        automation = self._projection.world.players[event.player_id].automation
        data: TradeSignal | AutomationSignal
        if isinstance(event, GoodsTraded):
            data = TradeSignal(
                type="trade",
                trade=trade_report(event),
                command_id=event.command_id,
                reasoning=reasoning_of(event, automation),
                automation=automation_after(event, automation),
            )
        else:
            step, rule_id, side, active = _step(event)
            data = AutomationSignal(
                type="automation",
                event=step,
                command_id=None if isinstance(event, RuleRearmed) else event.command_id,
                rule_id=rule_id,
                side=None if side is None else side.value,
                active=active,
                automation=automation_status(automation, event.at),
            )
        return Publication(
            channel=signals_channel(event.player_id),
            type=FrameType.TRADING_SIGNAL,
            data=data,
            at=event.at,
            player_id=event.player_id,
        )


class Proposals:
    """Tells players what became of proposals, other than by a trade that was committed."""

    def __init__(self, broadcaster: Broadcaster) -> None:
        """Publish by `broadcaster`."""
        self._broadcaster = broadcaster

    def tell(self, player_id: PlayerId, signal: ProposalSignal, at: UnixMicros) -> None:
        """Tell of a step that is stored."""
        if self._broadcaster.wants(aria_channel(player_id)):
            self._broadcaster.publish([_proposal(player_id, signal, at)])


def _proposal(player_id: PlayerId, signal: ProposalSignal, at: UnixMicros) -> Publication:
    return Publication(
        channel=aria_channel(player_id),
        type=FrameType.AI_ALERT,
        data=signal,
        at=at,
        player_id=player_id,
    )


def _executed(proposal_id: ProposalId, trade: GoodsTraded) -> Publication:
    signal = ProposalSignal("proposal", proposal_id, "trade", "executed", None, trade.trade_id)
    return _proposal(trade.player_id, signal, trade.at)


def _step(
    event: AutomationEvent,
) -> tuple[AutomationStep, RuleId | None, Side | None, bool | None]:
    """Return what happened, to which rule, to which side of it, and what was switched."""
    match event:
        case RuleCreated():
            return "rule_created", event.rule_id, None, None
        case RuleDeleted():
            return "rule_deleted", event.rule_id, None, None
        case RuleToggled():
            return "rule_toggled", event.rule_id, None, event.active
        case RuleRearmed():
            return "rule_rearmed", event.rule_id, event.side, None
        case AutomationSwitched():
            return "switched", None, None, event.active
        case DisconnectPauseSet():
            return "disconnect_pause_set", None, None, event.active
        case _:
            assert_never(event)
