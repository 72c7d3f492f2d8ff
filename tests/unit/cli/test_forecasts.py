"""`sectorwars forecasts`: report and training on universes that take no time."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.forecast_rows import wavy_universe

from sectorwars.application.forecasts.champion import FITTED_ON, live_through
from sectorwars.cli import forecasts as command_module
from sectorwars.cli.forecasts import forecasts
from sectorwars.forecasting.champion import from_json

HORIZONS = {"1h", "6h", "24h"}


@pytest.fixture
def _fast_universes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Universes whose prices are computed rather than lived through."""

    def universes(seeds: tuple[int, ...], _days: int, _sectors: int) -> list[object]:
        return [wavy_universe(seed, 1_100) for seed in seeds]

    monkeypatch.setattr(command_module, "_universes", universes)


@pytest.mark.usefixtures("_fast_universes")
def test_the_report_is_json_for_programs() -> None:
    result = CliRunner().invoke(forecasts, ["report", "--seeds", "1,2", "--json"])
    figures = json.loads(result.stdout)
    assert figures["seeds"] == [1, 2]
    assert set(figures["horizons"]) == set(figures["universes"]["1"]) == HORIZONS
    one, two, both = (
        figures["universes"]["1"]["1h"],
        figures["universes"]["2"]["1h"],
        figures["horizons"]["1h"],
    )
    assert both["n"] == one["n"] + two["n"]
    assert result.exit_code in {0, 1}


@pytest.mark.usefixtures("_fast_universes")
def test_the_report_is_a_table_for_people() -> None:
    result = CliRunner().invoke(forecasts, ["report", "--seeds", "1"])
    lines = result.stdout.splitlines()
    assert len(lines) == 2 + 3 + 3
    assert all(any(horizon in line for line in lines) for horizon in HORIZONS)


@pytest.mark.usefixtures("_fast_universes")
def test_training_writes_a_model_file_that_can_be_read(tmp_path: Path) -> None:
    output = tmp_path / "champion.json"
    result = CliRunner().invoke(forecasts, ["train", "--output", str(output)])
    assert result.exit_code == 0, result.output
    champion = from_json(output.read_text())
    assert champion.model_id in result.stdout
    assert champion.training["fitted_on"] == list(FITTED_ON)


@pytest.mark.usefixtures("_fast_universes")
def test_a_model_file_that_cannot_be_written_is_said_in_a_sentence(tmp_path: Path) -> None:
    output = tmp_path / "missing" / "champion.json"
    result = CliRunner().invoke(forecasts, ["train", "--output", str(output)])
    assert result.exit_code == 2
    assert "cannot be written" in result.stderr


@pytest.mark.parametrize(
    "wrong",
    [["--seeds", "one"], ["--seeds", ""], ["--days", "1"], ["--seeds", str(FITTED_ON[0])]],
)
def test_wrong_usage_ends_with_2_and_a_sentence(wrong: list[str]) -> None:
    result = CliRunner().invoke(forecasts, ["report", *wrong])
    assert result.exit_code == 2
    assert result.stderr
    assert "Traceback" not in result.output


def test_a_universe_too_small_ends_with_2() -> None:
    result = CliRunner().invoke(forecasts, ["report", "--seeds", "1", "--sectors", "5"])
    assert result.exit_code == 2
    assert "sectors" in result.stderr


def test_a_lived_universe_is_seen_every_five_minutes_and_the_same_each_time() -> None:
    universe = live_through(seed=3, ticks=60, sectors=20)
    assert len(universe.cents) == 1 + 60 // 5
    assert universe.start == -2_880
    assert universe.cents == live_through(seed=3, ticks=60, sectors=20).cents
    assert universe.cents[0] != universe.cents[-1]
