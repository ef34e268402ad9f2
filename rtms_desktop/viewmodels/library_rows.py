"""The rows of the recordings page and of what a search brought, as item models (main thread)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, Qt, Signal

from rtms_desktop.recording.library_rows import State, own_name
from rtms_desktop.viewmodels.figures import DASH, byte_size, one_line, short_clock

NAME, WHEN, LENGTH, PEOPLE, SIZE, STATE = range(6)
HEADS = ("Recording", "Date", "Length", "People", "Size", "State")
NUMBERS = frozenset({LENGTH, PEOPLE, SIZE})
HIT_NAME, HIT_WHEN, HIT_TIME, HIT_LINE = range(4)
HIT_HEADS = ("Recording", "Date", "At", "Found")
WRITING = "writing"
# state -> word, icon, colour token, explanation
STATES: dict[str, tuple[str, str, str, str]] = {
    State.CLOSED: ("complete", "circle-check", "text3", "It was closed properly."),
    State.OPEN: ("not closed", "triangle-alert", "warn", "It was cut off. Repair finishes it; nothing is lost."),
    State.REPAIRED: ("repaired", "wrench", "text3", "It was cut off and finished later."),
    State.REVOKED: ("revoked", "ban", "text3", "The stream was revoked: all of its content was deleted."),
    WRITING: ("being written", "record-dot", "rec", "This recording goes on."),
}
_DISPLAY, _EDIT, _ALIGN = Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole, Qt.ItemDataRole.TextAlignmentRole
_TIP, _SPOKEN = Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole
_HORIZONTAL = Qt.Orientation.Horizontal
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True, slots=True, kw_only=True)
class LibraryRow:
    """One recording as it is shown; ``state``: a key of STATES; ``progress``: of its repair, or None.

    ``titled``: somebody named it.
    """

    folder: Path
    name: str
    when: int
    length_ms: int = 0
    people: tuple[str, ...] = ()
    size: int = 0
    state: str = State.CLOSED
    has_picture: bool = False
    progress: float | None = None
    titled: bool = True

    @property
    def is_there(self) -> bool:
        """Whether there is anything to open."""
        return self.state != State.REVOKED

    @property
    def is_settled(self) -> bool:
        """Whether it can be renamed, exported and deleted."""
        return self.state not in (State.REVOKED, WRITING) and self.progress is None

    def line(self) -> str:
        """Who took part; of what is called by them, the id."""
        return ", ".join(one_line(name, 40) for name in self.people) if self.titled else own_name(self.folder)

    def state_word(self) -> str:
        return f"repairing {self.progress:.0%}" if self.progress is not None else STATES[self.state][0]


def when_text(wall_ms: float) -> str:
    """``19 Nov 2026 15:02``"""
    then = datetime.fromtimestamp(wall_ms / 1000)
    return f"{then.day} {then:%b %Y %H:%M}"


_SORT: dict[int, Callable[[LibraryRow], Any]] = {
    NAME: lambda row: row.name.casefold(),
    WHEN: lambda row: row.when,
    LENGTH: lambda row: row.length_ms,
    PEOPLE: lambda row: len(row.people),
    SIZE: lambda row: row.size,
    STATE: lambda row: row.state_word(),
}


class LibraryModel(QAbstractTableModel):
    """``renamed(folder, title)``: somebody typed another title. Newest first until a head is clicked."""

    renamed = Signal(object, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[LibraryRow] = []
        self.column, self.falling = WHEN, True

    def rows(self) -> list[LibraryRow]:
        return self._rows

    def row(self, number: int) -> LibraryRow | None:
        return self._rows[number] if 0 <= number < len(self._rows) else None

    def number_of(self, folder: Path) -> int:
        """Where a recording stands, or -1."""
        return next((number for number, row in enumerate(self._rows) if row.folder == folder), -1)

    def set_rows(self, rows: list[LibraryRow]) -> None:
        """Show these; the selection survives where only their figures change."""
        rows = self._sorted(rows)
        if [row.folder for row in rows] == [row.folder for row in self._rows]:
            changed = [number for number, row in enumerate(rows) if row != self._rows[number]]
            self._rows = rows
            for number in changed:
                self.dataChanged.emit(self.index(number, 0), self.index(number, len(HEADS) - 1))
            return
        self.beginResetModel()
        self._rows = rows
        self.endResetModel()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        self.layoutAboutToBeChanged.emit()
        before = [self._rows[index.row()].folder for index in self.persistentIndexList()]
        self.column, self.falling = column, order == Qt.SortOrder.DescendingOrder
        self._rows = self._sorted(self._rows)
        places = {row.folder: number for number, row in enumerate(self._rows)}
        old = self.persistentIndexList()
        new = [self.index(places[folder], index.column()) for folder, index in zip(before, old, strict=True)]
        self.changePersistentIndexList(old, new)
        self.layoutChanged.emit()

    def _sorted(self, rows: list[LibraryRow]) -> list[LibraryRow]:
        newest_first = sorted(rows, key=_SORT[WHEN], reverse=True)
        return sorted(newest_first, key=_SORT[self.column], reverse=self.falling)

    # -- as Qt asks ------------------------------------------------------------------------------------------------

    def rowCount(self, parent: Any = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Any = QModelIndex()) -> int:
        return len(HEADS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _DISPLAY) -> Any:
        if orientation == _HORIZONTAL and role == _DISPLAY:
            return HEADS[section]
        if orientation == _HORIZONTAL and role == _ALIGN:
            return _RIGHT if section in NUMBERS else _LEFT
        return None

    def data(self, index: Any, role: int = _DISPLAY) -> Any:
        row = self.row(index.row())
        if row is None:
            return None
        if role == _DISPLAY:
            return self.text(row, index.column())
        if role == _EDIT:
            return row.name
        if role == _TIP:
            return self._tip(row, index.column())
        if role == _SPOKEN:
            words = [self.text(row, column) for column in range(len(HEADS))]
            return ", ".join(words) if index.column() == NAME else words[index.column()]
        return None

    def text(self, row: LibraryRow, column: int) -> str:
        """A cell; figures that nobody knows are en dashes."""
        match column:
            case _ if column == NAME:
                return one_line(row.name, 200)
            case _ if column == WHEN:
                return when_text(row.when)
            case _ if column == LENGTH:
                return short_clock(row.length_ms / 1000) if row.length_ms else DASH
            case _ if column == PEOPLE:
                return str(len(row.people)) if row.people else DASH
            case _ if column == SIZE:
                return byte_size(row.size) if row.size else DASH
        return row.state_word()

    def _tip(self, row: LibraryRow, column: int) -> str:
        if column == STATE:
            return STATES[row.state][3]
        return f"{one_line(row.name, 200)}\n{row.line()}\n{row.folder.name}".replace("\n\n", "\n")

    def flags(self, index: Any) -> Any:
        row = self.row(index.row())
        flags = Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEnabled
        if row is not None and index.column() == NAME and row.state != State.REVOKED and row.progress is None:
            flags |= Qt.ItemFlag.ItemIsEditable
        return flags

    def setData(self, index: Any, value: Any, role: int = _EDIT) -> bool:
        row = self.row(index.row())
        if row is None or role != _EDIT or str(value).strip() == row.name:
            return False
        self.renamed.emit(row.folder, str(value).strip())
        return True


class HitsModel(QAbstractTableModel):
    """What a search brought: recording, date, time in it, and the line with what was searched for."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._hits: tuple[Any, ...] = ()

    def set_hits(self, hits: tuple[Any, ...]) -> None:
        self.beginResetModel()
        self._hits = hits
        self.endResetModel()

    def hit(self, number: int) -> Any:
        return self._hits[number] if 0 <= number < len(self._hits) else None

    def rowCount(self, parent: Any = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self._hits)

    def columnCount(self, parent: Any = QModelIndex()) -> int:
        return len(HIT_HEADS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _DISPLAY) -> Any:
        if orientation == _HORIZONTAL and role == _DISPLAY:
            return HIT_HEADS[section]
        if orientation == _HORIZONTAL and role == _ALIGN:
            return _RIGHT if section == HIT_TIME else _LEFT
        return None

    def data(self, index: Any, role: int = _DISPLAY) -> Any:
        hit = self.hit(index.row())
        if hit is None or role not in (_DISPLAY, _SPOKEN, _TIP):
            return None
        texts = (
            one_line(hit.name, 200),
            when_text(hit.when),
            short_clock((hit.at_ms - hit.when) / 1000) if hit.at_ms else "",
            f"{one_line(hit.speaker, 60)}: {hit.text}" if hit.speaker and hit.kind != "person" else hit.text,
        )
        if role == _TIP:
            return f"{texts[HIT_LINE]}\n{texts[HIT_NAME]}, {texts[HIT_WHEN]}"
        return ", ".join(text for text in texts if text) if role == _SPOKEN else texts[index.column()]
