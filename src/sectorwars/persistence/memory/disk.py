"""What a memory store leaves behind when its server dies."""

from bisect import bisect_left
from dataclasses import dataclass, field
from operator import attrgetter

from sectorwars.application.rows import (
    AccountRow,
    AutomationRow,
    HaulerRow,
    IndexCandle,
    IndexInterval,
    Lease,
    LoggedEvent,
    OrderRow,
    PlayerRow,
    PortCandle,
    QuoteDeskRow,
    Receipt,
    ReceiptKey,
    StockCheckpoint,
    StoredVerdict,
    TickPrices,
)
from sectorwars.domain.event import UniverseCreated
from sectorwars.domain.ids import AccountId, HaulerId, OrderId, PlayerId, RuleId, ShipId
from sectorwars.domain.risk import RiskGate
from sectorwars.domain.values import Tick


@dataclass(slots=True)
class MemoryDisk:
    """The durable part of a memory store; hand it to a new store to restart.

    `log` holds the kept events in the order of their offsets; haulers' deals before the tick
    `deals_since` count in no volume any more. `lease_is_live` says whether the
    lease's holder still has its connection, so to speak.
    """

    log: list[LoggedEvent] = field(default_factory=list)
    last_offset: int = 0
    universe: UniverseCreated | None = None
    checkpoint: StockCheckpoint | None = None
    players: dict[PlayerId, PlayerRow] = field(default_factory=dict)
    ship_owners: dict[ShipId, PlayerId] = field(default_factory=dict)
    accounts: dict[AccountId, AccountRow] = field(default_factory=dict)
    automations: dict[PlayerId, AutomationRow] = field(default_factory=dict)
    verdicts: dict[RuleId, list[StoredVerdict]] = field(default_factory=dict)
    verdict_serial: int = 0
    haulers: dict[HaulerId, HaulerRow] = field(default_factory=dict)
    orders: dict[OrderId, OrderRow] = field(default_factory=dict)
    quote_desks: dict[PlayerId, QuoteDeskRow] = field(default_factory=dict)
    risk: RiskGate = field(default_factory=RiskGate)
    receipts: dict[ReceiptKey, Receipt] = field(default_factory=dict)
    tick_prices: dict[Tick, TickPrices] = field(default_factory=dict)
    index_candles: dict[tuple[IndexInterval, Tick], IndexCandle] = field(default_factory=dict)
    port_candles: dict[tuple[int, Tick], PortCandle] = field(default_factory=dict)
    deals_since: Tick | None = None
    lease: Lease = field(default_factory=lambda: Lease("", 0))
    lease_is_live: bool = False

    def after(self, offset: int) -> list[LoggedEvent]:
        """Return the kept events later than `offset`, in order."""
        return self.log[bisect_left(self.log, offset + 1, key=attrgetter("offset")) :]
