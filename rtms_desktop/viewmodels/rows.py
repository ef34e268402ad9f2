"""Bounded, growing lists for the panes that show text: transcript, chat and the mock's log. Main thread only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from PySide6.QtCore import QObject, Signal

Row = TypeVar("Row")

DROP_SHARE = 20  # a full store lets go of a twentieth at once, so that dropping costs nothing per row


@dataclass(frozen=True, slots=True)
class RowsChange:
    """What happened to a store since the last one.

    Attributes:
        appended: rows new at the end (those that were dropped again not counted).
        dropped: rows gone from the front.
        changed: serials of rows whose content is another.
        reset: everything before is void; the store holds ``appended`` rows.
        inserted: serials under which a row was put before others, in the order in which that happened.
    """

    appended: int = 0
    dropped: int = 0
    changed: tuple[int, ...] = ()
    reset: bool = False
    inserted: tuple[int, ...] = ()

    def moved(self, serial: int) -> int:
        """The serial that a row has now which had this one before."""
        for place in self.inserted:
            serial += serial >= place
        return serial


class RowStore(QObject, Generic[Row]):
    """Rows under serial numbers that never move: the row with serial ``n`` keeps it while older ones are dropped.

    Overflow policy: drop oldest, counted in ``dropped``. Changes are gathered until ``commit``.
    """

    committed = Signal(object)
    """RowsChange"""

    def __init__(self, cap: int, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.cap = cap
        self.first = 0
        self.dropped = 0
        self._rows: list[Row] = []
        self._appended = 0
        self._gone = 0
        self._changed: set[int] = set()
        self._inserted: list[int] = []
        self._reset = False

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[Row]:
        return iter(self._rows)

    @property
    def end(self) -> int:
        """One past the serial of the newest row."""
        return self.first + len(self._rows)

    def row(self, serial: int) -> Row:
        """The row under a serial. Raises IndexError for one that is gone or not there yet."""
        index = serial - self.first
        if index < 0:
            raise IndexError(serial)
        return self._rows[index]

    def holds(self, serial: int) -> bool:
        return self.first <= serial < self.end

    def append(self, row: Row) -> int:
        """Add a row at the end; its serial."""
        self._rows.append(row)
        self._appended += 1
        if len(self._rows) > self.cap:
            self.drop(max(1, self.cap // DROP_SHARE))
        return self.end - 1

    def insert(self, serial: int, row: Row) -> int:
        """Add a row before the one under ``serial``: that one and all behind it move up by one number."""
        if serial >= self.end:
            return self.append(row)
        serial = max(serial, self.first)
        self._rows.insert(serial - self.first, row)
        self._appended += 1
        if not self._reset:
            self._changed.update(range(serial, self.end))
            self._inserted.append(serial)
        return serial

    def touch(self, serial: int) -> None:
        """Say that the row under ``serial`` now reads differently."""
        if self.holds(serial):
            self._changed.add(serial)

    def clear(self) -> None:
        self.first = self.end
        self.dropped = 0
        self._rows.clear()
        self._changed.clear()
        self._inserted.clear()
        self._appended = self._gone = 0
        self._reset = True

    def commit(self) -> None:
        """Tell what has changed since the last commit, in one signal."""
        if not (self._appended or self._gone or self._changed or self._reset):
            return
        if self._reset:
            change = RowsChange(appended=len(self._rows), reset=True)
        else:
            known = self.end - self._appended
            old = tuple(sorted(s for s in self._changed if self.first <= s < known))
            change = RowsChange(
                appended=self._appended, dropped=self._gone, changed=old, inserted=tuple(self._inserted)
            )
        self._appended = self._gone = 0
        self._changed.clear()
        self._inserted.clear()
        self._reset = False
        self.committed.emit(change)

    def drop(self, count: int) -> None:
        """Let go of the oldest rows."""
        count = min(count, len(self._rows))
        del self._rows[:count]
        self.first += count
        self.dropped += count
        never_seen = max(0, self._appended - len(self._rows))
        self._appended -= never_seen
        self._gone += count - never_seen
