"""What the application needs of the outside, as Protocols; every one has a memory and a real
adapter that pass one contract suite. What passes through them is in `rows`.
"""

from collections.abc import AsyncIterator, Collection, Sequence
from typing import Protocol

from sectorwars.application.rows import (
    AuditEntry,
    AuditQuery,
    AuditRecord,
    Batch,
    ChainedEvent,
    GoodCandle,
    GoodResult,
    IndexCandle,
    IndexInterval,
    IndexPrices,
    Lease,
    LoggedEvent,
    OrderRow,
    PortBar,
    PublishedForecast,
    Receipt,
    ReceiptKey,
    StockCheckpoint,
    StoredState,
    StoredVerdict,
    TapeEntry,
    TickPrices,
)
from sectorwars.domain.commodity import Commodity
from sectorwars.domain.event import GoodsTraded
from sectorwars.domain.ids import (
    OrderId,
    PlayerId,
    PortId,
    RuleId,
)
from sectorwars.domain.values import Tick, UnixMicros
from sectorwars.forecasting.champion import Forecast
from sectorwars.forecasting.horizon import Horizon
from sectorwars.forecasting.scoring import Outcomes
from sectorwars.protocol.publication import Publication


class Clock(Protocol):
    """The only reader of clocks."""

    def now(self) -> UnixMicros:
        """Return real UTC time."""
        ...

    def monotonic(self) -> float:
        """Return seconds on a clock that never goes back."""
        ...


class LeaseLostError(Exception):
    """Another writer holds the lease; this one must not write again."""


class CommitFailedError(Exception):
    """A commit failed, or nobody knows whether it did: the writer must rebuild from the store."""


class StoreUnavailableError(Exception):
    """The store cannot be reached just now."""


class EventStore(Protocol):
    """The event log, the current-state tables and the receipts, written by one writer."""

    async def acquire_lease(self, holder: str) -> Lease:
        """Take the lease if nobody live holds it, fencing every earlier holder.

        Raises:
            LeaseLostError: another live writer holds it.
        """
        ...

    async def load(self) -> StoredState | None:
        """Return the stored state, or None where no universe has been born."""
        ...

    async def append(self, lease: Lease, batch: Batch) -> None:
        """Make a batch durable in one transaction, in the order of offsets without a gap.

        Raises:
            LeaseLostError: the lease was taken over; nothing was written.
            CommitFailedError: the commit failed or its outcome is unknown.
        """
        ...

    async def events_after(self, offset: int, limit: int) -> list[LoggedEvent]:
        """Return at most `limit` events later than `offset` that are still kept, in order."""
        ...

    async def find_receipts(self, keys: Sequence[ReceiptKey]) -> dict[ReceiptKey, Receipt]:
        """Return the stored receipts among `keys`."""
        ...

    async def release_lease(self, lease: Lease) -> None:
        """Give the lease back so that the next writer need not wait."""
        ...


class RuleTraceArchive(Protocol):
    """Verdicts on rules, as their owners look them up."""

    async def verdicts(
        self, player_id: PlayerId, rule_id: RuleId, before: int | None, limit: int
    ) -> list[StoredVerdict]:
        """Return a rule's kept verdicts with numbers below `before`, newest first.

        There are none where the player has no such rule.
        """
        ...


class AuditChain(Protocol):
    """The hash-chained record of sign-ins, operators' acts and denials, to be read."""

    async def records(self, after: int, limit: int) -> list[AuditRecord]:
        """Return at most `limit` records with numbers above `after`, in order."""
        ...

    async def head(self) -> tuple[int, bytes]:
        """Return the number and the hash of the last record; 0 and GENESIS_HASH before it."""
        ...


class AuditTrail(AuditChain, Protocol):
    """The audit chain, to be written too; any process may append."""

    async def append(self, entries: Sequence[AuditEntry]) -> None:
        """Make entries durable, in their order, all or nothing.

        Raises:
            StoreUnavailableError: the store cannot be reached; nothing was written.
        """
        ...

    async def search(self, query: AuditQuery, before: int | None, limit: int) -> list[AuditRecord]:
        """Return at most `limit` records that fit, newest first, with numbers below `before`."""
        ...


class EventArchive(Protocol):
    """What players did and what was done to them, as the permanent log has it."""

    async def search(self, query: AuditQuery, before: int | None, limit: int) -> list[ChainedEvent]:
        """Return at most `limit` `AuditedEvent`s that fit, newest first, below `before`."""
        ...

    async def head(self) -> tuple[int, bytes]:
        """Return the log's last offset and the hash of its last permanent event."""
        ...


