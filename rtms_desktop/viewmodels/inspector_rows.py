"""The Inspector's table: a window onto the log's columns; cells are made when they are painted. Main thread."""

from __future__ import annotations

import math
from collections import OrderedDict
from typing import Any

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, QTimer, Signal

from rtms_desktop.app.message_log import Log
from rtms_desktop.app.message_rows import BAD, NO_LAG, WARN, Array, Rows, type_name
from rtms_desktop.app.message_text import content_text
from rtms_desktop.app.message_worker import Job, Worker
from rtms_desktop.viewmodels.figures import grouped, long_clock, signed

_DISPLAY, _ACCESSIBLE = Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole
_ALIGN = Qt.ItemDataRole.TextAlignmentRole
_HORIZONTAL = Qt.Orientation.Horizontal
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
Index = QModelIndex | QPersistentModelIndex
HEADS = ("No.", "Session time", "Δ ms", "", "Socket", "Message", "From", "Bytes", "Lag ms", "Content")
NO, TIME, DELTA, DIRECTION, SOCKET, MESSAGE, FROM, BYTES, LAG, CONTENT = range(10)
NUMBERS = frozenset({NO, DELTA, BYTES, LAG})
CACHE = 4_000
WAITING = "…"
_WAYS = {"in": "received", "out": "sent", "": "here"}


