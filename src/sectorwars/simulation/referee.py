"""The judge: keeps its own books of what is durable and of what players were told."""

from collections import Counter
from typing import Final

from sectorwars.application.ports import Batch, Receipt, ReceiptKey
from sectorwars.domain.commodity import COMMODITY_SPECS, Commodity
from sectorwars.domain.event import (
    Event,
    GoodsTraded,
    HaulerCalled,
    JourneyStarted,
    PlayerRegistered,
    ShipDocked,
    ShipUndocked,
    StockCheckpointed,
    TickAdvanced,
    UniverseCreated,
)
from sectorwars.domain.ids import AccountId, HaulerId, PlayerId, PortId
from sectorwars.domain.ledger import UNLIMITED_ACCOUNTS, player_account
from sectorwars.domain.market import Side, ask_price, bid_price, trade_tax
from sectorwars.domain.port import PortGood, PortSpec
from sectorwars.domain.ship import CARGO_CAPACITY, ShipClass
from sectorwars.engine.apply import apply
from sectorwars.engine.world import World
from sectorwars.simulation.digest import differences

FINDINGS_MAX: Final = 20
"""A run ends after so many findings."""


class Findings:
    """What a simulation has found to be wrong; the same sentence counts once."""

    def __init__(self) -> None:
        """Start without any."""
        self.sentences: list[str] = []

    def add(self, sentence: str) -> None:
        """Note something that must not be."""
        if sentence not in self.sentences and not self.full:
            self.sentences.append(sentence)

    @property
    def full(self) -> bool:
        """Return whether there is no need to look further."""
        return len(self.sentences) >= FINDINGS_MAX


