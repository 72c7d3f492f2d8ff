"""Answers about forecasts and their record."""

from sectorwars.assistant.results import (
    GoodForecasts,
    HorizonRecord,
    Result,
)
from sectorwars.assistant.talk import Composition, Talk, number, spoken


async def forecast(talk: Talk) -> Composition:
    """Tell the published forecasts of a good, and what moved them."""
    goods = talk.utterance.goods
    if not goods:
        return Composition(
            "Name a good, and I tell what is forecast for it.",
            suggestions=("Forecast for ore", "How good are your forecasts?"),
        )
    sentences: list[str] = []
    results: list[tuple[str, Result]] = []
    for good in goods[:2]:
        found = talk.tools.forecasts(good, talk.question.now)
        results.append(("forecasts", found))
        sentences.append(_sentences(found))
    return Composition(
        " ".join(sentences), tuple(results), suggestions=("How good are your forecasts?",)
    )


async def record(talk: Talk) -> Composition:
    """Tell how good the forecasts have been."""
    found = await talk.tools.forecast_record(talk.question.now)
    sentences = [_record(horizon) for horizon in found.horizons]
    return Composition(
        " ".join([f"Over the last {found.days} game days:", *sentences])
        if sentences
        else "No forecast has been scored yet.",
        (("forecast_record", found),),
        suggestions=("Forecast for energy",),
    )


def _sentences(found: GoodForecasts) -> str:
    good = spoken(found.commodity)
    if not found.forecasts:
        return f"There is no published forecast for {good} just now."
    parts = []
    for published, percent in zip(found.forecasts, found.confidence_percent, strict=True):
        where = f"{published.horizon}: {number(published.predicted_price)} credits"
        if published.edge:
            parts.append(f"{where}, {published.direction} with a confidence of {percent} %")
        else:
            parts.append(f"{where}, but with no edge")
    first = found.forecasts[0]
    return (
        f"The index of {good} stood at {number(first.reference_price)} credits; forecast in "
        f"{'; in '.join(parts)}. Why: {first.explanation}"
    )


def _record(horizon: HorizonRecord) -> str:
    if horizon.hit_percent is None:
        return f"For {horizon.horizon} none has been scored yet."
    base = ""
    if horizon.base_percent is not None:
        base = f", against {number(horizon.base_percent)} % for always saying the commoner one"
    return (
        f"For {horizon.horizon} the direction was right in {number(horizon.hit_percent)} % of "
        f"{horizon.n}{base}."
    )
