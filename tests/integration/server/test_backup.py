"""A galaxy that is copied while it is traded in, and goes on elsewhere."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import httpx
import pytest
from tests.integration.server.players import RestPlayer
from tests.integration.server.process import Server, run_command, running

pytestmark = [pytest.mark.postgres, pytest.mark.timeout(300)]


async def trade_until(player: RestPlayer, good: str, ended: asyncio.Event) -> list[str]:
    """Buy and sell, one unit after the other; return the ids of the commands."""
    done = []
    while not ended.is_set():
        for side in ("buy", "sell"):
            receipt = await player.perform(f"/trading/{side}", {"commodity": good, "quantity": 1})
            done.append(receipt["command_id"])
    return done


async def published_keys(http: httpx.AsyncClient) -> set[str]:
    key_set = (await http.get("/.well-known/jwks.json")).json()
    return {key["kid"] for key in key_set["keys"]}


async def test_a_galaxy_copied_under_trade_goes_on_elsewhere(
    server: Server, http: httpx.AsyncClient, player: RestPlayer, data_dir: Path, tmp_path: Path
) -> None:
    file = str(tmp_path / "galaxy.backup")
    good = await player.cheapest_good()
    order = {"commodity": good, "quantity": 3, "command_id": "before"}
    before = await player.perform("/trading/buy", order)
    state = await player.state()
    trader = await RestPlayer.register(http)
    ended = asyncio.Event()
    trading = asyncio.create_task(trade_until(trader, await trader.cheapest_good(), ended))
    copied = await asyncio.to_thread(
        run_command, "backup", file, "--data-dir", str(server.data_dir), "--json"
    )
    ended.set()
    assert copied.returncode == 0, copied.stderr
    assert await trading
    later = await player.perform("/trading/buy", {**order, "command_id": "after"})
    keys = await published_keys(http)

    restored = await asyncio.to_thread(
        run_command, "restore", file, "--data-dir", str(data_dir), "--json"
    )

    assert restored.returncode == 0, restored.stdout + restored.stderr
    report = json.loads(restored.stdout)
    assert all(proof["holds"] for proof in report["proofs"])
    assert report["last_offset"] == json.loads(copied.stdout)["last_offset"]
    with running(data_dir) as heir:
        async with httpx.AsyncClient(base_url=heir.url, timeout=60) as http_of_heir:
            assert await published_keys(http_of_heir) == keys
            back = RestPlayer(http_of_heir, player.grant)
            assert await back.state() == state
            await back.sign_in_again()
            assert await back.read("/trading/commands/before") == before
            assert await back.perform("/trading/buy", order) == before
            unknown = await back.get(f"/trading/commands/{later['command_id']}")
            assert unknown.status_code == 404
            after = await back.perform("/trading/buy", {**order, "command_id": "after"})
            assert after["trade"]["cargo_after"] == later["trade"]["cargo_after"]
