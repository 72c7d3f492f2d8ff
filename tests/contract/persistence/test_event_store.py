"""What the event store promises, in memory and in PostgreSQL."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, get_args

import pytest

from sectorwars.application.ports import (
    CommitFailedError,
    EventStore,
    LeaseLostError,
)
from sectorwars.application.recovery import restore
from sectorwars.application.rows import (
    AccountRow,
    Batch,
    Lease,
    LoggedEvent,
    Receipt,
    ReceiptKey,
    StoredState,
)
from sectorwars.domain.command import (
    CancelOrder,
    CancelOrders,
    CreateRule,
    DeleteRule,
    Dock,
    PlaceOrder,
    RegisterPlayer,
    RequestQuote,
    SetTradeCaps,
    SetTradingState,
    SwitchAutomation,
    ToggleRule,
    Trade,
    Travel,
    Undock,
)
from sectorwars.domain.commodity import Commodity
from sectorwars.domain.event import Event, StockCheckpointed, TickAdvanced
from sectorwars.domain.ids import AccountId, CommandId, PlayerId, PortId, RuleId
from sectorwars.domain.market import Side
from sectorwars.domain.quote import QUOTE_WAIT_SECONDS_MIN
from sectorwars.domain.risk import SLOTS_PER_DAY, TradeCaps, TradingScope, TradingState
from sectorwars.domain.rule import (
    Comparison,
    Condition,
    ConditionType,
    RiskLevel,
    RuleSpec,
    TracedVerdict,
)
from sectorwars.domain.values import Credits, Tick, UnixMicros
from sectorwars.engine.world import World
from sectorwars.persistence.retention import RULE_TRACES_KEPT

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


async def born(store: EventStore, galaxy: Any) -> Lease:
    lease = await store.acquire_lease("first")
    await store.append(lease, galaxy.birth())
    return lease


def life(galaxy: Any) -> Any:
    """Play a player's first hour, a batch at a time, through every kind of event."""
    yield galaxy.birth()
    yield galaxy.executed("ann", RegisterPlayer())
    yield galaxy.ticks(1)
    ship = galaxy.world.players["ann"].ship
    port = galaxy.world.ports[ship.docked_port_id]
    good = next(good.commodity for good in port.spec.goods if good.sells and good.buys)
    yield galaxy.executed("ann", Trade(Side.BUY, good.value, 10))
    yield galaxy.executed("ann", Trade(Side.BUY, good.value, 5))
    yield galaxy.executed("ann", Trade(Side.SELL, good.value, 12))
    yield galaxy.ticks(3)
    yield galaxy.executed("ann", Trade(Side.SELL, good.value, 3))
    yield galaxy.executed("bob", RegisterPlayer())
    yield from quoted_life(galaxy, good)
    yield from ordered_life(galaxy, port.spec.port_id, good)
    yield from operated_life(galaxy, port.spec.port_id)
    yield from automated_life(galaxy, port.spec.port_id, good)
    yield galaxy.executed("ann", Undock())
    yield galaxy.executed("ann", Dock(port.spec.port_id))
    yield galaxy.executed("ann", Undock())
    home = galaxy.world.sectors[ship.sector_id]
    yield galaxy.executed("ann", Travel(home.warps[0]))
    yield galaxy.arrivals()
    yield galaxy.ticks(60)
    yield galaxy.ticks(540)
    yield galaxy.executed("cid", RegisterPlayer())
    yield galaxy.ticks(2)


def quoted_life(galaxy: Any, good: Commodity) -> Any:
    """Use a quote each way, let one expire, and leave the port with one."""
    yield galaxy.executed("bob", Trade(Side.BUY, good.value, 40))
    for side in (Side.BUY, Side.SELL):
        yield galaxy.executed("bob", RequestQuote(side, good.value, 2))
        (quote_id,) = galaxy.world.players["bob"].quotes.live
        yield galaxy.executed("bob", Trade(side, good.value, 2, quote_id=quote_id))
    yield galaxy.executed("bob", RequestQuote(Side.SELL, good.value, 3))
    yield galaxy.executed("ann", RequestQuote(Side.BUY, good.value, 3))
    yield galaxy.arrivals()
    yield galaxy.pause(QUOTE_WAIT_SECONDS_MIN)
    yield galaxy.executed("bob", RequestQuote(Side.SELL, good.value, 1))
    home = galaxy.world.players["bob"].ship.docked_port_id
    yield galaxy.executed("bob", Undock())
    yield galaxy.executed("bob", Dock(home))


