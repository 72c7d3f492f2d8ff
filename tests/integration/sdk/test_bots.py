"""The `bots` command at a real server."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.integration.server.process import Server, run_command, running_for_a_while

pytestmark = [pytest.mark.postgres, pytest.mark.timeout(300)]

_COMMAND = Path(sys.executable).with_name("sectorwars")


async def run_until_traded(server: Server, *options: str) -> dict[str, Any]:
    """Run bots until they have made a trade, then stop them; return their summary."""
    process = await asyncio.create_subprocess_exec(
        str(_COMMAND),
        "bots",
        "--json",
        f"--url={server.url}",
        f"--data-dir={server.data_dir}",
        *options,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    while True:
        line = await process.stderr.readuntil(b"refusals ")
        if b" 0 trades" not in line:
            break
    process.send_signal(signal.SIGTERM)
    said, rest = await process.communicate()
    assert process.returncode == 0, rest
    summary: dict[str, Any] = json.loads(said)
    return summary


async def test_bots_trade_as_service_accounts_and_come_back_as_themselves() -> None:
    limits = {"SECTORWARS_CONNECTIONS_PER_ADDRESS": "1", "SECTORWARS_AUTH_RATE_LIMIT": "3"}
    with running_for_a_while(limits) as server:
        password = server.data_dir / "password"
        password.write_text("correct horse battery staple\n")
        where = ("--data-dir", str(server.data_dir))
        made = run_command("admin", "create", "boss", "--password-file", str(password), *where)
        assert made.returncode == 0, made.stderr
        options = ("--count=10", "--strategy=impulse")
        first = await run_until_traded(server, *options)
        assert first["trades"] >= 1
        assert [bot["failure"] for bot in first["bots"]] == [None] * 10
        assert not {"too_many_connections", "auth_rate_limited"} & first["refusals"].keys()
        file = server.data_dir / "bots.json"
        assert file.stat().st_mode & 0o777 == 0o600
        again = await run_until_traded(server, *options)
        names = [[bot["username"] for bot in run["bots"]] for run in (first, again)]
        assert names[0] == names[1]
        file.chmod(0o644)
        refused = run_command("bots", f"--url={server.url}", *where)
        assert (refused.returncode, "chmod 600" in refused.stderr) == (2, True)
        # Without the key an administrator may speak for them.
        key = server.data_dir / "keys" / "service.key"
        key.rename(key.with_name("away"))
        others = f"--accounts={server.data_dir / 'others.json'}"
        spoken_for = await run_until_traded(server, "--count=3", "--as=boss", others, *options[1:])
        assert [bot["failure"] for bot in spoken_for["bots"]] == [None] * 3
        assert "too_many_connections" not in spoken_for["refusals"]
        absent = run_command("bots", f"--url={server.url}", f"--service-key={key}", others, *where)
        assert (absent.returncode, "service.key is missing" in absent.stderr) == (2, True)
        verified = run_command("verify", *where)
        assert verified.returncode == 0, verified.stdout


def test_an_absent_server_is_told_in_a_sentence(tmp_path: Path) -> None:
    done = run_command("bots", "--url=http://127.0.0.1:1", f"--accounts={tmp_path / 'bots.json'}")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "no answer" in done.stderr
