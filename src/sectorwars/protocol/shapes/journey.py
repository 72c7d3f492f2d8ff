"""Shapes of where a ship may go, its warps and its dockings."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Move:
    """A warp that is open to the player."""

    sector_id: str
    name: str
    travel_seconds: int
    turns: int
    has_port: bool
    port_ids: list[str]


@dataclass(frozen=True, slots=True)
class AvailableMoves:
    """The warps from the player's sector."""

    sector_id: str
    moves: list[Move]


@dataclass(frozen=True, slots=True)
class JourneyReport:
    """A warp under way."""

    from_sector_id: str
    to_sector_id: str
    departed_at: str
    arrives_at: str
    travel_seconds: int
    turns_left: int


@dataclass(frozen=True, slots=True)
class JourneyReceipt:
    """The answer to an executed move."""

    command_id: str
    status: Literal["executed"]
    journey: JourneyReport


@dataclass(frozen=True, slots=True)
class DockReceipt:
    """The answer to an executed docking."""

    command_id: str
    status: Literal["executed"]
    port_id: str
    fee_credits: int
    credits_after: int


@dataclass(frozen=True, slots=True)
class UndockReceipt:
    """The answer to an executed undocking."""

    command_id: str
    status: Literal["executed"]
    sector_id: str
    fee_credits: int
    credits_after: int
