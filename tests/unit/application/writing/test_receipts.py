"""What a caller is told, and what tells one payload from another."""

import asyncio
from dataclasses import dataclass

import pytest
from tests.small_core import BUY_10, SELL_10, running_core, virtual
from tests.small_galaxy import ALPHA, BETA, HAVEN, PLAYER, RESORT

from sectorwars.application.rows import Receipt
from sectorwars.application.writing.receipts import payload_hash
from sectorwars.domain.command import Dock, PlayerCommand, RegisterPlayer, Trade, Travel, Undock
from sectorwars.domain.market import Side
from sectorwars.domain.values import rfc3339
from sectorwars.simulation.virtual_time import VirtualClock


@virtual
async def test_a_trade_is_told_in_full(clock: VirtualClock) -> None:
    async with running_core(clock) as core:
        body = await core.executed(BUY_10, "c-1")
        (event,) = core.trades()
        assert body == {
            "command_id": "c-1",
            "status": "executed",
            "trade": {
                "trade_id": event.trade_id,
                "port_id": HAVEN,
                "side": "buy",
                "commodity": "ore",
                "quantity": 10,
                "fills": [
                    {"price_credits": f.price_credits, "quantity": f.quantity} for f in event.fills
                ],
                "total_credits": event.total_credits,
                "fees_credits": event.fees_credits,
                "profit_credits": None,
                "credits_after": 50_000 - event.total_credits - event.fees_credits,
                "cargo_after": 10,
                "stock_after": event.stock_after,
                "market_version": event.market_version,
                "executed_at": rfc3339(event.at),
                "game_time": "2102-01-01T00:00:00.000000Z",
                "order_id": None,
                "rule_id": None,
            },
        }
        sold = (await core.executed(SELL_10))["trade"]
        assert (sold["side"], sold["profit_credits"]) == (
            "sell",
            sold["credits_after"] - 50_000,
        )


@virtual
async def test_a_flight_is_told_step_by_step(clock: VirtualClock) -> None:
    async with running_core(clock) as core:
        left = await core.executed(Undock(), "c-1")
        assert left == {
            "command_id": "c-1",
            "status": "executed",
            "sector_id": ALPHA,
            "fee_credits": 5,
            "credits_after": 49_995,
        }
        journey = (await core.executed(Travel(BETA)))["journey"]
        assert (journey["from_sector_id"], journey["to_sector_id"]) == (ALPHA, BETA)
        assert (journey["travel_seconds"], journey["turns_left"]) == (5, 499)
        assert journey["departed_at"] < journey["arrives_at"]
        await asyncio.sleep(6)
        docked = await core.executed(Dock(RESORT), "c-3")
        assert docked == {
            "command_id": "c-3",
            "status": "executed",
            "port_id": RESORT,
            "fee_credits": 5,
            "credits_after": 49_990,
        }


@virtual
async def test_an_arrival_in_the_galaxy_is_told(clock: VirtualClock) -> None:
    async with running_core(clock) as core:
        again = await core.send(RegisterPlayer(), "register")
        assert isinstance(again, Receipt)
        assert again.body == (
            b'{"command_id":"register","player_id":"%(id)s","port_id":"p0001",'
            b'"sector_id":"s0001","ship_id":"ship-%(id)s","status":"executed"}'
        ) % {b"id": PLAYER.encode()}


@dataclass(frozen=True, slots=True)
class Cast:
    """A command with the same members as `Dock`, under another name."""

    port_id: str


def test_every_part_of_a_payload_counts() -> None:
    commands: list[PlayerCommand] = [
        RegisterPlayer(),
        Undock(),
        Dock(HAVEN),
        Dock(RESORT),
        Travel(ALPHA),
        Trade(Side.BUY, "ore", 10),
        Trade(Side.SELL, "ore", 10),
        Trade(Side.BUY, "fuel", 10),
        Trade(Side.BUY, "ore", 11),
        Trade(Side.BUY, "ore", 10, 10),
        Cast(HAVEN),  # type: ignore[list-item]
    ]
    assert len({payload_hash(command) for command in commands}) == len(commands)


@pytest.mark.parametrize("command", [Undock(), Trade(Side.BUY, "ore", 10, 99)])
def test_equal_payloads_have_equal_hashes(command: PlayerCommand) -> None:
    again = type(command)(*(getattr(command, name) for name in type(command).__slots__))
    assert payload_hash(command) == payload_hash(again)
    assert len(payload_hash(command)) == 32
