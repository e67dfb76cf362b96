"""Figures in Prometheus' text format, by prometheus-client; it is imported at the first scrape alone."""

from collections.abc import Iterator, Sequence

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import generate_latest
from prometheus_client.registry import Collector, CollectorRegistry

from paranad.metrics.families import Buckets, Family, Figure, Kind


class Collected(Collector):
    """Hands over figures that are there already."""

    def __init__(self, figures: Sequence[Figure]) -> None:
        self._figures = figures

    def collect(self) -> Iterator[Metric]:
        for family, values in self._figures:
            metric = _empty(family)
            for labels, value in values.items():
                if isinstance(metric, HistogramMetricFamily):
                    if isinstance(value, Buckets):
                        metric.add_metric(labels, value.upto, value.total_s)
                elif not isinstance(value, Buckets):
                    metric.add_metric(labels, float(value))
            yield metric


def _empty(family: Family) -> CounterMetricFamily | GaugeMetricFamily | HistogramMetricFamily:
    match family.kind:
        case Kind.COUNTER:
            return CounterMetricFamily(family.name, family.help, labels=family.labels)
        case Kind.GAUGE:
            return GaugeMetricFamily(family.name, family.help, labels=family.labels)
        case Kind.HISTOGRAM:
            return HistogramMetricFamily(family.name, family.help, labels=family.labels)


def text_of(figures: Sequence[Figure]) -> bytes:
    """Return *figures* as text, in their order."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Collected(figures))
    return generate_latest(registry)
