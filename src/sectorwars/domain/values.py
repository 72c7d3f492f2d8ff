"""Integer value types, exact division, and the two clocks' arithmetic.

Money is integer credits and goods are integer units; nothing here is a float. Real time is
integer microseconds since the Unix epoch (UTC). Game time is counted in ticks of 60 game
seconds; tick 0 is 2102-01-01T00:00:00Z and the simulated prehistory has negative ticks.
"""

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import NewType

Credits = NewType("Credits", int)
"""An amount of money; negative only as the credit side of a posting."""
Quantity = NewType("Quantity", int)
"""Units of a good."""
UnixMicros = NewType("UnixMicros", int)
"""Real time: microseconds since 1970-01-01T00:00:00Z."""
Tick = NewType("Tick", int)
"""Game time: whole ticks of 60 game seconds since 2102-01-01T00:00:00Z."""

MICROS_PER_SECOND = 1_000_000
TICK_GAME_SECONDS = 60
TICKS_PER_GAME_HOUR = 60
TICKS_PER_GAME_DAY = 1_440

_RFC3339 = re.compile(
    r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})", re.ASCII
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_GALAXY_EPOCH = datetime(2102, 1, 1, tzinfo=UTC)
_GALAXY_EPOCH_MICROS = (_GALAXY_EPOCH - _EPOCH) // timedelta(microseconds=1)


def div_floor(numerator: int, denominator: int) -> int:
    """Divide exactly and round toward minus infinity; `denominator` must be positive."""
    return numerator // denominator


def div_ceil(numerator: int, denominator: int) -> int:
    """Divide exactly and round toward plus infinity; `denominator` must be positive."""
    return -(-numerator // denominator)


def rfc3339(at: UnixMicros) -> str:
    """Format a real time as RFC 3339 with microseconds and `Z`."""
    seconds, micros = divmod(at, MICROS_PER_SECOND)
    return f"{_to_the_second(seconds)}.{micros:06d}Z"


def game_time(tick: Tick) -> datetime:
    """Return the galaxy's date at the start of `tick`, as an aware UTC datetime."""
    return _GALAXY_EPOCH + timedelta(seconds=tick * TICK_GAME_SECONDS)


@lru_cache(maxsize=1_024)
def game_rfc3339(tick: Tick) -> str:
    """Format the galaxy's date at `tick` as RFC 3339 with microseconds and `Z`."""
    return f"{game_time(tick).isoformat().removesuffix('+00:00')}.000000Z"


def unix_micros(moment: datetime) -> UnixMicros:
    """Return an aware datetime as real time, whole microseconds."""
    return UnixMicros((moment - _EPOCH) // timedelta(microseconds=1))


def parse_rfc3339(text: str) -> UnixMicros:
    """Parse an RFC 3339 date-time, whose date and time may be parted by a space (its 5.6).

    Raises:
        ValueError: it is none, or one that does not exist; in a sentence for who wrote it.
    """
    if _RFC3339.fullmatch(text) is None:
        raise ValueError("give an RFC 3339 date-time with its zone, like 2102-01-31T18:00:00Z")
    try:
        return unix_micros(datetime.fromisoformat(text.upper()))
    except ValueError:
        raise ValueError("there is no such date or time of day") from None


def parse_game_time(text: str) -> Tick:
    """Return the tick in which a date of the galaxy lies, given in RFC 3339 with its zone.

    Raises:
        ValueError: as `parse_rfc3339`.
    """
    seconds = div_floor(parse_rfc3339(text) - _GALAXY_EPOCH_MICROS, MICROS_PER_SECOND)
    return Tick(div_floor(seconds, TICK_GAME_SECONDS))


@lru_cache(maxsize=1_024)
def _to_the_second(seconds: int) -> str:
    return (_EPOCH + timedelta(seconds=seconds)).isoformat().removesuffix("+00:00")
