"""Figures over time in preallocated rings: what the lanes and graphs of the monitor draw. Main thread; numpy only."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rtms_desktop.session.events import LinkState

STEP_S = 0.1
STEPS = 6200  # ten minutes and some
SPANS_MAX = 1000
_LOOK = "look"

Floats = npt.NDArray[np.float32]


def step_of(at: float) -> int:
    """The number of the step that a monotonic time lies in."""
    return math.floor(at / STEP_S + 1e-6)


class History:
    """Named series with one value per tenth of a second for the last ten minutes.

    ``counted`` series begin each step at 0 and are added to; ``measured`` ones begin at NaN and are put. A step in
    which nobody wrote keeps that beginning: a hole stays a hole.
    """

    def __init__(self, counted: tuple[str, ...], measured: tuple[str, ...], steps: int = STEPS) -> None:
        self._empty = dict.fromkeys(counted, 0.0) | dict.fromkeys((*measured, _LOOK), math.nan)
        self._fresh = np.array(list(self._empty.values()), np.float32)[:, None]
        self._table = np.repeat(self._fresh, steps, axis=1)
        self._rings: dict[str, Floats] = dict(zip(self._empty, self._table, strict=True))
        self._newest: int | None = None

    @property
    def newest(self) -> int | None:
        """The newest step, None before the first."""
        return self._newest

    def advance(self, step: int) -> None:
        """Begin every step up to and including ``step``."""
        if self._newest is None:
            self._newest = step - 1
        fresh = min(step - self._newest, STEPS)
        if fresh <= 0:
            return
        places = np.arange(step - fresh + 1, step + 1) % STEPS
        self._table[:, places] = self._fresh  # all series at once: a step costs the same however many there are
        self._newest = step

    def look(self, at: float) -> None:
        """Say that the figures of the newest step were read at this time."""
        assert self._newest is not None
        self.put(_LOOK, at - self._newest * STEP_S)

    def looks(self, first: int, count: int) -> npt.NDArray[np.float64]:
        """When the figures of these steps were read, in seconds after the beginning of the first; NaN: not at all."""
        return self.window(_LOOK, first, count) + np.arange(count) * STEP_S

    def rate(self, name: str, step: int, steps: int) -> float | None:
        """Amount per second over the ``steps`` before ``step``, by the times of the first and the last look."""
        values, looks = self.window(name, step - steps, steps + 1), self.looks(step - steps, steps + 1)
        places = np.flatnonzero(~np.isnan(looks) & ~np.isnan(values))
        if len(places) < 2 or (seconds := float(looks[places[-1]] - looks[places[0]])) <= 0:
            return None
        return float(np.nansum(values[places[0] + 1 : places[-1] + 1])) / seconds

    def add(self, name: str, value: float) -> None:
        """Add to the newest step of a counted series."""
        assert self._newest is not None
        self._rings[name][self._newest % STEPS] += value

    def put(self, name: str, value: float) -> None:
        """Set the newest step of a measured series."""
        assert self._newest is not None
        self._rings[name][self._newest % STEPS] = value

    def bridge(self, name: str, steps: int) -> None:
        """Write 0 into the up to ``steps`` steps before the newest in which nobody looked: nothing had arrived."""
        assert self._newest is not None
        ring = self._rings[name]
        places = np.arange(self._newest - min(steps, STEPS - 1), self._newest) % STEPS
        ring[places] = np.nan_to_num(ring[places], nan=0.0)

    def window(self, name: str, first: int, count: int) -> Floats:
        """``count`` values from step ``first`` on; steps that are not (or no longer) known read as never written."""
        out = np.full(count, self._empty[name], np.float32)
        if self._newest is None:
            return out
        low, high = max(first, self._newest - STEPS + 1), min(first + count, self._newest + 1)
        if low < high:
            out[low - first : high - first] = self._rings[name][np.arange(low, high) % STEPS]
        return out


@dataclass(frozen=True, slots=True)
class Span:
    """A link in one state from ``start`` to ``end`` (monotonic seconds)."""

    start: float
    end: float
    state: LinkState
    text: str = ""
    attempt: int = 0


class LinkStates:
    """The states that a link has gone through; the oldest are dropped after a thousand."""

    def __init__(self) -> None:
        self._changes: deque[tuple[float, LinkState, str, int]] = deque(maxlen=SPANS_MAX)

    def change(self, at: float, state: LinkState, text: str = "", attempt: int = 0) -> None:
        self._changes.append((at, state, text, attempt))

    @property
    def state(self) -> LinkState:
        return self._changes[-1][1] if self._changes else LinkState.CLOSED

    @property
    def text(self) -> str:
        return self._changes[-1][2] if self._changes else ""

    def at(self, at: float) -> Span:
        """The state at a moment."""
        return self.spans(at, at + STEP_S)[0]

    def spans(self, start: float, end: float) -> list[Span]:
        """What is known of the time from ``start`` to ``end``; before its first state a link was closed."""
        found: list[Span] = []
        until = end
        for at, state, text, attempt in reversed(self._changes):
            if at < end:
                found.append(Span(max(at, start), until, state, text, attempt))
                until = at
            if at <= start:
                break
        if until > start:
            found.append(Span(start, until, LinkState.CLOSED))
        return found[::-1]


def per_bin(values: Floats, size: int, how: str) -> Floats:
    """Values in bins of ``size`` steps: ``sum``, or ``max`` / ``last`` of those that are there (NaN where none is)."""
    bins = values.reshape(-1, size)
    if how == "sum":
        return bins.sum(axis=1, dtype=np.float32)
    if size == 1:
        return values
    known = ~np.isnan(bins)
    if how == "max":
        return np.where(known.any(axis=1), np.where(known, bins, -np.inf).max(axis=1), np.nan).astype(np.float32)
    last = size - 1 - np.argmax(known[:, ::-1], axis=1)
    return np.where(known.any(axis=1), bins[np.arange(len(bins)), last], np.nan).astype(np.float32)


def decimate(values: Floats, columns: int) -> tuple[npt.NDArray[np.float64], Floats]:
    """At most two points per column, its lowest and its highest; holes stay. Positions are in values (0 .. len-1)."""
    count = len(values)
    size = -(-count // max(1, columns))
    if size <= 2:
        return np.arange(count, dtype=np.float64), values
    short = -count % size
    padded = np.concatenate([values, np.full(short, np.nan, np.float32)]) if short else values
    bins = padded.reshape(-1, size)
    known = ~np.isnan(bins)
    low = np.argmin(np.where(known, bins, np.inf), axis=1)
    high = np.argmax(np.where(known, bins, -np.inf), axis=1)
    pair = np.sort(np.stack([low, high], axis=1), axis=1)
    rows = np.arange(len(bins))[:, None]
    places = rows * size + pair
    return places.ravel().astype(np.float64), bins[rows, pair].ravel()
