"""The monitor's series of a whole recording, computed from the figures that its index keeps. Main thread."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from rtms_desktop.session.events import ALL, SIGNALING, LinkState
from rtms_desktop.viewmodels.graph_kinds import HEAVY, LINKS, MEDIA, TIMED
from rtms_desktop.viewmodels.history import STEP_S, Floats, History, Span, step_of
from rtms_desktop.viewmodels.monitor_sampler import FRAMES, FRESH_S, OPEN, UP
from rtms_desktop.viewmodels.session_time import SessionTime
from rtms_desktop.wire.enums import Medium

Doubles = npt.NDArray[np.float64]

AGAIN = 10
"""Steps that are read again when there is more: the last ones may not have been whole."""

BLOCK = 1200
"""Steps that are read at once, when one of them is looked at first: two minutes, about a millisecond."""


class RecordedHistory(History):
    """Read as a History is, at any time of the recording, before and behind the playhead.

    Args:
        figures: the FigureTape of the recording; it may still grow (then ``reload``).
        states: what a socket (or that which carries a medium) went through; graphs have holes where it was not open.
        first, last: the times between which there is something.
        earlier: what is known of the time before that.
    """

    def __init__(
        self,
        figures: Any,
        time: SessionTime,
        states: Callable[[str], Sequence[Span]],
        first: float,
        last: float,
        names: tuple[tuple[str, ...], tuple[str, ...]],
        earlier: History | None = None,
    ) -> None:
        super().__init__(*names, steps=1)
        self._earlier = earlier
        self._figures, self._time, self._states = figures, time, states
        self._first = step_of(first)
        self._last = step_of(last)
        self._known = self._last
        self._blocks: dict[int, dict[str, Floats]] = {}

    def reload(self, last: float, known: float = math.inf) -> None:
        """More is known, up to the time ``known``; it is read when somebody looks."""
        whole = (self._known - AGAIN - self._first) // BLOCK
        self._blocks = {number: block for number, block in self._blocks.items() if number < whole}
        self._last = step_of(last)
        self._known = self._last if known >= last else step_of(max(known, self._first * STEP_S))

    @property
    def newest(self) -> int | None:
        return self._last

    def looks(self, first: int, count: int) -> npt.NDArray[np.float64]:
        return np.arange(count, dtype=np.float64) * np.float64(STEP_S)

    def window(self, name: str, first: int, count: int) -> Floats:
        if self._earlier is not None and first < self._first:
            out = self._earlier.window(name, first, count)
            out[max(0, self._first - first) :] = self._empty[name]
        else:
            out = np.full(count, self._empty[name], np.float32)
        step, end = max(first, self._first), min(first + count, self._known + 1)
        while step < end:
            number, place = divmod(step - self._first, BLOCK)
            values = self._block(number).get(name)
            size = min(end - step, BLOCK - place)
            if values is not None:
                out[step - first : step - first + size] = values[place : place + size]
            step += size
        return out

    # -- inside ------------------------------------------------------------------------------------------------

    def _block(self, number: int) -> dict[str, Floats]:
        block = self._blocks.get(number)
        if block is None:
            begin = self._first + number * BLOCK
            block = self._blocks[number] = self._read(np.arange(begin, begin + BLOCK + 1))
        return block

    def _read(self, steps: npt.NDArray[np.int64]) -> dict[str, Floats]:
        """All series of these steps but the last, which only ends the one before."""
        tracks = {key: _Track(_table(columns, steps), steps) for key, columns in tuple(self._figures.tracks.items())}
        none = np.zeros(len(steps) - 1, np.float32)
        series: dict[str, Floats] = {}
        for name in HEAVY:
            grown = [track.grown(1) for (medium, _), track in tracks.items() if medium.value == name]
            series[name] = np.sum(grown, axis=0, dtype=np.float32) if grown else none
        series[ALL] = np.sum([series[name] for name in HEAVY], axis=0, dtype=np.float32)
        frames = [track.grown(0) for (medium, _), track in tracks.items() if medium is Medium.VIDEO]
        series[FRAMES] = np.max(frames, axis=0) if frames else none
        counts = _Track(_table(self._figures.counts, steps), steps)
        for place, medium in enumerate(Medium):
            if medium.value in MEDIA and medium.value not in HEAVY:
                series[medium.value] = counts.grown(place)
        signaling = self._figures.messages.get(SIGNALING)
        series[SIGNALING] = none if signaling is None else _Track(_table(signaling, steps), steps).grown(0)
        for name in HEAVY:
            self._read_graphs(series, name, steps[:-1], tracks)
        for name, columns in tuple(self._figures.messages.items()):
            if name in LINKS:
                self._read_keep_alives(series, name, steps, _Track(_table(columns, steps), steps))
        return series

    def _within(self, name: str, steps: npt.NDArray[np.int64], states: frozenset[LinkState]) -> npt.NDArray[np.bool_]:
        """The steps in which a socket was in one of these states."""
        found = np.zeros(len(steps), bool)
        for span in self._states(name):
            if span.state in states:
                found |= (steps >= step_of(span.start)) & (steps < step_of(span.end))
        return found

    def _read_keep_alives(
        self, series: dict[str, Floats], name: str, steps: npt.NDArray[np.int64], link: _Track
    ) -> None:
        open_, last_at = self._within(name, steps[:-1], OPEN), link.values(1)[:-1]
        for span in self._states(name):
            if span.state is LinkState.CONNECTING:  # what came on the socket before does not count
                last_at = np.where(steps[:-1] >= step_of(span.start), np.maximum(last_at, span.start), last_at)
        age = np.maximum((steps[:-1] + 1) * STEP_S - last_at, 0.0)  # at the end of the step, as its figures are
        series[f"alive.{name}"] = np.where(open_ & (last_at > 0), age, np.nan).astype(np.float32)
        series[f"missed.{name}"] = np.where(open_, link.values(2)[:-1], np.nan).astype(np.float32)

    def _read_graphs(
        self, series: dict[str, Floats], name: str, steps: npt.NDArray[np.int64], tracks: dict[Any, _Track]
    ) -> None:
        """The same with holes where nothing could flow, and what is measured."""
        flowing = self._within(name, steps, UP)
        series[f"bytes.{name}"] = np.where(flowing, series[name], np.nan).astype(np.float32)
        came = [track.grown(0) for (medium, _), track in tracks.items() if medium.value == name]
        packets = np.sum(came, axis=0) if came else np.zeros(len(steps))
        series[f"packets.{name}"] = np.where(flowing, packets, np.nan).astype(np.float32)
        if name == Medium.VIDEO.value:
            series["frames.video"] = np.where(flowing, series[FRAMES], np.nan).astype(np.float32)
        if name not in TIMED:
            return
        jitter, lag = np.full(len(steps), np.nan), np.full(len(steps), np.nan)
        newest = np.full(len(steps), -math.inf)
        for (medium, _user), track in tracks.items():
            if medium.value != name:
                continue
            last_ms, last_at = track.values(2)[:-1], track.values(3)[:-1]
            fresh = flowing & (last_ms > 0) & (steps * STEP_S - last_at < FRESH_S)
            jitter = np.where(fresh, np.fmax(jitter, track.values(4)[:-1]), jitter)
            newer = fresh & (last_at > newest)
            newest = np.where(newer, last_at, newest)
            lag = np.where(newer, self._time.lags_ms(last_at, last_ms), lag)
        series[f"jitter.{name}"] = jitter.astype(np.float32)
        series[f"lag.{name}"] = lag.astype(np.float32)


class _Track:
    """A counter (or several) at every step."""

    def __init__(self, table: tuple[npt.NDArray[np.int64], Doubles], steps: npt.NDArray[np.int64]) -> None:
        known, self._rows = table
        self._places = np.searchsorted(known, steps, side="right") - 1

    def values(self, column: int) -> Doubles:
        """0 before the first row."""
        if not len(self._rows):
            return np.zeros(len(self._places))
        return np.where(self._places >= 0, self._rows[np.maximum(self._places, 0), column], 0.0)

    def grown(self, column: int) -> Floats:
        """By how much it grew in each step but the last."""
        grown: Floats = np.maximum(np.diff(self.values(column)), 0).astype(np.float32)
        return grown


def _table(columns: Any, wanted: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.int64], Doubles]:
    """Steps and rows that are in force at the wanted steps.

    As they are now: another thread may be adding to them, so they are copied, steps first.
    """
    begin = max(0, bisect_right(columns.steps, int(wanted[0])) - 1)
    end = bisect_right(columns.steps, int(wanted[-1]))
    steps = np.frombuffer(columns.steps[begin:end].tobytes(), np.int64)
    values = np.frombuffer(columns.values[begin * columns.width : end * columns.width].tobytes(), np.float64)
    return steps, values.reshape(len(steps), columns.width)
