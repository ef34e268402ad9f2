"""Rates from counters that are read now and then: per second over the last few seconds. Main thread."""

from __future__ import annotations

from collections import deque

RATE_S = 3.0


class Rate:
    """Feed it a counter; it gives the counter's growth per second, or None before `settle_s` of readings exist."""

    def __init__(self, window_s: float = RATE_S, settle_s: float = 0.9) -> None:
        self._window_s, self._settle_s = window_s, settle_s
        self._readings: deque[tuple[float, float]] = deque()

    def add(self, now: float, value: float) -> None:
        readings = self._readings
        if readings and (value < readings[-1][1] or now < readings[-1][0]):
            readings.clear()  # the counter began anew
        if readings and now == readings[-1][0]:
            readings.pop()  # time stands: a recording that is paused
        readings.append((now, value))
        while len(readings) > 2 and now - readings[1][0] >= self._window_s:
            readings.popleft()

    def per_second(self) -> float | None:
        if len(self._readings) < 2:
            return None
        (start, low), (end, high) = self._readings[0], self._readings[-1]
        return (high - low) / (end - start) if end - start >= self._settle_s else None

    def clear(self) -> None:
        self._readings.clear()
