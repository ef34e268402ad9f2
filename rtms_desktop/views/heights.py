"""Prefix sums over the heights of very many rows, for VirtualList: where a row starts, which row lies at a height."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

BLOCK = 512
Ints = npt.NDArray[np.int64]


class HeightIndex:
    """Heights in pixels by index; appending, changing and dropping from the front cost next to nothing at any length.

    Sums of blocks of 512 rows are kept, so that a look-up adds up at most a few hundred numbers.
    """

    def __init__(self) -> None:
        self._start = 0  # raw index of row 0; raw rows before it are gone and count as zero
        self._end = 0
        self._heights: Ints = np.zeros(BLOCK, np.int64)
        self._blocks: Ints = np.zeros(1, np.int64)

    def __len__(self) -> int:
        return self._end - self._start

    def __getitem__(self, index: int) -> int:
        return int(self._heights[self._start + index])

    @property
    def total(self) -> int:
        return int(self._blocks.sum())

    def reset(self, heights: Ints) -> None:
        """Start again with these heights."""
        self._start, self._end = 0, 0
        self._heights = np.zeros(BLOCK, np.int64)
        self._blocks = np.zeros(1, np.int64)
        self.extend(heights)

    def extend(self, heights: Ints) -> None:
        """Add rows at the end."""
        self._reserve(len(heights))
        first, last = self._end, self._end + len(heights)
        self._heights[first:last] = heights
        self._end = last
        for block in range(first // BLOCK, -(-last // BLOCK)):
            self._blocks[block] = self._heights[block * BLOCK : min((block + 1) * BLOCK, last)].sum()

    def set(self, index: int, height: int) -> None:
        raw = self._start + index
        self._blocks[raw // BLOCK] += height - self._heights[raw]
        self._heights[raw] = height

    def drop(self, count: int) -> None:
        """Remove rows from the front."""
        first, last = self._start, self._start + count
        self._heights[first:last] = 0
        for block in range(first // BLOCK, -(-last // BLOCK)):
            self._blocks[block] = self._heights[block * BLOCK : (block + 1) * BLOCK].sum()
        self._start = last
        if self._start > len(self._heights) // 2:
            self.reset(self._heights[self._start : self._end].copy())

    def top(self, index: int) -> int:
        """The height of everything before a row."""
        raw = self._start + index
        block = raw // BLOCK
        return int(self._blocks[:block].sum() + self._heights[block * BLOCK : raw].sum())

    def tops(self, indices: Ints) -> Ints:
        """``top`` of many rows at once."""
        ends = np.cumsum(self._heights[self._start : self._end])
        tops: Ints = ends[indices] - self._heights[self._start : self._end][indices]
        return tops

    def find(self, y: int) -> int:
        """The row that covers height ``y``; the first or last one outside of all rows. Needs at least one row."""
        sums = np.cumsum(self._blocks)
        block = int(np.searchsorted(sums, y, side="right"))
        if block >= len(sums):
            return len(self) - 1
        rest = y - (int(sums[block - 1]) if block else 0)
        inside = np.cumsum(self._heights[block * BLOCK : (block + 1) * BLOCK])
        raw = block * BLOCK + int(np.searchsorted(inside, rest, side="right"))
        return min(max(raw - self._start, 0), len(self) - 1)

    def _reserve(self, more: int) -> None:
        need = self._end + more
        if need <= len(self._heights):
            return
        size = -(-max(need, 2 * len(self._heights)) // BLOCK) * BLOCK
        self._heights = np.concatenate([self._heights, np.zeros(size - len(self._heights), np.int64)])
        self._blocks = np.concatenate([self._blocks, np.zeros(size // BLOCK - len(self._blocks), np.int64)])
