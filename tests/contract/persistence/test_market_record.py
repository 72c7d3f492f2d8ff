"""The record of the market: where it begins, and all that moved a port."""

from __future__ import annotations

from typing import Any

from tests.contract.persistence.first_hour import born, life

from sectorwars.domain.event import (
    HaulerCalled,
    MarketChange,
    OperatorEvent,
    PortsSettled,
    StockCheckpointed,
    TickAdvanced,
)
from sectorwars.domain.ids import PortId
from sectorwars.domain.values import Tick


async def test_nothing_is_recorded_before_a_checkpoint(installation: Any, galaxy: Any) -> None:
    store, _ = await installation.start()
    record = installation.market_record(store)
    assert await record.checkpoint(None) is None
    lease = await born(store, galaxy)
    await store.append(lease, galaxy.ticks(5))
    assert await record.checkpoint(None) is None
    assert await record.checkpoint(Tick(5)) is None


async def test_the_checkpoint_is_the_latest_that_is_early_enough(
    installation: Any, galaxy: Any
) -> None:
    store, _ = await installation.start()
    lease = await born(store, galaxy)
    for _ in range(25):
        await store.append(lease, galaxy.ticks(100))
    record = installation.market_record(store)
    log = await store.events_after(0, 1_000_000)
    checkpoints = {e.event.tick: e for e in log if isinstance(e.event, StockCheckpointed)}
    assert list(checkpoints) == [600, 1_200, 1_800, 2_400]
    for until, tick in (
        (None, 600),
        (0, 600),
        (599, 600),
        (600, 600),
        (1_199, 600),
        (1_200, 1_200),
        (2_399, 1_800),
        (9_999, 2_400),
    ):
        found = await record.checkpoint(until)
        logged = checkpoints[tick]
        assert (found.offset, found.tick) == (logged.offset, tick)
        assert (found.stocks, found.versions) == (logged.event.stocks, logged.event.versions)


async def test_a_checkpoint_whose_ticks_are_gone_is_none(installation: Any, galaxy: Any) -> None:
    store, _ = await installation.start()
    lease = await born(store, galaxy)
    for _ in range(85):
        await store.append(lease, galaxy.ticks(100))
    found = await installation.market_record(store).checkpoint(None)
    assert found.tick == 1_200


async def test_all_that_moves_a_port_comes_in_order(installation: Any, galaxy: Any) -> None:
    store, _ = await installation.start()
    lease = await store.acquire_lease("first")
    for batch in life(galaxy):
        await store.append(lease, batch)
    record = installation.market_record(store)
    log = await store.events_after(0, 1_000_000)
    after, through = 3, log[-3].offset
    named = {e.event.port_id for e in log if isinstance(e.event, MarketChange)}
    assert len(named) > 5
    kinds: set[type] = set()
    for port_id in sorted(named):
        found = [logged async for logged in record.events(after, through, port_id)]
        offsets = [logged.offset for logged in found]
        assert offsets == sorted(set(offsets))
        assert after < offsets[0]
        assert offsets[-1] <= through
        wanted = [
            logged
            for logged in log
            if after < logged.offset <= through and _concerns(logged.event, port_id)
        ]
        assert [one for one in found if _concerns(one.event, port_id)] == wanted
        kinds |= {type(one.event) for one in wanted}
    assert kinds >= {TickAdvanced, HaulerCalled, PortsSettled}


def _concerns(event: object, port_id: PortId) -> bool:
    if isinstance(event, MarketChange):
        return event.port_id == port_id
    return isinstance(event, TickAdvanced | PortsSettled | OperatorEvent)
