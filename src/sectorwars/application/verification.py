"""Prove that the log, the tables, the receipts and the money of a store agree.

The log is read once, in order, and folded with the same `apply` that the server uses. Ticks that
the store has forgotten are bridged by the next checkpoint of the stock: between the two, stock is
unknown and not judged.
"""

import json
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Protocol

from sectorwars.application.hash_chain import ChainWalk
from sectorwars.application.ports import Receipt, ReceiptKey, StoredState
from sectorwars.application.recovery import restore
from sectorwars.domain.event import (
    AutomationSwitched,
    Event,
    GoodsTraded,
    HaulerCalled,
    JourneyStarted,
    PlayerRegistered,
    RuleCreated,
    RuleDeleted,
    RuleToggled,
    ShipDocked,
    ShipUndocked,
    StockCheckpointed,
    TickAdvanced,
    UniverseCreated,
)
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

_CommandedEvent = (
    PlayerRegistered
    | ShipDocked
    | ShipUndocked
    | JourneyStarted
    | GoodsTraded
    | RuleCreated
    | RuleDeleted
    | RuleToggled
    | AutomationSwitched
)
"""What a player's command leaves behind; a trade that a rule made has no receipt."""

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


@dataclass(frozen=True, slots=True)
class MarketTransaction:
    """A row of `market_transactions`; `real_time_price_cents` is the mean price of a unit."""

    offset: int
    trade_id: str
    player_id: str
    port_id: str
    side: str
    commodity: str
    quantity: int
    total_credits: int
    fees_credits: int
    profit_credits: int | None
    real_time_price_cents: int
    volume_24h: int
    stock_after: int
    market_version: int
    tick: int
    executed_at: int
    rule_id: str | None = None


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
    TRADES = "every trade is in market_transactions exactly once"
    RECEIPTS = "every executed command has exactly one receipt and one event"
    LEDGER = "all accounts sum to zero after every event"
    BOUNDS = "no stock, cargo or credits were ever negative"


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
        self._events = self._ticks = self._trades = self._commands = self._postings = 0

    async def run(self) -> list[Proof]:
        heads = await self._snapshot.heads()
        events, ticks = ChainWalk(), ChainWalk(heads.forgotten_tick_hash)
        previous = missing = read = 0
        commanded: list[_CommandedEvent] = []
        self._row = await anext(self._rows, None)
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
                if isinstance(record.event, _CommandedEvent) and not (
                    isinstance(record.event, GoodsTraded) and record.event.rule_id
                ):
                    commanded.append(record.event)
                if isinstance(record.event, GoodsTraded):
                    await self._check_transaction(record.offset, record.event)
            read += 1
            if len(commanded) >= _CHUNK:
                await self._check_receipts(commanded)
                commanded.clear()
            if read % _CHUNK == 0:
                self._progress(read, heads.last_offset - heads.ticks_forgotten)
        await self._check_receipts(commanded)
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
            units = world.players[event.player_id].ship.units(event.commodity)
            if min(units, event.stock_after) < 0:
                self._refute(Claim.BOUNDS, f"offset {offset}: {event.trade_id} leaves a debt")
            balance = world.ledger.balance(player_account(event.player_id))
            if (units, balance) != (event.cargo_after, event.credits_after):
                self._refute(Claim.TABLES, f"offset {offset}: {event.trade_id} says other results")
        elif isinstance(event, HaulerCalled):
            if any(deal.stock_after < 0 for deal in event.deals):
                self._refute(Claim.BOUNDS, f"offset {offset}: {event.hauler_id} leaves a debt")
        elif (
            isinstance(event, TickAdvanced | StockCheckpointed | UniverseCreated)
            and self._stock_is_known
            and any(min(port.stock, default=0) < 0 for port in world.ports_by_index)
        ):
            self._refute(Claim.BOUNDS, f"offset {offset}: a port's stock is negative")

    async def _check_transaction(self, offset: int, trade: GoodsTraded) -> None:
        self._trades += 1
        while self._row is not None and self._row.offset < offset:
            self._refute(Claim.TRADES, f"the row {self._row.trade_id} has no event")
            self._row = await anext(self._rows, None)
        if self._row is None or self._row.offset != offset:
            self._refute(Claim.TRADES, f"the row of {trade.trade_id} is missing")
            return
        if self._row != _transaction(offset, trade):
            self._refute(Claim.TRADES, f"the row of {trade.trade_id} differs from its event")
        self._row = await anext(self._rows, None)

    async def _check_surplus_rows(self) -> None:
        while self._row is not None:
            self._refute(Claim.TRADES, f"the row {self._row.trade_id} has no event")
            self._row = await anext(self._rows, None)

    async def _check_receipts(self, events: Sequence[_CommandedEvent]) -> None:
        self._commands += len(events)
        keys = [ReceiptKey(event.player_id, event.command_id) for event in events]
        receipts = await self._snapshot.find_receipts(keys)
        for key, event in zip(keys, events, strict=True):
            receipt = receipts.get(key)
            if receipt is None or receipt.status != "executed":
                self._refute(Claim.RECEIPTS, f"{key.command_id} of {key.player_id} has none")
            elif isinstance(event, GoodsTraded) and _trade_id(receipt) != event.trade_id:
                self._refute(Claim.RECEIPTS, f"{key.command_id} names another trade")

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
        }.items():
            self._proofs[claim].looked_at = looked_at


def _transaction(offset: int, trade: GoodsTraded) -> MarketTransaction:
    return MarketTransaction(
        offset=offset,
        trade_id=trade.trade_id,
        player_id=trade.player_id,
        port_id=trade.port_id,
        side=trade.side.value,
        commodity=trade.commodity.value,
        quantity=trade.quantity,
        total_credits=trade.total_credits,
        fees_credits=trade.fees_credits,
        profit_credits=trade.profit_credits,
        # Rounded half up, as the column is.
        real_time_price_cents=(200 * trade.total_credits + trade.quantity) // (2 * trade.quantity),
        volume_24h=min(trade.volume_24h, 2**31 - 1),
        stock_after=trade.stock_after,
        market_version=trade.market_version,
        tick=trade.tick,
        executed_at=trade.at,
        rule_id=trade.rule_id,
    )


def _trade_id(receipt: Receipt) -> str | None:
    try:
        trade_id: str = json.loads(receipt.body)["trade"]["trade_id"]
    except (ValueError, KeyError, TypeError):
        return None
    return trade_id


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
    if folded.tape.totals != tables.tape.totals:
        yield "the goods traded in the last 24 game hours differ"
    for hauler_id in folded.haulers.keys() | tables.haulers.keys():
        if folded.haulers.get(hauler_id) != tables.haulers.get(hauler_id):
            yield f"hauler {hauler_id} differs"
    balances, stored_balances = folded.ledger.balances, tables.ledger.balances
    for account in balances.keys() | stored_balances.keys():
        if balances.get(account) != stored_balances.get(account):
            yield f"{account} holds {stored_balances.get(account)}, not {balances.get(account)}"
