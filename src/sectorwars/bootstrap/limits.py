"""From settings to the limits of the parts."""

from typing import Final

from sectorwars.application.writing.command_processor import ProcessorLimits
from sectorwars.domain.risk import TradeCaps
from sectorwars.domain.values import TICK_GAME_SECONDS, div_floor
from sectorwars.gateway.limits import GatewayLimits
from sectorwars.protocol.dialect import SessionLimits
from sectorwars.settings import Settings

_BATCHES_UNDURABLE_MAX: Final = 2
"""One that is being committed and one that is being decided."""


def processor_limits(settings: Settings) -> ProcessorLimits:
    """Return the writer's limits."""
    return ProcessorLimits(
        batch_max=settings.commit_batch_max,
        commit_latency_ms=settings.commit_latency_ms,
        undurable_max=_BATCHES_UNDURABLE_MAX * settings.commit_batch_max,
        trading_timeout_ms=settings.trading_timeout,
    )


def gateway_limits(settings: Settings) -> GatewayLimits:
    """Return the limits of the process's WebSockets."""
    return GatewayLimits(
        session=SessionLimits(
            messages_per_second=settings.message_rate_limit,
            authentication_timeout_seconds=settings.authentication_timeout,
            heartbeat_seconds=settings.heartbeat_interval,
            message_bytes_max=settings.frame_size_max,
            foundation_trading=settings.foundation_trading,
        ),
        connections_max=settings.max_connections,
        connections_per_address=settings.connections_per_address,
    )


def game_caps(settings: Settings) -> TradeCaps:
    """Return the caps on every player's trades that the settings name."""
    return TradeCaps(
        units_per_trade=settings.cap_units_per_trade,
        credits_per_trade=settings.cap_credits_per_trade,
        trades_per_hour=settings.cap_trades_per_hour,
        credits_per_hour=settings.cap_credits_per_hour,
        credits_per_day=settings.cap_credits_per_day,
        units_of_a_good_per_day=settings.cap_units_of_a_good_per_day,
    )


def forecasts_shown_ticks(settings: Settings) -> int:
    """Return for how many ticks a forecast is shown."""
    return div_floor(settings.ai_prediction_cache * settings.time_scale, TICK_GAME_SECONDS)
