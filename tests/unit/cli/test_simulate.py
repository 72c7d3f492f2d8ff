"""The command's two outputs and its exit code."""

import json
from collections.abc import Collection, Iterator

import pytest
import structlog
from click.testing import CliRunner

from sectorwars.cli import simulate as module
from sectorwars.cli.simulate import simulate
from sectorwars.simulation import simulator
from sectorwars.simulation.history import Entry
from sectorwars.simulation.simulator import Verdict


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:
    yield
    structlog.reset_defaults()


def _broken(
    seed: int, steps: int, only: Collection[int] | None = None, enough: object = None
) -> Verdict:
    """Break a promise in every run in which action 2 is played."""
    numbers = tuple(n for n in range(1, 6) if only is None or n in only)
    findings = ["a trade was executed twice"] if 2 in numbers else []
    entries = [Entry(0.5, n, "pl_1 sends c1") for n in numbers]
    return Verdict(seed, steps, "00", findings, 2, 0, 0, 1, numbers, entries)


def test_a_good_run_exits_with_0_and_tells_its_digest() -> None:
    result = CliRunner().invoke(simulate, ["--seed", "3", "--steps", "40", "--json"])
    verdict = json.loads(result.stdout)
    assert result.exit_code == 0
    assert list(verdict) == ["seed", "steps", "digest", "findings"]
    assert (verdict["seed"], verdict["steps"], verdict["findings"]) == (3, 40, [])
    assert len(verdict["digest"]) == 64
    told = CliRunner().invoke(simulate, ["--seed", "3", "--steps", "40"])
    assert verdict["digest"] in told.stdout
    assert "no findings" in told.stdout


@pytest.fixture
def _every_run_is_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "run_simulation", _broken)
    monkeypatch.setattr(simulator, "simulate", _broken)


@pytest.mark.usefixtures("_every_run_is_broken")
def test_a_finding_exits_with_1_and_shows_the_shortest_history() -> None:
    result = CliRunner().invoke(simulate, ["--seed", "1", "--steps", "5"])
    assert result.exit_code == 1
    assert "FOUND  a trade was executed twice" in result.stdout
    assert "sectorwars simulate --seed 1 --steps 5 --only 2\n" in result.stdout
    assert "#1 " not in result.stdout


@pytest.mark.usefixtures("_every_run_is_broken")
def test_json_keeps_to_one_object_and_shows_the_history_elsewhere() -> None:
    result = CliRunner().invoke(simulate, ["--json"])
    assert result.exit_code == 1
    assert json.loads(result.stdout)["findings"] == ["a trade was executed twice"]
    assert "--only 2" in result.stderr


@pytest.mark.usefixtures("_every_run_is_broken")
def test_what_is_played_again_is_shown_as_it_is() -> None:
    result = CliRunner().invoke(simulate, ["--steps", "5", "--only", "1-3"])
    assert result.exit_code == 1
    assert "--only 1-3\n" in result.stdout
    assert CliRunner().invoke(simulate, ["--only", "none"]).exit_code == 0


def test_many_seeds_are_run_with_a_line_of_progress() -> None:
    result = CliRunner().invoke(simulate, ["--seeds", "3..5", "--steps", "12"])
    assert result.exit_code == 0
    assert "3 seeds of 12 steps" in result.stdout
    assert "\r3 seeds, " in result.stderr
    lines = CliRunner().invoke(simulate, ["--seeds", "3..5", "--steps", "12", "--json"]).stdout
    assert [json.loads(line)["seed"] for line in lines.splitlines()] == [3, 4, 5]


@pytest.mark.usefixtures("_every_run_is_broken")
def test_many_seeds_tell_of_each_that_is_broken() -> None:
    result = CliRunner().invoke(simulate, ["--seeds", "7..8", "--steps", "5"])
    assert result.exit_code == 1
    assert "--seed 7 --steps 5 --only 2" in result.stdout
    assert "--seed 8 --steps 5 --only 2" in result.stdout
    assert "2 broke a promise" in result.stdout


def test_a_soak_goes_on_from_its_seed_until_its_time_is_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    times = iter([0.0, 10.0, 70.0, 119.0, 121.0])
    monkeypatch.setattr(module, "monotonic", lambda: next(times))
    arguments = ["--soak", "2", "--seed", "40", "--steps", "6", "--json"]
    result = CliRunner().invoke(simulate, arguments)
    assert result.exit_code == 0
    assert [json.loads(line)["seed"] for line in result.stdout.splitlines()] == [40, 41, 42]


@pytest.mark.parametrize(
    "arguments",
    [
        ["--steps", "0"],
        ["--seed", "-1"],
        ["--steps", "many"],
        ["--only", "x"],
        ["--seeds", "5..4"],
        ["--seeds", "5"],
        ["--soak", "0"],
        ["--soak", "1", "--seeds", "1..2"],
        ["--seed", "4", "--seeds", "1..2"],
    ],
)
def test_bad_usage_exits_with_2(arguments: list[str]) -> None:
    assert CliRunner().invoke(simulate, arguments).exit_code == 2
