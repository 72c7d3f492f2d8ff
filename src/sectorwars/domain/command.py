"""What can be asked of the core. Commands are imperative; who asks is in the envelope."""

from dataclasses import dataclass
from enum import StrEnum

from sectorwars.domain.ids import CommandId, PlayerId, PortId, RuleId, SectorId
from sectorwars.domain.market import Side
from sectorwars.domain.rule import RuleSpec, Trace

QUANTITY_MAX = 1_000_000
"""The most units that one command may name."""
PRICE_BOUND_MAX = 1_000_000_000


@dataclass(frozen=True, slots=True)
class RegisterPlayer:
    """Bring the envelope's player into the galaxy: ship, credits and a berth."""


@dataclass(frozen=True, slots=True)
class Dock:
    """Dock the player's ship at a port of its sector."""

    port_id: PortId


@dataclass(frozen=True, slots=True)
class Undock:
    """Leave the port."""


@dataclass(frozen=True, slots=True)
class Travel:
    """Warp the player's ship to a neighbouring sector."""

    to_sector_id: SectorId


@dataclass(frozen=True, slots=True)
class Trade:
    """Buy from or sell to the port where the ship is docked.

    `commodity` is text from outside; the engine refuses a good it does not know. The price
    bound is the most (buy) or least (sell) credits for each single unit, or None. `port_id` is
    the port that is meant, for those who ask at one moment and act at another; None is any.
    """

    side: Side
    commodity: str
    quantity: int
    price_bound: int | None = None
    port_id: PortId | None = None


@dataclass(frozen=True, slots=True)
class CreateRule:
    """Store an automation rule; it starts inactive."""

    spec: RuleSpec


@dataclass(frozen=True, slots=True)
class DeleteRule:
    """Delete an automation rule."""

    rule_id: RuleId


@dataclass(frozen=True, slots=True)
class ToggleRule:
    """Switch a rule on or off; without `active` it flips."""

    rule_id: RuleId
    active: bool | None


@dataclass(frozen=True, slots=True)
class SwitchAutomation:
    """Turn the player's master switch; without `active` it flips."""

    active: bool | None


@dataclass(frozen=True, slots=True)
class JudgeRule:
    """Record a verdict on a side of a rule and, where it is to fire, trade; sent each tick.

    `quantity` is the order's, None where there is to be none; `trace` tells what was seen.
    """

    rule_id: RuleId
    side: Side
    holds: bool
    quantity: int | None
    trace: Trace


@dataclass(frozen=True, slots=True)
class CompleteJourney:
    """Let the player's ship arrive; sent by the timetable when the journey is due."""


@dataclass(frozen=True, slots=True)
class AdvanceTick:
    """Move the economy's clock by one tick; sent by the scheduler."""


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
)
SystemCommand = CompleteJourney | AdvanceTick | JudgeRule
Command = PlayerCommand | SystemCommand


class Origin(StrEnum):
    """By which door a command came."""

    REST = "rest"
    WEBSOCKET = "websocket"
    FOUNDATION = "foundation"
    RULE = "rule"
    ARIA = "aria"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class CommandEnvelope:
    """A command with who asks, under which id, by which door.

    `player_id` is None for commands of the system itself, which have no receipt.
    """

    command_id: CommandId
    player_id: PlayerId | None
    origin: Origin
    command: Command
