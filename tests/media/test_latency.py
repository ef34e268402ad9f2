"""Quantiles of durations."""

from __future__ import annotations

import pytest

from rtms_desktop.media.latency import KEPT, Durations


def test_quantiles() -> None:
    durations = Durations()
    assert durations.quantile(0.5) is None
    assert durations.recent(3) is None
    for value in range(101):
        durations.add(float(value))
    assert durations.quantile(0.5) == 50
    assert durations.quantile(0.99) == pytest.approx(99)
    assert durations.recent(3) == 99
    for _ in range(KEPT):
        durations.add(1.0)
    assert len(durations) == KEPT
    assert durations.quantile(1.0) == 1.0