class Referee:
    """Sees each batch as it becomes durable and each answer as it is given.

    Its books of stock, money and cargo are plain sums, kept apart from the engine; prices it
    reckons one unit at a time. Beside them it folds the log into a world of its own.
    """

    def __init__(self, findings: Findings) -> None:
        """Report to `findings`."""
        self._findings = findings
        self.world: World | None = None
        self.receipts: dict[ReceiptKey, Receipt] = {}
        self._executed: set[ReceiptKey] = set()
        self._told: dict[ReceiptKey, Receipt] = {}
        self._last_offset = 0
        self._specs: dict[PortId, PortSpec] = {}
        self._stock: dict[PortId, dict[Commodity, int]] = {}
        self._versions: Counter[PortId] = Counter()
        self._balances: Counter[AccountId] = Counter()
        self._cargo: dict[PlayerId, Counter[Commodity]] = {}
        self._hold_sizes: dict[HaulerId, int] = {}
        self._holds: dict[HaulerId, Counter[Commodity]] = {}

    @property
    def trades(self) -> int:
        """Return how many trades are durable."""
        return (
            sum(player.trade_serial for player in self.world.players.values()) if self.world else 0
        )

    def is_executed(self, key: ReceiptKey) -> bool:
        """Return whether the log holds the outcome of this command."""
        return key in self._executed

    def see_durable(self, batch: Batch) -> None:
        """Judge what has just become durable."""
        for logged in batch.events:
            self._check(
                logged.offset == self._last_offset + 1,
                f"offset {logged.offset} follows {self._last_offset}",
            )
            self._last_offset = logged.offset
            self._judge(logged.event)
        for receipt in batch.receipts:
            self._check(receipt.key not in self.receipts, f"two receipts for {receipt.key}")
            self.receipts[receipt.key] = receipt
            self._check(
                (receipt.status == "executed") == (receipt.key in self._executed),
                f"the receipt of {receipt.key} says {receipt.status}, the log says otherwise",
            )

    def see_answer(self, receipt: Receipt) -> None:
        """Judge a receipt that a player has just been given."""
        told = self._told.setdefault(receipt.key, receipt)
        self._check(told == receipt, f"two different answers to {receipt.key}")
        self._check(
            self.receipts.get(receipt.key) == receipt,
            f"the answer to {receipt.key} was given before it was durable",
        )

    def see_world(self, name: str, world: World) -> None:
        """Judge a world that must be what the durable log makes."""
        if self.world is None:
            self._findings.add(f"{name} is there before any universe is durable")
            return
        for part in differences(world, self.world):
            self._findings.add(f"{name} differs from the replayed log in its {part}")

    def close(self) -> None:
        """Judge, at the end, whether each outcome has its receipt and each promise was kept."""
        for key in sorted(self._executed, key=str):
            self._check(key in self.receipts, f"{key} was executed and has no receipt")
        for key, receipt in self._told.items():
            self._check(
                (receipt.status == "executed") == (key in self._executed),
                f"{key} was told to be {receipt.status}, the log says otherwise",
            )

    def _check(self, good: bool, sentence: str) -> None:
        if not good:
            self._findings.add(sentence)

    def _judge(self, event: Event) -> None:
        self._judge_money(event)
        match event:
            case UniverseCreated():
                self._open(event)
            case GoodsTraded():
                self._judge_trade(event)
            case TickAdvanced():
                self._move_stock(event)
            case HaulerCalled():
                self._judge_call(event)
            case StockCheckpointed():
                self._compare_stock(event)
            case _:
                pass
        if isinstance(
            event, PlayerRegistered | ShipDocked | ShipUndocked | JourneyStarted | GoodsTraded
        ):
            key = ReceiptKey(event.player_id, event.command_id)
            self._check(key not in self._executed, f"{key} was executed twice")
            self._executed.add(key)
        if self.world is None:
            self.world = (
                World(event.seed, event.tick) if isinstance(event, UniverseCreated) else None
            )
        if self.world is not None:
            apply(self.world, event)

    def _judge_money(self, event: Event) -> None:
        postings = getattr(event, "postings", ())
        name = type(event).__name__
        self._check(sum(amount for _, amount in postings) == 0, f"{name} does not balance")
        for account, amount in postings:
            self._balances[account] += amount
        for account, _ in postings:
            self._check(
                self._balances[account] >= 0 or account in UNLIMITED_ACCOUNTS,
                f"{name} leaves {account} in debt",
            )

    def _open(self, event: UniverseCreated) -> None:
        self._hold_sizes = {hauler.hauler_id: hauler.hold for hauler in event.haulers}
        for spec, stock in zip(event.ports, event.stocks, strict=True):
            self._specs[spec.port_id] = spec
            self._stock[spec.port_id] = {
                good.commodity: units for good, units in zip(spec.goods, stock, strict=True)
            }

    def _move_stock(self, event: TickAdvanced) -> None:
        for spec, deltas in zip(self._specs.values(), event.deltas, strict=True):
            stock = self._stock[spec.port_id]
            for good, delta in zip(spec.goods, deltas, strict=True):
                stock[good.commodity] += delta
                self._check(stock[good.commodity] >= 0, f"a tick leaves {spec.port_id} in debt")
            self._versions[spec.port_id] += any(deltas)

    def _compare_stock(self, event: StockCheckpointed) -> None:
        stocks = tuple(tuple(stock.values()) for stock in self._stock.values())
        self._check(event.stocks == stocks, "a checkpoint has another stock than the log")
        versions = tuple(self._versions[port_id] for port_id in self._specs)
        self._check(event.versions == versions, "a checkpoint has other versions than the log")

    def _judge_trade(self, event: GoodsTraded) -> None:
        name = event.trade_id
        good = next(g for g in self._specs[event.port_id].goods if g.commodity is event.commodity)
        stock = self._stock[event.port_id]
        prices = _unit_prices(good, stock[good.commodity], event.side, event.quantity)
        fills = [fill.price_credits for fill in event.fills for _ in range(fill.quantity)]
        self._check(fills == prices, f"{name} has other prices than the curve")
        self._check(event.total_credits == sum(fills), f"{name} has a wrong total")
        self._check(event.fees_credits == trade_tax(sum(fills)), f"{name} has a wrong fee")
        bought = event.quantity if event.side is Side.BUY else -event.quantity
        stock[good.commodity] -= bought
        self._check(event.stock_after == stock[good.commodity] >= 0, f"{name} has a wrong stock")
        self._versions[event.port_id] += 1
        self._check(
            event.market_version == self._versions[event.port_id], f"{name} has a wrong version"
        )
        hold = self._cargo.setdefault(event.player_id, Counter())
        hold[good.commodity] += bought
        self._check(event.cargo_after == hold[good.commodity] >= 0, f"{name} has a wrong cargo")
        self._check(
            hold.total() <= CARGO_CAPACITY[ShipClass.LIGHT_FREIGHTER], f"{name} bursts the hold"
        )
        balance = self._balances[player_account(event.player_id)]
        self._check(event.credits_after == balance, f"{name} has wrong credits")

    def _judge_call(self, event: HaulerCalled) -> None:
        name = f"the call of {event.hauler_id} at tick {event.tick}"
        hold = self._holds.setdefault(event.hauler_id, Counter())
        for side, deal in ((Side.SELL, event.sold), (Side.BUY, event.bought)):
            if deal is None:
                continue
            good = next(
                g for g in self._specs[event.port_id].goods if g.commodity is deal.commodity
            )
            self._check(
                good.buys if side is Side.SELL else good.sells,
                f"{name} deals in what the port does not",
            )
            stock = self._stock[event.port_id]
            prices = _unit_prices(good, stock[good.commodity], side, deal.quantity)
            total = sum(price or 0 for price in prices)
            self._check(deal.total_credits == total > 0, f"{name} has a wrong total")
            self._check(None not in prices, f"{name} trades what cannot be traded")
            self._check(deal.fees_credits == trade_tax(total), f"{name} has a wrong fee")
            bought = deal.quantity if side is Side.BUY else -deal.quantity
            stock[good.commodity] -= bought
            self._check(deal.stock_after == stock[good.commodity], f"{name} has a wrong stock")
            hold[good.commodity] += bought
            self._check(hold[good.commodity] >= 0, f"{name} sells what is not aboard")
        self._check(hold.total() <= self._hold_sizes[event.hauler_id], f"{name} bursts the hold")
        self._versions[event.port_id] += bool(event.deals)
        self._check(
            event.market_version == self._versions[event.port_id], f"{name} has a wrong version"
        )
        self._check(event.upkeep_credits >= 0, f"{name} is paid for its upkeep")
        self._check(event.calls_at > event.tick, f"{name} never ends")


def _unit_prices(good: PortGood, stock: int, side: Side, quantity: int) -> list[int | None]:
    base, target = COMMODITY_SPECS[good.commodity].base_price_credits, good.target
    if side is Side.BUY:
        return [ask_price(base, stock - k, target) for k in range(quantity)]
    return [bid_price(base, stock + k, target) for k in range(quantity)]
