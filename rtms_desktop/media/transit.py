"""How long media takes to come and how unevenly: the base delay and the jitter peak of the last seconds."""

from __future__ import annotations

from collections import deque

WINDOW_S = 20
"""Long enough to remember a stall, short enough to follow a drifting clock (200 ppm: 4 ms)."""


class WindowedExtreme:
    """Minimum or maximum of what was added in the last ``WINDOW_S`` seconds, by buckets of one second."""

    def __init__(self, largest: bool) -> None:
        self._largest = largest
        self._buckets: deque[tuple[int, float]] = deque()

    def add(self, value: float, at: float) -> None:
        second = int(at)
        if self._buckets and self._buckets[-1][0] >= second:
            last = self._buckets[-1][1]
            self._buckets[-1] = (self._buckets[-1][0], max(last, value) if self._largest else min(last, value))
        else:
            self._buckets.append((second, value))
        while self._buckets[0][0] <= second - WINDOW_S:
            self._buckets.popleft()

    def value(self, at: float | None = None) -> float | None:
        """None: nothing was added, or (with ``at``) nothing recently enough."""
        values = [value for second, value in self._buckets if at is None or second > at - WINDOW_S]
        if not values:
            return None
        return max(values) if self._largest else min(values)

    def clear(self) -> None:
        self._buckets.clear()


class Transit:
    """Arrival minus server time, in ms of an arbitrary zero, of one stream."""

    def __init__(self) -> None:
        self._least = WindowedExtreme(largest=False)
        self._most = WindowedExtreme(largest=True)

    def add(self, transit_ms: float, at: float) -> None:
        self._least.add(transit_ms, at)
        self._most.add(transit_ms, at)

    def base_ms(self) -> float | None:
        """The quickest way through the network that was seen lately."""
        return self._least.value()

    def peak_ms(self, at: float | None = None) -> float | None:
        """The slowest; minus the base it is the jitter peak."""
        return self._most.value(at)

    def clear(self) -> None:
        self._least.clear()
        self._most.clear()