class InspectorModel(QAbstractTableModel):
    """Rows of a log by their serials. Growing at the end and dropping at the front are told as such."""

    contents_came = Signal()

    def __init__(self, worker: Worker, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.log: Log | None = None
        self._worker = worker
        self._serials: Array = np.zeros(0, np.int64)
        self._count = 0
        self._texts: OrderedDict[int, str] = OrderedDict()
        self._missing: set[int] = set()
        self._ask = QTimer(self)
        self._ask.setSingleShot(True)
        self._ask.setInterval(0)
        self._ask.timeout.connect(self._ask_contents)

    # -- rows ----------------------------------------------------------------------------------------------------

    @property
    def serials(self) -> Array:
        return self._serials[: self._count]

    def serial(self, row: int) -> int:
        return int(self._serials[row])

    def row_of(self, serial: int) -> int:
        """The row that shows ``serial``, or the next one behind it; -1 for none."""
        row = int(np.searchsorted(self.serials, serial))
        return row if row < self._count else self._count - 1

    def show(self, log: Log | None, serials: Array) -> None:
        """Show other rows."""
        self.beginResetModel()
        if log is not self.log:
            self._texts.clear()
            self._missing.clear()
        self.log = log
        self._serials = serials
        self._count = len(serials)
        self.endResetModel()

    def grow(self, serials: Array) -> None:
        if not len(serials):
            return
        count = self._count + len(serials)
        if count > len(self._serials):
            grown = np.zeros(max(1024, count, self._count * 2), np.int64)
            grown[: self._count] = self.serials
            self._serials = grown
        self.beginInsertRows(QModelIndex(), self._count, count - 1)
        self._serials[self._count : count] = serials
        self._count = count
        self.endInsertRows()

    def drop_before(self, serial: int) -> None:
        """Let go of rows that the log has dropped."""
        gone = int(np.searchsorted(self.serials, serial))
        if gone:
            self.beginRemoveRows(QModelIndex(), 0, gone - 1)
            self._serials = self.serials[gone:].copy()
            self._count -= gone
            self.endRemoveRows()

    def forget_texts(self) -> None:
        self._texts.clear()

    # -- QAbstractTableModel -------------------------------------------------------------------------------------

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else self._count

    def columnCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(HEADS)

    def data(self, index: Index, role: int = _DISPLAY) -> Any:
        if role == _DISPLAY:
            return self.cell(index.row(), index.column())
        if role == _ACCESSIBLE:
            column = index.column()
            if column == DIRECTION:
                return _WAYS[self.direction(index.row())]
            return f"{HEADS[column]}: {self.cell(index.row(), column)}"
        if role == _ALIGN:
            return _RIGHT if index.column() in NUMBERS else _LEFT
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _DISPLAY) -> Any:
        if orientation is not _HORIZONTAL:
            return None
        if role == _ALIGN:
            return _RIGHT if section in NUMBERS else _LEFT
        return HEADS[section] if role == _DISPLAY else None

    # -- cells ---------------------------------------------------------------------------------------------------

    def cell(self, row: int, column: int) -> str:
        """The text of one cell; "" for a row that the log has just dropped."""
        rows, serial = self._rows, self.serial(row)
        try:
            match column:
                case 0:
                    number = rows.value("number", serial)
                    return str(number) if number else ""
                case 1:
                    return clock_ms(rows.seconds(serial))
                case 2:
                    delta = rows.value("delta", serial)
                    return "" if math.isnan(delta) else grouped(round(delta))
                case 4:
                    return self.link(row)
                case 5:
                    kind = rows.value("kind", serial)
                    return type_name(kind) if kind < 0 else f"{kind}\t{type_name(kind)}"
                case 6:
                    user = rows.user(serial)
                    return "" if user is None else person(user, rows.names.get(user, ""))
                case 7:
                    return grouped(rows.value("size", serial)) if rows.value("number", serial) else ""
                case 8:
                    lag = rows.value("lag", serial)
                    return "" if lag == NO_LAG else signed(grouped(lag))
                case 9:
                    return self.content(serial)
        except IndexError:
            return ""
        return ""

    @property
    def _rows(self) -> Rows:
        assert self.log is not None  # without a log there are no rows to ask for
        return self.log.rows

    def link(self, row: int) -> str:
        """``video``, from the second connection on ``video #2``."""
        channel = self._rows.channel(self.serial(row))
        return f"{channel.link} #{channel.attempt}" if channel.attempt > 1 else channel.link

    def direction(self, row: int) -> str:
        return self._rows.channel(self.serial(row)).direction

    def tint(self, row: int) -> str:
        """``error``, ``warn`` or ""."""
        try:
            flags = self._rows.value("flags", self.serial(row))
        except IndexError:
            return ""
        return "error" if flags & BAD else "warn" if flags & WARN else ""

    def content(self, serial: int) -> str:
        """The short text; WAITING while it is being read."""
        text = self._texts.get(serial)
        if text is not None:
            return text
        self._missing.add(serial)
        if not self._ask.isActive():
            self._ask.start()
        return WAITING

    def plain(self, rows: list[int]) -> str:
        """Rows as text with tabs, for the clipboard."""
        lines = []
        for row in rows:
            cells = [self.cell(row, column).replace("\t", " ") for column in range(len(HEADS))]
            cells[DIRECTION] = _WAYS[self.direction(row)]
            lines.append("\t".join(cells))
        return "\n".join(lines)

    # -- inside --------------------------------------------------------------------------------------------------

    def _ask_contents(self) -> None:
        """Read what the painted rows lack, all at once and not on this thread."""
        log, wanted = self.log, np.array(sorted(self._missing), np.int64)
        self._missing.clear()
        if log is None or not len(wanted):
            return
        bodies = log.bodies(wanted)

        def work(job: Job) -> dict[int, str]:
            found = {}
            for serial in wanted.tolist():
                try:
                    found[serial] = content_text(log.rows, serial, bodies.get(serial), log.product)
                except IndexError:
                    found[serial] = ""
            bodies.close()
            return found

        self._worker.submit("contents", work, lambda found: self._take(log, found))

    def _take(self, log: Log, found: dict[int, str]) -> None:
        if log is not self.log:
            return
        self._texts.update(found)
        while len(self._texts) > CACHE:
            self._texts.popitem(last=False)
        self.contents_came.emit()


def clock_ms(seconds: float) -> str:
    """``00:12:46.661``"""
    total = round(abs(seconds) * 1000)
    sign = "−" if seconds < 0 and total else ""
    return f"{sign}{long_clock(total // 1000)}.{total % 1000:03}"


def person(user: int, name: str) -> str:
    """A name, or what stands for it: user 0 is the mix of all voices."""
    return name or ("mixed" if user == 0 else str(user))
