"""Role `gateway`: players' connections and requests, in front of an engine."""

import asyncio
import contextlib
import socket
import uuid
from collections.abc import AsyncIterator, Collection, Sequence
from functools import partial
from typing import Any, Final

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from sectorwars.application.accounts.sign_in_throttle import MINUTE_SECONDS, SignInThrottle
from sectorwars.application.alerts.book import AlertBook
from sectorwars.application.bus import ChannelsWanted
from sectorwars.application.galaxy.running import fresh_projection
from sectorwars.application.keys import jwks
from sectorwars.application.ports import StoreUnavailableError
from sectorwars.application.processes.connection_news import ConnectionNews
from sectorwars.application.processes.follower import Follower
from sectorwars.application.processes.gateway_news import (
    AlertNews,
    AttemptNews,
    GatewayEars,
    Neighbourhood,
    ProposalNews,
)
from sectorwars.application.processes.presence import Presence, announce_presence
from sectorwars.application.processes.remote_commands import RemoteCommands
from sectorwars.application.processes.shared_sessions import SharedSessions
from sectorwars.application.publishing.pulse import PulseMeter
from sectorwars.application.reading.forecast_board import ForecastBoard
from sectorwars.application.reading.projection import Projection
from sectorwars.bootstrap.backtest_process import BacktestProcesses
from sectorwars.bootstrap.bus_side import LIMITS, PSEUDONYMS, BusSide, bus_side
from sectorwars.bootstrap.keys import GatewayKeys
from sectorwars.bootstrap.limits import forecasts_shown_ticks, gateway_limits
from sectorwars.bootstrap.player_side import Company, PlayerSide, Shown, make_queries
from sectorwars.bootstrap.server import Part, Readiness, Server
from sectorwars.bootstrap.stores import Stores
from sectorwars.bus.redis.command_bus import RedisCommandBus
from sectorwars.bus.redis.shared_window import RedisSharedWindow
from sectorwars.clock import SystemClock
from sectorwars.domain.ids import PlayerId
from sectorwars.gateway.audience import Subscriber
from sectorwars.gateway.relay_hub import RelayHub
from sectorwars.persistence.postgres.connection import pool_of
from sectorwars.persistence.postgres.migration import SchemaTooOldError, require_schema
from sectorwars.protocol.publication import Publication
from sectorwars.settings import Settings

POOL_CONNECTIONS_MAX: Final = 8
_LOOK_SECONDS: Final = 0.5

_LOG = structlog.get_logger(__name__)


class NoBroadcaster:
    """Publishes nothing: that is the engine's to do."""

    def wants(self, channel: str) -> bool:
        """Tell that nobody listens."""
        return False

    def publish(self, publications: Sequence[Publication]) -> None:
        """Take nothing, as nobody listens."""


@contextlib.asynccontextmanager
async def open_gateway(
    settings: Settings,
    keys: GatewayKeys,
    bus_key: bytes,
    dsn: str,
    redis_url: str,
    listeners: Sequence[socket.socket],
) -> AsyncIterator[Server]:
    """Follow the galaxy, once it is born, and open it to players; it runs until the block ends.

    Raises:
        SchemaTooNewError: the database is of a later release.
        StoreUnavailableError: the database cannot be reached.
        StartError: the URL is none of Redis.
    """
    await _await_schema(dsn)
    async with (
        bus_side(redis_url, bus_key) as bus,
        pool_of(dsn, connections_max=POOL_CONNECTIONS_MAX) as pool,
    ):
        clock = SystemClock()
        stores = Stores.over(pool)
        forecasts = ForecastBoard(forecasts_shown_ticks(settings))
        projection = await _first_projection(stores, forecasts, clock)
        parts = _Parts(settings, keys, bus, clock, dsn, stores, forecasts, projection)
        players = parts.players
        web = players.web()
        try:
            await players.authenticator.start(clock.now())
            await parts.alerts.start()
            yield Server(
                parts.running(),
                parts.readiness,
                web,
                lambda: web.serve(sockets=list(listeners)),
                players.gateway.drain,
                (players.close,),
            )
        finally:
            players.authenticator.close()


