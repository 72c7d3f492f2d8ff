"""What every alert store does, in memory and in PostgreSQL."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from sectorwars.application.account import Account, AccountRole
from sectorwars.application.alerts.alert import (
    AlertId,
    AlertStore,
    Condition,
    Received,
    StoredAlert,
)
from sectorwars.application.ports import StoreUnavailableError
from sectorwars.domain.commodity import Commodity
from sectorwars.domain.ids import PlayerId
from sectorwars.domain.values import UnixMicros, rfc3339
from sectorwars.persistence.memory.alert_store import MemoryAlertStore
from sectorwars.persistence.postgres.account_store import PostgresAccountStore
from sectorwars.persistence.postgres.alert_store import PostgresAlertStore
from sectorwars.persistence.postgres.connection import open_pool
from sectorwars.protocol.shapes.advice import AIAlert, ExpectedOutcome

NOW = UnixMicros(1_800_000_000_000_000)
ALICE, BOB = PlayerId("pl_alice"), PlayerId("pl_bob")
CHEAP_ORE = StoredAlert(AlertId("al_1"), ALICE, Commodity.ORE, None, Condition.PRICE_BELOW, 50, NOW)


def told(number: int, player_id: PlayerId = ALICE) -> Received:
    alert = AIAlert(
        alert_id=f"al_1-{number}",
        kind="price",
        priority=4,
        title="ore below 50",
        message="…",
        created_at=rfc3339(NOW),
        expires_at=rfc3339(NOW),
        commodity="ore",
        expected_outcome=ExpectedOutcome(49, "credits a unit"),
    )
    return Received(player_id, alert, UnixMicros(NOW + number))


@pytest.fixture(params=["memory", "postgres"])
async def store(request: pytest.FixtureRequest) -> AsyncIterator[AlertStore]:
    if request.param == "memory":
        yield MemoryAlertStore()
    else:
        pool = await open_pool(request.getfixturevalue("database_url"), connections_max=2)
        accounts = PostgresAccountStore(pool)
        for player_id in (ALICE, BOB):
            account = Account(
                player_id, player_id, player_id, "$hash", None, AccountRole.PLAYER, NOW
            )
            assert await accounts.add_account(account)
        yield PostgresAlertStore(pool)
        await pool.close()


async def test_alerts_are_loaded_as_they_were_left(store: AlertStore) -> None:
    other = replace(CHEAP_ORE, alert_id=AlertId("al_2"), condition=Condition.PRICE_ABOVE)
    await store.add_alert(CHEAP_ORE)
    await store.add_alert(other)
    await store.record([(CHEAP_ORE.alert_id, False)], [], keep=50)
    loaded = {alert.alert_id: alert for alert in await store.load_alerts()}
    assert loaded == {"al_1": replace(CHEAP_ORE, armed=False), "al_2": other}
    await store.delete_alert(other.alert_id)
    assert [alert.alert_id for alert in await store.load_alerts()] == ["al_1"]


async def test_the_latest_that_reached_a_player_are_kept(store: AlertStore) -> None:
    for number in range(5):
        await store.record([], [told(number), told(number, BOB)], keep=3)
    mine = await store.received(ALICE, 10)
    assert [alert.alert_id for alert in mine] == ["al_1-4", "al_1-3", "al_1-2"]
    assert mine[0] == told(4).alert
    assert [alert.alert_id for alert in await store.received(BOB, 1)] == ["al_1-4"]


async def test_an_alert_deleted_meanwhile_is_not_made_again(store: AlertStore) -> None:
    await store.record([(CHEAP_ORE.alert_id, False)], [], keep=3)
    assert list(await store.load_alerts()) == []


async def test_a_database_that_is_away_is_said_to_be(database_url: str) -> None:
    pool = await open_pool(database_url, connections_max=1)
    await pool.close()
    with pytest.raises(StoreUnavailableError):
        await PostgresAlertStore(pool).load_alerts()
