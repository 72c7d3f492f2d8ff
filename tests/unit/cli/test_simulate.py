"""The command's two outputs and its exit code."""

import json
from collections.abc import Iterator

import pytest
import structlog
from click.testing import CliRunner

from sectorwars.cli import simulate as module
from sectorwars.cli.simulate import simulate
from sectorwars.simulation.simulator import Verdict


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:
    yield
    structlog.reset_defaults()


def test_a_good_run_exits_with_0_and_tells_its_digest() -> None:
    result = CliRunner().invoke(simulate, ["--seed", "3", "--steps", "40", "--json"])
    verdict = json.loads(result.stdout)
    assert result.exit_code == 0
    assert (verdict["seed"], verdict["steps"], verdict["findings"]) == (3, 40, [])
    assert len(verdict["digest"]) == 64
    told = CliRunner().invoke(simulate, ["--seed", "3", "--steps", "40"])
    assert verdict["digest"] in told.stdout
    assert told.stdout.endswith("No findings.\n")


def test_a_finding_exits_with_1(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = Verdict(1, 5, "00", ["a trade was executed twice"], 2, 1)
    monkeypatch.setattr(module, "run_simulation", lambda seed, steps: broken)
    result = CliRunner().invoke(simulate, ["--seed", "1", "--steps", "5"])
    assert result.exit_code == 1
    assert "FOUND  a trade was executed twice" in result.stdout
    assert CliRunner().invoke(simulate, ["--json"]).exit_code == 1


@pytest.mark.parametrize("arguments", [["--steps", "0"], ["--seed", "-1"], ["--steps", "many"]])
def test_bad_usage_exits_with_2(arguments: list[str]) -> None:
    assert CliRunner().invoke(simulate, arguments).exit_code == 2
