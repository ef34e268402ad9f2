"""A thread that reads a tape steps aside for whoever keeps it from coming back, and for nobody else."""

from __future__ import annotations

import pytest

from rtms_desktop.recording import breath


class Time:
    """Clock and stop of a reader; ``late``: by how much a wait takes longer, as somebody else holds the interpreter."""

    def __init__(self, late: float) -> None:
        self.late, self.now = late, 0.0
        self.slept: list[float] = []

    def perf_counter(self) -> float:
        return self.now

    def wait(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds + self.late


@pytest.mark.parametrize(("late", "slept"), [(0.0, [breath.BREATH_S]), (0.001, [breath.BREATH_S, breath.ASIDE_S])])
def test_steps_aside_for_who_is_busy(monkeypatch: pytest.MonkeyPatch, late: float, slept: list[float]) -> None:
    time = Time(late)
    monkeypatch.setattr(breath, "time", time)
    breath.breathe(time)
    assert time.slept == slept
