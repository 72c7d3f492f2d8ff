"""Shapes of trading signals and of what ARIA tells unasked: single events, each with its id.

A fact that the account tells too has the same id there: `trade_id`, `alert_id`, `command_id`.
"""

from dataclasses import dataclass
from typing import Literal

from sectorwars.protocol.shapes.automation import AutomationStatus
from sectorwars.protocol.shapes.conversation import ProposalStatus
from sectorwars.protocol.shapes.forecast import PriceForecast
from sectorwars.protocol.shapes.trade import Side, TradeReport

AutomationStep = Literal[
    "rule_created",
    "rule_deleted",
    "rule_toggled",
    "rule_rearmed",
    "switched",
    "disconnect_pause_set",
]


@dataclass(frozen=True, slots=True)
class Stateless:
    """The snapshot of a channel of events: it has no state, and what was before is in the store."""


@dataclass(frozen=True, slots=True)
class TradeSignal:
    """A trade of the player's own, by a command, a rule or an open order of his.

    `reasoning` says in a sentence why a rule traded, `automation` how automation stands after it.
    """

    type: Literal["trade"]
    trade: TradeReport
    command_id: str
    reasoning: str | None
    automation: AutomationStatus | None


@dataclass(frozen=True, slots=True)
class AutomationSignal:
    """A change of the player's automation other than by a trade, and how it stands after it.

    `active` is the new setting where one was switched. `rule_rearmed` says that `side` of the rule
    may trade again, as its conditions were seen not to hold; no command did that.
    """

    type: Literal["automation"]
    event: AutomationStep
    command_id: str | None
    rule_id: str | None
    side: Side | None
    active: bool | None
    automation: AutomationStatus


@dataclass(frozen=True, slots=True)
class PredictionSignal:
    """All forecasts that stand, as soon as those of a game hour are stored.

    A forecast is known by its good, its horizon and `made_at`.
    """

    type: Literal["predictions"]
    forecasts: list[PriceForecast]


@dataclass(frozen=True, slots=True)
class ProposalSignal:
    """What became of a proposal of ARIA's; of the conversation it says nothing.

    `open` comes first, with `expires_at`; after it nothing or one of the others, which are final.
    `trade_id` is that of the trade that it led to.
    """

    type: Literal["proposal"]
    proposal_id: str
    kind: Literal["trade"]
    status: ProposalStatus
    expires_at: str | None
    trade_id: str | None
