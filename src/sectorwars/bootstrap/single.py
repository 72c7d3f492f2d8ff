"""Role `all`: one process that does everything."""

import contextlib
import os
import secrets
import socket
import uuid
from collections.abc import AsyncIterator, Sequence
from typing import Final

from sectorwars.application.accounts.sign_in_throttle import SignInThrottle
from sectorwars.application.alerts.book import AlertBook
from sectorwars.application.keys import jwks
from sectorwars.application.publishing.pulse import PulseMeter
from sectorwars.application.publishing.signals import Proposals
from sectorwars.bootstrap.backtest_process import BacktestProcesses
from sectorwars.bootstrap.keys import Keys
from sectorwars.bootstrap.limits import gateway_limits
from sectorwars.bootstrap.market_side import (
    MarketSide,
    ignore_committed,
    log_birth,
    make_galaxy,
)
from sectorwars.bootstrap.player_side import Company, PlayerSide, Shown, make_queries
from sectorwars.bootstrap.server import Part, Readiness, Server, Writing
from sectorwars.bootstrap.stores import Stores
from sectorwars.clock import SystemClock
from sectorwars.gateway.hub import Hub
from sectorwars.persistence.postgres.connection import pool_of
from sectorwars.persistence.postgres.migration import migrate
from sectorwars.protocol.signing import SESSION_KEY_BYTES, FrameSigner
from sectorwars.settings import Settings

POOL_CONNECTIONS_MAX: Final = 12


def holder_name() -> str:
    """Return what this process calls itself when it takes the lease."""
    return f"{socket.gethostname()}:{os.getpid()}"


@contextlib.asynccontextmanager
async def open_single(
    settings: Settings, keys: Keys, dsn: str, listener: socket.socket, beside: Sequence[Part]
) -> AsyncIterator[Server]:
    """Bring a galaxy to life and open it to players; it runs until the block ends.

    Raises:
        LeaseLostError: another writer is at work in the database.
        StoreUnavailableError: the database cannot be reached.
    """
    await migrate(dsn)
    async with pool_of(dsn, connections_max=POOL_CONNECTIONS_MAX) as pool:
        clock = SystemClock()
        stores = Stores.over(pool)
        galaxy = make_galaxy(settings, keys.engine, stores, clock, holder_name())
        recovered = await galaxy.recover(ignore_committed, log_birth)
        try:
            projection = galaxy.projection
            limits = gateway_limits(settings)
            stream_id = uuid.uuid4().hex
            frame = keys.engine.frame
            hub = Hub(
                stream_id,
                FrameSigner(frame.private, frame.kid),
                limits.history_frames_max,
                limits.linger_seconds,
                clock.monotonic,
            )
            queries = make_queries(
                settings, projection, stores, clock, lambda: players.gateway.players_online
            )
            pulse = PulseMeter(
                projection, hub, queries.status, clock, secrets.token_bytes(SESSION_KEY_BYTES)
            )
            alerts = AlertBook(stores.alerts, projection, hub, clock, lambda: uuid.uuid4().hex)
            market = MarketSide(
                settings,
                keys.engine,
                clock,
                galaxy,
                stores,
                hub,
                pulse,
                alerts,
                lambda player_id: players.gateway.is_connected(player_id),
            )
            readiness = Readiness(market.not_ready)
            published = (frame, keys.gateway.gateway, keys.gateway.token, keys.engine.audit)
            key_set = jwks(key.public for key in published)
            rate = settings.auth_rate_limit
            players = PlayerSide(
                settings,
                keys.gateway,
                clock,
                Shown(projection, galaxy.forecasts, queries, pulse, alerts),
                stores,
                BacktestProcesses(dsn).run,
                market.processor,
                hub,
                stream_id,
                Company(
                    (SignInThrottle(rate), SignInThrottle(rate)),
                    tell_proposal=Proposals(hub).tell,
                ),
                lambda: key_set,
                readiness.not_ready,
            )
            web = players.web()
            try:
                await players.authenticator.start(clock.now())
                await players.recover_sessions()
                await players.recover_backtests()
                await market.start()
                yield Server(
                    (*beside, *market.parts(), *players.parts()),
                    readiness,
                    web,
                    lambda: web.serve(sockets=[listener]),
                    players.gateway.drain,
                    (players.close, market.close),
                    Writing(market.processor, recovered, market.set_caps),
                )
            finally:
                players.authenticator.close()
        finally:
            await stores.log.release_lease(galaxy.lease)
