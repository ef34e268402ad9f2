"""The samples between the mixer and the device: one writer, one reader, no lock, nothing allocated on reading."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.int16]


class Ring:
    """Frames of int16, ``channels`` wide. ``written`` and ``read`` only grow; each has one owner.

    Full: ``write`` takes only what fits and says how much (the mixer never writes more than ``free``).
    """

    def __init__(self, capacity: int, channels: int) -> None:
        self.capacity, self.channels = capacity, channels
        self._data: Samples = np.zeros((capacity, channels), np.int16)
        self.written = 0
        self.read = 0

    @property
    def fill(self) -> int:
        return self.written - self.read

    @property
    def free(self) -> int:
        return self.capacity - self.fill

    def write(self, block: Samples) -> int:
        count = min(len(block), self.free)
        start = self.written % self.capacity
        first = min(count, self.capacity - start)
        self._data[start : start + first] = block[:first]
        self._data[: count - first] = block[first:count]
        self.written += count
        return count

    def read_into(self, out: Samples) -> int:
        """Fills ``out`` from its start and zero-fills the rest; returns how many frames were real."""
        count = min(len(out), self.fill)
        start = self.read % self.capacity
        first = min(count, self.capacity - start)
        out[:first] = self._data[start : start + first]
        out[first:count] = self._data[: count - first]
        out[count:] = 0
        self.read += count
        return count

    def drop(self, count: int) -> int:
        """Forgets the oldest frames (reader's side)."""
        count = min(count, self.fill)
        self.read += count
        return count
