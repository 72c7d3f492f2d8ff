"""The side of a server that makes the galaxy go on: its writer and what watches what it commits."""

import asyncio
import secrets
import uuid
from collections.abc import Callable, Sequence
from typing import Final

import structlog

from sectorwars.application.alerts.book import AlertBook
from sectorwars.application.audit.chain_heads import ChainWitness
from sectorwars.application.audit.surveillance import Surveillance
from sectorwars.application.audit.trail import AddressPseudonyms, OperatorAudit
from sectorwars.application.forecasts.champion import load_champion
from sectorwars.application.forecasts.runner import ForecastRunner
from sectorwars.application.galaxy.birth import UniversePlan
from sectorwars.application.galaxy.running import Galaxy
from sectorwars.application.operators.trading_controls import TradingControls
from sectorwars.application.ports import Broadcaster, StoreUnavailableError
from sectorwars.application.publishing.publications import Publisher
from sectorwars.application.publishing.pulse import PulseMeter
from sectorwars.application.reading.forecast_board import ForecastBoard
from sectorwars.application.reading.projection import Committed
from sectorwars.application.writing.command_processor import CommandProcessor, Recovered
from sectorwars.application.writing.disconnect_controls import DisconnectControls
from sectorwars.application.writing.economy_clock import EconomyClock
from sectorwars.application.writing.trade_limit import TradeLimit
from sectorwars.bootstrap.keys import EngineKeys
from sectorwars.bootstrap.limits import forecasts_shown_ticks, game_caps, processor_limits
from sectorwars.bootstrap.measures import count_events, show_inbox, show_trading
from sectorwars.bootstrap.server import Part, every
from sectorwars.bootstrap.stores import Stores
from sectorwars.clock import SystemClock
from sectorwars.domain.ids import CommandId, PlayerId
from sectorwars.domain.values import TICKS_PER_GAME_HOUR
from sectorwars.persistence.chain_head_file import ChainHeadFile
from sectorwars.persistence.data_directory import reason
from sectorwars.protocol.signing import FrameSigner
from sectorwars.settings import Settings

_BIRTH_STEP_PERCENT: Final = 10
_FLUSH_SECONDS: Final = 10.0
_WITNESS_SECONDS: Final = 3_600.0

_LOG = structlog.get_logger(__name__)

Relay = Callable[[Committed, Callable[[Committed], None]], None]
"""Publishes a committed batch by the function it is given."""


def ignore_committed(_: Committed) -> None:
    """Nobody has been shown anything before the first recovery."""


def log_birth(done: int, ticks: int) -> None:
    """Tell how far a universe's prehistory has got."""
    percent = 100 * done // ticks
    if percent // _BIRTH_STEP_PERCENT != 100 * (done - 1) // ticks // _BIRTH_STEP_PERCENT:
        _LOG.info("prehistory", percent=percent)


def new_command_id() -> CommandId:
    """Return an id for a command of the server's own, or of a caller who brings none."""
    return CommandId(uuid.uuid4().hex)


def make_galaxy(
    settings: Settings, keys: EngineKeys, stores: Stores, clock: SystemClock, holder: str
) -> Galaxy:
    """Return the galaxy that the settings name, not yet brought to life; write as `holder`."""
    return Galaxy(
        stores.log,
        stores.archive,
        clock,
        UniversePlan(
            settings.universe_seed,
            settings.universe_sectors,
            settings.universe_prehistory * TICKS_PER_GAME_HOUR,
        ),
        holder,
        ForecastBoard(forecasts_shown_ticks(settings)),
        FrameSigner(keys.frame.private, keys.frame.kid),
    )


