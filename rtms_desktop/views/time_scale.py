"""Where a time lies in the lanes: a scale that moves on by whole bars, so that bars stand in fixed places."""

from __future__ import annotations

import math
from dataclasses import dataclass

from rtms_desktop.viewmodels.history import STEP_S, step_of

PITCH = 3  # pixels from bar to bar


@dataclass(frozen=True, slots=True)
class TimeScale:
    """``count`` bars of ``size`` steps end at step ``last``; they lie from ``left`` over ``width`` pixels."""

    left: int
    width: int
    last: int
    size: int
    count: int

    @classmethod
    def at(cls, now: float, window_s: float, left: int, width: int) -> TimeScale:
        """The scale on which ``now`` lies in the last bar."""
        width = max(PITCH, width)
        steps = round(window_s / STEP_S)
        size = max(1, math.ceil(steps / (width / PITCH)))
        return cls(left, width, (step_of(now) // size + 1) * size, size, math.ceil(steps / size))

    @property
    def start(self) -> float:
        return (self.last - self.size * self.count) * STEP_S

    @property
    def end(self) -> float:
        return self.last * STEP_S

    def x(self, at: float) -> float:
        """The place of a monotonic time."""
        return self.left + (at - self.start) / (self.end - self.start) * self.width

    def time(self, x: float) -> float:
        """The monotonic time at a place."""
        return self.start + (x - self.left) / self.width * (self.end - self.start)
