"""Prometheus metrics of the server, served at /metrics."""

from typing import Final

from prometheus_client import Counter, Gauge, Histogram

COMMIT_SECONDS: Final = Histogram(
    "sectorwars_commit_seconds",
    "Time from handing a batch to the store until it was durable.",
    buckets=(0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.128, 0.256, 1, 4),
)
BATCH_COMMANDS: Final = Histogram(
    "sectorwars_batch_commands",
    "Commands made durable by one transaction.",
    buckets=(1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096),
)
DECISIONS: Final = Counter(
    "sectorwars_decisions_total",
    "Commands decided, by status and, where refused, by code.",
    ("status", "code"),
)
INBOX_DEPTH: Final = Gauge("sectorwars_inbox_depth", "Commands waiting for the writer.")
