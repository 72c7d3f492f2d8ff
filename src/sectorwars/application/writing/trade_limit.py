"""The limit on executed trades of a player, the same for every door he comes by."""

from typing import Final

from sectorwars.application.sliding_window import SlidingWindow
from sectorwars.application.writing.refusals import trades_too_fast
from sectorwars.domain.ids import PlayerId
from sectorwars.domain.rejection import Refusal
from sectorwars.domain.values import MICROS_PER_SECOND, UnixMicros, div_ceil

_WINDOW_MICROS: Final = 60 * MICROS_PER_SECOND
_PLAYERS_MAX: Final = 100_000


class TradeLimit:
    """Count executed trades per player over the last minute.

    The single writer asks `check` after the receipt was looked up (a retry is no new trade) and
    before the engine decides, and tells `record` of each trade that the engine accepted. As it
    takes one command at a time, no number of concurrent orders gets past the limit.
    """

    def __init__(self, per_minute: int) -> None:
        """Allow each player `per_minute` executed trades a minute.

        Raises:
            ValueError: the limit is less than one.
        """
        self._per_minute = per_minute
        self._window = SlidingWindow(per_minute, _WINDOW_MICROS, _PLAYERS_MAX)

    def check(self, player_id: PlayerId, now: UnixMicros) -> Refusal | None:
        """Return why the player may not trade now, or None if he may."""
        wait_micros = self._window.wait_micros(player_id, now)
        if wait_micros == 0:
            return None
        return trades_too_fast(self._per_minute, div_ceil(wait_micros, 1_000))

    def record(self, player_id: PlayerId, now: UnixMicros) -> None:
        """Count an executed trade."""
        self._window.record(player_id, now)
