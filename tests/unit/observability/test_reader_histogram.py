"""A histogram that counts by readers."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, generate_latest

from sectorwars.observability.reader_histogram import ReaderHistogram


def test_each_reader_counts_and_buckets_are_cumulative() -> None:
    registry = CollectorRegistry()
    histogram = ReaderHistogram("wait_seconds", "A wait.", (0.001, 0.5))
    registry.register(histogram)
    histogram.observe(0.001, 900)
    histogram.observe(0.25, 99)
    histogram.observe(2.0, 1)
    assert [line for line in generate_latest(registry).decode().splitlines() if line[0] != "#"] == [
        'wait_seconds_bucket{le="0.001"} 900.0',
        'wait_seconds_bucket{le="0.5"} 999.0',
        'wait_seconds_bucket{le="+Inf"} 1000.0',
        "wait_seconds_count 1000.0",
        "wait_seconds_sum 27.65",
    ]
