"""`verify` on a real database: it believes an honest store and finds each kind of lie."""

from __future__ import annotations

import asyncpg
import pytest
from tests.integration.persistence.small_life import START, live_a_while

from sectorwars.application.audit.store_verification import Claim, verify
from sectorwars.application.rows import (
    Batch,
    LoggedEvent,
)
from sectorwars.application.state.recovery import restore
from sectorwars.domain.event import StockCheckpointed
from sectorwars.domain.values import Tick, UnixMicros
from sectorwars.persistence.postgres.connection import open_pool
from sectorwars.persistence.postgres.event_store import PostgresEventStore
from sectorwars.persistence.postgres.store_snapshot import open_snapshot


@pytest.fixture
async def honest_dsn(database_url: str) -> str:
    """A database with a universe in which two players have lived for a while."""
    await live_a_while(database_url)
    return database_url


async def findings(dsn: str) -> dict[Claim, list[str]]:
    async with open_snapshot(dsn) as snapshot:
        proofs = await verify(snapshot, lambda read, total: None)
    assert {proof.claim for proof in proofs} == set(Claim)
    return {proof.claim: proof.examples for proof in proofs if not proof.holds}


async def sql(dsn: str, *statements: str) -> None:
    connection = await asyncpg.connect(dsn)
    for statement in statements:
        await connection.execute(statement)
    await connection.close()


async def test_an_honest_store_is_believed(honest_dsn: str) -> None:
    assert await findings(honest_dsn) == {}


async def test_a_database_without_a_universe_has_nothing_to_refute(database_url: str) -> None:
    assert await findings(database_url) == {}


