"""Shapes that REST and WebSocket both show, each defined once.

They are plain frozen dataclasses: msgspec encodes them, OpenAPI and AsyncAPI are made from them.
Times are RFC 3339 text with `Z`; `game_time` is the galaxy's date. Money and goods are integers;
index prices are decimals derived from integer hundredths.
"""

from dataclasses import dataclass, field
from typing import Any, Literal

from typing_extensions import TypedDict  # pydantic reads typing.TypedDict from Python 3.12 on

Side = Literal["buy", "sell"]
Trend = Literal["up", "down", "flat"]
Interval = Literal["1m", "5m", "1h", "1d"]
RetryClass = Literal["never", "same_id", "new_id", "later"]


@dataclass(frozen=True, slots=True)
class Prediction:
    """A forecast of a good's index price.

    `confidence` is that of the direction from `reference_price`, the price when it was made.
    """

    horizon: str
    reference_price: float
    predicted_price: float
    confidence: float
    explanation: str
    risk_level: Literal["low", "medium", "high"]


ForecastHorizon = Literal["1h", "6h", "24h"]
RiskLevel = Literal["low", "medium", "high"]


@dataclass(frozen=True, slots=True)
class MarketPrediction:
    """A forecast in the Foundation client's words; `confidence` is that of the direction."""

    commodity: str
    currentPrice: float  # noqa: N815 - the client's name
    predictedPrice: float  # noqa: N815 - the client's name
    confidence: float
    timeHorizon: ForecastHorizon  # noqa: N815 - the client's name
    aiExplanation: str  # noqa: N815 - the client's name
    riskLevel: RiskLevel  # noqa: N815 - the client's name
    timestamp: str


@dataclass(frozen=True, slots=True)
class PriceInterval:
    """Bounds of a price that hold with a stated probability."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class PriceForecast:
    """A published forecast of a good's index.

    It was made at the galaxy's date `made_at`, when the index stood at `reference_price`, and
    is scored at `due_at`. `confidence` (0.5 to 1) is the probability that the price moves in the
    stated direction; without `edge`, no better than chance should be expected.
    """

    commodity: str
    horizon: ForecastHorizon
    made_at: str
    due_at: str
    reference_price: float
    predicted_price: float
    direction: Literal["up", "down"]
    confidence: float
    edge: bool
    interval_80: PriceInterval
    interval_95: PriceInterval
    risk_level: RiskLevel
    explanation: str
    model_id: str


@dataclass(frozen=True, slots=True)
class PriceForecasts:
    """The forecasts that stand just now; none while there is too little of a past."""

    forecasts: list[PriceForecast]


class BaselineHitRates(TypedDict):
    """Hit rates of what costs no thought; null where a baseline never named a direction.

    Persistence: the last move over as long a span goes on. Drift: the trend of the known past
    goes on. Mean reversion: the price returns to its mean of a day. AutoETS is not run yet.
    """

    persistence: float | None
    drift: float | None
    mean_reversion: float | None
    auto_ets: float | None


@dataclass(frozen=True, slots=True)
class HorizonPerformance:
    """How forecasts over one horizon have done; null where there is nothing to say it from.

    `n` counts scored forecasts whose price moved; `flat` those whose price did not, in hundredths
    of a credit, which count nowhere else but in the coverage. `n_independent` are those of the n
    whose windows do not overlap: `ci_low` to `ci_high` (Wilson, 95 %) and `p_value`
    (Pesaran-Timmermann) are made from them. `base_rate` is what naming the commoner direction
    every time would have hit. `calibration_error` is the mean gap between confidence and hit rate
    over ten bins. `best_possible` is not computed by a running server.
    """

    n: int
    n_independent: int
    flat: int
    hit_rate: float | None
    ci_low: float | None
    ci_high: float | None
    base_rate: float | None
    best_possible: float | None
    baselines: BaselineHitRates
    p_value: float | None
    brier: float | None
    calibration_error: float | None
    coverage_80: float | None
    coverage_95: float | None
    model_id: str


@dataclass(frozen=True, slots=True)
class ForecastPerformance:
    """The record of the present model by horizon, over the last `days` game days."""

    horizons: dict[str, HorizonPerformance]
    days: int
    game_time: str


@dataclass(frozen=True, slots=True)
class MarketRealtime:
    """A good's index over all ports that deal in it, weighted by stock.

    `price` is the mid price, `bid` and `ask` what the ports pay and ask on average. `change_24h`
    is in per cent; the 24 hours are game time. `trend` compares with one game hour ago. `version`
    is the tick of the figures.
    """

    commodity: str
    price: float
    bid: float
    ask: float
    volume_24h: int
    change_24h: float
    high_24h: float
    low_24h: float
    trend: Trend
    prediction: Prediction | None
    version: int
    as_of: str
    game_time: str


@dataclass(frozen=True, slots=True)
class PortGoodQuote:
    """A good at a port. `buys` and `sells` are the port's side; null prices: full or sold out."""

    commodity: str
    stock: int
    target: int
    bid_price: int | None
    ask_price: int | None
    buys: bool
    sells: bool


