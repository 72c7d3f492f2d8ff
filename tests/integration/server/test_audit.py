"""Who signed in and who was denied what is entered by a running server, and by nobody's name."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from typing import Any

import asyncpg
import httpx
import pytest
from tests.integration.server.players import NativePlayer, RestPlayer
from tests.integration.server.process import Server, run_command
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from sectorwars.persistence.postgres.cluster import running_dsn

pytestmark = [pytest.mark.postgres, pytest.mark.timeout(300)]


async def audited(server: Server) -> list[tuple[str, str | None, dict[str, Any]]]:
    """Return kind, actor and details of every entry."""
    dsn = running_dsn(server.data_dir)
    assert dsn is not None
    database = await asyncpg.connect(dsn)
    try:
        rows = await database.fetch("SELECT kind, actor, payload FROM audit_log ORDER BY entry")
    finally:
        await database.close()
    return [(row["kind"], row["actor"], json.loads(row["payload"])) for row in rows]


async def test_denials_and_sign_ins_are_in_a_chain_that_verifies(
    server: Server, http: httpx.AsyncClient, player: RestPlayer
) -> None:
    body = {"username": player.grant["username"], "password": "not the right one"}
    assert (await http.post("/api/v1/auth/login", json=body)).status_code == 401
    async with connect(f"ws://127.0.0.1:{server.port}/ws/realtime") as socket:
        native = await NativePlayer.authenticate(socket, player.token)
        refused = await native.ask("ping", {}, signature="0" * 64)
    assert refused["data"]["code"] == "invalid_signature"
    with pytest.raises(InvalidStatus):
        await connect(f"ws://127.0.0.1:{server.port}/ws/realtime", origin="http://evil.example")
    assert (await player.post("/auth/logout")).status_code == 204
    assert (await player.get("/player/state")).status_code == 401
    # At its end the server enters what was denied in the minute under way.
    assert await asyncio.to_thread(server.stop) == 0
    await asyncio.to_thread(server.start)

    found = await audited(server)
    me = player.grant["player_id"]
    assert {(kind, details.get("outcome")) for kind, actor, details in found if actor == me} >= {
        ("registration", "success"),
        ("login", "invalid_credentials"),
        ("logout", "success"),
    }
    denials = Counter(
        (actor, details["code"]) for kind, actor, details in found if kind == "denials"
    )
    assert denials[me, "invalid_signature"] == 1
    codes = {code for actor, code in denials if actor.startswith("address:")}
    assert codes >= {"invalid_credentials", "origin_forbidden", "session_revoked"}
    assert player.grant["username"] not in repr(found)
    examined = await asyncio.to_thread(
        run_command, "audit", "verify", "--data-dir", str(server.data_dir), "--json"
    )
    report = json.loads(examined.stdout)
    assert (examined.returncode, report["good"], report["findings"]) == (0, True, [])
    assert report["entries"] >= len(found)