def ordered_life(galaxy: Any, port_id: PortId, good: Commodity) -> Any:
    """Meet orders in parts and wholly, and let them end in each way."""
    port = galaxy.world.ports[port_id]
    position = port.place(good)
    assert galaxy.world.players["bob"].ship.docked_port_id == port_id
    between = port.bid(position) + 1
    assert between < port.ask(position)
    buying = PlaceOrder(Side.BUY, good.value, 6, between, 3_600)
    yield galaxy.executed("ann", buying)
    yield galaxy.executed("ann", buying)
    yield galaxy.executed("bob", Trade(Side.SELL, good.value, 2, price_bound=between))
    selling = PlaceOrder(Side.SELL, good.value, 8, between, 3_600)
    yield galaxy.executed("bob", selling)
    yield galaxy.ticks(1)
    yield galaxy.executed("bob", replace(selling, quantity=5))
    low = PlaceOrder(Side.BUY, good.value, 4, between // 2, 3_600)
    for at_last_socket in (False, True, False, False):
        yield galaxy.executed("ann", replace(low, cancel_on_disconnect=at_last_socket))
    yield galaxy.executed("ann", CancelOrders(disconnected=True))
    first, *_ = galaxy.world.players["ann"].orders
    yield galaxy.executed("ann", CancelOrder(first))
    yield galaxy.executed("ann", CancelOrders(port_id))
    yield galaxy.executed("ann", replace(low, life_seconds=30))
    yield galaxy.arrivals()
    yield galaxy.executed("ann", low)


def operated_life(galaxy: Any, port_id: PortId) -> Any:
    """Restrict the game, a port and a player, cap all and one, and take some of it back."""
    for scope, subject, state in (
        (TradingScope.GAME, None, TradingState.REDUCING),
        (TradingScope.PORT, port_id, TradingState.HALTED),
        (TradingScope.PLAYER, "bob", TradingState.REDUCING),
        (TradingScope.GAME, None, TradingState.ACTIVE),
        (TradingScope.PORT, port_id, TradingState.ACTIVE),
    ):
        yield galaxy.executed("root", SetTradingState(scope, subject, state, "drill"))
    for player in (None, "ann"):
        caps = TradeCaps(credits_per_day=10_000_000, trades_per_hour=100_000)
        yield galaxy.executed("root", SetTradeCaps(player, caps, "drill"))


def automated_life(galaxy: Any, port_id: PortId, good: Commodity) -> Any:
    """Let rules of a docked player fire, wait, come to rest and be deleted."""
    always = Condition(ConditionType.PRICE_ABOVE, Comparison.GREATER_THAN, 0)
    never = Condition(ConditionType.PRICE_BELOW, Comparison.LESS_THAN, -1_500)
    aboard = Condition(ConditionType.MARGIN_EXCEEDS, Comparison.GREATER_THAN, -100_000)
    for name, buys, sells, where in (
        ("Buy it", (always,), (), port_id),
        ("Sell it", (), (always,), None),
        ("Sell out", (), (aboard,), None),
        ("Never", (never,), (never, always), None),
    ):
        spec = RuleSpec(name, good, where, buys, sells, RiskLevel.MODERATE, 500)
        yield galaxy.executed("ann", CreateRule(spec))
    for rule_id in galaxy.world.players["ann"].automation.rules:
        yield galaxy.executed("ann", ToggleRule(rule_id, True))
    yield galaxy.executed("ann", SwitchAutomation(True))
    yield galaxy.ticks(1)
    yield galaxy.ticks(30)
    first, *_ = galaxy.world.players["ann"].automation.rules
    yield galaxy.executed("ann", ToggleRule(first, None))
    yield galaxy.executed("ann", ToggleRule(first, True))
    yield galaxy.ticks(31)
    yield galaxy.pause(25 * 3_600)
    yield galaxy.executed("ann", ToggleRule(first, None))
    yield galaxy.executed("ann", ToggleRule(first, None))
    yield galaxy.ticks(1)
    yield galaxy.ticks(31)
    # With nothing aboard there is no margin, so the rule that has sold out is armed again.
    aboard_units = galaxy.world.players["ann"].ship.units(good)
    if aboard_units:
        yield galaxy.executed("ann", Trade(Side.SELL, good.value, aboard_units))
    yield galaxy.ticks(1)
    yield galaxy.executed("ann", DeleteRule(first))


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


async def test_verdicts_that_mattered_are_looked_up_newest_first(
    installation: Any, galaxy: Any
) -> None:
    store, _ = await installation.start()
    lease = await store.acquire_lease("first")
    verdicts: dict[RuleId, list[TracedVerdict]] = {}
    for batch in life(galaxy):
        await store.append(lease, batch)
        for verdict in batch.verdicts:
            verdicts.setdefault(verdict.rule_id, []).insert(0, verdict)
    deleted, sold, *_ = verdicts
    archive = installation.traces(store)
    ann = PlayerId("ann")

    assert len(verdicts[sold]) > 2
    found = await archive.verdicts(ann, sold, None, 100)
    assert [stored.verdict for stored in found] == verdicts[sold]
    assert await archive.verdicts(ann, sold, found[0].number, 1) == found[1:2]
    assert await archive.verdicts(PlayerId("bob"), sold, None, 100) == []
    assert await archive.verdicts(ann, deleted, None, 100) == []


async def test_only_the_latest_verdicts_of_a_rule_are_kept(installation: Any, galaxy: Any) -> None:
    store, _ = await installation.start()
    lease = await born(store, galaxy)
    await store.append(lease, galaxy.executed("ann", RegisterPlayer()))
    ship = galaxy.world.players["ann"].ship
    always = Condition(ConditionType.PRICE_ABOVE, Comparison.GREATER_THAN, 0)
    good = galaxy.world.ports[ship.docked_port_id].spec.goods[0].commodity
    for _ in range(2):
        spec = RuleSpec("Blocked", good, None, (always,), (), RiskLevel.MODERATE, 500)
        await store.append(lease, galaxy.executed("ann", CreateRule(spec)))
    await store.append(lease, galaxy.executed("ann", Undock()))
    await store.append(lease, galaxy.executed("ann", SwitchAutomation(True)))
    judged, other = galaxy.world.players["ann"].automation.rules
    await store.append(lease, galaxy.executed("ann", ToggleRule(other, True)))
    await store.append(lease, galaxy.ticks(1))
    made = []
    for _ in range(RULE_TRACES_KEPT + 2):
        await store.append(lease, galaxy.executed("ann", ToggleRule(judged, True)))
        batch = galaxy.ticks(1)
        made += batch.verdicts
        await store.append(lease, batch)
    archive = installation.traces(store)

    kept = await archive.verdicts(PlayerId("ann"), judged, None, RULE_TRACES_KEPT * 2)

    assert len(kept) == RULE_TRACES_KEPT
    assert [stored.verdict for stored in kept] == made[: -RULE_TRACES_KEPT - 1 : -1]
    assert len(await archive.verdicts(PlayerId("ann"), other, None, 9)) == 1
