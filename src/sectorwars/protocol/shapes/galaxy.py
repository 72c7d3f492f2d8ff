"""Shapes of the map."""

from dataclasses import dataclass

from typing_extensions import TypedDict  # pydantic reads typing.TypedDict from Python 3.12 on

PortSummary = TypedDict("PortSummary", {"port_id": str, "name": str, "class": str})
"""A port as seen from its sector."""


@dataclass(frozen=True, slots=True)
class SectorView:
    """A sector, its ports and where one can warp from it."""

    sector_id: str
    name: str
    x: int
    y: int
    port_ids: list[str]
    ports: list[PortSummary]
    warps: list[str]


@dataclass(frozen=True, slots=True)
class GalaxyMap:
    """Every sector with its ports and warps; it never changes while a universe lives."""

    sectors: list[SectorView]
