"""Say in words what moved a forecast: the largest contributions of the model, by cause."""

from math import expm1, log1p
from typing import Final

from sectorwars.forecasting.features import FEATURES, Floats

NO_EDGE_BAND: Final = 0.05
"""A probability nearer to 0.5 than this is no edge; the published rule."""
EXPLANATION_LENGTH_MAX: Final = 400

_CAUSES_SHOWN: Final = 3
_SHOWN_MIN: Final = 0.0005
_SHOWN_MAX: Final = log1p(9.99)
"""The largest log return that is put in figures, so that the text has a greatest length."""

_LATEST: Final = {
    "return_15m",
    "return_1h",
    "return_1h_before",
    "return_2h",
    "mean_gap_2h",
}


def _cause(feature: str) -> str:
    if feature.startswith("season_") and feature != "season_gap":
        return f"the {feature.removeprefix('season_').removesuffix('h')} hour season"
    if feature.startswith("market_"):
        return "the other goods"
    # What covers the same two hours overlaps so much that only its sum has a meaning.
    if feature in _LATEST:
        return "the latest moves"
    return "the distance from its usual price"


_CAUSES: Final = tuple(_cause(feature) for feature in FEATURES)
CAUSES: Final = tuple(dict.fromkeys(_CAUSES))
"""What can move a forecast, in the order in which equals are named."""


def causes_of(contributions: Floats) -> dict[str, float]:
    """Sum up the contributions of one forecast, one for each of FEATURES, by cause."""
    sums = dict.fromkeys(CAUSES, 0.0)
    for cause, contribution in zip(_CAUSES, contributions, strict=True):
        sums[cause] += float(contribution)
    return sums


def has_edge(confidence: float, *, skilful: bool) -> bool:
    """Return whether a forecast may be called better than chance.

    `skilful` tells whether the model has shown skill at the horizon on universes it had not seen.
    """
    return skilful and confidence - 0.5 >= NO_EDGE_BAND


def explain(contributions: Floats, expected: float, confidence: float, *, skilful: bool) -> str:
    """Return at most EXPLANATION_LENGTH_MAX characters of plain text without markup.

    Args:
        contributions: what each of FEATURES adds to the log return.
        expected: the expected log return.
        confidence: the probability of its direction, 0.5 to 1.
        skilful: as for `has_edge`.
    """
    moving = sorted(
        (
            (cause, added)
            for cause, added in causes_of(contributions).items()
            if abs(added) >= _SHOWN_MIN
        ),
        key=lambda item: -abs(item[1]),
    )[:_CAUSES_SHOWN]
    reasons = ", ".join(f"{cause} {_percent(added)}" for cause, added in moving)
    because = f" Most came from {reasons}." if reasons else " Nothing moves it much."
    move = _percent(expected)
    if not skilful:
        return f"No edge: no skill has been shown at this horizon. Model {move}.{because}"
    chance = f"{round(100 * confidence)} in 100"
    if not has_edge(confidence, skilful=skilful):
        return f"No edge: the direction is right {chance} times. Model {move}.{because}"
    return f"Expected {move}, direction right {chance} times.{because}"


def _percent(log_return: float) -> str:
    if log_return > _SHOWN_MAX:
        return f"over {_percent(_SHOWN_MAX)}"
    return f"{100 * expm1(log_return):+.1f}%"
