"""What the event store promises, in memory and in PostgreSQL."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, get_args

import pytest
from tests.contract.persistence.first_hour import born, life

from sectorwars.application.ports import (
    CommitFailedError,
    EventStore,
    LeaseLostError,
)
from sectorwars.application.rows import (
    AccountRow,
    Batch,
    LoggedEvent,
    Receipt,
    ReceiptKey,
    StoredState,
)
from sectorwars.application.state.recovery import restore
from sectorwars.domain.command import (
    Dock,
    RegisterPlayer,
)
from sectorwars.domain.event import Event, StockCheckpointed, TickAdvanced
from sectorwars.domain.ids import AccountId, CommandId, PlayerId
from sectorwars.domain.risk import SLOTS_PER_DAY
from sectorwars.domain.values import Credits, Tick, UnixMicros
from sectorwars.engine.world import World

DAY_MICROS = 24 * 3_600 * 1_000_000


def picture(world: World) -> dict[str, Any]:
    """Everything about a world that two equal worlds share."""
    return {
        "seed": world.seed,
        "tick": world.tick,
        "sectors": world.sectors,
        "ports": [(port.spec, port.stock, port.version) for port in world.ports_by_index],
        "haulers": world.haulers,
        "players": world.players,
        "balances": world.ledger.balances,
        "volumes": sorted((tick, tuple(units)) for tick, units in world.tape.slots()),
        "totals": world.tape.totals,
        "next_deadline": world.next_deadline(),
        "rule_owners": set(world.rule_owners),
        "books": {
            (port_id, good): list(book)
            for port_id, goods in world.books.items()
            for good, book in goods.items()
        },
        "order_sequence": world.order_sequence,
        "promises": [(port.promised_units, port.promised_room) for port in world.ports_by_index],
        "risk": world.risk,
        "counted_by_caps": counted_by_caps(world),
    }


def counted_by_caps(world: World) -> dict[str, list[Any]]:
    """What the caps count of the day before the latest trade; what is older may be kept or not."""
    windows = {name: player.window.slots for name, player in world.players.items()}
    latest = max((slot.minute for slots in windows.values() for slot in slots), default=0)
    return {
        name: [slot for slot in slots if slot.minute >= latest - SLOTS_PER_DAY]
        for name, slots in windows.items()
    }


async def stored(store: EventStore) -> StoredState:
    state = await store.load()
    assert state is not None
    return state


async def test_holds_nothing_before_a_universe_is_born(installation: Any) -> None:
    store, _ = await installation.start()
    await store.acquire_lease("first")

    assert await store.load() is None


async def test_what_is_loaded_is_the_live_world_after_every_kind_of_event(
    installation: Any, galaxy: Any
) -> None:
    store, _ = await installation.start()
    lease = await store.acquire_lease("first")
    seen: set[type[Event]] = set()
    last_offset = 0

    for batch in life(galaxy):
        await store.append(lease, batch)
        seen.update(type(logged.event) for logged in batch.events)
        last_offset += len(batch.events)
        state = await stored(store)
        assert state.last_offset == last_offset
        assert picture(restore(state)) == picture(galaxy.world)

    assert seen == set(get_args(Event))


async def test_a_restart_finds_everything(installation: Any, galaxy: Any) -> None:
    store, _ = await installation.start()
    lease = await store.acquire_lease("first")
    for batch in life(galaxy):
        await store.append(lease, batch)
    await installation.kill(store)

    reborn, _ = await installation.start()
    lease = await reborn.acquire_lease("second")
    assert picture(restore(await stored(reborn))) == picture(galaxy.world)
    await reborn.append(lease, galaxy.ticks(5))

    assert picture(restore(await stored(reborn))) == picture(galaxy.world)


async def test_gives_events_back_in_order(installation: Any, galaxy: Any) -> None:
    store, _ = await installation.start()
    lease = await store.acquire_lease("first")
    log: list[LoggedEvent] = []
    for batch in life(galaxy):
        await store.append(lease, batch)
        log += batch.events

    assert await store.events_after(0, len(log) + 1) == log
    assert await store.events_after(5, 7) == log[5:12]
    assert await store.events_after(len(log), 10) == []


@pytest.mark.parametrize("shift", [1, -1])
async def test_refuses_a_batch_that_leaves_a_gap_or_overlaps(
    installation: Any, galaxy: Any, shift: int
) -> None:
    store, _ = await installation.start()
    lease = await born(store, galaxy)
    before = await stored(store)
    batch = galaxy.ticks(2)
    shifted = tuple(LoggedEvent(e.offset + shift, e.event) for e in batch.events)

    with pytest.raises(CommitFailedError):
        await store.append(lease, replace(batch, events=shifted))

    assert await stored(store) == before


async def test_a_batch_is_stored_wholly_or_not_at_all(installation: Any, galaxy: Any) -> None:
    store, archive = await installation.start()
    lease = await born(store, galaxy)
    before = await stored(store)
    batch = galaxy.executed("ann", RegisterPlayer())
    debt = AccountRow(AccountId("player:ann"), Credits(-1))

    with pytest.raises(CommitFailedError):
        await store.append(lease, replace(batch, accounts=(*batch.accounts, debt)))

    assert await stored(store) == before
    assert await store.find_receipts([batch.receipts[0].key]) == {}
    assert await archive.trades_of(PlayerId("ann"), None, 10) == []


async def test_a_failed_commit_ends_the_lease_and_a_new_one_goes_on(
    installation: Any, galaxy: Any
) -> None:
    store, _ = await installation.start()
    lease = await born(store, galaxy)
    batch = galaxy.executed("ann", RegisterPlayer())
    with pytest.raises(CommitFailedError):
        await store.append(
            lease, replace(batch, accounts=(AccountRow(AccountId("player:ann"), Credits(-1)),))
        )

    with pytest.raises(LeaseLostError):
        await store.append(lease, batch)
    renewed = await store.acquire_lease("first")
    assert renewed.version > lease.version
    await store.append(renewed, batch)

    assert picture(restore(await stored(store))) == picture(galaxy.world)


async def test_a_live_writer_keeps_a_second_one_out(installation: Any, galaxy: Any) -> None:
    store, _ = await installation.start()
    lease = await born(store, galaxy)
    rival, _ = await installation.start()

    with pytest.raises(LeaseLostError, match="first"):
        await rival.acquire_lease("rival")

    await store.append(lease, galaxy.ticks(1))
    assert picture(restore(await stored(rival))) == picture(galaxy.world)


async def test_a_released_lease_is_free_at_once(installation: Any, galaxy: Any) -> None:
    store, _ = await installation.start()
    lease = await born(store, galaxy)
    await store.release_lease(lease)
    rival, _ = await installation.start()

    await rival.append(await rival.acquire_lease("rival"), galaxy.ticks(1))

    with pytest.raises(LeaseLostError):
        await store.append(lease, galaxy.ticks(1))


async def test_a_killed_writers_lease_is_free_at_once(installation: Any, galaxy: Any) -> None:
    store, _ = await installation.start()
    lease = await born(store, galaxy)
    await installation.kill(store)
    heir, _ = await installation.start()

    inherited = await heir.acquire_lease("heir")

    assert inherited.version > lease.version


async def test_an_overtaken_writer_writes_nothing(installation: Any, galaxy: Any) -> None:
    store, _ = await installation.start()
    lease = await born(store, galaxy)
    before = await stored(store)
    await installation.seize_lease()

    with pytest.raises(LeaseLostError):
        await store.append(lease, galaxy.ticks(1))

    assert await stored(store) == before


async def test_receipts_come_back_byte_for_byte_to_their_own_player(
    installation: Any, galaxy: Any
) -> None:
    store, _ = await installation.start()
    lease = await born(store, galaxy)
    granted, executed = galaxy.command("ann", RegisterPlayer())
    refused, rejected = galaxy.command("ann", Dock(galaxy.world.ports_by_index[0].spec.port_id))
    assert (executed.status, rejected.status) == ("executed", "rejected")
    await store.append(lease, granted)
    await store.append(lease, refused)
    foreign = ReceiptKey(PlayerId("bob"), executed.key.command_id)
    unknown = ReceiptKey(PlayerId("ann"), CommandId("never"))
    unspeakable = ReceiptKey(PlayerId("ann"), CommandId("nul\x00"))

    found = await store.find_receipts([executed.key, foreign, unknown, unspeakable, rejected.key])

    assert found == {executed.key: executed, rejected.key: rejected}
    assert await store.find_receipts([]) == {}


async def test_a_command_gets_one_receipt_only(installation: Any, galaxy: Any) -> None:
    store, _ = await installation.start()
    lease = await born(store, galaxy)
    batch, receipt = galaxy.command("ann", RegisterPlayer())
    await store.append(lease, batch)
    other = replace(receipt, body=b"another fate")

    with pytest.raises(CommitFailedError):
        await store.append(lease, Batch((), (other,), (), ()))

    assert await store.find_receipts([receipt.key]) == {receipt.key: receipt}


def still(tick: int, galaxy: Any) -> TickAdvanced:
    """A tick in which nothing moved."""
    deltas = tuple((0,) * len(port.stock) for port in galaxy.world.ports_by_index)
    return TickAdvanced(Tick(tick), UnixMicros(tick), deltas)


def checkpoint(tick: int, at: int, galaxy: Any) -> StockCheckpointed:
    ports = galaxy.world.ports_by_index
    return StockCheckpointed(
        Tick(tick),
        UnixMicros(at),
        tuple(tuple(port.stock) for port in ports),
        tuple(port.version for port in ports),
    )


def logged(start: int, *events: Event) -> Batch:
    entries = tuple(LoggedEvent(start + i, event) for i, event in enumerate(events))
    return Batch(entries, (), (), ())


async def test_a_checkpoint_lets_old_ticks_go_and_nothing_else(
    installation: Any, galaxy: Any
) -> None:
    store, _ = await installation.start()
    lease = await born(store, galaxy)
    await store.append(lease, logged(2, *(still(tick, galaxy) for tick in (1, 2, 7_000, 7_202))))
    assert len(await store.events_after(1, 10)) == 4

    await store.append(lease, logged(6, checkpoint(7_202, 0, galaxy), still(7_203, galaxy)))

    kept = await store.events_after(0, 10)
    assert [entry.offset for entry in kept] == [1, 3, 4, 5, 6, 7]
    state = await stored(store)
    assert (state.checkpoint.offset, state.checkpoint.tick) == (6, 7_202)
    assert state.market_tail == (still(7_203, galaxy),)
    assert state.last_offset == 7


async def test_ticks_since_the_last_checkpoint_are_kept_however_old(
    installation: Any, galaxy: Any
) -> None:
    store, _ = await installation.start()
    lease = await born(store, galaxy)

    await store.append(
        lease, logged(2, checkpoint(9_000, 0, galaxy), still(1_000, galaxy), still(9_001, galaxy))
    )

    assert [entry.offset for entry in await store.events_after(0, 10)] == [1, 2, 3, 4]


async def test_rejections_are_forgotten_after_a_day_and_executions_never(
    installation: Any, galaxy: Any
) -> None:
    store, _ = await installation.start()
    lease = await born(store, galaxy)

    def receipt(name: str, status: Any, at: int) -> Receipt:
        code = None if status == "executed" else "not_docked"
        key = ReceiptKey(PlayerId("ann"), CommandId(name))
        return Receipt(key, b"hash", status, code, b"{}", UnixMicros(at))

    old, recent = receipt("old", "rejected", 4), receipt("recent", "rejected", 5)
    executed = receipt("executed", "executed", 0)
    await store.append(lease, Batch((), (old, recent, executed), (), ()))

    await store.append(lease, logged(2, checkpoint(0, DAY_MICROS + 5, galaxy)))

    found = await store.find_receipts([old.key, recent.key, executed.key])
    assert found == {recent.key: recent, executed.key: executed}
