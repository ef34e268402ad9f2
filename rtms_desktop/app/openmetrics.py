"""The meter as OpenMetrics text, version 1.0.0 (https://prometheus.io/docs/specs/om/open_metrics_spec/). Pure."""

from __future__ import annotations

from collections.abc import Iterator

from rtms_desktop import __version__
from rtms_desktop.app.metrics import BUCKETS_S, METRICS, Meter, Metric, MetricKind

CONTENT_TYPE = "application/openmetrics-text; version=1.0.0; charset=utf-8"
PREFIX = "rtms_"
_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n"})


def openmetrics(meter: Meter) -> str:
    """Every family with its type, unit and help, and the end mark."""
    lines = [
        f"# TYPE {PREFIX}desktop info",
        f"# HELP {PREFIX}desktop The program.",
        f'{PREFIX}desktop_info{{version="{escape(__version__)}"}} 1',
    ]
    for metric in METRICS:
        lines += _family(metric, meter)
    return "\n".join([*lines, "# EOF"]) + "\n"


def escape(text: str) -> str:
    """A label value or a help text."""
    return text.translate(_ESCAPES)


def _family(metric: Metric, meter: Meter) -> Iterator[str]:
    name = PREFIX + metric.full_name
    yield f"# TYPE {name} {metric.kind}"
    if metric.unit:
        yield f"# UNIT {name} {metric.unit}"
    yield f"# HELP {name} {escape(metric.help)}"
    if metric.kind is MetricKind.HISTOGRAM:
        yield from _histogram(name, meter)
        return
    sample = f"{name}_total" if metric.kind is MetricKind.COUNTER else name
    for label, value in meter.values(metric):
        labels = f'{{{metric.label}="{escape(label)}"}}' if metric.label else ""
        yield f"{sample}{labels} {number(value)}"


def _histogram(name: str, meter: Meter) -> Iterator[str]:
    join = meter.join
    for limit, count in zip(BUCKETS_S, join.buckets, strict=True):
        yield f'{name}_bucket{{le="{limit}"}} {count}'
    yield f'{name}_bucket{{le="+Inf"}} {join.count}'
    yield f"{name}_count {join.count}"
    yield f"{name}_sum {number(join.sum_s)}"


def number(value: float) -> str:
    """Whole numbers without a fraction, others to a millionth."""
    return str(int(value)) if value == int(value) else f"{value:.6f}".rstrip("0")
