"""The whole core under faults: many seeds without a finding, and mutants that must be found."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from sectorwars.application import command_processor, galaxy
from sectorwars.application.command_processor import CommandProcessor
from sectorwars.application.ports import Batch, Lease, Receipt, ReceiptKey, StoredState
from sectorwars.application.recovery import restore
from sectorwars.domain.event import GoodsTraded
from sectorwars.domain.market import Fill, ask_price
from sectorwars.domain.values import Credits, Quantity
from sectorwars.engine.economy import haulers
from sectorwars.engine.handlers import trading
from sectorwars.engine.world import World
from sectorwars.persistence.memory import event_store
from sectorwars.persistence.memory.event_store import MemoryEventStore
from sectorwars.simulation.simulator import Verdict, simulate

SEEDS = range(50)
STEPS = 150
MUTANT_SEEDS = range(8)


def _simulate(seed: int, steps: int = STEPS) -> Verdict:
    with capture_logs():
        return simulate(seed, steps)


@pytest.mark.parametrize("seed", SEEDS)
def test_no_promise_is_broken(seed: int) -> None:
    verdict = _simulate(seed)
    assert verdict.findings == []
    assert verdict.trades > 0


def test_the_same_seed_gives_the_same_run() -> None:
    assert _simulate(11) == _simulate(11)
    assert _simulate(11).digest != _simulate(12).digest


def test_faults_do_happen() -> None:
    """A simulator that no fault ever reaches would prove nothing."""
    with capture_logs() as logs:
        lives = sum(simulate(seed, STEPS).lives for seed in MUTANT_SEEDS)
    reasons = " ".join(str(log.get("reason", "")) for log in logs)
    assert lives > 2 * len(MUTANT_SEEDS)
    for reason in (
        "before the commit",
        "after the commit",
        "did not answer in time",
        "the store is away",
    ):
        assert reason in reasons


def _found(expected: str) -> bool:
    """Return whether any of a few seeds has a finding with these words."""
    return any(expected in finding for seed in MUTANT_SEEDS for finding in _simulate(seed).findings)


def test_a_flat_price_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def flat(base: int, stock: int, target: int, quantity: int) -> tuple[Fill, ...]:
        return (Fill(ask_price(base, stock, target) or Credits(0), Quantity(quantity)),)

    monkeypatch.setattr(trading, "buy_ladder", flat)
    assert _found("other prices than the curve")


def test_a_fee_rounded_in_the_players_favour_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trading, "trade_tax", lambda total: Credits(total // 100))
    assert _found("a wrong fee")


def test_a_flat_price_for_haulers_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def flat(base: int, stock: int, target: int, quantity: int) -> tuple[Fill, ...]:
        return (Fill(ask_price(base, stock, target) or Credits(0), Quantity(quantity)),)

    monkeypatch.setattr(haulers, "buy_ladder", flat)
    assert _found("a wrong total")


def test_a_hauler_that_forgets_the_tax_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(haulers, "trade_tax", lambda total: Credits(0))
    assert _found("a wrong fee")


def test_stock_that_is_not_reduced_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    traded = trading._traded

    def keep_stock(*arguments: object, stock_after: int, **named: object) -> GoodsTraded:
        return traded(*arguments, stock_after=stock_after + 1, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(trading, "_traded", keep_stock)
    assert _found("a wrong stock")


def test_money_from_nowhere_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    traded = trading._traded

    def pay_too_much(*arguments: object, **named: object) -> GoodsTraded:
        event = traded(*arguments, **named)  # type: ignore[arg-type]
        first, *rest = event.postings
        gift = first._replace(amount=Credits(first.amount + 1))
        return replace(event, postings=(gift, *rest))

    monkeypatch.setattr(trading, "_traded", pay_too_much)
    assert _found("UnbalancedPostingsError")


def test_a_retry_that_trades_twice_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    async def find_nothing(
        self: MemoryEventStore, keys: Sequence[ReceiptKey]
    ) -> dict[ReceiptKey, Receipt]:
        return {}

    monkeypatch.setattr(MemoryEventStore, "find_receipts", find_nothing)
    monkeypatch.setattr(event_store, "_find_fault", lambda disk, batch: None)
    assert _found("was executed twice")


def test_receipts_that_are_not_stored_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    append = MemoryEventStore.append

    async def append_without_receipts(self: MemoryEventStore, lease: Lease, batch: Batch) -> None:
        await append(self, lease, replace(batch, receipts=()))

    monkeypatch.setattr(MemoryEventStore, "append", append_without_receipts)
    assert _found("was executed twice")


def test_an_answer_before_the_commit_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    decide = CommandProcessor._decide

    def answer_at_once(self: CommandProcessor, writer, item, stored, now) -> None:  # type: ignore[no-untyped-def]
        decide(self, writer, item, stored, now)
        decided = self._in_flight.get(item.key)
        if decided is not None and not item.answer.done():
            item.answer.set_result(decided.receipt)

    monkeypatch.setattr(CommandProcessor, "_decide", answer_at_once)
    assert _found("was given before it was durable")


def test_an_event_shown_before_the_commit_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    async def commit_after_showing(self: CommandProcessor, writer, lease) -> None:  # type: ignore[no-untyped-def]
        while True:
            await self._decided.wait()
            self._decided.clear()
            batch = writer.cut()
            if batch.events or batch.receipts:
                prices = tuple(prices.market for prices in batch.tick_prices)
                self._on_committed(command_processor.Committed(batch.events, prices))
                await self._store.append(lease, batch)
                self._acknowledge(batch)
            self._committed.set()
            if self._all_decided and not self._decided.is_set():
                return

    monkeypatch.setattr(CommandProcessor, "_commit_forever", commit_after_showing)
    assert _found("shown before they were durable")


def test_a_doubt_that_is_passed_off_as_a_success_is_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def promise(self: CommandProcessor) -> None:
        for decided in self._in_flight.values():
            decided.answer(decided.receipt)
        self._in_flight.clear()
        self._recent.clear()
        self._decided.clear()

    monkeypatch.setattr(CommandProcessor, "_doubt_undurable", promise)
    assert _found("was given before it was durable")


def test_a_recovery_that_forgets_cargo_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def restore_without_cargo(state: StoredState) -> World:
        return restore(
            replace(state, players=tuple(replace(row, cargo=()) for row in state.players))
        )

    monkeypatch.setattr(galaxy, "restore", restore_without_cargo)
    assert _found("the restored world differs from the replayed log in its players")


def test_a_receipt_that_changes_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    find = MemoryEventStore.find_receipts

    async def find_reworded(
        self: MemoryEventStore, keys: Sequence[ReceiptKey]
    ) -> dict[ReceiptKey, Receipt]:
        found = await find(self, keys)
        return {key: replace(receipt, body=receipt.body + b" ") for key, receipt in found.items()}

    monkeypatch.setattr(MemoryEventStore, "find_receipts", find_reworded)
    assert _found("two different answers")


def test_a_payload_that_is_not_compared_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command_processor.receipts, "payload_hash", lambda command: b"")
    assert _found("was not a conflict")


def test_a_writer_that_hangs_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    async def never(self: CommandProcessor) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(CommandProcessor, "_recovered", never)
    assert _found("not done after")


def test_trading_on_credit_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    credits_of: Callable[[World, str], Credits] = World.credits

    def rich(self: World, player: str) -> Credits:
        return Credits(credits_of(self, player) + 10**9)

    monkeypatch.setattr(World, "credits", rich)
    assert _found("has wrong credits")
