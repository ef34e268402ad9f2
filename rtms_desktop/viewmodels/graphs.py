"""One graph of the monitor as data: which series, how they are binned, on what scale. No widgets.

The kinds that there are stand in ``graph_kinds``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rtms_desktop.viewmodels.figures import DASH, signed
from rtms_desktop.viewmodels.history import STEP_S, Floats, History, decimate, per_bin

NEWEST_STEPS, RATE_STEPS = 10, 20
_LADDER = (1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 10.0)


@dataclass(frozen=True, slots=True)
class Curve:
    """One line: seconds before the right edge (negative) and values; NaN is a hole."""

    medium: str
    x: npt.NDArray[np.float64]
    y: Floats


@dataclass(frozen=True, slots=True)
class GraphData:
    curves: tuple[Curve, ...]
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Graph:
    """One graph.

    Attributes:
        names: the series in the history, ``<kind>.<medium>``.
        bin_s: seconds per point.
        how: ``sum`` of a bin per second, or ``max`` / ``last`` of it.
        factor: from the series' unit to the one shown.
        least: the smallest top of the scale.
        head: the figure in the head: the ``sum`` of all curves, the ``most`` of them, or the ``first`` with a value.
        own: of this computer, not of the stream: no recording holds it.
    """

    key: str
    title: str
    short: str
    unit: str
    names: tuple[str, ...]
    bin_s: float
    how: str
    factor: float
    least: float
    decimals: int
    head: str
    tip: str
    own: bool = False

    def data(self, history: History, last: int, steps: int, columns: int) -> GraphData:
        """The curves of the ``steps`` before step ``last``; the bins stay where they are while time goes on."""
        size = round(self.bin_s / STEP_S)
        end = last // size * size
        count = max(1, steps // size)
        curves, peak, low = [], 0.0, 0.0
        for name in self.names:
            values = self._binned(history, name, end - count * size, size, count)
            known = values[~np.isnan(values)]
            if len(known):
                peak, low = max(peak, float(known.max())), min(low, float(known.min()))
            places, thin = decimate(values, columns)
            x = (places - count + 1) * self.bin_s - (last - end) * STEP_S
            curves.append(Curve(name.partition(".")[2], x, thin))
        high = ladder(max(peak * 1.05, self.least))
        return GraphData(tuple(curves), -ladder(-low) if low < -0.02 * high else 0.0, high)

    def columns(
        self, history: History, last: int, steps: int, bin_s: float | None = None
    ) -> tuple[list[int], list[Floats]]:
        """For tables and files: the steps at which the bins end and one column of values per series."""
        size = round((bin_s or self.bin_s) / STEP_S)
        end, count = last // size * size, max(1, steps // size)
        first = end - count * size
        ends = [first + (n + 1) * size for n in range(count)]
        return ends, [self._binned(history, name, first, size, count) for name in self.names]

    @property
    def media(self) -> list[str]:
        """What the curves are of, in their order."""
        return [name.partition(".")[2] for name in self.names]

    def value(self, history: History, step: int) -> str:
        """The figure at a step: of the two seconds before it for sums, else the newest within a second."""
        found = [value for name in self.names if (value := self.at(history, name, step)) is not None]
        if not found:
            return DASH
        picked = sum(found) if self.head == "sum" else max(found) if self.head == "most" else found[0]
        return self.text(picked)

    def at(self, history: History, name: str, step: int) -> float | None:
        """The value of one series at a step, in the unit shown."""
        return (self._rate if self.how == "sum" else self._newest)(history, name, step)

    def text(self, value: float) -> str:
        """A value as it is written; a hole is a dash."""
        return DASH if math.isnan(value) else signed(f"{value:.{self.decimals}f}")

    def _newest(self, history: History, name: str, step: int) -> float | None:
        values = history.window(name, step - NEWEST_STEPS + 1, NEWEST_STEPS)
        known = values[~np.isnan(values)]
        return float(known[-1]) * self.factor if len(known) else None

    def _rate(self, history: History, name: str, step: int) -> float | None:
        rate = history.rate(name, step, RATE_STEPS)
        return None if rate is None else rate * self.factor

    def _binned(self, history: History, name: str, first: int, size: int, count: int) -> Floats:
        values = history.window(name, first, size * count)
        if self.how != "sum":
            return per_bin(values, size, self.how) * np.float32(self.factor)
        known = ~np.isnan(values)
        total = per_bin(np.where(known, values, 0).astype(np.float32), size, "sum")
        whole = known.reshape(-1, size).all(axis=1)  # part of a bin is no measure of the whole
        # The looks are a tenth of a second apart only about: what was counted is divided by the time it really took.
        ends = per_bin(history.looks(first - size, size * (count + 1)).astype(np.float32), size, "last")
        seconds = np.diff(ends)
        seconds = np.where(seconds > 0, seconds, self.bin_s)
        return np.where(whole, total * self.factor / seconds, np.nan).astype(np.float32)


def ladder(value: float) -> float:
    """The next step at or above ``value`` on 1, 1.5, 2, 3, 4, 6, 8, 10 times a power of ten: scales change in steps."""
    if value <= 0:
        return 0.0
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in (*_LADDER, 10.0) if step * power >= value * 0.999)


def grid_values(low: float, high: float) -> list[float]:
    """Three to five values at which a line is drawn, both ends among them."""
    parts = 3 if round(high / 10 ** math.floor(math.log10(high)), 1) in (1.5, 3.0, 6.0) else 4
    if low < 0:
        return [low, 0.0, high / 2, high]
    return [high * n / parts for n in range(parts + 1)]
