"""How high the rows of a growing list are: true where they were laid out, estimated elsewhere. Used by AnchoredList."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from rtms_desktop.viewmodels.rows import RowsChange, RowStore
from rtms_desktop.views.heights import HeightIndex
from rtms_desktop.views.row_layout import RowLayout

KEPT = 300  # laid-out rows that are kept


class RowLook(Protocol):
    """How one kind of row looks. ``serial`` is the number of the row in the store."""

    line: int
    """height of one line of wrapped text"""

    def chars_per_line(self, width: int) -> float:
        """How many letters of wrapped text about fit into a line."""
        ...

    def rough(self, serial: int) -> tuple[int, int]:
        """What an estimate of the row's height is made of: fixed pixels and letters of wrapped text."""
        ...

    def lay_out(self, serial: int, width: int) -> RowLayout: ...

    def plain(self, serial: int) -> str:
        """The row as text for the clipboard."""
        ...

    def tip(self, serial: int) -> str:
        """Text of the tooltip, or ""."""
        ...


class RowHeights:
    """Heights and layouts of the rows of a store at one width; ``catch_up`` before anything else is asked."""

    def __init__(self, store: RowStore[Any], look: RowLook) -> None:
        self._store, self._look = store, look
        self._width = -1
        self._index = HeightIndex()
        self._rough = np.zeros((0, 2), np.int64)  # of every row: fixed pixels, letters
        self._exact = np.zeros(0, bool)
        self._layouts: dict[int, RowLayout] = {}

    def __len__(self) -> int:
        return len(self._index)

    @property
    def total(self) -> int:
        return self._index.total

    def void(self) -> None:
        """Everything looks different now; the next ``catch_up`` measures anew."""
        self._width = -1

    def catch_up(self, changes: Sequence[RowsChange], width: int) -> None:
        """Take over what has happened to the store, and the width of the rows."""
        if any(change.reset for change in changes):
            self._layouts.clear()
            self._index.reset(np.zeros(0, np.int64))
            self._exact[:] = False
        for change in changes:
            self._drop(min(change.dropped, len(self._index)))
        known = self._store.first + len(self._index)
        if known < self._store.end:
            self._add(range(known, self._store.end))
        for change in changes:
            for serial in change.changed:
                self._forget(serial)
        if width != self._width:
            self._width = width
            self._layouts.clear()
            self._index.reset(self._estimate(self._rough[: len(self._index)]))
            self._exact[:] = False

    def layout(self, serial: int) -> RowLayout:
        row = self._layouts.get(serial)
        if row is None:
            row = self._layouts[serial] = self._look.lay_out(serial, self._width)
        return row

    def measure(self, serial: int) -> int:
        """The true height of a row; the index learns it."""
        index = serial - self._store.first
        if not self._exact[index]:
            self._index.set(index, self.layout(serial).height)
            self._exact[index] = True
        return self._index[index]

    def top(self, serial: int) -> int:
        """Pixels above a row, as far as known."""
        return self._index.top(serial - self._store.first)

    def tops(self, serials: Sequence[int]) -> npt.NDArray[np.int64]:
        """The same of many rows; those that are gone or not there yet are left out."""
        places = np.fromiter(serials, np.int64, len(serials)) - self._store.first
        return self._index.tops(places[(places >= 0) & (places < len(self._index))])

    def find(self, y: int) -> int:
        """The serial of the row about ``y`` pixels below the first one's top."""
        return self._store.first + self._index.find(y)

    def prune(self, seen: Iterable[int]) -> None:
        """Let go of layouts that are not seen, when there are many."""
        if len(self._layouts) > KEPT:
            kept = set(seen)
            self._layouts = {serial: row for serial, row in self._layouts.items() if serial in kept}

    def _drop(self, count: int) -> None:
        """Rows are gone from the front; what is now the first may look different (it opens a turn)."""
        if not count:
            return
        self._index.drop(count)
        self._rough, self._exact = self._rough[count:], self._exact[count:]
        self._layouts = {serial: row for serial, row in self._layouts.items() if serial > self._store.first}
        if len(self._index):
            self._exact[0] = False

    def _add(self, serials: range) -> None:
        known, needed = len(self._index), len(self._index) + len(serials)
        if needed > len(self._exact):
            room = 2 * needed + 1024
            self._exact = np.concatenate([self._exact[:known], np.zeros(room - known, bool)])
            self._rough = np.concatenate([self._rough[:known], np.zeros((room - known, 2), np.int64)])
        rough = self._look.rough
        for place, serial in enumerate(serials, known):
            self._rough[place] = rough(serial)
        self._index.extend(self._estimate(self._rough[known:needed]))

    def _estimate(self, rough: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Heights of rows that have not been laid out."""
        per_line = max(1.0, self._look.chars_per_line(max(40, self._width)))
        lines = np.ceil(rough[:, 1] / per_line).astype(np.int64)
        return rough[:, 0] + lines * self._look.line

    def _forget(self, serial: int) -> None:
        self._layouts.pop(serial, None)
        index = serial - self._store.first
        if 0 <= index < len(self._index):
            self._exact[index] = False
            self._rough[index] = self._look.rough(serial)
