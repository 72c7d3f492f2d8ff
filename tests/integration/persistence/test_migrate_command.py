"""`sectorwars migrate` as an operator runs it."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner, Result

from sectorwars.cli.migrate import migrate
from sectorwars.cli.verify import verify
from sectorwars.persistence.postgres.migration import code_revision


def run(*arguments: str) -> Result:
    return CliRunner().invoke(migrate, arguments)


def test_an_empty_database_gets_the_schema_and_a_current_one_keeps_it(
    empty_database_url: str,
) -> None:
    first = run("--database-url", empty_database_url)
    again = run("--database-url", empty_database_url, "--json")

    assert (first.exit_code, again.exit_code) == (0, 0)
    assert code_revision() in first.stdout
    assert json.loads(again.stdout) == {"good": True, "schema": code_revision()}
    verified = CliRunner().invoke(verify, ["--database-url", empty_database_url])
    assert "migrate" not in verified.stderr


def test_what_cannot_be_migrated_is_exit_code_2_and_a_sentence(tmp_path: Path) -> None:
    nothing = run("--data-dir", str(tmp_path))
    away = run("--database-url", f"postgresql://nobody@/nothing?host={tmp_path}")

    for result in (nothing, away):
        assert result.exit_code == 2
        assert len(result.stderr.strip().splitlines()) == 1
    assert "No universe" in nothing.stderr
    assert "cannot be reached" in away.stderr