@pytest.mark.parametrize(
    ("lie", "claims"),
    [
        (
            "UPDATE events SET payload = replace(payload, 'ann', 'eve') WHERE log_offset = 2",
            {Claim.EVENT_CHAIN, Claim.TABLES, Claim.RECEIPTS},
        ),
        (
            "UPDATE ticks SET payload = set_byte(payload, 16, 1) WHERE tick = 5",
            {Claim.TICK_CHAIN},
        ),
        ("DELETE FROM ticks WHERE tick = 5", {Claim.TICK_CHAIN, Claim.OFFSETS}),
        (
            "DELETE FROM events WHERE kind = 'ship_undocked'",
            {Claim.EVENT_CHAIN, Claim.OFFSETS, Claim.TABLES, Claim.RECEIPTS},
        ),
        ("UPDATE log_head SET event_hash = tick_hash", {Claim.EVENT_CHAIN}),
        (
            (
                "UPDATE ledger_accounts SET balance_credits = balance_credits + 1 "
                "WHERE account = 'player:ann'"
            ),
            {Claim.TABLES, Claim.LEDGER},
        ),
        ("UPDATE players SET trade_serial = 0 WHERE player_id = 'bob'", {Claim.TABLES}),
        ("UPDATE cargo SET lots = '[[1, 1]]' WHERE player_id = 'bob'", {Claim.TABLES}),
        ("UPDATE ships SET docked_port_id = NULL WHERE player_id = 'bob'", {Claim.TABLES}),
        ("UPDATE automation_rules SET buy_spent = NOT buy_spent", {Claim.TABLES}),
        ("UPDATE player_automation SET active = false", {Claim.TABLES}),
        ("UPDATE player_automation SET pause_on_disconnect = true", {Claim.TABLES}),
        (
            "UPDATE market_transactions SET rule_id = NULL WHERE rule_id IS NOT NULL",
            {Claim.TABLES, Claim.TRADES},
        ),
        ("UPDATE ports SET name = 'Nowhere' WHERE port_index = 0", {Claim.TABLES}),
        ("UPDATE sectors SET x = x + 1 WHERE sector_index = 0", {Claim.TABLES}),
        (
            (
                "UPDATE market_transactions SET real_time_price = real_time_price + 0.01 "
                "WHERE tick = 3"
            ),
            {Claim.TRADES},
        ),
        ("UPDATE market_transactions SET volume_24h = 0 WHERE tick = 3", {Claim.TRADES}),
        ("DELETE FROM market_transactions WHERE tick = 3", {Claim.TRADES}),
        (
            (
                "INSERT INTO market_transactions SELECT 999999, 0, 't-forged', player_id, port_id, "
                "transaction_type, commodity, quantity, total_credits, fees_credits, "
                "profit_credits, real_time_price, volume_24h, stock_after, market_version, tick, "
                "executed_at FROM market_transactions LIMIT 1"
            ),
            {Claim.TRADES},
        ),
        ("UPDATE haulers SET calls_at_tick = calls_at_tick + 1", {Claim.TABLES}),
        ("UPDATE haulers SET quantity = quantity + 1", {Claim.TABLES}),
        ("DELETE FROM hauler_deals WHERE transaction_type = 'buy'", {Claim.TABLES}),
        (
            (
                # The upkeep that the hauler paid.
                r"UPDATE events SET payload = regexp_replace(payload, "
                r"',(\d+,\d+,\"[^\"]*\",\d+\]\})$', ',1\1') WHERE kind = 'hauler_called'"
            ),
            {Claim.EVENT_CHAIN, Claim.TABLES},
        ),
        ("DELETE FROM market_transactions WHERE crossing > 0", {Claim.TRADES}),
        ("UPDATE market_transactions SET order_id = NULL", {Claim.TRADES}),
        ("UPDATE market_transactions SET quote_id = NULL", {Claim.TRADES}),
        (
            "UPDATE market_transactions SET profit_credits = profit_credits + 1",
            {Claim.TRADES, Claim.PROFIT},
        ),
        (
            "UPDATE players SET realised_profit_credits = 0 WHERE player_id = 'bob'",
            {Claim.TABLES, Claim.PROFIT},
        ),
        (
            "UPDATE player_orders SET close_reason = 'expired' WHERE close_reason = 'filled'",
            {Claim.ORDERS},
        ),
        (
            "UPDATE player_orders SET filled_credits = filled_credits + 1 WHERE filled > 0",
            {Claim.ORDERS},
        ),
        ("DELETE FROM player_orders WHERE close_reason = 'cancelled'", {Claim.ORDERS}),
        (
            "UPDATE player_orders SET limit_credits = limit_credits + 1 WHERE close_reason IS NULL",
            {Claim.TABLES},
        ),
        ("UPDATE quote_desks SET live = '[]'", {Claim.TABLES}),
        ("UPDATE quote_desks SET serial = serial + 1", {Claim.TABLES}),
        ("UPDATE risk_gate SET gate = NULL", {Claim.TABLES}),
        (
            (
                "UPDATE ledger_accounts SET balance_credits = balance_credits + CASE account "
                "WHEN 'held:ann' THEN 1 ELSE -1 END WHERE account IN ('held:ann', 'player:ann')"
            ),
            {Claim.TABLES},
        ),
        (
            (
                "UPDATE events SET payload = replace(payload, '\"limit_credits\":', "
                "'\"limit_credits\":1') WHERE kind = 'order_placed'"
            ),
            {Claim.EVENT_CHAIN, Claim.RESERVED},
        ),
        (
            (
                'UPDATE events SET payload = replace(payload, \'"reason":"filled"\', '
                "'\"reason\":\"expired\"') WHERE kind = 'order_closed'"
            ),
            {Claim.EVENT_CHAIN, Claim.ORDERS},
        ),
        (
            "DELETE FROM command_receipts WHERE command_id LIKE 'ann-CancelOrders-%'",
            {Claim.RECEIPTS},
        ),
        (
            "DELETE FROM command_receipts WHERE player_id = 'root' AND command_id LIKE '%over'",
            {Claim.RECEIPTS},
        ),
        (
            (
                "UPDATE command_receipts SET body = replace(convert_from(body, 'utf8'), "
                "'o-ann-', 'o-eve-')::bytea WHERE command_id LIKE 'ann-PlaceOrder-%'"
            ),
            {Claim.RECEIPTS},
        ),
        (
            "DELETE FROM command_receipts WHERE command_id = 'ann-Trade-3'",
            {Claim.RECEIPTS},
        ),
        (
            "INSERT INTO command_receipts VALUES ('ann', 'forged', '', 'executed', NULL, '{}', 0)",
            {Claim.RECEIPTS},
        ),
        (
            "UPDATE command_receipts SET body = '{}' WHERE command_id = 'ann-Trade-3'",
            {Claim.RECEIPTS},
        ),
    ],
)
async def test_a_lie_is_found(honest_dsn: str, lie: str, claims: set[Claim]) -> None:
    await sql(honest_dsn, lie)

    assert claims <= set(await findings(honest_dsn))


async def test_forgotten_ticks_are_bridged_by_a_checkpoint(honest_dsn: str) -> None:
    pool = await open_pool(honest_dsn, connections_max=2)
    store = PostgresEventStore(pool)
    lease = await store.acquire_lease("test")
    state = await store.load()
    assert state is not None
    world = restore(state)
    checkpoint = StockCheckpointed(
        Tick(world.tick),
        UnixMicros(START),
        tuple(tuple(port.stock) for port in world.ports_by_index),
        tuple(port.version for port in world.ports_by_index),
    )
    await store.append(lease, Batch((LoggedEvent(state.last_offset + 1, checkpoint),), (), (), ()))
    await store.release_lease(lease)
    await pool.close()
    await sql(honest_dsn, f"SELECT forget_old({state.last_offset + 1}, 50, 0, 0)")

    async with open_snapshot(honest_dsn) as snapshot:
        assert (await snapshot.heads()).ticks_forgotten == 49
    assert await findings(honest_dsn) == {}


async def test_a_snapshot_does_not_see_later_commits(honest_dsn: str) -> None:
    async with open_snapshot(honest_dsn) as snapshot:
        before = await snapshot.heads()
        await sql(honest_dsn, "UPDATE log_head SET last_offset = 0", "DELETE FROM cargo")

        proofs = await verify(snapshot, lambda read, total: None)

    assert all(proof.holds for proof in proofs)
    assert before.last_offset > 100
