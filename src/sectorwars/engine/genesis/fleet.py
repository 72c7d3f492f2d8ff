"""The haulers that a universe is born with."""

from typing import Final

from sectorwars.domain.hauler import HaulerSpec
from sectorwars.domain.ids import hauler_id
from sectorwars.domain.port import PortSpec
from sectorwars.domain.prng import Stream
from sectorwars.domain.values import TICKS_PER_GAME_HOUR, Tick

HAULERS_PER_PORT: Final = 2
HOLD_MIN: Final = 150
HOLD_MAX: Final = 450

FIRST_CALLS_WITHIN: Final = 2 * TICKS_PER_GAME_HOUR
"""Ticks over which the first calls are spread, so that the fleet does not move as one."""


def launch_haulers(seed: int, ports: tuple[PortSpec, ...]) -> tuple[HaulerSpec, ...]:
    """Return the haulers of each port in turn, with holds of HOLD_MIN to HOLD_MAX units."""
    draws = Stream(seed, "haulers")
    return tuple(
        HaulerSpec(
            hauler_id(port.index * HAULERS_PER_PORT + number),
            port.port_id,
            draws.between(HOLD_MIN, HOLD_MAX),
        )
        for port in ports
        for number in range(HAULERS_PER_PORT)
    )


def first_calls(seed: int, birth: Tick, haulers: tuple[HaulerSpec, ...]) -> tuple[Tick, ...]:
    """Draw when each hauler calls for the first time after the universe's birth."""
    draws = Stream(seed, "first calls")
    return tuple(Tick(birth + 1 + draws.below(FIRST_CALLS_WITHIN)) for _ in haulers)
