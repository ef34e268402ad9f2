"""Find in a growing list: which rows hold the words, which of them is the chosen one. Main thread."""

from __future__ import annotations

import re
from bisect import bisect_left, insort
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from rtms_desktop.viewmodels.rows import RowsChange, RowStore

TURN = 8_000  # rows looked at in one turn of the event loop: about 5 ms


class Finder(QObject):
    """Searches a RowStore without regard to case and keeps up with it.

    ``text_of(row)`` is what a row shows. ``changed`` tells that hits or the chosen hit are others.
    """

    changed = Signal()

    def __init__(self, store: RowStore[Any], text_of: Callable[[Any], str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store, self._text_of = store, text_of
        self.query = ""
        self.needle: re.Pattern[str] | None = None
        self.hits: list[int] = []
        self.hit: int | None = None
        self._low = ""
        self._todo = 0  # rows below this serial were not looked at yet
        self._timer = QTimer(self)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._scan)
        store.committed.connect(self._store_changed)

    @property
    def searching(self) -> bool:
        return self._timer.isActive()

    def search(self, query: str) -> None:
        """Look for ``query``; empty ends the search. The newest hit is chosen."""
        if query == self.query:
            return
        self.query = query
        self._low = query.lower()
        self.needle = re.compile(re.escape(query), re.IGNORECASE) if query else None
        self._start_over()

    def step(self, forward: bool) -> None:
        """Choose the next or the previous hit, round the end."""
        if not self.hits:
            return
        if self.hit is None:
            self.hit = self.hits[-1]
        else:
            place = bisect_left(self.hits, self.hit) + (1 if forward else -1)
            self.hit = self.hits[place % len(self.hits)]
        self.changed.emit()

    def choose(self, serial: int) -> None:
        """Choose a hit by its row; a row that is none changes nothing."""
        if self.hit != serial and serial in self.hits:
            self.hit = serial
            self.changed.emit()

    @property
    def summary(self) -> str:
        """``3 of 12``, ``none`` or empty without a search."""
        if not self.query:
            return ""
        if not self.hits:
            return "…" if self.searching else "none"
        place = bisect_left(self.hits, self.hit) + 1 if self.hit is not None else 0
        return f"{place:,} of {len(self.hits):,}"

    def _start_over(self) -> None:
        self.hits, self.hit = [], None
        self._todo = self._store.end
        if self.query and len(self._store):
            self._scan()
            if self._todo > self._store.first:
                self._timer.start()
        else:
            self._timer.stop()
            self.changed.emit()

    def _scan(self) -> None:
        """Look at the next rows, newest first."""
        low = max(self._store.first, self._todo - TURN)
        found = [serial for serial in range(low, self._todo) if self._holds(serial)]
        self.hits = found + self.hits
        self._todo = low
        if self.hit is None and self.hits:
            self.hit = self.hits[-1]
        if low <= self._store.first:
            self._timer.stop()
        self.changed.emit()

    def _holds(self, serial: int) -> bool:
        return self._low in self._text_of(self._store.row(serial)).lower()

    def _store_changed(self, change: RowsChange) -> None:
        if not self.query:
            return
        if change.reset:
            self._start_over()
            return
        before = (len(self.hits), self.hit)
        chosen = change.moved(self.hit) if self.hit is not None else None
        del self.hits[: bisect_left(self.hits, self._store.first)]
        for serial in change.changed:
            self._look_again(serial)
        self.hits += [s for s in range(self._store.end - change.appended, self._store.end) if self._holds(s)]
        self.hit = chosen if chosen in self.hits else None
        if before != (len(self.hits), self.hit):
            self.changed.emit()

    def _look_again(self, serial: int) -> None:
        if serial < self._todo and self.searching:
            return
        place = bisect_left(self.hits, serial)
        known = place < len(self.hits) and self.hits[place] == serial
        if self._holds(serial) and not known:
            insort(self.hits, serial)
        elif known and not self._holds(serial):
            del self.hits[place]
