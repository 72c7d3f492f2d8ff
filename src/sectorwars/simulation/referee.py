"""The judge: compares what is durable with its own books and with what players were told."""

from typing import Final

from sectorwars.application.rows import (
    Batch,
    LoggedEvent,
    Receipt,
    ReceiptKey,
)
from sectorwars.domain.event import (
    Event,
    GoodsTraded,
    JourneyCompleted,
    OperatorEvent,
    OrderClosed,
    OrderEvent,
    PlayerEvent,
    QuoteClosed,
    QuoteEvent,
    UniverseCreated,
)
from sectorwars.domain.values import UnixMicros
from sectorwars.engine.apply import apply
from sectorwars.engine.world import World
from sectorwars.persistence.memory.disk import MemoryDisk
from sectorwars.simulation.automation_books import AutomationBooks
from sectorwars.simulation.digest import differences
from sectorwars.simulation.findings import Findings
from sectorwars.simulation.market_books import MarketBooks
from sectorwars.simulation.order_books import OrderBooks
from sectorwars.simulation.quote_books import QuoteBooks
from sectorwars.simulation.risk_books import RiskBooks


def command_name(key: ReceiptKey) -> str:
    """Name a command in a finding."""
    return f"{key.command_id} of {key.player_id}"


class Referee:
    """Sees each batch as it becomes durable and each answer as it is given.

    Beside its books it folds the log into a world of its own, with the engine's `apply`.
    """

    def __init__(self, findings: Findings) -> None:
        """Report to `findings`."""
        self._check = findings.check
        self.world: World | None = None
        self.receipts: dict[ReceiptKey, Receipt] = {}
        self._executed: dict[ReceiptKey, int] = {}
        self._fired: set[ReceiptKey] = set()
        self._told: dict[ReceiptKey, Receipt] = {}
        self._latest_key: ReceiptKey | None = None
        self._last_offset = 0
        self._latest_at: UnixMicros | None = None
        market = MarketBooks(findings)
        risk = RiskBooks(findings)
        self._automation = AutomationBooks(findings, market)
        self._quotes = QuoteBooks(findings, market)
        self._orders = OrderBooks(findings, market, risk)
        # In this order: what trades is judged on the market as it was before.
        self._books: Final = (self._automation, self._quotes, self._orders, risk, market)

    @property
    def trades(self) -> int:
        """Return how many trades are durable."""
        players = self.world.players.values() if self.world else ()
        return sum(player.trade_serial for player in players)

    @property
    def fired(self) -> int:
        """Return how many of them rules have made."""
        return self._automation.fired

    @property
    def fills(self) -> int:
        """Return how often open orders were filled, in part or in full."""
        return self._orders.fills

    def is_executed(self, key: ReceiptKey) -> bool:
        """Return whether the log holds the outcome of this command."""
        return key in self._executed

    def offset_of(self, key: ReceiptKey) -> int:
        """Return the offset of a command's outcome, or 0 where it has none."""
        return self._executed.get(key, 0)

    def begin_life(self) -> None:
        """A process has started: until the next one, time does not go back."""
        self._latest_at = None

    def see_durable(self, batch: Batch) -> None:
        """Judge what has just become durable."""
        self._automation.hear(batch.verdicts)
        for logged in batch.events:
            self._check(
                logged.offset == self._last_offset + 1,
                f"offset {logged.offset} follows {self._last_offset}",
            )
            self._last_offset = logged.offset
            self._see_time(logged)
            for books in self._books:
                books.see(logged.event)
            if isinstance(logged.event, GoodsTraded | OrderEvent | QuoteEvent):
                self._orders.see_reserves()
                self._quotes.see_reserves()
            self._note_outcome(logged)
            self._fold(logged)
        self._automation.close_batch()
        for receipt in batch.receipts:
            name = command_name(receipt.key)
            self._check(receipt.key not in self.receipts, f"two receipts for {name}")
            self.receipts[receipt.key] = receipt
            self._check(
                (receipt.status == "executed") == (receipt.key in self._executed),
                f"the receipt of {name} says {receipt.status}, the log says otherwise",
            )

    def see_answer(self, receipt: Receipt) -> None:
        """Judge a receipt that a player has just been given."""
        told = self._told.setdefault(receipt.key, receipt)
        self._check(told == receipt, f"two different answers to {command_name(receipt.key)}")
        self._check(
            self.receipts.get(receipt.key) == receipt,
            f"the answer to {command_name(receipt.key)} was given before it was durable",
        )

    def see_world(self, name: str, world: World) -> None:
        """Judge a world that must be what the durable log makes."""
        if self.world is None:
            self._check(False, f"{name} is there before any universe is durable")
            return
        for part in differences(world, self.world):
            self._check(False, f"{name} differs from the replayed log in its {part}")

    def close(self, disk: MemoryDisk) -> None:
        """Judge, at the end, whether each outcome has its receipt and each promise was kept."""
        for key in sorted(self._executed, key=str):
            self._check(
                key in self.receipts, f"{command_name(key)} was executed and has no receipt"
            )
            self._check(
                disk.receipts.get(key) == self.receipts.get(key),
                f"the receipt of {command_name(key)} is not in the store any more",
            )
        for key, receipt in self._told.items():
            self._check(
                (receipt.status == "executed") == (key in self._executed),
                f"{command_name(key)} was told to be {receipt.status}, the log says otherwise",
            )
        self._check(disk.last_offset == self._last_offset, "the store has lost its latest events")

    def _see_time(self, logged: LoggedEvent) -> None:
        if not isinstance(logged.event, UniverseCreated):
            at = logged.event.at
            if not isinstance(logged.event, OrderClosed | QuoteClosed | JourneyCompleted):
                self._orders.see_clock(at)
                self._quotes.see_clock(at)
            self._check(
                self._latest_at is None or at >= self._latest_at,
                f"time goes back at offset {logged.offset}",
            )
            self._latest_at = at

    def _note_outcome(self, logged: LoggedEvent) -> None:
        """Count the outcomes of players' commands, and the trades of rules, once each."""
        key = _outcome_key(logged.event)
        if key is None:
            return
        # One cancel may close many orders.
        if not (isinstance(logged.event, OrderClosed) and key == self._latest_key):
            self._check(
                key not in self._executed and key not in self._fired,
                f"{command_name(key)} was executed twice",
            )
        self._latest_key = key
        if isinstance(logged.event, GoodsTraded) and logged.event.rule_id is not None:
            self._fired.add(key)
        else:
            self._executed[key] = logged.offset

    def _fold(self, logged: LoggedEvent) -> None:
        event = logged.event
        if self.world is None and isinstance(event, UniverseCreated):
            self.world = World(event.seed, event.tick)
        if self.world is not None:
            apply(self.world, event)


def _outcome_key(event: Event) -> ReceiptKey | None:
    """Return the command whose outcome an event is; fills of open orders are nobody's."""
    if isinstance(event, OperatorEvent):
        return ReceiptKey(event.operator_id, event.command_id)
    if not isinstance(event, PlayerEvent) or (
        isinstance(event, GoodsTraded) and event.order_id is not None
    ):
        return None
    command_id = getattr(event, "command_id", None)
    return None if command_id is None else ReceiptKey(event.player_id, command_id)
