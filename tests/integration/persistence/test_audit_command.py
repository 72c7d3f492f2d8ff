"""`sectorwars audit` and `sectorwars admin` on a database, as an operator runs them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from click.testing import CliRunner, Result
from tests.integration.persistence.test_verify_command import bear_universe

from sectorwars.application.audit.hash_chain import GENESIS_HASH, chain_hash
from sectorwars.cli.admin import admin
from sectorwars.cli.audit import audit
from sectorwars.domain.values import parse_rfc3339
from sectorwars.protocol.canonical import canonical_json

PASSWORD = "correct horse battery"


def on(dsn: str, work: Callable[[asyncpg.Connection[Any]], Awaitable[Any]]) -> Any:
    async def connected() -> Any:
        connection = await asyncpg.connect(dsn)
        try:
            return await work(connection)
        finally:
            await connection.close()

    return asyncio.run(connected())


@pytest.fixture
def run(database_url: str) -> Callable[..., Result]:
    asyncio.run(bear_universe(database_url))

    def command(group: Any, *arguments: str, text: str | None = None) -> Result:
        told = (*arguments, "--database-url", database_url)
        return CliRunner().invoke(group, told, input=text, catch_exceptions=False)

    return command


def create(run: Callable[..., Result], name: str, *more: str) -> Result:
    return run(admin, "create", name, "--password-file", "-", *more, text=f"{PASSWORD}\n")


def rows_of(result: Result) -> list[dict[str, Any]]:
    assert result.exit_code == 0, result.output
    rows: list[dict[str, Any]] = json.loads(result.stdout)["rows"]
    return rows


def test_the_first_administrator_is_made_freely_and_each_later_one_by_an_administrator(
    run: Callable[..., Result],
) -> None:
    assert create(run, "root").exit_code == 0
    uninvited = create(run, "second")
    assert uninvited.exit_code == 2
    assert "There is an administrator already" in uninvited.stderr
    assert create(run, "second", "--as", "ROOT").exit_code == 0
    staff = json.loads(run(admin, "list", "--json").stdout)["accounts"]
    assert [(account["username"], account["role"]) for account in staff] == [
        ("root", "admin"),
        ("second", "admin"),
    ]
    first, later = rows_of(run(audit, "search", "--kind", "role_changed", "--json"))[::-1]
    assert first["actor"] == "data_directory_owner"
    assert later["actor"] == staff[0]["player_id"]
    assert later["subject"] == staff[1]["player_id"]
    assert (later["before"], later["after"]) == ({"role": "player"}, {"role": "admin"})


def test_a_role_is_changed_by_an_administrator_only(run: Callable[..., Result]) -> None:
    create(run, "root")
    create(run, "second", "--as", "root")
    demoted = run(admin, "role", "second", "moderator", "--as", "root", "--json")
    assert json.loads(demoted.stdout)["role"] == "moderator"
    refused = run(admin, "role", "root", "player", "--as", "second")
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "permission" in refused.stderr
    for user, acting in (("nobody", "root"), ("second", "nobody")):
        unknown = run(admin, "role", user, "player", "--as", acting)
        assert unknown.exit_code == 2
        assert "no account" in unknown.stderr
    assert run(admin, "role", "second", "king", "--as", "root").exit_code == 2


@pytest.mark.parametrize(
    ("name", "password", "said"),
    [
        ("ro", PASSWORD, "A username has"),
        ("root", "short", "at least 8 characters"),
        ("root", "", "at least 8 characters"),
    ],
)
def test_an_account_that_cannot_be_is_not_made(
    run: Callable[..., Result], name: str, password: str, said: str
) -> None:
    refused = run(admin, "create", name, "--password-file", "-", text=f"{password}\n")
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert said in refused.stderr
    assert json.loads(run(admin, "list", "--json").stdout) == {"accounts": []}


def test_a_password_is_asked_for_twice_or_read_from_a_file(
    run: Callable[..., Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    missing = run(admin, "create", "root", "--password-file", str(tmp_path / "none"))
    assert missing.exit_code == 2
    assert "cannot be read" in missing.stderr
    unasked = run(admin, "create", "root", text=f"{PASSWORD}\n{PASSWORD}\n")
    assert unasked.exit_code == 2
    assert "--password-file" in unasked.stderr
    file = tmp_path / "password"
    file.write_text(f"{PASSWORD}\r\nand more\n")
    assert run(admin, "create", "root", "--password-file", str(file)).exit_code == 0
    monkeypatch.setattr("sectorwars.cli.admin._has_terminal", lambda: True)
    given_up = run(admin, "create", "next", "--as", "root", text="")
    assert given_up.exit_code == 2
    typed = run(admin, "create", "next", "--as", "root", text=f"{PASSWORD}\n{PASSWORD}\n")
    assert typed.exit_code == 0
    assert PASSWORD not in typed.output


def test_a_search_finds_by_name_kind_and_time_and_says_which_log(
    run: Callable[..., Result],
) -> None:
    create(run, "root")
    (row,) = rows_of(run(audit, "search", "--player", "root", "--json"))
    assert (row["log"], row["number"], row["kind"]) == ("audit_log", 1, "role_changed")
    assert rows_of(run(audit, "search", "--actor", "root", "--json")) == []
    assert rows_of(run(audit, "search", "--since", row["at"], "--json")) == [row]
    assert rows_of(run(audit, "search", "--until", row["at"], "--json")) == []
    assert rows_of(run(audit, "search", "--until", "2020-01-31", "--json")) == []
    told = run(audit, "search").stdout
    assert told.splitlines()[0].split()[:4] == [row["at"], "audit_log", "1", "role_changed"]
    for bad in (("--since", "yesterday"), ("--kind", "nonsense"), ("--limit", "0")):
        assert run(audit, "search", *bad).exit_code == 2


def test_an_export_can_be_proven_by_who_gets_it(run: Callable[..., Result]) -> None:
    create(run, "root")
    create(run, "second", "--as", "root")
    exported = run(audit, "export")
    assert exported.exit_code == 0
    rows = [json.loads(line) for line in exported.stdout.splitlines()]
    assert [(row["log"], row["number"]) for row in rows] == [
        ("audit_log", 1),
        ("audit_log", 2),
        ("events", 1),
    ]
    previous = GENESIS_HASH
    for row in rows[:2]:
        entry = {
            name: row[name]
            for name in (
                *("kind", "actor", "details", "session", "address", "subject"),
                *("before", "after"),
            )
        }
        entry["at"] = parse_rfc3339(row["at"])
        previous = chain_hash(previous, row["number"], canonical_json(entry))
        assert row["hash"] == previous.hex()
    assert run(audit, "export", "--since", "2090-01-01").stdout == ""


def test_one_changed_byte_in_either_chain_is_found(
    run: Callable[..., Result], database_url: str
) -> None:
    create(run, "root")
    good = run(audit, "verify", "--json")
    assert good.exit_code == 0
    report = json.loads(good.stdout)
    assert (report["good"], report["entries"], report["log_records"]) == (True, 1, 1)
    lies = {
        "UPDATE events SET payload = replace(payload, '\"seed\":5', '\"seed\":6')": (
            "the record at offset 1 breaks its chain"
        ),
        'UPDATE audit_log SET after = \'{"role": "admim"}\'': "the record 1 breaks the chain",
    }
    for lie, finding in lies.items():
        on(database_url, lambda connection, lie=lie: connection.execute(lie))
        found = run(audit, "verify", "--json")
        assert found.exit_code == 1
        assert finding in json.loads(found.stdout)["findings"]
    told = run(audit, "verify")
    assert told.stdout.count("FAULT") == 2


def test_a_kind_that_its_payload_does_not_have_is_found(
    run: Callable[..., Result], database_url: str
) -> None:
    on(database_url, lambda connection: connection.execute("UPDATE events SET kind = 'x'"))
    found = run(audit, "verify")
    assert found.exit_code == 1
    assert "the kind 'x' is not its payload's" in found.stdout


@pytest.mark.parametrize(
    "arguments",
    [("verify",), ("search",), ("export",)],
)
def test_a_place_without_a_universe_is_said_in_a_sentence(
    arguments: tuple[str, ...], tmp_path: Path
) -> None:
    for place in (("--data-dir", str(tmp_path)), ("--database-url", "postgresql://127.0.0.1:1/x")):
        done = CliRunner().invoke(audit, [*arguments, *place], catch_exceptions=False)
        assert done.exit_code == 2
        assert done.stderr.startswith("sectorwars: ")
        assert done.stderr.count("\n") == 1
