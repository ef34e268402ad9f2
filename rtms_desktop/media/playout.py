"""One talker's decoded samples, addressed by server time; owned by the audio thread."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from rtms_desktop.media.resampling import LOOK_AHEAD, LOOK_BEHIND, Floats, resample

CAPACITY_S = 4.0
"""Four of the longest packets (send_rate 1000). Overflow: the oldest samples go, the live edge is kept."""

RAMP_S = 0.002
"""Sound fades in and out over this where it borders on nothing, so that a hole does not click."""

CONTIGUOUS_S = 0.015
"""Timestamps may be this far off the sample count before a hole or an overlap is believed (a packet is 20 ms)."""

Samples = NDArray[np.int16]


class PlayoutBuffer:
    """Samples at absolute positions (frames since the timeline's zero at ``rate``), with holes as silence."""

    def __init__(self, rate: int, channels: int) -> None:
        self.rate, self.channels = rate, channels
        self._capacity = int(rate * CAPACITY_S)
        self._data: Samples = np.zeros((self._capacity, channels), np.int16)
        self._valid: NDArray[np.bool_] = np.zeros(self._capacity, np.bool_)
        self._start = 0  # nothing before this position is kept
        self.end: int | None = None  # one past the newest sample; None before the first
        self.overflowed = 0
        self._ramp = int(rate * RAMP_S)
        self._margin = self._ramp + max(LOOK_AHEAD, LOOK_BEHIND)

    def place(self, position: int) -> int:
        """Where samples stamped ``position`` belong: right behind the previous ones if they nearly are."""
        if self.end is not None and abs(position - self.end) <= self.rate * CONTIGUOUS_S:
            return self.end
        return position

    def write(self, position: int, samples: Samples) -> None:
        """Stores what is not too old."""
        first, last = max(position, self._start), position + len(samples)
        if self.end is None:
            self._start = first = position
        if last > first:
            if last - self._start > self._capacity:
                self.overflowed += last - self._capacity - self._start
                self.forget(last - self._capacity)
                first = max(first, self._start)
            offset = position
            for at, lo, hi in self._spans(first, last):
                self._data[at : at + hi - lo] = samples[lo - offset : hi - offset]
                self._valid[at : at + hi - lo] = True
        self.end = last if self.end is None else max(self.end, last)

    def forget(self, before: int) -> None:
        """Drops everything before ``before``."""
        if before <= self._start:
            return
        last = min(before, self._start + self._capacity)
        for at, lo, hi in self._spans(self._start, last):
            self._valid[at : at + hi - lo] = False
        self._start = before

    def forget_played(self, played: int) -> None:
        """Drops what lies behind ``played``, except what interpolation still looks back at."""
        self.forget(played - self._margin)

    def rewind(self, played: int) -> None:
        """The timeline moved back to ``played``: what comes late may be stored again from there on."""
        if self.end is None or played - self._margin >= self._start:
            return
        if self.end - played + self._margin > self._capacity:
            self._valid[:] = False
            self.end = None
        else:
            self._start = played - self._margin

    def has(self, first: int, last: int) -> bool:
        """Whether any sample of these positions is there."""
        if self.end is None or first >= self.end:
            return False
        spans = self._spans(max(first, self._start), min(last, self.end))
        return any(bool(self._valid[at : at + hi - lo].any()) for at, lo, hi in spans)

    def render(self, start: float, step: float, count: int) -> Floats:
        """``count`` frames from position ``start`` on, every ``step`` (frames by channels, int16 scale)."""
        first = int(np.floor(start)) - self._margin
        last = int(np.floor(start + step * count)) + 1 + self._margin
        return resample(self._window(first, last), start - first, step, count)

    def _window(self, first: int, last: int) -> Floats:
        out: Floats = np.zeros((last - first, self.channels), np.float32)
        valid: NDArray[np.bool_] = np.zeros(last - first, np.bool_)
        end = self._start if self.end is None else self.end
        for at, lo, hi in self._spans(max(first, self._start), min(last, end)):
            out[lo - first : hi - first] = self._data[at : at + hi - lo]
            valid[lo - first : hi - first] = self._valid[at : at + hi - lo]
        if not valid.all():
            out *= _edges(valid, self._ramp)[:, None]
        return out

    def _spans(self, first: int, last: int) -> Iterator[tuple[int, int, int]]:
        """(index, first, last) for the one or two runs that positions ``first`` to ``last`` occupy in the ring."""
        while first < last:
            at = first % self._capacity
            stop = min(last, first + self._capacity - at)
            yield at, first, stop
            first = stop


def _edges(valid: NDArray[np.bool_], ramp: int) -> Floats:
    """0 where nothing is, 1 inside, and a slope of ``ramp`` samples on the inner side of each border."""
    index = np.arange(len(valid))
    far = len(valid) + ramp
    before = np.maximum.accumulate(np.where(valid, -far, index))
    after = np.minimum.accumulate(np.where(valid, far + len(valid), index)[::-1])[::-1]
    slope: Floats = np.clip(np.minimum(index - before, after - index) / ramp, 0.0, 1.0).astype(np.float32)
    return slope
