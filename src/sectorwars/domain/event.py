"""What has happened. Events carry outcomes, so that applying them needs no rule and no draw."""

from typing import Final

from sectorwars.domain.commodity import Commodity
from sectorwars.domain.hauler import HaulerDeal, HaulerSpec
from sectorwars.domain.ids import (
    CommandId,
    HaulerId,
    OrderId,
    PlayerId,
    PortId,
    QuoteId,
    RuleId,
    SectorId,
    ShipId,
    TradeId,
)
from sectorwars.domain.ledger import (
    BUDGET,
    TRADE_TAX,
    UPKEEP,
    Posting,
    hauler_account,
    port_account,
)
from sectorwars.domain.market import Fill, Side
from sectorwars.domain.navigation import Journey, Sector, Turns
from sectorwars.domain.order import CloseReason
from sectorwars.domain.port import PortSpec
from sectorwars.domain.quote import Quote, QuoteEnd
from sectorwars.domain.record import record
from sectorwars.domain.risk import TradeCaps, TradingScope, TradingState
from sectorwars.domain.rule import RuleSpec
from sectorwars.domain.ship import ShipClass
from sectorwars.domain.values import Credits, Quantity, Tick, UnixMicros

_FREE: Final = Credits(0)


@record
class UniverseCreated:
    """The galaxy was born. `stocks[i]` belongs to `ports[i]`, in the order of its goods.

    `haulers[i]` lies at its home port and calls there for the first time at `first_calls[i]`.
    """

    seed: int
    tick: Tick
    sectors: tuple[Sector, ...]
    ports: tuple[PortSpec, ...]
    stocks: tuple[tuple[int, ...], ...]
    postings: tuple[Posting, ...]
    haulers: tuple[HaulerSpec, ...] = ()
    first_calls: tuple[Tick, ...] = ()


@record
class PlayerRegistered:
    """A player arrived with a ship, docked at `port_id`."""

    player_id: PlayerId
    command_id: CommandId
    at: UnixMicros
    ship_id: ShipId
    ship_class: ShipClass
    sector_id: SectorId
    port_id: PortId
    turns: Turns
    postings: tuple[Posting, ...]


@record
class ShipDocked:
    """A ship docked and paid `fee_credits`."""

    player_id: PlayerId
    command_id: CommandId
    at: UnixMicros
    port_id: PortId
    fee_credits: Credits
    credits_after: Credits
    postings: tuple[Posting, ...]


@record
class ShipUndocked:
    """A ship left its port and paid `fee_credits`, which earlier logs know nothing of."""

    player_id: PlayerId
    command_id: CommandId
    at: UnixMicros
    port_id: PortId
    sector_id: SectorId
    fee_credits: Credits = _FREE
    postings: tuple[Posting, ...] = ()


@record
class JourneyStarted:
    """A ship warped away; `turns` are those left."""

    player_id: PlayerId
    command_id: CommandId
    at: UnixMicros
    journey: Journey
    turns: Turns


@record
class JourneyCompleted:
    """A ship arrived."""

    player_id: PlayerId
    at: UnixMicros
    sector_id: SectorId


@record
class Crossing:
    """An open order of another player that a trade met, and what its owner traded by it.

    All units are at the order's own limit. `profit_credits` is None where the owner bought.
    """

    order_id: OrderId
    player_id: PlayerId
    command_id: CommandId
    trade_id: TradeId
    trade_serial: int
    quantity: Quantity
    price_credits: Credits
    fees_credits: Credits
    profit_credits: Credits | None
    credits_after: Credits
    cargo_after: Quantity


