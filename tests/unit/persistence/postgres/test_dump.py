"""How PostgreSQL's programs are told where a database is."""

from __future__ import annotations

import pytest

from sectorwars.persistence.postgres.dump import _apart


@pytest.mark.parametrize(
    ("dsn", "address", "password"),
    [
        ("postgresql://sectorwars@/sectorwars?host=/run/a%20b/socket",
         "postgresql://sectorwars@/sectorwars?host=%2Frun%2Fa%20b%2Fsocket", None),
        ("postgresql://ann:p%40ss@h1:1,h2:2/g?sslmode=require",
         "postgresql://ann@h1:1,h2:2/g?sslmode=require", "p@ss"),
        ("postgres://h/g?user=ann&password=p%26s", "postgres://h/g?user=ann", "p&s"),
        ("postgresql://h/g", "postgresql://h/g", None),
    ],
)  # fmt: skip
def test_a_password_is_not_for_the_command_line(
    dsn: str, address: str, password: str | None
) -> None:
    assert _apart(dsn) == (address, password)
