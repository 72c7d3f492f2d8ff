"""Why a backtest is not begun, or not found."""

from typing import Final

from sectorwars.application.reading.queries import UnknownNounError
from sectorwars.domain.rejection import Refusal, Retry
from sectorwars.domain.values import Tick, game_rfc3339

POLL_MS: Final = 2_000
"""How soon it is worth to ask again."""

NOT_DOCKED: Final = Refusal(
    "not_docked", Retry.NEW_ID, "Name a port, or dock at the one that is meant."
)


def in_hand(wait_ms: int) -> Refusal:
    """Refuse because the player has a backtest in hand."""
    return Refusal(
        "backtest_in_hand",
        Retry.LATER,
        "You have a backtest that is not done yet; wait for it, or delete it.",
        retry_after_ms=wait_ms,
        limit="backtests_in_hand=1",
        remaining=0,
    )


def queue_full(queued_max: int) -> Refusal:
    """Refuse because as many backtests wait as may."""
    return Refusal(
        "backtest_queue_full",
        Retry.LATER,
        "Too many backtests are waiting; try again shortly.",
        retry_after_ms=POLL_MS,
        limit=f"backtest_queue={queued_max}",
        remaining=0,
    )


def no_recorded_past(wait_ms: int) -> Refusal:
    """Refuse because too little is recorded of what was asked for."""
    return Refusal(
        "no_recorded_past",
        Retry.LATER,
        "Less than a game hour of that time is recorded yet.",
        retry_after_ms=wait_ms,
    )


def not_yet(tick: Tick) -> Refusal:
    """Refuse because what was asked for begins after `tick`, the present."""
    return Refusal(
        "invalid_request",
        Retry.NEVER,
        f"from: this time has not come yet; in the galaxy it is {game_rfc3339(tick)}.",
    )


def unknown_backtest() -> UnknownNounError:
    """Return the error of an id that names none of the player's backtests."""
    return UnknownNounError("unknown_backtest", "You have no such backtest.")