@dataclass(frozen=True, slots=True)
class PortMarket:
    """A port's goods at one market version."""

    port_id: str
    name: str
    sector_id: str
    version: int
    as_of: str
    goods: list[PortGoodQuote]


@dataclass(frozen=True, slots=True)
class FillRun:
    """A run of units at one price."""

    price_credits: int
    quantity: int


@dataclass(frozen=True, slots=True)
class TradeReport:
    """An executed trade. `total_credits` is price times quantity; fees come on top or off it."""

    trade_id: str
    port_id: str
    side: Side
    commodity: str
    quantity: int
    fills: list[FillRun]
    total_credits: int
    fees_credits: int
    profit_credits: int | None
    credits_after: int
    cargo_after: int
    stock_after: int
    market_version: int
    executed_at: str
    game_time: str


@dataclass(frozen=True, slots=True)
class TradeReceipt:
    """The answer to an executed trade command."""

    command_id: str
    status: Literal["executed"]
    trade: TradeReport


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


@dataclass(frozen=True, slots=True)
class RegistrationReceipt:
    """The answer to a player's arrival in the galaxy."""

    command_id: str
    status: Literal["executed"]
    player_id: str
    ship_id: str
    port_id: str
    sector_id: str


@dataclass(frozen=True, slots=True)
class CommandFate:
    """What became of a command that was not executed, or is not yet decided."""

    command_id: str
    status: Literal["rejected", "pending", "never_seen"]
    retry: RetryClass
    detail: str
    code: str | None = None


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
    """A player's own state; `average_cost` is credits a unit of cargo, fees included."""

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


@dataclass(frozen=True, slots=True)
class PlayerState(AccountState):
    """Everything a player may know of himself."""

    username: str


@dataclass(frozen=True, slots=True)
class AccountUpdate:
    """A frame of the `account` channel: the state after a change, and the trade that made it.

    `automation` is there where rules or the master switch changed, or a rule has traded;
    `reasoning` says in a sentence why it did.
    """

    type: Literal["account_update"]
    state: AccountState
    trade: TradeReport | None
    command_id: str | None
    automation: "AutomationStatus | None" = None
    reasoning: str | None = None


PortSummary = TypedDict("PortSummary", {"port_id": str, "name": str, "class": str})
"""A port as seen from its sector."""


@dataclass(frozen=True, slots=True)
class SectorView:
    """A sector, its ports and where one can warp from it."""

    sector_id: str
    name: str
    x: int
    y: int
    port_ids: list[str]
    ports: list[PortSummary]
    warps: list[str]


@dataclass(frozen=True, slots=True)
class GalaxyMap:
    """Every sector with its ports and warps; it never changes while a universe lives."""

    sectors: list[SectorView]


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
class CandleBar:
    """Open, high, low and close of an interval of game time, in credits; volume in units."""

    time: str
    open: float
    high: float
    low: float
    close: float
    volume: int


@dataclass(frozen=True, slots=True)
class Candles:
    """A good's candles, oldest first; of one port where `port_id` is not null.

    `prehistory_until` is the galaxy's date up to which bars were simulated before the birth of
    this universe, not traded by anybody.
    """

    commodity: str
    interval: Interval
    port_id: str | None
    candles: list[CandleBar]
    prehistory_until: str


@dataclass(frozen=True, slots=True)
class TradeHistory:
    """A page of a player's trades, newest first."""

    items: list[TradeReport]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class UniverseStatus:
    """The size and seed of the universe."""

    seed: int
    sectors: int
    ports: int


