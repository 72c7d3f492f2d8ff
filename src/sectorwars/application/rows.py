"""What the tables hold: the rows of a batch, and what a writer needs of them to go on."""

from collections.abc import Mapping
from dataclasses import field
from typing import Any, Final, Literal, NamedTuple

from sectorwars.domain.commodity import Commodity
from sectorwars.domain.event import Event, GoodsTraded, HaulerCalled, MarketChange, TickAdvanced
from sectorwars.domain.hauler import HaulerDeal, HaulerSpec, Shipment
from sectorwars.domain.ids import (
    AccountId,
    CommandId,
    HaulerId,
    OrderId,
    PlayerId,
    PortId,
    RuleId,
    SectorId,
    ShipId,
)
from sectorwars.domain.market import Side
from sectorwars.domain.navigation import Journey, Sector, Turns
from sectorwars.domain.order import CloseReason
from sectorwars.domain.port import PortSpec
from sectorwars.domain.quote import Quote
from sectorwars.domain.record import record
from sectorwars.domain.risk import RiskGate
from sectorwars.domain.rule import AutomatedTrade, RuleSpec, TracedVerdict
from sectorwars.domain.ship import ShipClass
from sectorwars.domain.values import (
    TICKS_PER_GAME_DAY,
    TICKS_PER_GAME_HOUR,
    Credits,
    Tick,
    UnixMicros,
)
from sectorwars.forecasting.champion import Forecast


@record
class Lease:
    """The right to write, fenced by a version that rises with every holder."""

    holder: str
    version: int


@record
class LoggedEvent:
    """An event at its place in the log; offsets rise by one from 1."""

    offset: int
    event: Event


class ReceiptKey(NamedTuple):
    """Receipts are one player's: another player's id reads as never seen.

    A tuple, because it is looked up several times a command, and a tuple's hash is quick.
    """

    player_id: PlayerId
    command_id: CommandId


@record
class Receipt:
    """The definitive fate of a command. `body` is the JSON the caller gets, byte for byte; that of
    an executed command is canonical.

    `code` is None for an executed command. `payload_hash` is SHA-256 over the command.
    """

    key: ReceiptKey
    payload_hash: bytes
    status: Literal["executed", "rejected"]
    code: str | None
    body: bytes
    decided_at: UnixMicros


@record
class LotRow:
    """Units bought together and their cost, fees included."""

    quantity: int
    cost_credits: int


@record
class PlayerRow:
    """A player and his ship after a batch; `cargo` holds all lots, oldest first per good."""

    player_id: PlayerId
    registered_at: UnixMicros
    turns: Turns
    trade_serial: int
    order_serial: int
    realised_profit_credits: int
    ship_id: ShipId
    ship_class: ShipClass
    sector_id: SectorId
    docked_port_id: PortId | None
    journey: Journey | None
    cargo: tuple[tuple[Commodity, tuple[LotRow, ...]], ...]


@record
class AccountRow:
    """An account's balance after a batch."""

    account: AccountId
    balance: Credits


@record
class RuleRow:
    """A rule of a player after a batch."""

    rule_id: RuleId
    spec: RuleSpec
    created_at: UnixMicros
    active: bool
    spent: frozenset[Side]


@record
class AutomationRow:
    """A player's automation after a batch: switch, rules and recent trades, whole."""

    player_id: PlayerId
    active: bool
    pause_on_disconnect: bool
    paused_at: UnixMicros | None
    rule_serial: int
    rules: tuple[RuleRow, ...]
    recent: tuple[AutomatedTrade, ...]


@record
class HaulerRow:
    """Where a hauler calls next, and what it carries, after a batch."""

    hauler_id: HaulerId
    port_id: PortId
    calls_at: Tick
    cargo: Shipment | None


@record
class OrderClose:
    """When and why an order was closed."""

    at: UnixMicros
    reason: CloseReason


@record
class OrderRow:
    """An order as it stands; `close` is None while it is open. Closed orders stay."""

    order_id: OrderId
    player_id: PlayerId
    command_id: CommandId
    port_id: PortId
    side: Side
    commodity: Commodity
    quantity: int
    limit_credits: int
    placed_at: UnixMicros
    expires_at: UnixMicros
    cancel_on_disconnect: bool
    sequence: int
    filled: int
    filled_credits: int
    close: OrderClose | None = None


@record
class OrderProgress:
    """How far an order has got after a batch; its first row is what its placing says."""

    order_id: OrderId
    filled: int
    filled_credits: int
    close: OrderClose | None


@record
class QuoteDeskRow:
    """A player's live quotes and how he has kept to earlier ones, after a batch."""

    player_id: PlayerId
    live: tuple[Quote, ...]
    serial: int
    missed: int
    allowed_at: int


@record
class TradedMinute:
    """What a player traded of a good within a minute of real time."""

    player_id: PlayerId
    minute: int
    commodity: Commodity
    trades: int
    units: int
    total_credits: int


@record
class GoodResult:
    """What a player's trades of a good came to, those by his open orders included.

    `profit_credits` is that of the sales.
    """

    commodity: Commodity
    trades: int
    sales: int
    units_bought: int
    units_sold: int
    profit_credits: int
    fees_credits: int


@record
class IndexPrices:
    """What a tick left behind of all ten indices, by COMMODITIES; in hundredths of a credit.

    `volume` is in units traded during the tick.
    """

    tick: Tick
    index: tuple[int, ...]
    bid: tuple[int, ...]
    ask: tuple[int, ...]
    volume: tuple[int, ...]


@record
class TickPrices:
    """What a tick left behind, for charts; all in hundredths of a credit.

    `port_mids[p][g]` belongs to the good at position g of the port with index p.
    """

    market: IndexPrices
    port_mids: tuple[tuple[int, ...], ...]

    @property
    def tick(self) -> Tick:
        """Return the tick that left them behind."""
        return self.market.tick


