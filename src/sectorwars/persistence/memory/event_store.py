"""The event store in memory: for simulations and unit tests, under PostgreSQL's contract."""

from collections import Counter
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import replace

from sectorwars.application.ports import (
    CommitFailedError,
    LeaseLostError,
)
from sectorwars.application.rows import (
    Batch,
    HaulerRow,
    Lease,
    LoggedEvent,
    MarketEvent,
    Receipt,
    ReceiptKey,
    StockCheckpoint,
    StoredState,
    StoredVerdict,
    TradedMinute,
)
from sectorwars.application.state.recovery import placed_order
from sectorwars.application.state.trade_shares import shares
from sectorwars.domain.commodity import Commodity
from sectorwars.domain.event import (
    GoodsTraded,
    HaulerCalled,
    OrderPlaced,
    StockCheckpointed,
    TickAdvanced,
    UniverseCreated,
)
from sectorwars.domain.ids import PlayerId, PortId
from sectorwars.domain.ledger import UNLIMITED_ACCOUNTS
from sectorwars.domain.risk import SLOT_MICROS, SLOTS_PER_DAY
from sectorwars.domain.values import TICKS_PER_GAME_DAY, Tick
from sectorwars.persistence.memory.disk import MemoryDisk
from sectorwars.persistence.retention import (
    HAULER_DEALS_KEPT,
    REJECTIONS_KEPT_MICROS,
    RULE_TRACES_KEPT,
    TICKS_KEPT,
)


class MemoryEventStore:
    """The log, the tables and the receipts on a `MemoryDisk`.

    As with PostgreSQL, a commit that fails ends the lease.
    """

    def __init__(self, disk: MemoryDisk) -> None:
        """Work on `disk`, which outlives this store."""
        self._disk = disk
        self._lease: Lease | None = None

    async def acquire_lease(self, holder: str) -> Lease:
        """Take the lease if nobody live holds it, fencing every earlier holder.

        Raises:
            LeaseLostError: another live writer holds it.
        """
        self.die()
        disk = self._disk
        if disk.lease_is_live:
            raise LeaseLostError(
                f"Another server ({disk.lease.holder}) is running this universe in the same store."
            )
        self._lease = disk.lease = Lease(holder, disk.lease.version + 1)
        disk.lease_is_live = True
        return self._lease

    async def release_lease(self, lease: Lease) -> None:
        """Give the lease back so that the next writer need not wait."""
        if self._lease == lease:
            self.die()

    def die(self) -> None:
        """Let go of the lease without a word, as a killed server does with its connection."""
        if self._lease is not None and self._disk.lease == self._lease:
            self._disk.lease_is_live = False
        self._lease = None

    async def load(self) -> StoredState | None:
        """Return the stored state, or None where no universe has been born."""
        disk = self._disk
        if disk.universe is None or disk.checkpoint is None:
            return None
        tail = _market_tail(disk, disk.checkpoint.offset)
        ticks = [event.tick for event in tail if isinstance(event, TickAdvanced)]
        now = max(ticks, default=disk.checkpoint.tick)
        return StoredState(
            last_offset=disk.last_offset,
            seed=disk.universe.seed,
            sectors=disk.universe.sectors,
            ports=disk.universe.ports,
            checkpoint=disk.checkpoint,
            market_tail=tail,
            players=tuple(disk.players[key] for key in sorted(disk.players)),
            accounts=tuple(disk.accounts[key] for key in sorted(disk.accounts)),
            volumes=_volumes(disk, now),
            automations=tuple(disk.automations[key] for key in sorted(disk.automations)),
            hauler_specs=disk.universe.haulers,
            haulers=tuple(disk.haulers[spec.hauler_id] for spec in disk.universe.haulers),
            orders=tuple(order for order in disk.orders.values() if order.close is None),
            order_sequence=max((order.sequence for order in disk.orders.values()), default=0),
            quote_desks=tuple(disk.quote_desks[key] for key in sorted(disk.quote_desks)),
            risk=deepcopy(disk.risk),
            traded=_traded(disk),
        )

    async def append(self, lease: Lease, batch: Batch) -> None:
        """Make a batch durable, in the order of offsets without a gap.

        Raises:
            LeaseLostError: the lease was taken over; nothing was written.
            CommitFailedError: the batch is one that the tables refuse; nothing was written.
        """
        if self._lease != lease or self._disk.lease != lease:
            self.die()
            raise LeaseLostError(f"The lease {lease.version} is not held any more.")
        fault = _find_fault(self._disk, batch)
        if fault is not None:
            self.die()
            raise CommitFailedError(f"A commit failed: {fault}.")
        _write(self._disk, batch)

    async def events_after(self, offset: int, limit: int) -> list[LoggedEvent]:
        """Return at most `limit` events later than `offset` that are still kept, in order."""
        return self._disk.after(offset)[:limit]

    async def find_receipts(self, keys: Sequence[ReceiptKey]) -> dict[ReceiptKey, Receipt]:
        """Return the stored receipts among `keys`."""
        receipts = self._disk.receipts
        return {key: receipts[key] for key in keys if key in receipts}