class _Parts:
    """What a gateway consists of."""

    def __init__(
        self,
        settings: Settings,
        keys: GatewayKeys,
        bus: BusSide,
        clock: SystemClock,
        dsn: str,
        stores: Stores,
        forecasts: ForecastBoard,
        projection: Projection,
    ) -> None:
        self._bus = bus
        self._clock = clock
        self._keys = keys
        self._name = name = uuid.uuid4().hex
        events = bus.events
        self._presence = Presence(clock, name)
        queries = make_queries(
            settings, projection, stores, clock, lambda: self._presence.players_online
        )
        self._pulse = PulseMeter(
            projection,
            NoBroadcaster(),
            queries.status,
            clock,
            bus.seal.derive(PSEUDONYMS),
        )
        self.alerts = AlertBook(
            stores.alerts, projection, NoBroadcaster(), clock, lambda: uuid.uuid4().hex
        )
        attempts = AttemptNews(events, name)
        limits = gateway_limits(settings)
        self._hub = RelayHub(
            lambda channels: events.publish(ChannelsWanted(tuple(channels))),
            self._interrupt,
            clock.monotonic,
            limits.history_frames_max,
            limits.linger_seconds,
        )
        self._command_bus = RedisCommandBus(bus.redis, bus.seal, clock, name, LIMITS)
        commands = RemoteCommands(self._command_bus, lambda offset: self._follower.reached(offset))
        self.readiness = Readiness(self._not_ready)
        rate = settings.auth_rate_limit

        def throttle(what: str) -> SignInThrottle:
            window = RedisSharedWindow(bus.redis, bus.seal, what, rate, MINUTE_SECONDS)
            return attempts.throttle(what, rate, window)

        self.players = PlayerSide(
            settings,
            keys,
            clock,
            Shown(projection, forecasts, queries, self._pulse, self.alerts),
            stores,
            BacktestProcesses(dsn).run,
            commands,
            self._hub,
            name,
            Company(
                (throttle("sign_in"), throttle("registration")),
                Neighbourhood(events, name, self._presence, stores.foundation_sessions),
                attempts.announce_aria,
                ProposalNews(events, name).tell,
            ),
            self._jwks,
            self.readiness.not_ready,
        )
        attempts.on_aria(self.players.aria.note)
        self._presence.on_moved(self._share_out)
        self._follower = Follower(
            projection,
            stores.log,
            stores.archive,
            stores.forecasts,
            events,
            self._hub,
            SharedSessions(self.players.authenticator, events, clock),
            GatewayEars(
                name,
                self._presence,
                attempts,
                AlertNews(events, name, self.alerts),
                ConnectionNews(
                    events,
                    name,
                    lambda: self._presence.others,
                    self.players.connections,
                    lambda: uuid.uuid4().hex,
                ),
                self.players.keeper,
                self.players.gateway.supersede,
            ),
            self._pulse.observe,
            self.players.gateway.tell_stale,
        )

    def running(self) -> Sequence[Part]:
        """Return what runs beside the web server."""
        registry = self.players.gateway.registry
        announce = partial(
            announce_presence,
            self._bus.events,
            self._name,
            lambda: registry.players,
            lambda: registry.addresses,
        )
        return (
            *self._bus.parts(),
            Part("command bus", self._command_bus.run),
            Part("follower", self._follower.run),
            Part("presence", self._presence.run),
            Part("announcer", announce),
            *self.players.parts(),
        )

    def _interrupt(self, subscribers: Collection[Subscriber]) -> None:
        self.players.gateway.interrupt(subscribers)

    def _share_out(self, player_id: PlayerId) -> None:
        self.players.gateway.registry.share_out(player_id, self._clock.monotonic())

    def _not_ready(self) -> str | None:
        if self._follower.live and self._follower.engine_keys:
            return None
        return "The engine cannot be reached."

    def _jwks(self) -> dict[str, Any]:
        own = (self._keys.gateway.public, self._keys.token.public)
        engine = map(Ed25519PublicKey.from_public_bytes, self._follower.engine_keys)
        return jwks((*own, *engine))


async def _await_schema(dsn: str) -> None:
    """Wait until an engine has made the schema."""
    told = False
    while True:
        try:
            await require_schema(dsn)
        except SchemaTooOldError:
            if not told:
                _LOG.info("waiting_for_the_schema")
            told = True
        else:
            return
        await asyncio.sleep(_LOOK_SECONDS)


async def _first_projection(
    stores: Stores, forecasts: ForecastBoard, clock: SystemClock
) -> Projection:
    """Wait until an engine has given birth to a universe; return its committed world."""
    told = False
    while True:
        try:
            state = await stores.log.load()
        except StoreUnavailableError as reason:
            _LOG.warning("store_unavailable", reason=str(reason))
        else:
            if state is not None:
                return await fresh_projection(state, stores.archive, forecasts, clock.now())
            if not told:
                _LOG.info("waiting_for_the_universe")
            told = True
        await asyncio.sleep(_LOOK_SECONDS)
