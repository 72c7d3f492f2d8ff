"""What ARIA's tools return: figures with their source, for answers to quote and be checked by."""

from dataclasses import dataclass

from sectorwars.domain.ids import PortId, RuleId
from sectorwars.domain.market import Side
from sectorwars.protocol.shapes.account import AccountState
from sectorwars.protocol.shapes.advice import OptimizedRoute, Recommendations
from sectorwars.protocol.shapes.automation import RuleTrace
from sectorwars.protocol.shapes.forecast import PriceForecast
from sectorwars.protocol.shapes.market import MarketNews, MarketRealtime, PortMarket


@dataclass(frozen=True, slots=True)
class Result:
    """What every tool's result begins with; `market_version` None: it read no market."""

    market_version: int | None
    as_of: str


@dataclass(frozen=True, slots=True)
class PortPrices(Result):
    """All goods of a port."""

    market: PortMarket


@dataclass(frozen=True, slots=True)
class GoodPrice(Result):
    """A good's index."""

    index: MarketRealtime


@dataclass(frozen=True, slots=True)
class PlaceOffer:
    """A port's price of its next unit, and how far the port is from the player."""

    port_name: str
    sector_name: str
    price_credits: int
    stock: int
    seconds: int | None
    turns: int | None


@dataclass(frozen=True, slots=True)
class PlaceOffers(Result):
    """The best offers for a player who wants to trade a good; `ports` counts all there are."""

    commodity: str
    side: Side
    ports: int
    best: tuple[PlaceOffer, ...]


@dataclass(frozen=True, slots=True)
class OrderCost(Result):
    """What an order comes to at a port; `fault` says why it cannot be filled."""

    commodity: str
    side: Side
    quantity: int
    port_name: str
    first_price: int
    last_price: int
    total_credits: int
    fees_credits: int
    net_credits: int
    fault: str | None


@dataclass(frozen=True, slots=True)
class GoodForecasts(Result):
    """The published forecasts of a good; `confidence_percent` belongs to them in order."""

    commodity: str
    forecasts: tuple[PriceForecast, ...]
    confidence_percent: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class HorizonRecord:
    """How often a horizon's forecasts had the direction right, in per cent."""

    horizon: str
    n: int
    hit_percent: float | None
    base_percent: float | None


@dataclass(frozen=True, slots=True)
class Record(Result):
    """The public record of the forecasts over the last game days."""

    days: int
    horizons: tuple[HorizonRecord, ...]


@dataclass(frozen=True, slots=True)
class ShipStatus(Result):
    """A player's ship, cargo and credits; `arrives_in_seconds` is there under way only."""

    state: AccountState
    sector_name: str
    port_name: str | None
    units_aboard: int
    hold_free: int
    arrives_in_seconds: int | None


@dataclass(frozen=True, slots=True)
class Profit(Result):
    """A player's realised profit; the day is the last 24 hours of real time."""

    hours: int
    trades_today: int
    sales_today: int
    profit_today: int
    fees_today: int
    profit_ever: int


@dataclass(frozen=True, slots=True)
class RuleStanding:
    """A rule; `spent` are the sides that have traded and wait for their conditions to pass."""

    rule_id: RuleId
    name: str
    commodity: str
    active: bool
    spent: tuple[Side, ...]


@dataclass(frozen=True, slots=True)
class Rules(Result):
    """A player's rules and his master switch."""

    active: bool
    rules: tuple[RuleStanding, ...]


@dataclass(frozen=True, slots=True)
class RuleVerdict(Result):
    """The latest verdict on a rule that mattered, if there was one."""

    name: str
    rule_active: bool
    automation_active: bool
    trace: RuleTrace | None


@dataclass(frozen=True, slots=True)
class Advice(Result):
    """What pays from where the player is."""

    advice: Recommendations


@dataclass(frozen=True, slots=True)
class WayThere(Result):
    """A way to a sector; `names` are the sectors on it."""

    route: OptimizedRoute
    destination: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class News(Result):
    """The news of the economy, as everybody can read it."""

    news: MarketNews


@dataclass(frozen=True, slots=True)
class Term(Result):
    """A term of the game."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class OrderPreview(Result):
    """What the core would make of an order now; `fault` is its refusal."""

    commodity: str
    side: Side
    quantity: int
    port_id: PortId | None
    port_name: str
    first_price: int
    last_price: int
    total_credits: int
    fees_credits: int
    credits_after: int
    fault: str | None