def _find_fault(disk: MemoryDisk, batch: Batch) -> str | None:
    """Name what PostgreSQL's constraints would refuse about a batch."""
    for due, logged in enumerate(batch.events, start=disk.last_offset + 1):
        if logged.offset != due:
            return f"offset {logged.offset} where {due} is due"
        if isinstance(logged.event, UniverseCreated) and disk.universe is not None:
            return "the universe exists already"
    keys = [receipt.key for receipt in batch.receipts]
    if len(set(keys)) < len(keys) or any(key in disk.receipts for key in keys):
        return "a command has a receipt already"
    for account in batch.accounts:
        if account.balance < 0 and account.account not in UNLIMITED_ACCOUNTS:
            return f"{account.account} would owe {-account.balance}"
    for player in batch.players:
        if disk.ship_owners.get(player.ship_id, player.player_id) != player.player_id:
            return f"{player.ship_id} belongs to another player"
        lots = [lot for _, lots in player.cargo for lot in lots]
        if any(lot.quantity <= 0 for lot in lots):
            return f"{player.player_id} would carry an empty lot"
        if player.turns.count < 0:
            return f"{player.player_id} would owe turns"
        if player.docked_port_id is not None and player.journey is not None:
            return f"{player.ship_id} would be docked and under way"
    return None


def _write(disk: MemoryDisk, batch: Batch) -> None:
    for logged in batch.events:
        disk.log.append(logged)
        disk.last_offset = logged.offset
        event = logged.event
        if isinstance(event, OrderPlaced):
            disk.orders[event.order_id] = placed_order(event)
        if isinstance(event, UniverseCreated):
            disk.universe = event
            disk.checkpoint = StockCheckpoint(
                logged.offset, event.tick, event.stocks, (0,) * len(event.ports)
            )
            disk.haulers = {
                spec.hauler_id: HaulerRow(spec.hauler_id, spec.home_port_id, calls_at, None)
                for spec, calls_at in zip(event.haulers, event.first_calls, strict=True)
            }
    disk.receipts.update((receipt.key, receipt) for receipt in batch.receipts)
    disk.players.update((player.player_id, player) for player in batch.players)
    disk.ship_owners.update((player.ship_id, player.player_id) for player in batch.players)
    disk.accounts.update((account.account, account) for account in batch.accounts)
    disk.automations.update((row.player_id, row) for row in batch.automations)
    _keep_verdicts(disk, batch)
    disk.haulers.update((hauler.hauler_id, hauler) for hauler in batch.haulers)
    disk.quote_desks.update((desk.player_id, desk) for desk in batch.quote_desks)
    for progress in batch.order_progress:
        disk.orders[progress.order_id] = replace(
            disk.orders[progress.order_id],
            filled=progress.filled,
            filled_credits=progress.filled_credits,
            close=progress.close,
        )
    if batch.risk is not None:
        disk.risk = batch.risk
    disk.tick_prices.update((prices.tick, prices) for prices in batch.tick_prices)
    disk.index_candles.update(
        ((candle.interval, candle.start), candle) for candle in batch.index_candles
    )
    disk.port_candles.update(
        ((candle.port_index, candle.start), candle) for candle in batch.port_candles
    )
    for logged in batch.events:
        if isinstance(logged.event, StockCheckpointed):
            _checkpoint(disk, logged.offset, logged.event)


