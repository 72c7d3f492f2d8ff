"""A histogram of which one measurement may be of many readers at once."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import accumulate

from prometheus_client.core import HistogramMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString


class ReaderHistogram(Collector):
    """Counts seconds by readers, so that a quantile is that of what readers met."""

    def __init__(self, name: str, documentation: str, buckets: Sequence[float]) -> None:
        """Count in `buckets`, upper bounds in seconds that rise; what is above them counts too."""
        self._name = name
        self._documentation = documentation
        self._bounds = (*buckets, float("inf"))
        self._counts = [0] * len(self._bounds)
        self._seconds = 0.0

    def observe(self, seconds: float, readers: int) -> None:
        """Count as many readers, each with `seconds`."""
        self._counts[bisect_left(self._bounds, seconds)] += readers
        self._seconds += seconds * readers

    def collect(self) -> Iterator[Metric]:
        """Yield the figure, its buckets cumulative as Prometheus has them."""
        bounds = map(floatToGoString, self._bounds)
        yield HistogramMetricFamily(
            self._name,
            self._documentation,
            buckets=list(zip(bounds, accumulate(self._counts), strict=True)),
            sum_value=self._seconds,
        )
