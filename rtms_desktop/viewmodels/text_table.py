"""A small table of texts that is replaced as a whole; what has not changed is not told. Main thread."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

_DISPLAY, _ALIGN = Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.TextAlignmentRole
_TIP, _ACCESSIBLE = Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole
_HORIZONTAL = Qt.Orientation.Horizontal
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)

Index = QModelIndex | QPersistentModelIndex


class TextTable(QAbstractTableModel):
    """Rows of texts under heads; columns of numbers stand at the right."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._heads: list[str] = []
        self._rows: list[list[str]] = []
        self._texts = 2

    def show_rows(self, heads: list[str], rows: list[list[str]], texts: int = 2) -> None:
        """Take over new rows; only a change of their number or of the heads resets the table.

        ``texts``: so many columns at the left hold no numbers.
        """
        self._texts = texts
        if heads != self._heads or len(rows) != len(self._rows):
            self.beginResetModel()
            self._heads, self._rows = heads, rows
            self.endResetModel()
            return
        before, self._rows = self._rows, rows
        for number, (old, new) in enumerate(zip(before, rows, strict=True)):
            if old != new:
                self.dataChanged.emit(self.index(number, 0), self.index(number, len(heads) - 1))

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self._heads)

    def data(self, index: Index, role: int = _DISPLAY) -> Any:
        if role in (_DISPLAY, _ACCESSIBLE):
            return self._rows[index.row()][index.column()]
        if role == _ALIGN:
            return _LEFT if index.column() < self._texts else _RIGHT
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _DISPLAY) -> Any:
        if orientation is _HORIZONTAL and role == _DISPLAY and section < len(self._heads):
            return self._heads[section]
        if orientation is _HORIZONTAL and role == _ALIGN:
            return _LEFT if section < self._texts else _RIGHT
        return None