@record
class GoodsTraded:
    """A player bought or sold at a port: from or to the port, and the open orders of others.

    `total_credits` is the sum of price times quantity; a buyer paid total + fees, a seller got
    total - fees. `profit_credits` (sales only) is what he got less what the units had cost,
    first in, first out. `volume_24h` counts the good's units traded in the whole galaxy in the
    24 game hours up to and with this trade. `rule_id`, `order_id` and `quote_id` name the rule that
    traded, the player's own open order that was filled, and the quote that was used, if any.
    """

    trade_id: TradeId
    trade_serial: int
    player_id: PlayerId
    command_id: CommandId
    at: UnixMicros
    tick: Tick
    port_id: PortId
    side: Side
    commodity: Commodity
    quantity: Quantity
    fills: tuple[Fill, ...]
    total_credits: Credits
    fees_credits: Credits
    profit_credits: Credits | None
    credits_after: Credits
    cargo_after: Quantity
    stock_after: Quantity
    market_version: int
    volume_24h: int
    postings: tuple[Posting, ...]
    rule_id: RuleId | None = None
    order_id: OrderId | None = None
    quote_id: QuoteId | None = None
    crossings: tuple[Crossing, ...] = ()

    @property
    def port_quantity(self) -> int:
        """Return the units that the port itself bought or sold."""
        return self.quantity - sum(crossing.quantity for crossing in self.crossings)


@record
class TickAdvanced:
    """The economy moved to `tick`: `deltas[i]` are the stock changes of the port with index i."""

    tick: Tick
    at: UnixMicros
    deltas: tuple[tuple[int, ...], ...]


@record
class PortsSettled:
    """Ports were paid for what was consumed, paid wages, and met their budget (each game hour)."""

    tick: Tick
    at: UnixMicros
    postings: tuple[Posting, ...]


@record
class HaulerCalled:
    """A hauler called at a port: it sold what it carried, bought anew, and went on its way.

    `grant_credits` came from the treasury (negative: went to it), `upkeep_credits` were paid for
    the time until `calls_at`, when it calls at `destination_id`, which may be where it lies.
    """

    tick: Tick
    at: UnixMicros
    hauler_id: HaulerId
    port_id: PortId
    sold: HaulerDeal | None
    bought: HaulerDeal | None
    grant_credits: Credits
    upkeep_credits: Credits
    market_version: int
    destination_id: PortId
    calls_at: Tick

    @property
    def deals(self) -> tuple[HaulerDeal, ...]:
        """Return what was sold, then what was bought."""
        return tuple(deal for deal in (self.sold, self.bought) if deal is not None)

    @property
    def postings(self) -> tuple[Posting, ...]:
        """Return what the call moved between accounts; written out, it would double the event."""
        paid = (self.bought.total_credits if self.bought else 0) - (
            self.sold.total_credits if self.sold else 0
        )
        tax = sum(deal.fees_credits for deal in self.deals)
        postings = (
            Posting(
                hauler_account(self.hauler_id),
                Credits(self.grant_credits - paid - tax - self.upkeep_credits),
            ),
            Posting(port_account(self.port_id), Credits(paid)),
            Posting(TRADE_TAX, Credits(tax)),
            Posting(BUDGET, Credits(-self.grant_credits)),
            Posting(UPKEEP, self.upkeep_credits),
        )
        return tuple(posting for posting in postings if posting.amount)


@record
class StockCheckpointed:
    """The stock and version of every port at `tick`, so that older ticks may be forgotten."""

    tick: Tick
    at: UnixMicros
    stocks: tuple[tuple[int, ...], ...]
    versions: tuple[int, ...]


@record
class RuleCreated:
    """A player stored a rule; it is inactive."""

    player_id: PlayerId
    command_id: CommandId
    at: UnixMicros
    rule_id: RuleId
    rule_serial: int
    spec: RuleSpec


@record
class RuleDeleted:
    """A player deleted a rule."""

    player_id: PlayerId
    command_id: CommandId
    at: UnixMicros
    rule_id: RuleId


@record
class RuleToggled:
    """A player switched a rule on or off; both its sides may trade anew."""

    player_id: PlayerId
    command_id: CommandId
    at: UnixMicros
    rule_id: RuleId
    active: bool


