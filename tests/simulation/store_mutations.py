"""Faults of the store, of recovery and of the command processor."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from tests.simulation.mutation import Mutations, Patch

from sectorwars.application.galaxy import running as galaxy
from sectorwars.application.galaxy.running import Galaxy
from sectorwars.application.reading.projection import Projection
from sectorwars.application.rows import (
    Batch,
    Lease,
    Receipt,
    ReceiptKey,
    StoredState,
)
from sectorwars.application.state import recovery
from sectorwars.application.state.recovery import restore
from sectorwars.application.writing import command_processor, writer
from sectorwars.application.writing.command_processor import CommandProcessor, Recovered
from sectorwars.domain.values import UnixMicros
from sectorwars.engine.world import World
from sectorwars.persistence.memory import event_store
from sectorwars.persistence.memory.event_store import MemoryEventStore

STORE = Mutations()


def _restore_without(patch: Patch, **absent: Any) -> None:
    def forgetful(state: StoredState) -> World:
        return restore(replace(state, **absent))

    patch.setattr(galaxy, "restore", forgetful)


@STORE.found_as("was executed twice")
def a_retry_that_trades_twice(patch: Patch) -> None:
    async def find_nothing(
        store: MemoryEventStore, keys: Sequence[ReceiptKey]
    ) -> dict[ReceiptKey, Receipt]:
        return {}

    patch.setattr(MemoryEventStore, "find_receipts", find_nothing)
    patch.setattr(event_store, "_find_fault", lambda disk, batch: None)


@STORE.found_as("was executed twice")
def receipts_that_are_not_stored(patch: Patch) -> None:
    append = MemoryEventStore.append

    async def append_without_receipts(store: MemoryEventStore, lease: Lease, batch: Batch) -> None:
        await append(store, lease, replace(batch, receipts=()))

    patch.setattr(MemoryEventStore, "append", append_without_receipts)


@STORE.found_as("is not in the store any more")
def receipts_that_are_forgotten(patch: Patch) -> None:
    write = event_store._write

    def write_and_forget(disk: Any, batch: Batch) -> None:
        write(disk, batch)
        while len(disk.receipts) > 50:
            del disk.receipts[next(iter(disk.receipts))]

    patch.setattr(event_store, "_write", write_and_forget)


@STORE.found_as("two different answers")
def a_receipt_that_changes(patch: Patch) -> None:
    find = MemoryEventStore.find_receipts

    async def find_reworded(
        store: MemoryEventStore, keys: Sequence[ReceiptKey]
    ) -> dict[ReceiptKey, Receipt]:
        found = await find(store, keys)
        return {key: replace(receipt, body=receipt.body + b" ") for key, receipt in found.items()}

    patch.setattr(MemoryEventStore, "find_receipts", find_reworded)


@STORE.found_as("the restored world differs from the replayed log in its players")
def a_recovery_that_forgets_cargo(patch: Patch) -> None:
    def forgetful(state: StoredState) -> World:
        return restore(
            replace(state, players=tuple(replace(row, cargo=()) for row in state.players))
        )

    patch.setattr(galaxy, "restore", forgetful)


@STORE.found_as("the restored world differs from the replayed log in its players")
def a_recovery_that_forgets_rules(patch: Patch) -> None:
    _restore_without(patch, automations=())


@STORE.found_as("the restored world differs from the replayed log in its players")
def a_recovery_that_forgets_who_wants_a_pause(patch: Patch) -> None:
    restore_automation = recovery._automation
    patch.setattr(
        recovery,
        "_automation",
        lambda row: restore_automation(replace(row, pause_on_disconnect=False)),
    )


@STORE.found_as("the restored world differs from the replayed log in its ports")
def a_recovery_that_forgets_the_market_since_the_checkpoint(patch: Patch) -> None:
    patch.setattr(galaxy, "with_market_folded", lambda state: replace(state, market_tail=()))


@STORE.found_as("the restored world differs from the replayed log in its volumes")
def a_recovery_that_forgets_volumes(patch: Patch) -> None:
    _restore_without(patch, volumes=())


@STORE.found_as("the restored world differs from the replayed log in its balances")
def an_account_that_is_not_written(patch: Patch) -> None:
    rows = writer.account_rows
    patch.setattr(writer, "account_rows", lambda world, events: rows(world, events)[:1])


@STORE.found_as("the restored world differs from the replayed log in its players")
def a_player_that_is_not_written(patch: Patch) -> None:
    rows = writer.player_rows
    patch.setattr(writer, "player_rows", lambda world, events: rows(world, events)[:1])


@STORE.found_as("the restored world differs")
def a_commit_that_writes_nothing(patch: Patch) -> None:
    write = event_store._write

    def write_mostly(disk: Any, batch: Batch) -> None:
        if batch.receipts and batch.events and disk.last_offset % 3 == 0:
            disk.last_offset = batch.events[-1].offset
        else:
            write(disk, batch)

    patch.setattr(event_store, "_write", write_mostly)


@STORE.found_as("a second writer was let in")
def a_lease_that_anybody_gets(patch: Patch) -> None:
    async def acquire(store: MemoryEventStore, holder: str) -> Lease:
        disk = store._disk
        store._lease = disk.lease = Lease(holder, disk.lease.version + 1)
        disk.lease_is_live = True
        return disk.lease

    patch.setattr(MemoryEventStore, "acquire_lease", acquire)


@STORE.found_as("follows")
def a_lease_that_fences_nobody(patch: Patch) -> None:
    append = MemoryEventStore.append

    async def append_anyway(store: MemoryEventStore, lease: Lease, batch: Batch) -> None:
        store._lease = store._disk.lease
        await append(store, store._disk.lease, batch)

    patch.setattr(MemoryEventStore, "append", append_anyway)
    patch.setattr(event_store, "_find_fault", lambda disk, batch: None)


@STORE.found_as("was given before it was durable")
def an_answer_before_the_commit(patch: Patch) -> None:
    decide = CommandProcessor._decide

    def answer_at_once(
        processor: CommandProcessor, writing: Any, item: Any, stored: Any, now: UnixMicros
    ) -> None:
        decide(processor, writing, item, stored, now)
        decided = processor._in_flight.get(item.key)
        if decided is not None and not item.answer.done():
            item.answer.set_result(decided.receipt)

    patch.setattr(CommandProcessor, "_decide", answer_at_once)


@STORE.found_as("shown before they were durable")
def an_event_shown_before_the_commit(patch: Patch) -> None:
    async def commit_after_showing(processor: CommandProcessor, writing: Any, lease: Lease) -> None:
        while True:
            await processor._pace.gather()
            batch = writing.cut()
            if batch.events or batch.receipts:
                prices = tuple(prices.market for prices in batch.tick_prices)
                processor._on_committed(command_processor.Committed(batch.events, prices))
                await processor._store.append(lease, batch)
                processor._acknowledge(batch)
            processor._pace.committed()
            if processor._all_decided and not processor._pace.has_decided:
                return

    patch.setattr(CommandProcessor, "_commit_forever", commit_after_showing)


@STORE.found_as("was told before it was shown")
def an_outcome_that_is_told_and_never_shown(patch: Patch) -> None:
    patch.setattr(Projection, "apply", lambda projection, committed, after_each=None: None)


@STORE.found_as("was given before it was durable")
def a_doubt_that_is_passed_off_as_a_success(patch: Patch) -> None:
    def promise(processor: CommandProcessor) -> None:
        for decided in processor._in_flight.values():
            decided.answer(decided.receipt)
        processor._in_flight.clear()
        processor._recent.clear()
        processor._pace.forget()

    patch.setattr(CommandProcessor, "_doubt_undurable", promise)


@STORE.found_as("was not a conflict")
def a_payload_that_is_not_compared(patch: Patch) -> None:
    patch.setattr(command_processor.receipts, "payload_hash", lambda command: b"")


@STORE.found_as("was executed twice")
def a_command_under_way_that_is_not_remembered(patch: Patch) -> None:
    def known(processor: CommandProcessor, key: ReceiptKey, stored: Any) -> Any:
        return processor._recent.get(key) or stored.get(key)

    patch.setattr(CommandProcessor, "_known", known)
    patch.setattr(event_store, "_find_fault", lambda disk, batch: None)


@STORE.found_as("not done after")
def a_writer_that_hangs(patch: Patch) -> None:
    async def never(processor: CommandProcessor) -> None:
        await asyncio.Event().wait()

    patch.setattr(CommandProcessor, "_recovered", never)


@STORE.found_as("the restored world differs")
def a_recovery_that_keeps_the_world_in_memory(patch: Patch) -> None:
    recover = Galaxy.recover

    async def keep_world(self: Galaxy, *arguments: Any) -> Recovered:
        recovered = await recover(self, *arguments)
        kept = getattr(self, "kept", None)
        if kept is not None:
            recovered.writer.world = kept
        else:
            patch.setattr(Galaxy, "kept", recovered.writer.world, raising=False)
        return recovered

    patch.setattr(Galaxy, "recover", keep_world)


@STORE.found_as("time goes back")
def a_clock_that_is_believed(patch: Patch) -> None:
    patch.setattr(CommandProcessor, "_now", lambda processor: processor._clock.now())
