"""Refusals by the command processor, before or after the engine; none of them has a receipt."""

from typing import Final

from sectorwars.domain.rejection import Refusal, Retry

COMMAND_ID_CONFLICT: Final = Refusal(
    "command_id_conflict",
    Retry.NEW_ID,
    "This command id was used for another command; send this one under a new id.",
)
COMMAND_ID_RESERVED: Final = Refusal(
    "command_id_reserved",
    Retry.NEW_ID,
    "Ids that begin so are the game's own; send the command under another id.",
)
STOPPING: Final = Refusal(
    "server_stopping",
    Retry.SAME_ID,
    "The server is stopping; send the command again, under the same id, when it is back.",
    retry_after_ms=2_000,
)
STORE_UNAVAILABLE: Final = Refusal(
    "store_unavailable",
    Retry.SAME_ID,
    "The store is away; the command was not executed. Send it again under the same id.",
    retry_after_ms=2_000,
)
OUTCOME_UNKNOWN: Final = Refusal(
    "outcome_unknown",
    Retry.SAME_ID,
    "The store did not confirm the command in time; ask for its fate by its id, or send it again "
    "under the same id.",
    retry_after_ms=1_000,
)


def busy(inbox_max: int) -> Refusal:
    """Refuse because the inbox is full."""
    return Refusal(
        "busy",
        Retry.SAME_ID,
        "Too many commands are waiting; the command was not executed.",
        retry_after_ms=250,
        limit=f"inbox={inbox_max}",
        remaining=0,
    )


def too_late(timeout_ms: int) -> Refusal:
    """Refuse because the command waited too long to be executed."""
    return Refusal(
        "trading_timeout",
        Retry.SAME_ID,
        f"The command waited longer than {timeout_ms} ms and was not executed.",
        limit=f"trading_timeout={timeout_ms}",
    )


def trades_too_fast(per_minute: int, retry_after_ms: int) -> Refusal:
    """Refuse because the player has executed as many trades in a minute as he may."""
    return Refusal(
        "trade_rate_limited",
        Retry.LATER,
        f"You have made {per_minute} trades within a minute; the next may follow shortly.",
        retry_after_ms=retry_after_ms,
        limit=f"trade_rate_limit={per_minute}/min",
        remaining=0,
    )
