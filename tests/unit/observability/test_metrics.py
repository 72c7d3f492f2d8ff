"""Gauges of the open WebSockets, counted at the moment they are asked for; all metrics by name."""

import re
from pathlib import Path

from prometheus_client import REGISTRY, CollectorRegistry, generate_latest

from sectorwars.observability.http_metrics import HttpMetrics
from sectorwars.observability.metrics import LineCensus, LineMetrics

OPERATIONS = Path(__file__).parents[3] / "docs" / "OPERATIONS.md"


def test_lines_are_counted_when_they_are_asked_for_and_only_then() -> None:
    registry = CollectorRegistry()
    lines = LineMetrics()
    registry.register(lines)
    assert generate_latest(registry) == b""
    counted = []

    def census() -> LineCensus:
        counted.append(1)
        return LineCensus({"native": 2, "foundation": 1}, 5, 700, 1, 2.5, 9)

    lines.counted_by(census)
    assert counted == []
    text = generate_latest(registry).decode()
    assert counted == [1]
    for line in (
        'sectorwars_websocket_connections{dialect="native"} 2.0',
        'sectorwars_websocket_connections{dialect="foundation"} 1.0',
        "sectorwars_websocket_queued_frames 5.0",
        "sectorwars_websocket_queued_bytes 700.0",
        "sectorwars_websocket_readers_behind 1.0",
        "sectorwars_websocket_lag_seconds_max 2.5",
        "sectorwars_websocket_frames_received_total 9.0",
    ):
        assert line in text.splitlines()


def test_the_documentation_names_each_metric() -> None:
    registry = CollectorRegistry()
    HttpMetrics(registry)
    lines = LineMetrics()
    lines.counted_by(lambda: LineCensus({"native": 1}, 0, 0, 0, 0.0, 0))
    registry.register(lines)
    families = [*REGISTRY.collect(), *registry.collect()]
    shown = {
        family.name + ("_total" if family.type == "counter" else "")
        for family in families
        if family.name.startswith("sectorwars_")
    }
    named = re.findall(r"`([a-z_]+)(?:\{[a-z,]+\})?`", OPERATIONS.read_text())
    assert {f"sectorwars_{name}" for name in named} >= shown
