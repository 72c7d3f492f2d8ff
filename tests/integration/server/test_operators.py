"""Operators at the command line of a running server, and on a stopped one."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import uuid
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.integration.server.players import NativePlayer, RestPlayer
from tests.integration.server.process import Server, run_command
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosedError

from sectorwars.protocol.close_codes import CloseCode

pytestmark = [pytest.mark.postgres, pytest.mark.timeout(300)]

PASSWORD = "correct horse battery"


async def command(server: Server, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command on the server's data directory, beside the server."""
    done = await asyncio.to_thread(
        run_command, *arguments, "--data-dir", str(server.data_dir), "--json"
    )
    assert "Traceback" not in done.stderr
    return done


async def plain(server: Server, *arguments: str) -> str:
    """Return what a command says to people."""
    done = await asyncio.to_thread(run_command, *arguments, "--data-dir", str(server.data_dir))
    assert done.returncode == 0, done.stderr
    return done.stdout


async def answer(server: Server, *arguments: str) -> Any:
    done = await command(server, *arguments)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


async def an_admin(server: Server, http: httpx.AsyncClient, tmp_path: Path) -> str:
    """Return the name of an administrator; the test may be the first to make one, or not."""
    name = f"admin_{uuid.uuid4().hex[:8]}"
    file = tmp_path / "password"
    file.write_text(PASSWORD)
    staff = (await answer(server, "admin", "list"))["accounts"]
    admins = [account["username"] for account in staff if account["role"] == "admin"]
    by = ("--as", admins[0]) if admins else ()
    made = await answer(server, "admin", "create", name, "--password-file", str(file), *by)
    assert made["role"] == "admin"
    return name


async def test_a_halt_from_the_command_line_bites_and_is_found_in_both_logs(
    server: Server, http: httpx.AsyncClient, player: RestPlayer, tmp_path: Path
) -> None:
    admin = await an_admin(server, http, tmp_path)
    me, name = player.grant["player_id"], player.grant["username"]
    receipt = await answer(
        server, "admin", "halt", "player", name, "--reason", "a probe", "--as", admin
    )
    assert (receipt["subject"], receipt["before"], receipt["after"]) == (me, "active", "halted")
    order = {"commodity": await player.cheapest_good(), "quantity": 1}
    refused = await player.post("/trading/buy", order)
    assert refused.json()["code"] == "player_halted"
    resumed = await answer(
        server, "admin", "resume", "player", me, "--reason", "it was one", "--as", admin
    )
    assert resumed["after"] == "active"
    assert (await player.post("/trading/buy", order)).status_code == 200

    rows = (await answer(server, "audit", "search", "--player", name))["rows"]
    kinds = [(row["log"], row["kind"]) for row in rows]
    assert kinds[0] == ("events", "goods_traded")
    assert kinds.count(("events", "trading_state_set")) == 2
    assert kinds.count(("audit_log", "trading_state_changed")) == 2
    halted = rows[kinds.index(("audit_log", "trading_state_changed"))]
    assert halted["session"].startswith("cli_")
    assert halted["address"].startswith("address:")
    assert name not in json.dumps(rows)
    report = await answer(server, "audit", "verify")
    assert report["good"]
    assert report["signed_heads"] >= 1


async def test_a_halt_is_pushed_to_who_follows_the_port_and_his_own_account(
    server: Server, http: httpx.AsyncClient, player: RestPlayer, tmp_path: Path
) -> None:
    admin = await an_admin(server, http, tmp_path)
    port_id = (await player.state())["docked_port_id"]
    because = ("--reason", "a wrong price", "--as", admin)
    async with connect(f"ws://127.0.0.1:{server.port}/ws/realtime") as socket:
        native = await NativePlayer.authenticate(socket, player.token)
        channels = ["account", f"port.{port_id}"]
        subscribed = (await native.ask("subscribe", {"channels": channels}))["data"]["channels"]
        active = {"state": "active", "scope": None, "reason": None}
        assert [each["snapshot"]["trading_state"] for each in subscribed] == [active] * 2
        halted = {"state": "halted", "scope": "port", "reason": "a wrong price"}
        for act, expected in (("halt", halted), ("resume", active)):
            await answer(server, "admin", act, "port", port_id, *because)
            waiting = {"trading_signal", "port_network"}
            while waiting:
                frame = await native.receive_type(*waiting)
                state = frame["data"].get("state", frame["data"])
                if state.get("trading_state") == expected:
                    waiting.remove(frame["type"])


async def test_caps_from_the_command_line_change_what_they_name(
    server: Server, http: httpx.AsyncClient, player: RestPlayer, tmp_path: Path
) -> None:
    admin = await an_admin(server, http, tmp_path)
    of = ("--player", player.grant["username"], "--as", admin)
    because = ("--reason", "a probe")
    first = await answer(server, "admin", "caps", "set", *of, *because, "--units-per-trade", "2")
    assert first["after"]["units_per_trade"] == 2
    more = ("--trades-per-hour", "9", "--units-per-trade", "none")
    second = await answer(server, "admin", "caps", "set", *of, *because, *more)
    assert (second["before"], second["after"]["units_per_trade"]) == (first["after"], None)
    shown = await answer(server, "admin", "caps", "show", *of)
    assert shown == second["after"]
    assert shown["trades_per_hour"] == 9


