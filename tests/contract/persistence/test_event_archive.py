"""What every archive of players' acts finds, in memory and in PostgreSQL."""

from __future__ import annotations

from typing import Any

import pytest

from sectorwars.application.audit.hash_chain import GENESIS_HASH
from sectorwars.application.ports import StoreUnavailableError
from sectorwars.application.rows import AuditQuery
from sectorwars.domain.command import (
    RegisterPlayer,
    SetTradeCaps,
    SetTradingState,
    SwitchAutomation,
)
from sectorwars.domain.ids import PlayerId
from sectorwars.domain.risk import TradeCaps, TradingScope, TradingState
from sectorwars.domain.values import UnixMicros
from sectorwars.persistence.postgres.event_archive import PostgresEventArchive

ANN = PlayerId("ann")
HOURS = 3_600
SECOND = 1_000_000


async def lived(installation: Any, galaxy: Any) -> tuple[Any, Any]:
    """Let Ann and Bob switch their automation on and off for hours, between many ticks."""
    store, _ = await installation.start()
    lease = await store.acquire_lease("first")
    batches = [galaxy.birth()]
    batches += [galaxy.executed(player, RegisterPlayer()) for player in ("ann", "bob")]
    for on in (True, False, True):
        batches.append(galaxy.pause(2 * HOURS))
        batches += [galaxy.executed(player, SwitchAutomation(on)) for player in ("ann", "bob")]
    batches.append(galaxy.ticks(20))
    for batch in batches:
        await store.append(lease, batch)
    return store, installation.events(store)


async def said(archive: Any, query: AuditQuery) -> list[tuple[str, str]]:
    found = await archive.search(query, None, 100)
    assert [event.offset for event in found] == sorted((e.offset for e in found), reverse=True)
    return [(event.kind, event.event.player_id) for event in found]


async def test_before_the_universe_there_is_nothing(installation: Any) -> None:
    store, _ = await installation.start()
    archive = installation.events(store)
    assert await archive.head() == (0, GENESIS_HASH)
    assert await archive.search(AuditQuery(), None, 10) == []


async def test_acts_are_found_newest_first_and_the_economy_is_not(
    installation: Any, galaxy: Any
) -> None:
    _, archive = await lived(installation, galaxy)
    both = [("automation_switched", "bob"), ("automation_switched", "ann")] * 3
    assert await said(archive, AuditQuery()) == [
        *both,
        ("player_registered", "bob"),
        ("player_registered", "ann"),
    ]


async def test_a_player_is_found(installation: Any, galaxy: Any) -> None:
    _, archive = await lived(installation, galaxy)
    expected = [("automation_switched", "ann")] * 3 + [("player_registered", "ann")]
    assert await said(archive, AuditQuery(player_id=ANN)) == expected
    assert await said(archive, AuditQuery(actor="ann")) == expected
    assert await said(archive, AuditQuery(player_id=ANN, actor="bob")) == []
    assert await said(archive, AuditQuery(player_id=PlayerId("an"))) == []
    assert await said(archive, AuditQuery(player_id=PlayerId('an" or "'))) == []
    assert await said(archive, AuditQuery(actor="address:1f")) == []


async def test_an_operators_act_is_found_by_whom_it_was_done_to_and_by_whom(
    installation: Any, galaxy: Any
) -> None:
    store, _ = await installation.start()
    lease = await store.acquire_lease("first")
    halt = SetTradingState(TradingScope.PLAYER, "ann", TradingState.HALTED, "a probe")
    for batch in (
        galaxy.birth(),
        galaxy.executed("ann", RegisterPlayer()),
        galaxy.executed("root", halt),
        galaxy.executed("root", SetTradeCaps(None, TradeCaps(trades_per_hour=1), "a probe")),
    ):
        await store.append(lease, batch)
    archive = installation.events(store)

    async def kinds(query: AuditQuery) -> list[str]:
        return [event.kind for event in await archive.search(query, None, 9)]

    assert await kinds(AuditQuery(player_id=ANN)) == ["trading_state_set", "player_registered"]
    assert await kinds(AuditQuery(actor="ann")) == ["player_registered"]
    root = ["trade_caps_set", "trading_state_set"]
    assert await kinds(AuditQuery(actor="root")) == root
    assert await kinds(AuditQuery(player_id=PlayerId("root"))) == root


async def test_a_kind_is_found(installation: Any, galaxy: Any) -> None:
    _, archive = await lived(installation, galaxy)
    registered = AuditQuery(player_id=ANN, kinds=("player_registered", "login"))
    assert await said(archive, registered) == [("player_registered", "ann")]
    assert await said(archive, AuditQuery(kinds=("login", "tick_advanced"))) == []


async def test_a_window_of_time_is_found(installation: Any, galaxy: Any) -> None:
    _, archive = await lived(installation, galaxy)
    (last, *_, first) = await archive.search(AuditQuery(player_id=ANN), None, 9)
    since = AuditQuery(player_id=ANN, since=last.event.at)
    until = AuditQuery(player_id=ANN, until=UnixMicros(first.event.at + 1))
    between = AuditQuery(since=UnixMicros(first.event.at + 1), until=last.event.at)
    assert await said(archive, since) == [("automation_switched", "ann")]
    assert await said(archive, until) == [("player_registered", "ann")]
    assert len(await said(archive, between)) == 4


async def test_pages_join_without_a_gap(installation: Any, galaxy: Any) -> None:
    _, archive = await lived(installation, galaxy)
    whole = await archive.search(AuditQuery(), None, 100)
    joined: list[Any] = []
    while page := await archive.search(AuditQuery(), joined[-1].offset if joined else None, 3):
        joined += page
    assert joined == whole


async def test_hashes_are_those_of_the_chain(installation: Any, galaxy: Any) -> None:
    store, archive = await lived(installation, galaxy)
    events = await store.events_after(0, 1_000)
    last, head_hash = await archive.head()
    assert last == events[-1].offset
    found = await archive.search(AuditQuery(), None, 100)
    assert len({event.hash for event in found} | {head_hash}) >= len(found)
    assert {event.offset: event.event for event in found}.items() <= {
        event.offset: event.event for event in events
    }.items()


@pytest.mark.parametrize("installation", ["postgres"], indirect=True)
async def test_a_database_that_is_away_is_said_to_be(installation: Any, galaxy: Any) -> None:
    store, archive = await lived(installation, galaxy)
    assert isinstance(archive, PostgresEventArchive)
    await installation.kill(store)
    for attempt in (archive.head(), archive.search(AuditQuery(), None, 1)):
        with pytest.raises(StoreUnavailableError):
            await attempt
