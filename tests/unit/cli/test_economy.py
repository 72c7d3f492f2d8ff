"""`sectorwars economy report`: figures, JSON and exit codes."""

import json

import pytest
from click.testing import CliRunner

from sectorwars.cli.economy import economy
from sectorwars.domain.commodity import COMMODITIES
from sectorwars.engine.economy import survey as survey_module


def test_the_report_is_a_table_for_people() -> None:
    result = CliRunner().invoke(
        economy, ["report", "--days", "1", "--seed", "4", "--sectors", "20"]
    )
    assert result.exit_code == 0
    assert "1 game days of universe 4" in result.stdout
    assert "goods starved at a port           0" in result.stdout
    assert all(good.value in result.stdout for good in COMMODITIES)


def test_the_report_is_json_for_programs() -> None:
    result = CliRunner().invoke(
        economy, ["report", "--days", "1", "--seed", "4", "--sectors", "20", "--json"]
    )
    assert result.exit_code == 0
    figures = json.loads(result.stdout)
    assert figures["days"] == 1
    assert figures["price_clamped"] == figures["goods_starved"] == 0
    assert abs(figures["money_supply_growth_ratio"]) < 0.2
    assert set(figures["indices"]) == {good.value for good in COMMODITIES}
    ore = figures["indices"]["ore"]
    assert ore["low"] < ore["mean"] < ore["high"]


def test_a_finding_ends_with_1(monkeypatch: pytest.MonkeyPatch) -> None:
    # No seed starves, so the threshold is moved above every stock.
    monkeypatch.setattr(survey_module, "STARVED_DIVISOR", 0)
    result = CliRunner().invoke(economy, ["report", "--days", "1", "--sectors", "20", "--json"])
    assert json.loads(result.stdout)["goods_starved"] > 0
    assert result.exit_code == 1


@pytest.mark.parametrize(
    "wrong", [["--sectors", "5"], ["--days", "0"], ["--seed", "x"], ["--sectors", "9999"]]
)
def test_wrong_usage_ends_with_2_and_a_sentence(wrong: list[str]) -> None:
    result = CliRunner().invoke(economy, ["report", *wrong])
    assert result.exit_code == 2
    assert result.stderr
    assert "Traceback" not in result.output