async def test_whoever_may_not_act_is_told_so_in_a_sentence(
    server: Server, http: httpx.AsyncClient, player: RestPlayer, tmp_path: Path
) -> None:
    admin = await an_admin(server, http, tmp_path)
    because = ("--reason", "a probe", "--as")
    for arguments, said in (
        (("halt", "game", *because, player.grant["username"]), "permission"),
        (("halt", "game", *because, "nobody"), "no account"),
        (("halt", "port", "p9999", *because, admin), "no port"),
        (("halt", "player", "a/b?c", *because, admin), "neither an id nor a name"),
        (("halt", "player", "nobody", *because, admin), "no player"),
        (("halt", "game", "p0001", *because, admin), "the game has no name"),
        (("halt", "port", *because, admin), "Name a port"),
        (("halt", "game", "--reason", "", "--as", admin), "reason"),
        (("caps", "set", *because, admin), "at least one cap"),
        (("caps", "set", "--trades-per-hour", "-1", *because, admin), "whole number"),
    ):
        done = await command(server, "admin", *arguments)
        assert (done.returncode, done.stdout) == (2, ""), arguments
        assert said in done.stderr, arguments


async def test_a_demotion_at_the_command_line_binds_the_token_in_hand(
    server: Server, http: httpx.AsyncClient, tmp_path: Path
) -> None:
    admin = await an_admin(server, http, tmp_path)
    other = await an_admin(server, http, tmp_path)
    signed_in = await http.post(
        "/api/v1/auth/login", json={"username": other, "password": PASSWORD}
    )
    headers = {"Authorization": f"Bearer {signed_in.json()['access_token']}"}
    assert (await http.get("/api/v1/admin/audit", headers=headers)).status_code == 200
    await answer(server, "admin", "role", other, "player", "--as", admin)
    refused = await http.get("/api/v1/admin/audit", headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (403, "permission_denied")


async def test_on_a_stopped_server_acts_are_refused_and_roles_are_changed(
    server: Server, http: httpx.AsyncClient, tmp_path: Path
) -> None:
    admin = await an_admin(server, http, tmp_path)
    other = await an_admin(server, http, tmp_path)
    assert await asyncio.to_thread(server.stop) == 0
    try:
        for act in (("halt", "game", "--reason", "x"), ("caps", "show")):
            done = await command(server, "admin", *act, "--as", admin)
            assert done.returncode == 2
            assert "does not run" in done.stderr
        changed = await answer(server, "admin", "role", other, "moderator", "--as", admin)
        assert changed["role"] == "moderator"
        report = await answer(server, "audit", "verify")
        assert report["good"], report["findings"]
        heads = server.data_dir / "audit" / "chain_heads.jsonl"
        kept = heads.read_bytes()
        heads.unlink()
        missing = await command(server, "audit", "verify")
        assert missing.returncode == 1
        assert json.loads(missing.stdout)["findings"] == ["there are none"]
        heads.write_bytes(kept)
    finally:
        await asyncio.to_thread(server.start)


async def test_a_connection_is_explained_and_closed_from_the_command_line(
    server: Server, http: httpx.AsyncClient, player: RestPlayer, tmp_path: Path
) -> None:
    by = ("--as", await an_admin(server, http, tmp_path))
    me, name = player.grant["player_id"], player.grant["username"]
    async with connect(f"ws://127.0.0.1:{server.port}/ws/realtime") as socket:
        line = await NativePlayer.authenticate(socket, player.token)
        await line.ask("subscribe", {"channels": ["market.ore"]})
        order = {"command_id": "c-none", "side": "buy", "commodity": "ore", "quantity": 100_000}
        refused = await line.ask("execute_trade", order)
        page = await answer(server, "admin", "connections", "--player", name, *by)
        (shown,) = page["connections"]
        assert (shown["player_id"], shown["dialect"], shown["refused"]) == (me, "native", 1)
        assert shown["round_trip_ms"] > 0
        connection = shown["connection_id"]
        whole = await answer(server, "admin", "connections", connection, *by)
        assert [channel["channel"] for channel in whole["followed"]] == ["market.ore"]
        assert whole["refusals"] == {refused["data"]["code"]: 1}
        assert whole["recent_refusals"][0]["command_id"] == "c-none"
        told = await plain(server, "admin", "connections", connection, *by)
        assert re.search(r"^market\.ore +offset \d+ of \w+\.\d+$", told, re.MULTILINE), told
        assert re.search(rf"^refused at \S+ +{refused['data']['code']} c-none$", told, re.MULTILINE)
        listed = await plain(server, "admin", "connections", *by)
        assert re.search(rf"^{connection} +native +{me} ", listed, re.MULTILINE), listed
        # The line of the log says which connection and which command.
        logged = f"message_refused .*command_id=c-none connection_id={connection} "
        assert re.search(logged, server.log.read_text())
        gone = await answer(server, "admin", "disconnect", connection, "--reason", "a probe", *by)
        assert gone["status"] == "closed"
        with pytest.raises(ConnectionClosedError):
            await line.receive_type("nothing")
        assert socket.close_code == CloseCode.CLOSED_BY_OPERATOR
    whole = await answer(server, "admin", "connections", connection, *by)
    assert (whole["open"], whole["closed"]["closed_by"]) == (None, "server")
    told = await plain(server, "admin", "connections", connection, *by)
    assert "closed by the server" in told
    unknown = await command(server, "admin", "connections", "nobodys-1", *by)
    assert (unknown.returncode, unknown.stdout) == (2, "")
    assert "no such connection" in unknown.stderr
