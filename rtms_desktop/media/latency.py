"""Samples of a duration with their quantiles; one writer, read by the health page and at exit."""

from __future__ import annotations

from collections import deque

import numpy as np

KEPT = 36_000
"""Twenty minutes at 30 pictures a second."""


class Durations:
    """The newest ``KEPT`` values, in ms."""

    def __init__(self) -> None:
        self._values: deque[float] = deque(maxlen=KEPT)

    def add(self, milliseconds: float) -> None:
        self._values.append(milliseconds)

    def __len__(self) -> int:
        return len(self._values)

    def quantile(self, fraction: float) -> float | None:
        """None: nothing was measured."""
        values = list(self._values)
        return float(np.quantile(values, fraction)) if values else None

    def recent(self, count: int) -> float | None:
        """The median of the newest ``count``."""
        values = list(self._values)[-count:]
        return float(np.median(values)) if values else None
