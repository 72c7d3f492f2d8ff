"""Figures of an index, as they are published when nothing real is at hand."""

from __future__ import annotations

from sectorwars.domain.commodity import Commodity
from sectorwars.protocol.shapes.market import MarketRealtime


def figures_of(good: Commodity, version: int) -> MarketRealtime:
    """Return figures of a good under a version."""
    return MarketRealtime(
        *(good.value, 61.25, 60.5, 62.01, 120_421, -0.53, 64.11, 58.75, "down", None, version),
        *("2026-11-23T03:37:01.000000Z", "2102-02-19T10:44:00.000000Z"),
    )