class MarketArchive(Protocol):
    """Prices of the past, as charts and histories read them."""

    async def index_candles(
        self, interval: IndexInterval, until: Tick, limit: int
    ) -> list[IndexCandle]:
        """Return at most `limit` closed index candles that start before `until`, oldest first."""
        ...

    async def good_candles(
        self, commodity: Commodity, interval: IndexInterval, until: Tick, limit: int
    ) -> list[GoodCandle]:
        """Return `index_candles` of one good."""
        ...

    async def index_prices(self, after: Tick, limit: int) -> list[IndexPrices]:
        """Return the indices of at most `limit` kept ticks later than `after`, oldest first."""
        ...

    async def tick_prices(self, after: Tick, limit: int) -> list[TickPrices]:
        """Return at most `limit` kept ticks later than `after`, with all ports, oldest first."""
        ...

    async def port_mids(
        self, port_index: int, position: int, after: Tick
    ) -> list[tuple[Tick, int]]:
        """Return (tick, mid in hundredths) of one good at one port, oldest first."""
        ...

    async def port_bars(
        self, port_index: int, position: int, until: Tick, limit: int
    ) -> list[PortBar]:
        """Return at most `limit` closed hours of a port's good before `until`, oldest first."""
        ...

    async def trades_of(
        self, player_id: PlayerId, before_offset: int | None, limit: int
    ) -> list[LoggedEvent]:
        """Return the `GoodsTraded` of a player or of his open orders, newest first, each once."""
        ...

    async def crossed_trades(self, since: UnixMicros, limit: int) -> list[GoodsTraded]:
        """Return trades later than `since` that met open orders: the latest, oldest first."""
        ...

    async def trade_results(
        self, player_id: PlayerId, since: UnixMicros | None
    ) -> list[GoodResult]:
        """Return what a player's trades later than `since` came to, by good, in no order."""
        ...

    async def tape(
        self,
        goods: Collection[Commodity],
        port_id: PortId | None,
        after: Tick,
        before: int | None,
        limit: int,
    ) -> list[TapeEntry]:
        """Return deals of these goods since the tick `after`, newest first.

        They are at one port or all, with sequences below `before`; at most `limit`.
        """
        ...

    async def volume_by_tick(
        self, commodity: Commodity, after: Tick, port_id: PortId | None
    ) -> list[tuple[Tick, int]]:
        """Return (tick, units traded) of a good since `after`, at one port or all, oldest first."""
        ...


class MarketRecord(Protocol):
    """What moved the market, event by event, as far back as ticks are kept."""

    async def checkpoint(self, until: Tick | None) -> StockCheckpoint | None:
        """Return the latest checkpoint up to the tick `until` that all kept ticks follow.

        Where there is none so early, and with None, it is the earliest; none is of the
        prehistory. None is returned where nothing is recorded yet.
        """
        ...

    def events(self, after: int, through: int, port_id: PortId) -> AsyncIterator[LoggedEvent]:
        """Yield what moved a port's market or wallet, or what may be traded, in order.

        Those are all events of the offsets `after` + 1 to `through` that name the port or concern
        all ports, and perhaps others.
        """
        ...


class OrderArchive(Protocol):
    """Every order that was ever placed, as its owner looks it up."""

    async def orders_page(
        self, player_id: PlayerId, before_sequence: int | None, limit: int, *, closed_only: bool
    ) -> list[OrderRow]:
        """Return a player's orders with sequence numbers below `before_sequence`, newest first."""
        ...

    async def order(self, player_id: PlayerId, order_id: OrderId) -> OrderRow | None:
        """Return an order of a player, open or closed; None where he has none of that id."""
        ...


class Broadcaster(Protocol):
    """Takes published messages to whoever listens."""

    def wants(self, channel: str) -> bool:
        """Return whether anybody listens to the channel, or may come back to it shortly."""
        ...

    def publish(self, publications: Sequence[Publication]) -> None:
        """Give each message its place in its channel and send it on, without waiting."""
        ...


class ForecastStore(Protocol):
    """Published forecasts of the index: written before their outcome and never changed."""

    async def add(self, forecasts: Sequence[Forecast]) -> None:
        """Store forecasts, all or nothing; those stored already are left as they are."""
        ...

    async def latest(self) -> list[Forecast]:
        """Return the forecasts that were made last."""
        ...

    async def published(self, after: Tick, until: Tick) -> list[PublishedForecast]:
        """Return the forecasts for the next horizon made later than `after`, up to `until`."""
        ...

    async def unscored(self, until: Tick) -> list[Tick]:
        """Return the ticks up to `until` at which forecasts fell due that await their score."""
        ...

    async def score(self, due_at: Tick, index: Sequence[int]) -> None:
        """Note the index at a tick, in hundredths by COMMODITIES, with the forecasts due then."""
        ...

    async def outcomes(self, model_id: str, after: Tick) -> dict[Horizon, Outcomes]:
        """Return a model's scored forecasts made later than `after`, oldest first."""
        ...
