"""What can be asked of the core. Commands are imperative; who asks is in the envelope."""

from enum import StrEnum

from sectorwars.domain.ids import (
    CommandId,
    OrderId,
    PlayerId,
    PortId,
    QuoteId,
    RuleId,
    SectorId,
)
from sectorwars.domain.market import Side
from sectorwars.domain.record import record
from sectorwars.domain.risk import TradeCaps, TradingScope, TradingState
from sectorwars.domain.rule import RuleSpec, Trace

QUANTITY_MAX = 1_000_000
"""The most units that one command may name."""
PRICE_BOUND_MAX = 1_000_000_000


@record
class RegisterPlayer:
    """Bring the envelope's player into the galaxy: ship, credits and a berth."""


@record
class Dock:
    """Dock the player's ship at a port of its sector."""

    port_id: PortId


@record
class Undock:
    """Leave the port."""


@record
class Travel:
    """Warp the player's ship to a neighbouring sector."""

    to_sector_id: SectorId


class Execution(StrEnum):
    """How much of an immediate trade has to be possible."""

    ALL = "all"
    """All of it, or nothing is done (fill or kill)."""
    PARTIAL = "partial"
    """As much as price bound, stock, hold and credits allow, but at least one unit."""


@record
class Trade:
    """Buy or sell at once at the port where the ship is docked.

    `commodity` is text from outside; the engine refuses a good it does not know. The price
    bound is the most (buy) or least (sell) credits for each single unit, or None. `port_id` is
    the port that is meant, for those who ask at one moment and act at another; None is any.
    `quote_id` is the binding quote at whose prices it is to be done.
    """

    side: Side
    commodity: str
    quantity: int
    price_bound: int | None = None
    port_id: PortId | None = None
    execution: Execution = Execution.ALL
    quote_id: QuoteId | None = None


@record
class RequestQuote:
    """Ask the port where the ship is docked for a binding quote."""

    side: Side
    commodity: str
    quantity: int


@record
class PlaceOrder:
    """Rest a limit order at the port where the ship is docked; what can be filled, is at once.

    `limit_credits` is the most (buy) or least (sell) for each single unit. The order expires
    after `life_seconds` of real time. `port_id` is the port that is meant; None is any.
    """

    side: Side
    commodity: str
    quantity: int
    limit_credits: int
    life_seconds: int
    cancel_on_disconnect: bool = False
    port_id: PortId | None = None


@record
class CancelOrder:
    """Close an open order."""

    order_id: OrderId


@record
class CancelOrders:
    """Close all open orders, or those at a port.

    `disconnected` closes only those that were to go with the player's last connection.
    """

    port_id: PortId | None = None
    disconnected: bool = False


@record
class SetTradingState:
    """Open, restrict or halt trading: an operator's command; the envelope names the operator.

    `subject` is the id of the port or player, None for the game.
    """

    scope: TradingScope
    subject: str | None
    state: TradingState
    reason: str


@record
class SetTradeCaps:
    """Set the caps of a player, or the game's (None): an operator's command, as above."""

    subject: PlayerId | None
    caps: TradeCaps
    reason: str


@record
class CreateRule:
    """Store an automation rule; it starts inactive."""

    spec: RuleSpec


@record
class DeleteRule:
    """Delete an automation rule."""

    rule_id: RuleId


@record
class ToggleRule:
    """Switch a rule on or off; without `active` it flips."""

    rule_id: RuleId
    active: bool | None


@record
class SwitchAutomation:
    """Turn the player's master switch; without `active` it flips."""

    active: bool | None


@record
class SetDisconnectPause:
    """Choose whether automation pauses while the player has no connection."""

    active: bool


@record
class PauseAutomation:
    """Turn the master switch of a player off who has lost his last connection."""


@record
class JudgeRule:
    """Record a verdict on a side of a rule and, where it is to fire, trade; sent each tick.

    `quantity` is the order's, None where there is to be none; `trace` tells what was seen.
    """

    rule_id: RuleId
    side: Side
    holds: bool
    quantity: int | None
    trace: Trace


@record
class CompleteJourney:
    """Let the player's ship arrive; sent by the timetable when the journey is due."""


@record
class ExpireOrder:
    """Let an order of the player end; sent by the timetable."""

    order_id: OrderId


@record
class ExpireQuote:
    """Let a quote of the player end; sent by the timetable."""

    quote_id: QuoteId


@record
class MatchOrders:
    """Fill the next order at a port that can be filled, if any; sent after every change there."""

    port_id: PortId


@record
class AdvanceTick:
    """Move the economy's clock by one tick; sent by the scheduler."""


OperatorCommand = SetTradingState | SetTradeCaps
PlayerCommand = (
    RegisterPlayer
    | Dock
    | Undock
    | Travel
    | Trade
    | CreateRule
    | DeleteRule
    | ToggleRule
    | SwitchAutomation
    | SetDisconnectPause
    | PauseAutomation
    | RequestQuote
    | PlaceOrder
    | CancelOrder
    | CancelOrders
    | OperatorCommand
)
SystemCommand = CompleteJourney | AdvanceTick | JudgeRule | ExpireOrder | ExpireQuote | MatchOrders
Command = PlayerCommand | SystemCommand


class Origin(StrEnum):
    """By which door a command came."""

    REST = "rest"
    WEBSOCKET = "websocket"
    FOUNDATION = "foundation"
    RULE = "rule"
    ARIA = "aria"
    OPERATOR = "operator"
    SYSTEM = "system"


@record
class CommandEnvelope:
    """A command with who asks, under which id, by which door.

    `player_id` is None for commands of the system itself, which have no receipt.
    """

    command_id: CommandId
    player_id: PlayerId | None
    origin: Origin
    command: Command
