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
    "Commands decided and durable, by status; the code is `ok` or that of the rejection.",
    ("status", "code"),
)
INBOX_DEPTH: Final = Gauge("sectorwars_inbox_depth", "Commands waiting for the writer.")
CONNECTIONS: Final = Gauge("sectorwars_websocket_connections", "Open WebSocket connections.")
FRAMES_RECEIVED: Final = Counter(
    "sectorwars_websocket_frames_received_total", "Data messages received from clients."
)
FRAMES_PUBLISHED: Final = Counter(
    "sectorwars_websocket_frames_published_total", "Published frames handed to subscribers."
)
FRAMES_CONFLATED: Final = Counter(
    "sectorwars_websocket_frames_conflated_total", "Published frames left out for slow readers."
)
CLOSES: Final = Counter(
    "sectorwars_websocket_closes_total", "Connections that the server closed, by code.", ("code",)
)
UPGRADES_REFUSED: Final = Counter(
    "sectorwars_websocket_upgrades_refused_total", "WebSockets that were not opened.", ("code",)
)
AUTHENTICATIONS: Final = Counter(
    "sectorwars_websocket_authentications_total",
    "Authentications over WebSocket; the code is `ok` or that of the refusal.",
    ("code",),
)
WASH_TRADES_FLAGGED: Final = Counter(
    "sectorwars_wash_trades_flagged_total",
    "Pairs of players entered for trading for show, by what was seen between them.",
    ("sign",),
)
