"""Role `engine`: the writer alone, which players reach through gateways."""

import asyncio
import contextlib
import socket
import uuid
from collections.abc import AsyncIterator
from typing import Final

import structlog
from prometheus_client import REGISTRY

from sectorwars.api.engine_app import create_engine_app
from sectorwars.application.alerts.book import AlertBook
from sectorwars.application.bus import ForecastsStored
from sectorwars.application.processes.frame_relay import FrameRelay
from sectorwars.application.processes.gateway_news import EngineEars
from sectorwars.application.processes.presence import Presence
from sectorwars.application.publishing.pulse import PulseMeter
from sectorwars.application.publishing.signals import Proposals
from sectorwars.application.reading.projection import Projection
from sectorwars.application.writing.command_processor import Recovered
from sectorwars.bootstrap.bus_side import PSEUDONYMS, BusSide, bus_side
from sectorwars.bootstrap.keys import EngineKeys, Keys
from sectorwars.bootstrap.market_side import (
    MarketSide,
    ignore_committed,
    log_birth,
    make_galaxy,
)
from sectorwars.bootstrap.player_side import api_limits, make_queries
from sectorwars.bootstrap.server import Part, Readiness, Server, WebServer, Writing, web_server
from sectorwars.bootstrap.single import POOL_CONNECTIONS_MAX, holder_name
from sectorwars.bootstrap.stores import Stores
from sectorwars.bus.redis.command_queue import RedisCommandQueue
from sectorwars.clock import SystemClock
from sectorwars.domain.commodity import COMMODITIES
from sectorwars.domain.ids import PlayerId, PortId
from sectorwars.persistence.postgres.connection import Pool, pool_of
from sectorwars.persistence.postgres.migration import migrate
from sectorwars.protocol.publication import (
    PREDICTIONS_CHANNEL,
    PRIVATE_CHANNELS,
    PULSE_CHANNEL,
    TRADES_CHANNEL,
    market_channel,
    port_channel,
)
from sectorwars.protocol.signing import FrameSigner
from sectorwars.settings import Settings

_ALWAYS: Final = frozenset(
    {PREDICTIONS_CHANNEL, PULSE_CHANNEL, TRADES_CHANNEL, *map(market_channel, COMMODITIES)}
)

_LOG = structlog.get_logger(__name__)


@contextlib.asynccontextmanager
async def open_engine(
    settings: Settings, keys: Keys, dsn: str, redis_url: str, listener: socket.socket
) -> AsyncIterator[Server]:
    """Wait for the lease, then write the galaxy for its gateways; it runs until the block ends.

    Meanwhile `listener` tells whether it writes.

    Raises:
        StoreUnavailableError: the database cannot be reached.
        StartError: the URL is none of Redis.
    """
    waiting: list[str] = ["Another engine is at work; this one waits."]
    readiness = Readiness(lambda: waiting[0] if waiting else None)
    app = create_engine_app(REGISTRY, readiness.not_ready, api_limits(settings))
    web = web_server(app)
    serving = asyncio.create_task(web.serve(sockets=[listener]))
    try:
        await migrate(dsn)
        async with (
            bus_side(redis_url, keys.bus) as bus,
            pool_of(dsn, connections_max=POOL_CONNECTIONS_MAX) as pool,
            _writing(settings, keys.engine, bus, pool, readiness, web, serving) as server,
        ):
            waiting.clear()
            yield server
    finally:
        web.should_exit = True
        await serving


@contextlib.asynccontextmanager
async def _writing(
    settings: Settings,
    keys: EngineKeys,
    bus: BusSide,
    pool: Pool,
    readiness: Readiness,
    web: WebServer,
    serving: asyncio.Task[None],
) -> AsyncIterator[Server]:
    clock = SystemClock()
    stores = Stores.over(pool)
    galaxy = make_galaxy(settings, keys, stores, clock, holder_name())
    _LOG.info("waiting_for_the_lease")
    recovered = await galaxy.stand_by(ignore_committed, log_birth)
    try:
        projection = galaxy.projection
        presence = Presence(clock)
        ears = EngineEars(bus.events, lambda: galaxy.lease.version, presence)
        relay = FrameRelay(
            bus.events,
            FrameSigner(keys.frame.private, keys.frame.kid),
            tuple(key.public.public_bytes_raw() for key in (keys.frame, keys.audit)),
            uuid.uuid4().hex,
            lambda channel: _exists(projection, channel),
            clock,
            ears,
        )
        queries = make_queries(settings, projection, stores, clock, lambda: presence.players_online)
        pulse = PulseMeter(projection, relay, queries.status, clock, bus.seal.derive(PSEUDONYMS))
        alerts = AlertBook(stores.alerts, projection, relay, clock, lambda: uuid.uuid4().hex)
        ears.attend(alerts, Proposals(relay))

        def begin(recovered: Recovered) -> None:
            relay.begin(recovered.lease.version, projection.offset)

        market = MarketSide(
            settings,
            keys,
            clock,
            galaxy,
            stores,
            relay,
            pulse,
            alerts,
            presence.is_connected,
            begin,
            relay.take_over,
        )
        market.forecast_runner.on_stored(
            lambda: bus.events.publish(ForecastsStored(galaxy.lease.version))
        )
        begin(recovered)
        await market.start()
        queue = RedisCommandQueue(bus.redis, bus.seal, clock)
        yield Server(
            (
                *market.parts(),
                *bus.parts(),
                Part("frame relay", relay.run),
                Part("presence", presence.run),
                Part(
                    "command queue",
                    lambda: queue.serve(market.processor, lambda: projection.offset),
                ),
            ),
            readiness,
            web,
            lambda: serving,
            queue.finish,
            (market.close,),
            Writing(market.processor, recovered, market.set_caps),
        )
    finally:
        await stores.log.release_lease(galaxy.lease)


def _exists(projection: Projection, channel: str) -> bool:
    """Tell whether a channel can have frames."""
    world = projection.world
    kind, _, subject = channel.partition(".")
    return (
        channel in _ALWAYS
        or (subject in world.ports and channel == port_channel(PortId(subject)))
        or (kind in PRIVATE_CHANNELS and PlayerId(subject) in world.players)
    )
