"""Prove that the log, the tables, the receipts and the money of a store agree.

The log is read once, in order, and folded with the same `apply` that the server uses. Ticks that
the store has forgotten are bridged by the next checkpoint of the stock: between the two, stock is
unknown and not judged.
"""

from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final, Protocol

from sectorwars.application.audit.hash_chain import ChainWalk
from sectorwars.application.rows import (
    OrderClose,
    OrderRow,
    Receipt,
    ReceiptKey,
    StoredState,
)
from sectorwars.application.state.market_transaction import MarketTransaction, transactions_of
from sectorwars.application.state.recovery import placed_order, restore
from sectorwars.application.state.reservations import Reservations
from sectorwars.application.state.trade_shares import shares
from sectorwars.application.writing.receipt_key import names_outcome, receipt_key
from sectorwars.domain.event import (
    Event,
    GoodsTraded,
    HaulerCalled,
    OrderClosed,
    OrderPlaced,
    StockCheckpointed,
    TickAdvanced,
    UniverseCreated,
)
from sectorwars.domain.ids import OrderId
from sectorwars.domain.ledger import (
    UNLIMITED_ACCOUNTS,
    Posting,
    UnbalancedPostingsError,
    player_account,
)
from sectorwars.engine.apply import apply
from sectorwars.engine.world import World

_CHUNK: Final = 2_000
"""Records that are looked at between two reports of progress and two queries for receipts."""
_FINDINGS_SHOWN: Final = 3

Progress = Callable[[int, int], None]
"""Called with how many records of the log have been read, and how many there are."""


@dataclass(frozen=True, slots=True)
class LogHeads:
    """Where a store says that its log ends, and which ticks it has forgotten."""

    last_offset: int
    event_hash: bytes
    tick_hash: bytes
    ticks_forgotten: int
    forgotten_offset: int
    forgotten_tick_hash: bytes


@dataclass(frozen=True, slots=True)
class LogRecord:
    """A stored record of the log; `event` is its payload decoded, or the fault in it."""

    offset: int
    payload: bytes
    hash: bytes
    event: Event | str
    is_tick: bool


class StoreSnapshot(Protocol):
    """A store as it was at one moment."""

    async def heads(self) -> LogHeads:
        """Return where the log ends."""
        ...

    def records(self) -> AsyncIterator[LogRecord]:
        """Yield the kept records of both logs in the order of their offsets."""
        ...

    def transactions(self) -> AsyncIterator[MarketTransaction]:
        """Yield the rows of `market_transactions` in the order of their offsets."""
        ...

    async def find_receipts(self, keys: Sequence[ReceiptKey]) -> dict[ReceiptKey, Receipt]:
        """Return the stored receipts among `keys`."""
        ...

    async def find_orders(self, order_ids: Sequence[OrderId]) -> dict[OrderId, OrderRow]:
        """Return the stored orders among `order_ids`."""
        ...

    async def orders(self) -> int:
        """Count the orders, open and closed."""
        ...

    async def executed_receipts(self) -> int:
        """Count the receipts of executed commands."""
        ...

    async def load(self) -> StoredState | None:
        """Return the tables."""
        ...


class Claim(StrEnum):
    """What is proven; the value is the claim in words."""

    EVENT_CHAIN = "the event log's hash chain is whole"
    TICK_CHAIN = "the tick log's hash chain is whole"
    OFFSETS = "no offset is missing from the log"
    TABLES = "folding the log gives the tables"
    TRADES = "every trade is in market_transactions exactly once for each who had a part in it"
    ORDERS = "every closed order's row says what its events say"
    RECEIPTS = "every executed command has exactly one receipt and one event"
    LEDGER = "all accounts sum to zero after every event"
    BOUNDS = "no stock, cargo or credits were ever negative"
    RESERVED = "just what open orders and live quotes need was ever reserved"
    PROFIT = "each player's profit is the sum of his trades' profits"


@dataclass(slots=True)
class Proof:
    """A claim, how much was looked at, and what speaks against it."""

    claim: Claim
    looked_at: str = ""
    findings: int = 0
    examples: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """Return whether nothing speaks against the claim."""
        return self.findings == 0

    def refute(self, finding: str) -> None:
        """Note something that speaks against the claim; the first few are kept in words."""
        self.findings += 1
        if len(self.examples) < _FINDINGS_SHOWN:
            self.examples.append(finding)


async def verify(snapshot: StoreSnapshot, progress: Progress) -> list[Proof]:
    """Prove every claim about a store; the log is streamed, the world is held in memory."""
    return await _Verification(snapshot, progress).run()