@dataclass(frozen=True, slots=True)
class ServerStatus:
    """What anybody may know of the server."""

    server_time: str
    game_time: str
    tick: int
    time_scale: int
    version: str
    players_online: int
    universe: UniverseStatus


@dataclass(frozen=True, slots=True)
class RuleCondition:
    """A condition of a rule: `type` is the input, `comparison` the operator."""

    type: Literal["price_below", "price_above", "margin_exceeds", "ai_confidence"]
    value: float
    comparison: Literal["less_than", "greater_than", "equals"]


@dataclass(frozen=True, slots=True)
class RuleView:
    """An automation rule, in the Foundation client's words; `portId` null: wherever one docks."""

    id: str
    name: str
    commodity: str
    buyConditions: list[RuleCondition]  # noqa: N815 - the client's name
    sellConditions: list[RuleCondition]  # noqa: N815 - the client's name
    riskLevel: Literal["conservative", "moderate", "aggressive"]  # noqa: N815 - the client's name
    maxInvestment: int  # noqa: N815 - the client's name
    isActive: bool  # noqa: N815 - the client's name
    portId: str | None  # noqa: N815 - like its neighbours


@dataclass(frozen=True, slots=True)
class AutomationAction:
    """An automated trade; `profit` is 0 for a purchase."""

    type: Side
    commodity: str
    amount: int
    profit: int
    timestamp: str
    reasoning: str


@dataclass(frozen=True, slots=True)
class AutomationStatus:
    """A player's automation; `totalProfitToday` and `tradesExecuted` cover the last 24 hours."""

    isActive: bool  # noqa: N815 - the client's name
    totalProfitToday: int  # noqa: N815 - the client's name
    tradesExecuted: int  # noqa: N815 - the client's name
    rulesActive: int  # noqa: N815 - the client's name
    lastAction: AutomationAction | None  # noqa: N815 - the client's name


@dataclass(frozen=True, slots=True)
class RuleReceipt:
    """The answer to a rule that was stored or switched."""

    command_id: str
    status: Literal["executed"]
    rule: RuleView


@dataclass(frozen=True, slots=True)
class RuleDeletedReceipt:
    """The answer to a rule that was deleted."""

    command_id: str
    status: Literal["executed"]
    rule_id: str


@dataclass(frozen=True, slots=True)
class AutomationReceipt:
    """The answer to the master switch."""

    command_id: str
    status: Literal["executed"]
    active: bool


@dataclass(frozen=True, slots=True)
class TracedCondition:
    """A condition, the input it saw (null: there was none), and whether it held."""

    type: str
    comparison: str
    value: float
    input: float | None
    holds: bool


@dataclass(frozen=True, slots=True)
class TracedCap:
    """A limit an automated trade was held against."""

    name: str
    used: int
    limit: int


@dataclass(frozen=True, slots=True)
class RuleTrace:
    """Why a side of a rule did or did not trade; `code` and `detail` say what blocked it."""

    rule_id: str
    side: Side
    verdict: Literal["fired", "blocked"]
    at: str
    game_time: str
    port_id: str | None
    market_version: int | None
    conditions: list[TracedCondition]
    caps: list[TracedCap]
    quantity: int | None
    code: str | None
    detail: str


@dataclass(frozen=True, slots=True)
class RuleTracePage:
    """A page of a rule's verdicts, newest first."""

    items: list[RuleTrace]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class RuleTemplate:
    """A rule to begin with; it is made a rule by creating it."""

    template_id: str
    name: str
    description: str
    commodity: str
    buyConditions: list[RuleCondition]  # noqa: N815 - the client's name
    sellConditions: list[RuleCondition]  # noqa: N815 - the client's name
    riskLevel: Literal["conservative", "moderate", "aggressive"]  # noqa: N815 - the client's name
    maxInvestment: int  # noqa: N815 - the client's name


@dataclass(frozen=True, slots=True)
class Problem:
    """A refusal as RFC 9457 problem details; a WebSocket refusal carries the same members."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    retry: RetryClass
    retry_after_ms: int | None = None
    limit: str | None = None
    errors: list[dict[str, Any]] = field(default_factory=list)
