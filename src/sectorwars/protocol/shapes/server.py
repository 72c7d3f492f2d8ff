"""The shape of the status of the server."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class UniverseStatus:
    """The size and seed of the universe."""

    seed: int
    sectors: int
    ports: int


@dataclass(frozen=True, slots=True)
class ServerStatus:
    """What anybody may know of the server."""

    server_time: str
    game_time: str
    tick: int
    time_scale: int
    version: str
    players_online: int
    universe: UniverseStatus