IndexInterval = Literal["1m", "5m", "1h", "1d"]
INTERVAL_TICKS: Final[dict[IndexInterval, int]] = {
    "1m": 1,
    "5m": 5,
    "1h": TICKS_PER_GAME_HOUR,
    "1d": TICKS_PER_GAME_DAY,
}
"""How long candles are."""


@record
class IndexCandle:
    """A closed candle of all ten indices; prices in hundredths of a credit, by COMMODITIES."""

    interval: IndexInterval
    start: Tick
    open: tuple[int, ...]
    high: tuple[int, ...]
    low: tuple[int, ...]
    close: tuple[int, ...]
    volume: tuple[int, ...]


class GoodCandle(NamedTuple):
    """A closed candle of one good's index; prices in hundredths of a credit.

    A tuple, because a chart asks for a thousand and more at once.
    """

    start: Tick
    open: int
    high: int
    low: int
    close: int
    volume: int


class PortBar(NamedTuple):
    """A closed game hour of one good at a port; prices in hundredths of a credit."""

    start: Tick
    open: int
    high: int
    low: int
    close: int


@record
class PortCandle:
    """A closed candle of one game hour of all goods of a port, by position; in hundredths."""

    start: Tick
    port_index: int
    open: tuple[int, ...]
    high: tuple[int, ...]
    low: tuple[int, ...]
    close: tuple[int, ...]


@record
class Batch:
    """What one transaction makes durable, all or nothing."""

    events: tuple[LoggedEvent, ...]
    receipts: tuple[Receipt, ...]
    players: tuple[PlayerRow, ...]
    accounts: tuple[AccountRow, ...]
    automations: tuple[AutomationRow, ...] = ()
    tick_prices: tuple[TickPrices, ...] = ()
    index_candles: tuple[IndexCandle, ...] = ()
    port_candles: tuple[PortCandle, ...] = ()
    haulers: tuple[HaulerRow, ...] = ()
    order_progress: tuple[OrderProgress, ...] = ()
    quote_desks: tuple[QuoteDeskRow, ...] = ()
    risk: RiskGate | None = None
    verdicts: tuple[TracedVerdict, ...] = ()


@record
class StockCheckpoint:
    """Stock and version of every port at an offset of the log, by port index."""

    offset: int
    tick: Tick
    stocks: tuple[tuple[int, ...], ...]
    versions: tuple[int, ...]


@record
class PublishedForecast:
    """A forecast, and when it was stored to be shown."""

    forecast: Forecast
    published_at: UnixMicros


MarketEvent = TickAdvanced | MarketChange
"""What moves the stock or the version of ports."""


@record
class StoredState:
    """All that a writer needs to go on: the tables, and the market's log since its checkpoint.

    `hauler_specs` and `haulers` are in the order of the haulers' ids; `orders` are the open ones;
    `traded` is in the order of time and covers the last 24 hours before the last trade.
    """

    last_offset: int
    seed: int
    sectors: tuple[Sector, ...]
    ports: tuple[PortSpec, ...]
    checkpoint: StockCheckpoint
    market_tail: tuple[MarketEvent, ...]
    players: tuple[PlayerRow, ...]
    accounts: tuple[AccountRow, ...]
    volumes: tuple[tuple[Tick, Commodity, int], ...]
    automations: tuple[AutomationRow, ...] = ()
    hauler_specs: tuple[HaulerSpec, ...] = ()
    haulers: tuple[HaulerRow, ...] = ()
    orders: tuple[OrderRow, ...] = ()
    order_sequence: int = 0
    quote_desks: tuple[QuoteDeskRow, ...] = ()
    risk: RiskGate = field(default_factory=RiskGate)
    traded: tuple[TradedMinute, ...] = ()


@record
class StoredVerdict:
    """A kept verdict; numbers rise with time."""

    number: int
    verdict: TracedVerdict


@record
class AuditEntry:
    """Something that is held against somebody: a sign-in, an operator's act, denials of a minute.

    `actor` is a player's id, the pseudonym of an address or a word of `application.audit.trail`;
    never a name or an address. `session` is the actor's sign-in session and `address` the
    pseudonym of where he was. `subject` is whom or what the act was done to: a player's id, a
    port's id or `game`. `before` and `after` are what it changed.
    """

    at: UnixMicros
    kind: str
    actor: str | None
    details: Mapping[str, str | int]
    session: str | None = None
    address: str | None = None
    subject: str | None = None
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None


@record
class AuditRecord:
    """A stored entry: entries are numbered from 1, and each hash covers the one before."""

    number: int
    entry: AuditEntry
    hash: bytes


@record
class AuditQuery:
    """What to look for in the audit trail and in the event log; None and () are anything.

    `player_id` finds what a player did and what was done to him, `actor` only the former.
    `since` is included, `until` is not.
    """

    player_id: PlayerId | None = None
    actor: str | None = None
    kinds: tuple[str, ...] = ()
    since: UnixMicros | None = None
    until: UnixMicros | None = None


@record
class ChainedEvent:
    """An event of the permanent log with its name there and the hash over it."""

    offset: int
    kind: str
    event: Event
    hash: bytes


@record
class TapeEntry:
    """A deal on the galaxy's tape: a player's trade, or one of a hauler's call.

    Sequences rise with time; they are functions of the log's offsets.
    """

    sequence: int
    deal: GoodsTraded | HaulerDeal
    event: GoodsTraded | HaulerCalled

    @property
    def side(self) -> Side:
        """Return the side of who came to the port."""
        event = self.event
        if isinstance(event, GoodsTraded):
            return event.side
        return Side.SELL if self.deal is event.sold else Side.BUY
