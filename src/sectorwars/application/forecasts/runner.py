"""Makes forecasts every game hour, stores them before they are shown, and scores them when due."""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Final

import structlog

from sectorwars.application.ports import (
    Broadcaster,
    ForecastStore,
    MarketArchive,
    StoreUnavailableError,
)
from sectorwars.application.reading.forecast_board import ForecastBoard
from sectorwars.application.reading.projection import Committed
from sectorwars.domain.event import TickAdvanced
from sectorwars.domain.values import TICKS_PER_GAME_HOUR, Tick, UnixMicros
from sectorwars.forecasting.champion import Champion
from sectorwars.forecasting.features import (
    GRID_TICKS,
    HISTORY_ROWS_MAX,
    HISTORY_ROWS_MIN,
    price_history,
)
from sectorwars.protocol.publication import PREDICTIONS_CHANNEL, FrameType, Publication

_LOG = structlog.get_logger(__name__)

_HOUR: Final = TICKS_PER_GAME_HOUR


class ForecastRunner:
    """Sees committed prices only, as any player does.

    A forecast that could not be stored in time does not exist. One that fell due while the server
    was down is scored from the candles after the next start.
    """

    def __init__(
        self,
        champion: Champion,
        store: ForecastStore,
        archive: MarketArchive,
        board: ForecastBoard,
        broadcaster: Broadcaster,
    ) -> None:
        """Forecast with `champion`, publish by `broadcaster`; `start` comes first."""
        self._champion = champion
        self._store = store
        self._archive = archive
        self._board = board
        self._broadcaster = broadcaster
        self._prices: deque[tuple[int, ...]] = deque(maxlen=HISTORY_ROWS_MAX)
        self._tick = Tick(0)
        self._priced_at = Tick(0)
        self._hour_ended = asyncio.Event()
        self._hour_ended_at = UnixMicros(0)
        self._on_stored: Callable[[], None] = _tell_nobody

    def on_stored(self, tell: Callable[[], None]) -> None:
        """Call `tell` whenever new forecasts stand in the store."""
        self._on_stored = tell

    async def start(self, tick: Tick) -> None:
        """Take up the past as of the committed `tick`: prices, forecasts, and scores overdue.

        Raises:
            StoreUnavailableError: the store cannot be reached.
        """
        self._tick = tick
        for candle in await self._archive.index_candles("5m", tick, HISTORY_ROWS_MAX):
            self._priced_at = Tick(candle.start + GRID_TICKS)
            self._prices.append(candle.close)
        latest = await self._store.latest()
        self._board.post(latest)
        if tick % _HOUR == 0 and not (latest and latest[0].made_at == tick):
            await self._forecast()
        await self._score_due()

    def committed(self, committed: Committed) -> None:
        """Take note of the prices of a committed batch, without waiting."""
        for prices in committed.index_prices:
            self._tick = prices.tick
            if prices.tick % GRID_TICKS == 0:
                self._prices.append(prices.index)
                self._priced_at = prices.tick
            if prices.tick % _HOUR == 0:
                self._hour_ended_at = _committed_at(committed, prices.tick)
                self._hour_ended.set()

    async def run(self) -> None:
        """Work at the end of every game hour until cancelled."""
        while True:
            await self._hour_ended.wait()
            self._hour_ended.clear()
            await self.work()

    async def work(self) -> None:
        """Forecast from the newest prices and score what is due; a failure is logged only."""
        try:
            await self._forecast()
            await self._score_due()
        except StoreUnavailableError as reason:
            _LOG.warning("forecasts_missed", reason=str(reason))
        except Exception:
            # The market must go on; without new forecasts the board soon shows none.
            _LOG.exception("forecasts_failed", tick=self._tick)

    async def _forecast(self) -> None:
        made_at, at = self._priced_at, self._hour_ended_at
        if made_at % _HOUR or len(self._prices) < HISTORY_ROWS_MIN:
            return
        forecasts = self._champion.forecast(price_history(made_at, list(self._prices)))
        await self._store.add(forecasts)
        # What is shown is what the store has: it keeps the first forecast of an hour.
        self._board.post(await self._store.latest())
        # Other processes first: who subscribes there now must not be shown the hour before.
        self._on_stored()
        self._publish(at)

    def _publish(self, at: UnixMicros) -> None:
        """Tell what stands since the game hour that ended at real time `at`."""
        if self._broadcaster.wants(PREDICTIONS_CHANNEL):
            signal = self._board.signal()
            self._broadcaster.publish(
                [
                    Publication(
                        PREDICTIONS_CHANNEL,
                        FrameType.TRADING_SIGNAL,
                        signal,
                        at=at,
                        conflatable=True,
                    )
                ]
            )

    async def _score_due(self) -> None:
        for due_at in await self._store.unscored(self._tick):
            candles = await self._archive.index_candles("1m", due_at, 1)
            if candles and candles[0].start == due_at - 1:
                await self._store.score(due_at, candles[0].close)
            else:
                # No other price is the outcome; the record goes without these forecasts.
                _LOG.warning("forecasts_unscorable", due_at=due_at)


def _committed_at(committed: Committed, tick: Tick) -> UnixMicros:
    return next(
        logged.event.at
        for logged in committed.events
        if isinstance(logged.event, TickAdvanced) and logged.event.tick == tick
    )


def _tell_nobody() -> None:
    """Stand for the other processes of a server that is alone."""