@record
class AutomationSwitched:
    """A player turned his master switch, or it was turned off as he was `disconnected`."""

    player_id: PlayerId
    command_id: CommandId
    at: UnixMicros
    active: bool
    disconnected: bool = False


@record
class DisconnectPauseSet:
    """A player chose whether automation pauses while he has no connection."""

    player_id: PlayerId
    command_id: CommandId
    at: UnixMicros
    active: bool


@record
class RuleRearmed:
    """The conditions of a side that had traded were seen not to hold: it may trade again."""

    player_id: PlayerId
    at: UnixMicros
    rule_id: RuleId
    side: Side


@record
class QuoteIssued:
    """A port made a binding offer; the cash for what it will buy was put aside."""

    player_id: PlayerId
    command_id: CommandId
    at: UnixMicros
    tick: Tick
    quote_serial: int
    quote: Quote
    postings: tuple[Posting, ...]

    @property
    def port_id(self) -> PortId:
        """Return the port that made the offer."""
        return self.quote.port_id

    @property
    def market_version(self) -> int:
        """Return the port's version with the offer made; it rests on the one before."""
        return self.quote.market_version + 1


@record
class QuoteClosed:
    """A quote ended unused; `missed` and `allowed_at` are where the player stands now."""

    player_id: PlayerId
    at: UnixMicros
    tick: Tick
    quote_id: QuoteId
    port_id: PortId
    end: QuoteEnd
    missed: int
    allowed_at: UnixMicros
    market_version: int
    postings: tuple[Posting, ...]


@record
class OrderPlaced:
    """A player placed an order; what it costs at most was put aside (purchases)."""

    player_id: PlayerId
    command_id: CommandId
    at: UnixMicros
    tick: Tick
    order_id: OrderId
    order_serial: int
    sequence: int
    port_id: PortId
    side: Side
    commodity: Commodity
    quantity: Quantity
    limit_credits: Credits
    expires_at: UnixMicros
    cancel_on_disconnect: bool
    credits_after: Credits
    market_version: int
    postings: tuple[Posting, ...]


@record
class OrderClosed:
    """An order ended with `filled` units traded; what was still put aside was released.

    `command_id` is the command that closed it, None where time or a fill did.
    """

    player_id: PlayerId
    command_id: CommandId | None
    at: UnixMicros
    tick: Tick
    order_id: OrderId
    port_id: PortId
    reason: CloseReason
    filled: Quantity
    filled_credits: Credits
    credits_after: Credits
    market_version: int
    postings: tuple[Posting, ...]


@record
class TradingStateSet:
    """An operator opened, restricted or halted trading."""

    operator_id: PlayerId
    command_id: CommandId
    at: UnixMicros
    scope: TradingScope
    subject: str | None
    before: TradingState
    after: TradingState
    reason: str


@record
class TradeCapsSet:
    """An operator changed the caps of a player, or of all (None)."""

    operator_id: PlayerId
    command_id: CommandId
    at: UnixMicros
    subject: PlayerId | None
    before: TradeCaps
    after: TradeCaps
    reason: str


AutomationEvent = (
    RuleCreated | RuleDeleted | RuleToggled | AutomationSwitched | DisconnectPauseSet | RuleRearmed
)
OrderEvent = OrderPlaced | OrderClosed
QuoteEvent = QuoteIssued | QuoteClosed
OperatorEvent = TradingStateSet | TradeCapsSet
MarketChange = GoodsTraded | HaulerCalled | OrderPlaced | OrderClosed | QuoteEvent
"""What raises the version of the one port it names."""
PlayerEvent = (
    PlayerRegistered
    | ShipDocked
    | ShipUndocked
    | JourneyStarted
    | JourneyCompleted
    | GoodsTraded
    | AutomationEvent
    | OrderEvent
    | QuoteEvent
)
Event = (
    UniverseCreated
    | PlayerEvent
    | OperatorEvent
    | TickAdvanced
    | PortsSettled
    | HaulerCalled
    | StockCheckpointed
)
