"""Prometheus metrics of the server, served at /metrics."""

from collections.abc import Callable, Iterator, Mapping
from typing import Final, NamedTuple

from prometheus_client import REGISTRY, Counter, Gauge, Histogram
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from sectorwars.observability.reader_histogram import ReaderHistogram


class LineCensus(NamedTuple):
    """What the open WebSockets of a process come to; readers `behind` take nothing just now.

    `frames_received` counts the data messages of those that are closed, too.
    """

    by_dialect: Mapping[str, int]
    queued_frames: int
    queued_bytes: int
    behind: int
    lag_seconds_max: float
    frames_received: int


class LineMetrics(Collector):
    """Figures of the open WebSockets, counted when they are asked for and not at each frame."""

    def __init__(self) -> None:
        """Show nothing before `counted_by`."""
        self._census: Callable[[], LineCensus] | None = None

    def counted_by(self, census: Callable[[], LineCensus]) -> None:
        """Show what `census` counts."""
        self._census = census

    def collect(self) -> Iterator[Metric]:
        """Count, and yield each figure."""
        if self._census is None:
            return
        census = self._census()
        connections = GaugeMetricFamily(
            "sectorwars_websocket_connections", "Open WebSocket connections.", labels=["dialect"]
        )
        for dialect, open_connections in census.by_dialect.items():
            connections.add_metric([dialect], open_connections)
        yield connections
        for name, documentation, value in (
            ("queued_frames", "Frames that wait for slow readers.", census.queued_frames),
            ("queued_bytes", "Bytes handed over that sockets have not taken.", census.queued_bytes),
            ("readers_behind", "Connections whose sockets take nothing.", census.behind),
            (
                "lag_seconds_max",
                "How long the slowest reader has taken nothing.",
                census.lag_seconds_max,
            ),
        ):
            yield GaugeMetricFamily(f"sectorwars_websocket_{name}", documentation, value)
        yield CounterMetricFamily(
            "sectorwars_websocket_frames_received",
            "Data messages received from clients.",
            census.frames_received,
        )


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
STANDBY_BEHIND_SECONDS: Final = Gauge(
    "sectorwars_standby_behind_seconds",
    "How long ago a waiting engine had all that was committed; +Inf before it has loaded.",
)
EVENTS: Final = Counter("sectorwars_events_total", "Durable events, by kind.", ("kind",))
OPEN_ORDERS: Final = Gauge("sectorwars_open_orders", "Limit orders that rest.")
LIVE_QUOTES: Final = Gauge("sectorwars_live_quotes", "Binding quotes that can be taken.")
AUDIT_ENTRIES: Final = Counter(
    "sectorwars_audit_entries_total", "Entries made in the audit trail, by kind.", ("kind",)
)
DENIALS: Final = Counter(
    "sectorwars_denials_total",
    "What was denied to somebody, by HTTP or WebSocket, as the audit counts it.",
    ("code",),
)
LINES: Final = LineMetrics()
REGISTRY.register(LINES)
DELIVERY_SECONDS: Final = ReaderHistogram(
    "sectorwars_websocket_delivery_seconds",
    "Time from the publishing of a committed batch until a reader's frames were handed to his "
    "socket, for each reader of each batch.",
    buckets=(0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1),
)
REGISTRY.register(DELIVERY_SECONDS)
READER_BEHIND_SECONDS: Final = Histogram(
    "sectorwars_websocket_reader_behind_seconds",
    "How long frames waited for readers who took nothing, once these took them.",
    buckets=(0.001, 0.01, 0.05, 0.1, 0.5, 1, 2.5, 5, 10, 30),
)
REFUSALS: Final = Counter(
    "sectorwars_websocket_refusals_total", "Messages that were refused, by code.", ("code",)
)
RECOVERIES: Final = Counter(
    "sectorwars_websocket_recoveries_total",
    "Channels of resumed connections: replayed, to be taken anew as a snapshot, or lost.",
    ("outcome",),
)
FRAMES_PUBLISHED: Final = Counter(
    "sectorwars_websocket_frames_published_total", "Published frames handed to subscribers."
)
DELTAS_PUBLISHED: Final = Counter(
    "sectorwars_websocket_deltas_published_total", "Those of them that were handed as deltas."
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
BACKTESTS: Final = Counter(
    "sectorwars_backtests_total",
    "Backtests that ended: `done`, `deleted`, `lost`, or by the code of their failure.",
    ("outcome",),
)
BACKTEST_SECONDS: Final = Histogram(
    "sectorwars_backtest_seconds",
    "How long a backtest ran, whatever it came to.",
    buckets=(0.5, 1, 2, 4, 8, 16, 32, 64, 128, 256, 600),
)
BACKTESTS_WAITING: Final = Gauge(
    "sectorwars_backtests_waiting", "Backtests that wait for the one that runs."
)
