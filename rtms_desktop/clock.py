"""The two times of the program: monotonic seconds for intervals, Unix milliseconds for display. From any thread."""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    """Where code above the core reads the time; the core itself takes ``now`` as an argument."""

    def now(self) -> float:
        """Monotonic seconds."""
        ...

    def wall_ms(self) -> int:
        """Unix epoch milliseconds."""
        ...


class SystemClock:
    """The machine's own clocks."""

    def now(self) -> float:
        return time.monotonic()

    def wall_ms(self) -> int:
        return time.time_ns() // 1_000_000
