"""The contracts of import-linter name every room that is built: a new one cannot be forgotten."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]

# The rooms that each contract binds, by its name. Only those that exist can be named in
# pyproject.toml, because import-linter refuses a module that is not there.
BOUND = {
    "Settings are read in bootstrap and cli only": {
        "api",
        "application",
        "assistant",
        "automation",
        "bus",
        "domain",
        "engine",
        "forecasting",
        "gateway",
        "observability",
        "persistence",
        "protocol",
        "sdk",
        "simulation",
    },
    "Domain, engine and automation are pure": {"automation", "domain", "engine"},
    "Protocol and forecasting do no I/O and read no clock": {"forecasting", "protocol"},
    "The SDK knows protocol and domain only": {"sdk"},
}


def built_rooms() -> set[str]:
    return {path.parent.name for path in (ROOT / "src" / "sectorwars").glob("*/__init__.py")}


def contracts() -> dict[str, Any]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    return {item["name"]: item for item in project["tool"]["importlinter"]["contracts"]}


@pytest.mark.parametrize("name", BOUND)
def test_each_contract_binds_every_built_room_that_it_concerns(name: str) -> None:
    bound = {module.removeprefix("sectorwars.") for module in sources(name)}
    assert bound == BOUND[name] & built_rooms()


def test_every_built_room_has_its_rules() -> None:
    known = set().union(*BOUND.values()) | {"bootstrap", "cli"}
    assert built_rooms() <= known


def test_the_sdk_may_know_nothing_but_protocol_and_domain() -> None:
    if "sdk" not in built_rooms():
        assert "The SDK knows protocol and domain only" not in contracts()
        return
    forbidden = contracts()["The SDK knows protocol and domain only"]["forbidden_modules"]
    rooms = {module.removeprefix("sectorwars.") for module in forbidden}
    assert rooms >= built_rooms() - {"sdk", "protocol", "domain"}


def sources(name: str) -> list[str]:
    contract = contracts().get(name)
    return [] if contract is None else list(contract["source_modules"])