def _keep_verdicts(disk: MemoryDisk, batch: Batch) -> None:
    """Keep the latest of each verdict on each rule that exists."""
    if not batch.verdicts and not batch.automations:
        return
    for verdict in batch.verdicts:
        disk.verdict_serial += 1
        kept = disk.verdicts.setdefault(verdict.rule_id, [])
        kept.append(StoredVerdict(disk.verdict_serial, verdict))
        alike = [stored for stored in kept if stored.verdict.verdict is verdict.verdict]
        if len(alike) > RULE_TRACES_KEPT:
            kept.remove(alike[0])
    rules = {rule.rule_id for row in disk.automations.values() for rule in row.rules}
    for rule_id in disk.verdicts.keys() - rules:
        del disk.verdicts[rule_id]


def _checkpoint(disk: MemoryDisk, offset: int, event: StockCheckpointed) -> None:
    """Take the checkpoint over and forget what it makes dispensable."""
    disk.checkpoint = StockCheckpoint(offset, event.tick, event.stocks, event.versions)
    oldest = event.tick - TICKS_KEPT
    disk.log = [
        logged
        for logged in disk.log
        if not isinstance(logged.event, TickAdvanced)
        or logged.event.tick >= oldest
        or logged.offset >= offset
    ]
    disk.deals_since = Tick(event.tick - HAULER_DEALS_KEPT)
    disk.tick_prices = {tick: prices for tick, prices in disk.tick_prices.items() if tick >= oldest}
    disk.receipts = {
        key: receipt
        for key, receipt in disk.receipts.items()
        if receipt.status == "executed" or receipt.decided_at >= event.at - REJECTIONS_KEPT_MICROS
    }


def _market_tail(disk: MemoryDisk, offset: int) -> tuple[MarketEvent, ...]:
    """Return what moved the market since a checkpoint; of trades, each good's last at each port."""
    later = [
        (logged.offset, logged.event)
        for logged in disk.after(offset)
        if isinstance(logged.event, MarketEvent)
    ]
    last_trades: dict[tuple[PortId, Commodity], int] = {}
    for trade_offset, event in later:
        if isinstance(event, GoodsTraded):
            last_trades[event.port_id, event.commodity] = trade_offset
    kept = set(last_trades.values())
    return tuple(event for at, event in later if not isinstance(event, GoodsTraded) or at in kept)


def _volumes(disk: MemoryDisk, now: Tick) -> tuple[tuple[Tick, Commodity, int], ...]:
    units: Counter[tuple[Tick, Commodity]] = Counter()
    for logged in disk.log:
        event = logged.event
        if isinstance(event, GoodsTraded | HaulerCalled) and event.tick > now - TICKS_PER_GAME_DAY:
            for deal in event.deals if isinstance(event, HaulerCalled) else (event,):
                units[event.tick, deal.commodity] += deal.quantity
    return tuple((tick, commodity, units[tick, commodity]) for tick, commodity in sorted(units))


def _traded(disk: MemoryDisk) -> tuple[TradedMinute, ...]:
    """Sum what players traded, by the minute, in the day before the latest trade."""
    sums: dict[tuple[int, PlayerId, Commodity], list[int]] = {}
    for logged in disk.log:
        event = logged.event
        if not isinstance(event, GoodsTraded):
            continue
        for share in shares(event):
            key = event.at // SLOT_MICROS, share.player_id, event.commodity
            row = sums.setdefault(key, [0, 0, 0])
            for i, amount in enumerate((1, share.quantity, share.total_credits)):
                row[i] += amount
    latest = max((minute for minute, _, _ in sums), default=0)
    return tuple(
        TradedMinute(player_id, minute, commodity, *sums[minute, player_id, commodity])
        for minute, player_id, commodity in sorted(sums)
        if minute >= latest - SLOTS_PER_DAY
    )