class _Verification:
    def __init__(self, snapshot: StoreSnapshot, progress: Progress) -> None:
        self._snapshot = snapshot
        self._progress = progress
        self._proofs = {claim: Proof(claim) for claim in Claim}
        self._world: World | None = None
        self._fold_failed = False
        self._stock_is_known = True
        self._rows = snapshot.transactions()
        self._row: MarketTransaction | None = None
        self._reservations = Reservations()
        self._placed: dict[OrderId, OrderRow] = {}
        self._closed: list[OrderRow] = []
        self._profits: Counter[str] = Counter()
        self._last_key: ReceiptKey | None = None
        self._events = self._ticks = self._trades = self._commands = self._postings = 0
        self._orders = 0

    async def run(self) -> list[Proof]:
        heads = await self._snapshot.heads()
        events, ticks = ChainWalk(), ChainWalk(heads.forgotten_tick_hash)
        previous = missing = read = 0
        commanded: list[tuple[ReceiptKey, Event]] = []
        await self._next_row()
        async for record in self._snapshot.records():
            missing += self._check_offset(previous, record.offset, heads)
            previous = record.offset
            if record.is_tick:
                self._ticks += 1
                self._check_link(Claim.TICK_CHAIN, ticks, record)
            else:
                self._events += 1
                self._check_link(Claim.EVENT_CHAIN, events, record)
            if isinstance(record.event, str):
                self._refute(Claim.TABLES, f"offset {record.offset}: {record.event}")
                self._fold_failed = True
            else:
                self._fold(record.offset, record.event)
                key = receipt_key(record.event)
                # One command may close several orders; its events follow each other.
                if key is not None and key != self._last_key:
                    commanded.append((key, record.event))
                    self._last_key = key
                self._follow_order(record.event)
                if isinstance(record.event, GoodsTraded):
                    await self._check_transactions(record.offset, record.event)
            read += 1
            if len(commanded) + len(self._closed) >= _CHUNK:
                await self._check_receipts(commanded)
                commanded.clear()
                await self._check_closed_orders()
            if read % _CHUNK == 0:
                self._progress(read, heads.last_offset - heads.ticks_forgotten)
        await self._check_receipts(commanded)
        await self._check_closed_orders()
        await self._check_order_count()
        await self._check_surplus_rows()
        self._check_heads(heads, previous, missing, events.hash, ticks.hash)
        await self._check_receipt_count()
        await self._compare_tables()
        self._describe(heads)
        return list(self._proofs.values())

    def _refute(self, claim: Claim, finding: str) -> None:
        self._proofs[claim].refute(finding)

    def _check_offset(self, previous: int, offset: int, heads: LogHeads) -> int:
        """Return how many offsets are missing before a record; only forgotten ticks may be."""
        missing = offset - previous - 1
        if missing:
            self._stock_is_known = False
            if offset - 1 > heads.forgotten_offset:
                self._refute(Claim.OFFSETS, f"{missing} missing before offset {offset}")
        return missing

    def _check_link(self, claim: Claim, chain: ChainWalk, record: LogRecord) -> None:
        if not chain.follow(record.offset, record.payload, record.hash):
            self._refute(claim, f"the record at offset {record.offset} breaks it")

    def _check_heads(
        self, heads: LogHeads, last: int, missing: int, event_hash: bytes, tick_hash: bytes
    ) -> None:
        if last != heads.last_offset:
            self._refute(
                Claim.OFFSETS, f"the log ends at {last}, its head says {heads.last_offset}"
            )
        if missing != heads.ticks_forgotten:
            self._refute(
                Claim.OFFSETS,
                f"{missing} are missing, {heads.ticks_forgotten} ticks were forgotten",
            )
        if event_hash != heads.event_hash:
            self._refute(Claim.EVENT_CHAIN, "its end is not the one that its head names")
        if tick_hash != heads.tick_hash:
            self._refute(Claim.TICK_CHAIN, "its end is not the one that its head names")

    def _fold(self, offset: int, event: Event) -> None:
        if self._fold_failed:
            return
        postings: tuple[Posting, ...] = getattr(event, "postings", ())
        self._postings += len(postings)
        if isinstance(event, UniverseCreated) and self._world is None:
            self._world = World(event.seed, event.tick)
        world = self._world
        if world is None:
            self._refute(Claim.TABLES, f"the log begins with {type(event).__name__}")
            self._fold_failed = True
            return
        if isinstance(event, StockCheckpointed):
            self._check_checkpoint(offset, world, event)
        try:
            apply(world, event)
        except UnbalancedPostingsError:
            self._refute(Claim.LEDGER, f"the postings at offset {offset} do not sum to zero")
            self._fold_failed = True
            return
        except (KeyError, ValueError, IndexError) as error:
            self._refute(
                Claim.TABLES, f"offset {offset}: {type(event).__name__} cannot apply ({error})"
            )
            self._fold_failed = True
            return
        self._check_bounds(offset, world, event)
        for fault in self._reservations.faults(world, event, self._stock_is_known):
            self._refute(Claim.RESERVED, f"offset {offset}: {fault}")
        for account, _ in postings:
            if account not in UNLIMITED_ACCOUNTS and world.ledger.balances[account] < 0:
                self._refute(Claim.BOUNDS, f"offset {offset}: {account} is in debt")

    def _check_checkpoint(self, offset: int, world: World, event: StockCheckpointed) -> None:
        ports = world.ports_by_index
        stocks = tuple(tuple(port.stock) for port in ports)
        versions = tuple(port.version for port in ports)
        if self._stock_is_known and (stocks, versions) != (event.stocks, event.versions):
            self._refute(Claim.TABLES, f"offset {offset}: a checkpoint differs from the fold")
        self._stock_is_known = True

    def _check_bounds(self, offset: int, world: World, event: Event) -> None:
        if isinstance(event, GoodsTraded):
            # Of several orders of one owner only the last says where the trade leaves him.
            for share in {share.player_id: share for share in shares(event)}.values():
                units = world.players[share.player_id].ship.units(event.commodity)
                if min(units, event.stock_after) < 0:
                    self._refute(Claim.BOUNDS, f"offset {offset}: {share.trade_id} leaves a debt")
                balance = world.ledger.balance(player_account(share.player_id))
                if (units, balance) != (share.cargo_after, share.credits_after):
                    self._refute(
                        Claim.TABLES, f"offset {offset}: {share.trade_id} says other results"
                    )
        elif isinstance(event, HaulerCalled):
            if any(deal.stock_after < 0 for deal in event.deals):
                self._refute(Claim.BOUNDS, f"offset {offset}: {event.hauler_id} leaves a debt")
        elif (
            isinstance(event, TickAdvanced | StockCheckpointed | UniverseCreated)
            and self._stock_is_known
            and any(min(port.stock, default=0) < 0 for port in world.ports_by_index)
        ):
            self._refute(Claim.BOUNDS, f"offset {offset}: a port's stock is negative")

    def _follow_order(self, event: Event) -> None:
        match event:
            case OrderPlaced():
                self._orders += 1
                self._placed[event.order_id] = placed_order(event)
            case GoodsTraded():
                for share in shares(event):
                    row = self._placed.get(share.order_id) if share.order_id else None
                    if row is not None:
                        self._placed[row.order_id] = replace(
                            row,
                            filled=row.filled + share.quantity,
                            filled_credits=row.filled_credits + share.total_credits,
                        )
            case OrderClosed():
                row = self._placed.pop(event.order_id, None)
                if row is None:
                    self._refute(Claim.ORDERS, f"{event.order_id} is closed but was not open")
                    return
                if (row.filled, row.filled_credits) != (event.filled, event.filled_credits):
                    self._refute(Claim.ORDERS, f"{event.order_id} was filled otherwise")
                self._closed.append(replace(row, close=OrderClose(event.at, event.reason)))
            case _:
                pass

    async def _check_closed_orders(self) -> None:
        stored = await self._snapshot.find_orders([row.order_id for row in self._closed])
        for row in self._closed:
            if stored.get(row.order_id) != row:
                self._refute(Claim.ORDERS, f"the row of {row.order_id} differs from its events")
        self._closed.clear()

    async def _check_order_count(self) -> None:
        rows = await self._snapshot.orders()
        if rows != self._orders:
            self._refute(Claim.ORDERS, f"{rows} rows for {self._orders} orders placed")

    async def _check_transactions(self, offset: int, trade: GoodsTraded) -> None:
        self._trades += 1
        for expected in transactions_of(offset, trade):
            place = (expected.offset, expected.crossing)
            while self._row is not None and (self._row.offset, self._row.crossing) < place:
                self._refute(Claim.TRADES, f"the row {self._row.trade_id} has no event")
                await self._next_row()
            if self._row is None or (self._row.offset, self._row.crossing) != place:
                self._refute(Claim.TRADES, f"the row of {expected.trade_id} is missing")
                continue
            if self._row != expected:
                self._refute(Claim.TRADES, f"the row of {expected.trade_id} differs from its event")
            await self._next_row()

    async def _next_row(self) -> None:
        self._row = await anext(self._rows, None)
        if self._row is not None:
            self._profits[self._row.player_id] += self._row.profit_credits or 0

    async def _check_surplus_rows(self) -> None:
        while self._row is not None:
            self._refute(Claim.TRADES, f"the row {self._row.trade_id} has no event")
            await self._next_row()

    async def _check_receipts(self, commanded: Sequence[tuple[ReceiptKey, Event]]) -> None:
        self._commands += len(commanded)
        receipts = await self._snapshot.find_receipts([key for key, _ in commanded])
        for key, event in commanded:
            receipt = receipts.get(key)
            if receipt is None or receipt.status != "executed":
                self._refute(Claim.RECEIPTS, f"{key.command_id} of {key.player_id} has none")
            elif not names_outcome(receipt, event):
                self._refute(Claim.RECEIPTS, f"{key.command_id} names another outcome")

    async def _check_receipt_count(self) -> None:
        receipts = await self._snapshot.executed_receipts()
        if receipts != self._commands:
            self._refute(
                Claim.RECEIPTS, f"{receipts} receipts for {self._commands} executed commands"
            )

    async def _compare_tables(self) -> None:
        state = await self._snapshot.load()
        world = self._world
        if self._fold_failed or (state is None and world is None):
            return
        if state is None or world is None:
            self._refute(Claim.TABLES, "the log and the tables do not both hold a universe")
            return
        tables = restore(state)
        if world.ledger.total() != 0 or tables.ledger.total() != 0:
            self._refute(Claim.LEDGER, "the balances do not sum to zero")
        for player in tables.players.values():
            summed = self._profits[player.player_id]
            if player.realised_profit_credits != summed:
                self._refute(Claim.PROFIT, f"{player.player_id}'s trades sum to {summed}")
        for difference in _differences(world, tables):
            self._refute(Claim.TABLES, difference)

    def _describe(self, heads: LogHeads) -> None:
        world = self._world
        players = len(world.players) if world else 0
        ports = len(world.ports_by_index) if world else 0
        accounts = len(world.ledger.balances) if world else 0
        kept = f"{self._ticks} kept, {heads.ticks_forgotten} forgotten"
        for claim, looked_at in {
            Claim.EVENT_CHAIN: f"{self._events} events",
            Claim.TICK_CHAIN: f"ticks: {kept}",
            Claim.OFFSETS: f"offsets 1 to {heads.last_offset}",
            Claim.TABLES: f"{players} players, {ports} ports, {accounts} accounts",
            Claim.TRADES: f"{self._trades} trades",
            Claim.RECEIPTS: f"{self._commands} commands",
            Claim.LEDGER: f"{self._postings} postings, {accounts} accounts",
            Claim.BOUNDS: f"{self._events + self._ticks} records",
            Claim.ORDERS: f"{self._orders} orders",
            Claim.RESERVED: f"{len(self._placed)} open orders",
            Claim.PROFIT: f"{len(self._profits)} traders",
        }.items():
            self._proofs[claim].looked_at = looked_at


