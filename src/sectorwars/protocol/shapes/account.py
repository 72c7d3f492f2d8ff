"""Shapes of a player's own state."""

from dataclasses import dataclass
from typing import Literal

from typing_extensions import TypedDict  # pydantic reads typing.TypedDict from Python 3.12 on

from sectorwars.protocol.shapes.automation import AutomationStatus
from sectorwars.protocol.shapes.order import OrderView, QuoteClose, QuoteView
from sectorwars.protocol.shapes.risk import TradingStatus
from sectorwars.protocol.shapes.trade import TradeReport

ShipState = TypedDict(
    "ShipState",
    {"ship_id": str, "class": str, "cargo_capacity": int, "cargo": dict[str, int]},
)
"""A player's ship and the units of each good aboard."""


@dataclass(frozen=True, slots=True)
class TransitState:
    """Where a ship under way comes from and goes to."""

    from_sector_id: str
    to_sector_id: str
    departed_at: str
    arrives_at: str


@dataclass(frozen=True, slots=True)
class AccountState:
    """A player's own state; `average_cost` is credits a unit of cargo, fees included.

    `trading_state` is what he may trade where his ship is docked.
    """

    player_id: str
    credits: int
    turns: int
    turns_max: int
    sector_id: str
    docked_port_id: str | None
    in_transit: TransitState | None
    ship: ShipState
    average_cost: dict[str, float]
    realised_profit_credits: int
    trading_state: TradingStatus


@dataclass(frozen=True, slots=True)
class PlayerState(AccountState):
    """Everything a player may know of himself."""

    username: str


@dataclass(frozen=True, slots=True)
class AccountUpdate:
    """A frame of the `account` channel: the state after a change, and the trade that made it.

    `automation` is there where rules or the master switch changed, or a rule has traded;
    `reasoning` says in a sentence why it did. `order` is an order of the player that was placed,
    filled or closed, as it stands now; `quote` one that was given, `quote_close` one that ended.
    """

    type: Literal["account_update"]
    state: AccountState
    trade: TradeReport | None
    command_id: str | None
    automation: AutomationStatus | None = None
    reasoning: str | None = None
    order: OrderView | None = None
    quote: QuoteView | None = None
    quote_close: QuoteClose | None = None


@dataclass(frozen=True, slots=True)
class RegistrationReceipt:
    """The answer to a player's arrival in the galaxy."""

    command_id: str
    status: Literal["executed"]
    player_id: str
    ship_id: str
    port_id: str
    sector_id: str
