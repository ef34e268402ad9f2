"""Samples of a duration with their quantiles; written by the main thread, read by the health page and at exit."""

from __future__ import annotations

import numpy as np

KEPT = 36_000
"""Twenty minutes at 30 pictures a second."""


class Durations:
    """The newest ``KEPT`` values, in ms."""

    def __init__(self) -> None:
        self._values = np.zeros(KEPT, np.float32)
        self._count = 0

    def add(self, milliseconds: float) -> None:
        self._values[self._count % KEPT] = milliseconds
        self._count += 1

    def __len__(self) -> int:
        return min(self._count, KEPT)

    def quantile(self, fraction: float) -> float | None:
        """The value at that rank; None: nothing was measured."""
        rank = round(fraction * (len(self) - 1))
        return float(np.partition(self._values[: len(self)], rank)[rank]) if self._count else None

    def recent(self, count: int) -> float | None:
        """The median of the newest ``count``."""
        newest = range(max(0, self._count - min(count, KEPT)), self._count)
        values = sorted(float(self._values[number % KEPT]) for number in newest)
        return values[len(values) // 2] if values else None