class MarketSide:
    """The writer with all that follows each of its commits, in one process."""

    def __init__(
        self,
        settings: Settings,
        keys: EngineKeys,
        clock: SystemClock,
        galaxy: Galaxy,
        stores: Stores,
        broadcaster: Broadcaster,
        pulse: PulseMeter,
        alerts: AlertBook,
        is_connected: Callable[[PlayerId], bool],
        on_recovered: Callable[[Recovered], None] = lambda _: None,
        relay: Relay | None = None,
    ) -> None:
        """Write the galaxy, once recovered, and publish through `broadcaster`.

        `on_recovered` is called before the writer goes on after a recovery; `relay` stands around
        the publishing of each batch.
        """
        self._galaxy = galaxy
        self._clock = clock
        self._pulse = pulse
        self._alerts = alerts
        self._on_recovered = on_recovered
        self._relay = relay
        projection = galaxy.projection
        self._publisher = Publisher(
            projection,
            broadcaster,
            settings.market_data_refresh,
            settings.port_data_refresh,
            asyncio.get_running_loop().call_later,
        )
        self._surveillance = Surveillance(stores.audit, projection)
        self.forecast_runner = ForecastRunner(
            load_champion(), stores.forecasts, galaxy.archive, galaxy.forecasts, broadcaster
        )
        self.processor = CommandProcessor(
            galaxy.store,
            clock,
            self._recover,
            self._take_over,
            TradeLimit(settings.trade_rate_limit),
            processor_limits(settings),
        )
        self._disconnect_controls = DisconnectControls(
            projection,
            self.processor,
            clock,
            is_connected,
            settings.disconnect_grace,
            new_command_id,
        )
        self._economy_clock = EconomyClock(
            clock, settings.time_scale, self.processor.tick, self.processor.prepare
        )
        self._witness = ChainWitness(
            stores.audit, stores.events, ChainHeadFile(settings.data_dir), keys.audit
        )
        audit = OperatorAudit(stores.audit, AddressPseudonyms(secrets.token_bytes))
        self._controls = TradingControls(projection, self.processor, audit, clock)
        self._caps = game_caps(settings)
        show_inbox(self.processor)
        show_trading(projection)

    async def start(self) -> None:
        """Take up the past; to be awaited before the parts run.

        Raises:
            StoreUnavailableError: the store cannot be reached.
        """
        await self.forecast_runner.start(self._galaxy.projection.world.tick)
        await self._alerts.start()
        await self._surveillance.start(self._galaxy.archive, self._clock.now())

    def parts(self) -> Sequence[Part]:
        """Return what runs beside the writer."""
        return (
            Part("economy clock", self._economy_clock.run),
            Part("forecast runner", self.forecast_runner.run),
            Part("alerts", self._alerts.run),
            Part("disconnect controls", self._disconnect_controls.run),
            Part("chain witness", self._witness_chains),
            every("surveillance audit", _FLUSH_SECONDS, self._surveillance.flush),
        )

    def not_ready(self) -> str | None:
        """Say why no command is decided just now, or return None."""
        return None if self.processor.writing else "The store is away; the writer is recovering."

    async def set_caps(self) -> None:
        """Have the caps of the settings set, once commands are taken."""
        outcome = await self._controls.set_game_caps(
            self._caps, new_command_id(), self._clock.monotonic()
        )
        if outcome is not None:
            _LOG.info("caps_set", code=outcome.code or "ok")

    async def close(self) -> None:
        """Write out what is still in memory.

        Raises:
            StoreUnavailableError: the store cannot be reached.
        """
        await self._surveillance.flush()
        await self._attest_chains()

    async def _recover(self) -> Recovered:
        recovered = await self._galaxy.recover(self._take_over, log_birth)
        self._on_recovered(recovered)
        return recovered

    def _take_over(self, committed: Committed) -> None:
        count_events(committed)
        if self._relay is None:
            self._show(committed)
        else:
            self._relay(committed, self._show)

    def _show(self, committed: Committed) -> None:
        self._publisher.take_over(committed)
        self.forecast_runner.committed(committed)
        self._pulse.observe(committed)
        self._alerts.observe(committed)
        self._surveillance.observe(committed)
        self._disconnect_controls.observe(committed)

    async def _witness_chains(self) -> None:
        while True:
            try:
                await self._attest_chains()
            except StoreUnavailableError:
                await asyncio.sleep(_FLUSH_SECONDS)
            else:
                await asyncio.sleep(_WITNESS_SECONDS)

    async def _attest_chains(self) -> None:
        try:
            await self._witness.attest(self._clock.now())
        except OSError as error:
            _LOG.error("chain_heads_not_written", reason=reason(error))