def _differences(folded: World, tables: World) -> Iterator[str]:
    """Name what is not the same in two worlds that should be."""
    if (folded.seed, folded.tick) != (tables.seed, tables.tick):
        yield f"seed and tick are {tables.seed}, {tables.tick}, not {folded.seed}, {folded.tick}"
    if folded.sectors != tables.sectors:
        yield "the sectors differ"
    if [port.spec for port in folded.ports_by_index] != [p.spec for p in tables.ports_by_index]:
        yield "the ports differ"
    for port, stored in zip(folded.ports_by_index, tables.ports_by_index, strict=False):
        if (port.stock, port.version) != (stored.stock, stored.version):
            yield f"the stock of port {port.spec.port_id} differs"
    for player_id in folded.players.keys() | tables.players.keys():
        if folded.players.get(player_id) != tables.players.get(player_id):
            yield f"player {player_id} differs"
    if (folded.order_sequence, folded.risk) != (tables.order_sequence, tables.risk):
        yield "the orders' sequence or the risk gate differs"
    if folded.tape.totals != tables.tape.totals:
        yield "the goods traded in the last 24 game hours differ"
    for hauler_id in folded.haulers.keys() | tables.haulers.keys():
        if folded.haulers.get(hauler_id) != tables.haulers.get(hauler_id):
            yield f"hauler {hauler_id} differs"
    balances, stored_balances = folded.ledger.balances, tables.ledger.balances
    for account in balances.keys() | stored_balances.keys():
        if balances.get(account) != stored_balances.get(account):
            yield f"{account} holds {stored_balances.get(account)}, not {balances.get(account)}"
