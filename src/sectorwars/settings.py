"""All settings: environment variables `SECTORWARS_…` and the options of `sectorwars serve`.

They are read in `bootstrap` and `cli` only; components get plain values.
"""

import difflib
from collections.abc import Mapping
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Final, Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from sectorwars.observability.logging import LogLevel

PREFIX: Final = "SECTORWARS_"


class UnknownSettingError(Exception):
    """An environment variable with the prefix names no setting; the message says which."""


class Settings(BaseSettings):
    """Settings of one process, validated at start and frozen."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid")

    data_dir: Path = Field(Path("data"), description="where keys and the embedded database live")
    host: str = Field("127.0.0.1", description="address to listen on")
    port: int = Field(8000, ge=0, le=65_535, description="port to listen on")
    database_url: str | None = Field(
        None, description="PostgreSQL of your own; without it an embedded one is started"
    )
    redis_url: str | None = Field(
        None, repr=False, description="Redis through which the processes of one galaxy talk"
    )
    role: Literal["all", "engine", "gateway"] = Field(
        "all", description="what this process does: all, engine or gateway"
    )
    gateways: int = Field(
        1, ge=1, le=16, description="gateways beside an engine on this machine, with a Redis"
    )
    own_port: int | None = Field(
        None, ge=0, le=65_535, description="another port of a gateway, for this machine only"
    )
    share_port: bool = Field(
        False, description="whether other gateways of this machine may listen on the same port"
    )
    stop_with_stdin: bool = Field(False, description="whether to stop when the standard input ends")
    universe_seed: int = Field(2102, ge=0, lt=2**63, description="seed of a new universe")
    universe_sectors: int = Field(100, ge=20, le=5_000, description="sectors of a new universe")
    universe_prehistory: int = Field(
        48, ge=1, le=720, description="game hours that a new universe has lived"
    )
    time_scale: int = Field(60, ge=1, le=3_600, description="game seconds in a real second")

    max_connections: int = Field(1_000, ge=1, description="WebSocket connections per process")
    connections_per_address: int = Field(5, ge=1, description="WebSocket connections per address")
    message_rate_limit: int = Field(100, ge=1, description="messages a second and user")
    trade_rate_limit: int = Field(30, ge=1, description="executed trades a minute and user")
    auth_rate_limit: int = Field(10, ge=1, description="sign-ins a minute and address")
    heartbeat_interval: int = Field(30, ge=1, description="seconds between heartbeats")
    cap_units_per_trade: int | None = Field(
        None, ge=0, description="units in a trade at most; unset: no cap"
    )
    cap_credits_per_trade: int | None = Field(
        None, ge=0, description="credits in a trade at most; unset: no cap"
    )
    cap_trades_per_hour: int | None = Field(
        None, ge=0, description="trades of a player an hour at most; unset: no cap"
    )
    cap_credits_per_hour: int | None = Field(
        None, ge=0, description="credits a player trades for an hour at most; unset: no cap"
    )
    cap_credits_per_day: int | None = Field(
        None, ge=0, description="credits a player trades for a day at most; unset: no cap"
    )
    cap_units_of_a_good_per_day: int | None = Field(
        None, ge=0, description="units of a good a player trades a day at most; unset: no cap"
    )
    disconnect_grace: int = Field(
        10, ge=1, description="seconds without a connection until orders that ask for it end"
    )
    request_timeout: int = Field(15, ge=1, description="seconds for a whole HTTP request to come")
    frame_compression: bool = Field(
        True, description="whether clients that offer it get and may send compressed messages"
    )
    authentication_timeout: int = Field(15, ge=1, description="seconds to authenticate in")
    market_data_refresh: int = Field(1_000, ge=100, description="ms between market updates")
    port_data_refresh: int = Field(
        100, ge=0, le=10_000, description="ms between updates of a port's quotes at least"
    )
    commit_batch_max: int = Field(
        256, ge=1, le=4_096, description="commands that one transaction makes durable at most"
    )
    commit_latency_ms: int = Field(
        5, ge=0, le=1_000, description="ms that commands are gathered while more come"
    )
    trading_timeout: int = Field(10_000, ge=100, description="ms a command may wait")
    access_token_ttl: int = Field(900, ge=10, description="seconds an access token lives")
    frame_size_max: int = Field(65_536, ge=1_024, description="bytes of a frame from a client")
    allowed_origins: tuple[str, ...] = Field((), description="other origins that may connect")
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = Field(
        (), description="networks whose X-Forwarded-For is believed"
    )
    foundation_trading: bool = Field(
        True, description="whether Foundation clients, which sign with a digest only, may trade"
    )
    session_ttl: int = Field(86_400, ge=60, le=86_400, description="seconds a session lasts")
    ai_prediction_cache: int = Field(
        300, ge=0, description="seconds a forecast is shown after it was made"
    )
    aria_rate_limit: int = Field(60, ge=1, description="messages to ARIA a minute and user")
    backtest_queue: int = Field(
        8, ge=1, le=1_000, description="backtests that may wait in a process"
    )
    metrics_token: str | None = Field(
        None,
        min_length=16,
        max_length=256,
        pattern=r"^[\x21-\x7e]+$",
        repr=False,
        description="bearer token for /metrics; unset: this machine only",
    )
    log_level: LogLevel = Field("info", description="debug, info, warning or error")
    log_format: Literal["console", "json"] = Field("console", description="console or json")


def check_names(environment: Mapping[str, str]) -> None:
    """Refuse variables that look like settings but are none.

    Raises:
        UnknownSettingError: the message names the variable and the nearest setting.
    """
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    for name in environment:
        if name.upper().startswith(PREFIX) and name.upper() not in known:
            near = difflib.get_close_matches(name.upper(), known, n=1, cutoff=0.0)
            raise UnknownSettingError(
                f"{name} is no setting of Sectorwars; the nearest is {near[0]}."
            )
