"""`sectorwars economy`: look at the economy of a universe without players."""

import json
import sys
from typing import Any

import click

from sectorwars.cli.failure import fail
from sectorwars.domain.values import TICKS_PER_GAME_DAY, TICKS_PER_GAME_HOUR
from sectorwars.engine.economy.survey import EconomySurvey, Surveyor


@click.group()
def economy() -> None:
    """Look at the economy of a universe without players."""


@economy.command()
@click.option("--days", default=30, show_default=True, type=click.IntRange(min=1), metavar="N")
@click.option("--seed", default=2102, show_default=True, type=int, metavar="N")
@click.option("--sectors", default=100, show_default=True, type=int, metavar="N")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def report(days: int, seed: int, sectors: int, as_json: bool) -> None:
    """Run game days from a universe's birth; exit 1 if a good starved or a price stuck."""
    try:
        surveyor = Surveyor(seed, sectors)
    except ValueError as error:
        fail(f"{error}.")
    hours = days * TICKS_PER_GAME_DAY // TICKS_PER_GAME_HOUR
    with click.progressbar(length=hours, label="Game hours", file=sys.stderr) as bar:
        for _ in range(hours):
            surveyor.run(TICKS_PER_GAME_HOUR)
            bar.update(1)
    survey = surveyor.report()
    figures = _figures(days, seed, survey)
    click.echo(json.dumps(figures) if as_json else _table(figures))
    sys.exit(0 if survey.sound else 1)


def _figures(days: int, seed: int, survey: EconomySurvey) -> dict[str, Any]:
    growth = (survey.money_after - survey.money_before) / survey.money_before
    return {
        "days": days,
        "seed": seed,
        "price_clamped": survey.price_clamped,
        "goods_starved": survey.goods_starved,
        "newcomer_shortfalls": survey.newcomer_shortfalls,
        "money_supply_growth_ratio": round(growth, 6),
        "money_supply_credits": survey.money_after,
        "haulers": {
            "count": survey.fleet.haulers,
            "calls": survey.fleet.calls,
            "trips": survey.fleet.trips,
            "units_sold": survey.fleet.units_sold,
            "profit_credits": survey.fleet.profit_credits,
            "idle_percent": survey.fleet.idle_permille / 10,
            "wallet_low_credits": survey.fleet.wallet_low,
            "wallet_high_credits": survey.fleet.wallet_high,
        },
        "indices": {
            index.commodity.value: {
                "low": index.low / 100,
                "mean": index.mean / 100,
                "high": index.high / 100,
                "day_spread_percent": index.day_spread_bps / 100,
                "reversals": index.reversals,
            }
            for index in survey.indices
        },
    }


def _table(figures: dict[str, Any]) -> str:
    fleet = figures["haulers"]
    wallets = f"{fleet['wallet_low_credits']} to {fleet['wallet_high_credits']}"
    lines = [
        f"{figures['days']} game days of universe {figures['seed']}, without players",
        f"  prices at an end of their curve   {figures['price_clamped']}",
        f"  goods starved at a port           {figures['goods_starved']}",
        f"  newcomers' ports falling short    {figures['newcomer_shortfalls']} (port and tick)",
        f"  growth of the money supply        {figures['money_supply_growth_ratio']:+.2%}",
        f"  trips of haulers with goods       {fleet['trips']} ({fleet['units_sold']} units)",
        f"  their time without goods          {fleet['idle_percent']} %",
        f"  their profit after upkeep         {fleet['profit_credits']} credits",
        f"  their wallets                     {wallets} credits",
        "",
        f"  {'index':<18}{'low':>9}{'mean':>9}{'high':>9}{'spread in a day':>17}{'reversals':>11}",
    ]
    lines += [
        f"  {commodity:<18}{index['low']:>9.2f}{index['mean']:>9.2f}{index['high']:>9.2f}"
        f"{index['day_spread_percent']:>15.1f} %{index['reversals']:>11}"
        for commodity, index in figures["indices"].items()
    ]
    return "\n".join(lines)
