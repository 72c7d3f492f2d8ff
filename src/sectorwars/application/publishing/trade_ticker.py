"""The galaxy's trades as they happen, for everybody: gathered for a while into one message."""

from collections import deque
from collections.abc import Iterable
from typing import Final

from sectorwars.application.reading.views import taped_trade
from sectorwars.application.rows import TapeEntry
from sectorwars.domain.values import UnixMicros
from sectorwars.protocol.publication import TRADES_CHANNEL, FrameType, Publication
from sectorwars.protocol.shapes.market import TradeTicker

TICKER_TRADES_MAX: Final = 50
"""Trades in one message; of more, the newest are shown and the others counted."""


class TickerTape:
    """Trades that were not told yet, the newest last."""

    def __init__(self, refresh_micros: int) -> None:
        """Let so many microseconds pass between messages."""
        self._refresh_micros = refresh_micros
        self._waiting: deque[TapeEntry] = deque(maxlen=TICKER_TRADES_MAX)
        self._left_out = 0
        self._told_at = UnixMicros(0)

    @property
    def newest_at(self) -> UnixMicros | None:
        """Return when the newest trade that waits was made, None where none waits."""
        return self._waiting[-1].event.at if self._waiting else None

    def take(self, entries: Iterable[TapeEntry]) -> None:
        """Let trades wait for the next message."""
        for entry in entries:
            self._left_out += len(self._waiting) == TICKER_TRADES_MAX
            self._waiting.append(entry)

    def due(self, now: UnixMicros) -> Publication | None:
        """Return what waits as one message, or None where it is not time for one yet."""
        newest_at = self.newest_at
        if newest_at is None or now - self._told_at < self._refresh_micros:
            return None
        ticker = TradeTicker([taped_trade(entry) for entry in self._waiting], self._left_out)
        self._waiting.clear()
        self._left_out = 0
        self._told_at = now
        return Publication(
            TRADES_CHANNEL, FrameType.TRADE_TAPE, ticker, at=newest_at, conflatable=True
        )
