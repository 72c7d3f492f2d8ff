"""Shapes of advice: recommendations, routes, analyses, profiles, alerts and the galaxy's pulse.

Every figure is of the market version that stands beside it.
"""

from dataclasses import dataclass
from typing import Literal

from sectorwars.protocol.shapes.forecast import PriceForecast
from sectorwars.protocol.shapes.market import MarketRealtime

AlertCondition = Literal["price_below", "price_above"]


@dataclass(frozen=True, slots=True)
class ExpectedOutcome:
    """What somebody may expect who acts now; `unit` is `credits` or `credits a unit`."""

    value: int
    unit: str


@dataclass(frozen=True, slots=True)
class AdvisedTrade:
    """One side of a recommendation, priced along the port's curve at `market_version`."""

    port_id: str
    port_name: str
    sector_id: str
    market_version: int
    total_credits: int
    fees_credits: int


@dataclass(frozen=True, slots=True)
class Recommendation:
    """Buy here, sell there; `buy` is null where the goods are aboard already.

    `profit_credits` is what a player gets at these prices after taxes, docking and departure fees
    (`docking_fees_credits`) and, for goods aboard, what they had cost. `path` names the sectors
    flown through, in order.
    """

    kind: Literal["trade", "sale"]
    commodity: str
    quantity: int
    buy: AdvisedTrade | None
    sell: AdvisedTrade
    docking_fees_credits: int
    profit_credits: int
    travel_seconds: int
    turns: int
    path: list[str]
    priority: int
    title: str
    message: str
    expected_outcome: ExpectedOutcome


@dataclass(frozen=True, slots=True)
class Recommendations:
    """What pays from where the player is, best by profit for the time it takes."""

    player_id: str
    recommendations: list[Recommendation]
    tick: int
    as_of: str
    game_time: str


@dataclass(frozen=True, slots=True)
class OptimizedRoute:
    """A way through the galaxy: to a sector, or from trade to trade.

    `stops` follow one another, each starting where the one before ended, with the credits that it
    left; no stop trades a good at a port where an earlier one has moved its price.
    """

    from_sector_id: str
    to_sector_id: str
    path: list[str]
    travel_seconds: int
    turns: int
    stops: list[Recommendation]
    profit_credits: int
    tick: int
    as_of: str
    game_time: str


@dataclass(frozen=True, slots=True)
class PortOffer:
    """What a port asks or bids for its next unit."""

    port_id: str
    port_name: str
    sector_id: str
    price_credits: int
    stock: int
    market_version: int


@dataclass(frozen=True, slots=True)
class MarketAnalysis:
    """A good all over the galaxy: index, the best offers, and the published forecasts."""

    commodity: str
    index: MarketRealtime
    ports_selling: int
    ports_buying: int
    cheapest: list[PortOffer]
    dearest: list[PortOffer]
    predictions: list[PriceForecast]
    tick: int
    as_of: str
    game_time: str


@dataclass(frozen=True, slots=True)
class TradedShare:
    """How often and how much a player traded of a good, or at a port."""

    name: str
    trades: int
    units: int
    turnover_credits: int
    profit_credits: int


@dataclass(frozen=True, slots=True)
class TradingProfile:
    """A player's habits, from his latest trades; rates are null where there is nothing yet."""

    player_id: str
    trades: int
    units_bought: int
    units_sold: int
    turnover_credits: int
    fees_credits: int
    profit_credits: int
    sales_in_profit_rate: float | None
    average_trade_credits: int | None
    commodities: list[TradedShare]
    ports: list[TradedShare]
    trades_considered_max: int
    first_trade_at: str | None
    last_trade_at: str | None
    as_of: str


@dataclass(frozen=True, slots=True)
class AIAlert:
    """A message that a player did not ask for just now; `priority` rises from 1 to 5.

    Of its kinds `price` and `opportunity` are sent; `risk` and `system` are reserved.
    """

    alert_id: str
    kind: Literal["price", "opportunity", "risk", "system"]
    priority: int
    title: str
    message: str
    created_at: str
    expires_at: str
    commodity: str | None = None
    port_id: str | None = None
    expected_outcome: ExpectedOutcome | None = None


@dataclass(frozen=True, slots=True)
class AlertSignal:
    """An alert as a `trading_signal`; what a client shows on its desktop stands at the top too."""

    type: Literal["ai_alert"]
    alert: AIAlert
    priority: int
    title: str
    expected_outcome: ExpectedOutcome | None


@dataclass(frozen=True, slots=True)
class PriceAlert:
    """An alert that a player has set; `armed` is false from its firing until the price is back.

    Without `port_id` it watches the good's index. At a port `price_below` watches the ask and
    `price_above` the bid.
    """

    alert_id: str
    commodity: str
    port_id: str | None
    condition: AlertCondition
    value: int
    armed: bool
    created_at: str


@dataclass(frozen=True, slots=True)
class Alerts:
    """The alerts a player has set, and the latest that reached him, newest first."""

    set: list[PriceAlert]
    received: list[AIAlert]
    limit: int


@dataclass(frozen=True, slots=True)
class SectorActivity:
    """What happened in a sector; counts end at 100, `players` are at most five pseudonyms."""

    sector_id: str
    trades: int
    arrivals: int
    dockings: int
    players: list[str]


@dataclass(frozen=True, slots=True)
class UniversePulse:
    """What players did during the last `window_seconds` of real time, nobody by name.

    Sectors come busiest first. A pseudonym means the same player within one hour only.
    """

    players_online: int
    game_time: str
    tick: int
    sectors: int
    ports: int
    window_seconds: int
    trades: int
    arrivals: int
    dockings: int
    newcomers: int
    activity: list[SectorActivity]
