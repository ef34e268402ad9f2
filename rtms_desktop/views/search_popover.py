"""What the search of the window shows under its field: hits in groups, one of them chosen. Main thread.

A child of the window and no window of its own: the focus stays in the field, whose keys `views.search_part` hands on.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QPoint, QRect, QSize, Qt, QTimer
from PySide6.QtGui import QPainter, QPaintEvent, QTextCharFormat, QTextLayout
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from rtms_desktop.viewmodels.colours import SpeakerColours
from rtms_desktop.viewmodels.search_hits import Head, Hit, Row
from rtms_desktop.viewmodels.search_vm import SearchViewModel
from rtms_desktop.viewmodels.search_words import Marks
from rtms_desktop.views.row_layout import plain_tip
from rtms_desktop.views.theme import Radius, Space, theme
from rtms_desktop.views.widgets import ELIDE, LEFT, RIGHT, SMOOTH, Rule, label

WIDTH, EDGE = 560, 12
HEAD, ROW, FOOT, NOTE, PAD = 26, 28, 26, 44, 4
SIDE_GAP, ICON = 12, 14
LEAD_MOST = 0.45
"""So much of a row who said it may take."""

BUSY_MS = 400
KEYS = "↑ ↓ choose    Enter go    Esc close"

Index = QModelIndex | QPersistentModelIndex
_ROW = Qt.ItemDataRole.UserRole
_DISPLAY, _SPOKEN, _TIP = Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole
_ENABLED, _SELECTABLE = Qt.ItemFlag.ItemIsEnabled, Qt.ItemFlag.ItemIsSelectable
_SELECTED = QStyle.StateFlag.State_Selected
_NO_BAR, _NO_FOCUS = Qt.ScrollBarPolicy.ScrollBarAlwaysOff, Qt.FocusPolicy.NoFocus
_BY_PIXEL = QListView.ScrollMode.ScrollPerPixel
_CENTER = Qt.AlignmentFlag.AlignCenter


class RowsModel(QAbstractListModel):
    """The rows of the search."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.rows: list[Row] = []

    def show_rows(self, rows: list[Row]) -> bool:
        """Take over other rows; False: they are the same."""
        if rows == self.rows:
            self.rows = rows  # equal, but the chosen one is looked for as the very object
            return False
        self.beginResetModel()
        self.rows = rows
        self.endResetModel()
        return True

    def place_of(self, hit: Hit | None) -> int:
        return next((number for number, row in enumerate(self.rows) if row is hit), -1)

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def flags(self, index: Index) -> Any:
        return _ENABLED | _SELECTABLE if isinstance(self.rows[index.row()], Hit) else _ENABLED

    def data(self, index: Index, role: int = _DISPLAY) -> Any:
        row = self.rows[index.row()]
        if role == _ROW:
            return row
        if role in (_DISPLAY, _SPOKEN):
            return row.spoken() if isinstance(row, Hit) else f"{row.group.title} {row.count}".strip()
        if role == _TIP and isinstance(row, Hit) and not row.whole:
            return plain_tip("\n".join(part for part in (row.lead, row.text) if part))
        return None


class RowDelegate(QStyledItemDelegate):
    """Paints a head, or a hit: icon, who in their colour, the text with its marks, time or key at the right."""

    def __init__(self, colours: SpeakerColours, parent: QWidget) -> None:
        super().__init__(parent)
        self._colours = colours

    def sizeHint(self, option: QStyleOptionViewItem, index: Any) -> QSize:
        return QSize(200, HEAD if isinstance(index.data(_ROW), Head) else ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Any) -> None:
        row, look, box = index.data(_ROW), theme(), option.rect
        if isinstance(row, Head):
            painter.setPen(look.color("text3"))
            area = box.adjusted(EDGE, 4, -EDGE, 0)
            painter.setFont(look.font("label_strong"))
            painter.drawText(area, LEFT, row.group.title)
            painter.setFont(look.font("label"))
            painter.drawText(area, RIGHT, row.count)
            return
        chosen = bool(option.state & _SELECTED)
        if chosen:
            painter.fillRect(box, look.color("select"))
        name, token = self._icon(row)
        painter.drawPixmap(box.left() + EDGE, box.center().y() - ICON // 2 + 1, look.pixmap(name, token, ICON))
        painter.setFont(look.font("label"))
        painter.setPen(look.color("text2" if chosen else "text3"))
        right = box.right() - EDGE
        painter.drawText(QRect(box.left(), box.top(), right - box.left(), box.height()), RIGHT, row.side)
        if row.side:
            right -= painter.fontMetrics().horizontalAdvance(row.side) + SIDE_GAP
        left = box.left() + EDGE + ICON + Space.M
        self._words(painter, row, QRect(left, box.top(), right - left, box.height()), chosen)

    def _icon(self, row: Hit) -> tuple[str, str]:
        name, token = row.icon if row.icon[0] else row.group.icon
        return name, self._speaker(row) if row.user_id and not row.lead else token

    def _speaker(self, row: Hit) -> str:
        return f"speaker.{self._colours.index(row.user_id) % len(theme().current.speakers)}"

    def _words(self, painter: QPainter, row: Hit, area: QRect, chosen: bool) -> None:
        ink = "accent" if row.whole else "select_text" if chosen else "text1"
        if row.lead:
            lead = self._speaker(row) if row.user_id else "select_text" if chosen else "text2"
            room = QRect(area)
            room.setWidth(int(area.width() * LEAD_MOST))
            wide = _draw(painter, row.lead, row.lead_marks, "dense_medium", lead, room, chosen)
            area.setLeft(area.left() + wide + Space.M)
        _draw(painter, row.text, row.marks, "dense", ink, area, chosen)


def _draw(painter: QPainter, text: str, marks: Marks, role: str, token: str, area: QRect, chosen: bool) -> int:
    """One line that is cut with an ellipsis, with its marks; how wide it became."""
    look = theme()
    painter.setFont(look.font(role))
    shown = painter.fontMetrics().elidedText(text, ELIDE, max(0, area.width()))
    layout = QTextLayout(shown, look.font(role))
    layout.beginLayout()
    line = layout.createLine()
    layout.endLayout()
    if not line.isValid():
        return 0
    form = QTextCharFormat()
    form.setBackground(look.color("accent_fill" if chosen else "select"))
    form.setForeground(look.color("on_accent" if chosen else "select_text"))
    ranges = []
    kept = len(shown) if shown == text else len(shown) - 1
    for start, end in marks:
        if start < kept:
            mark = QTextLayout.FormatRange()
            mark.start, mark.length, mark.format = start, min(end, kept) - start, form
            ranges.append(mark)
    painter.setPen(look.color(token))
    top = area.top() + round((area.height() - line.height()) / 2)
    layout.draw(painter, QPoint(area.left(), top), ranges)
    return int(line.naturalTextWidth()) + 1


class SearchPopover(QFrame):
    """Shown while the search is active, under ``field``, at most down to where ``floor`` says."""

    def __init__(
        self, model: SearchViewModel, colours: SpeakerColours, field: QWidget, window: QWidget, floor: Callable[[], int]
    ) -> None:
        super().__init__(window)
        self._model, self._field, self._window, self._floor = model, field, window, floor
        self.setAccessibleName("Search results")
        self.setFocusPolicy(_NO_FOCUS)
        self.hide()
        self.rows = RowsModel(self)
        self.list = QListView()
        self.list.setModel(self.rows)
        self.list.setItemDelegate(RowDelegate(colours, self.list))
        self.list.setAccessibleName("Search results")
        self.list.setFocusPolicy(_NO_FOCUS)
        self.list.setHorizontalScrollBarPolicy(_NO_BAR)
        self.list.setVerticalScrollMode(_BY_PIXEL)
        self.list.setMouseTracking(True)
        self.list.setStyleSheet("background: transparent;")
        self.list.viewport().setAutoFillBackground(False)
        self.list.entered.connect(self._pointed)
        self.list.clicked.connect(self._clicked)
        self.note = label("", "t3", "base")
        self.note.setAlignment(_CENTER)
        self.note.setFixedHeight(NOTE)
        self.keys = label(KEYS, "t3", "label")
        self.busy = label("Searching…", "t3", "label")
        self._lay_out()
        self._wait = QTimer(self)
        self._wait.setSingleShot(True)
        self._wait.setInterval(BUSY_MS)
        self._wait.timeout.connect(lambda: self.busy.setVisible(model.busy))
        model.changed.connect(self.refresh)
        theme().changed.connect(self.update)

    def _lay_out(self) -> None:
        foot = QWidget()
        foot.setFixedHeight(FOOT)
        row = QHBoxLayout(foot)
        row.setContentsMargins(EDGE, 0, EDGE, 0)
        row.addWidget(self.keys)
        row.addStretch(1)
        row.addWidget(self.busy)
        column = QVBoxLayout(self)
        column.setContentsMargins(1, PAD, 1, 1)
        column.setSpacing(0)
        column.addWidget(self.list, 1000)
        column.addWidget(self.note)
        column.addStretch()
        column.addWidget(Rule())
        column.addWidget(foot)
        self.busy.hide()
        self._was_busy = False

    # -- following -----------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Show what the model knows now; closed: be gone."""
        model = self._model
        if not model.active:
            self.hide()
            return
        other = self.rows.show_rows(list(model.rows)) or model.busy != self._was_busy
        self._was_busy = model.busy
        self.note.setText(model.note)
        self.note.setVisible(not model.rows)
        self.list.setVisible(bool(model.rows))
        self._choose()
        if model.busy and not self._wait.isActive() and not self.busy.isVisible():
            self._wait.start()
        elif not model.busy:
            self._wait.stop()
            self.busy.hide()
        if other or not self.isVisible():
            self.place()
        if not self.isVisible():
            self.show()
            self.raise_()

    def place(self) -> None:
        """Under the field, as wide as its words need and the window lets it."""
        window, field = self._window, self._field
        corner = field.mapTo(window, QPoint(field.width(), field.height() + Space.XS))
        width = min(WIDTH, window.width() - 2 * EDGE)
        rows = sum(HEAD if isinstance(row, Head) else ROW for row in self.rows.rows) or NOTE
        height = PAD + rows + 1 + FOOT + PAD
        if self._model.busy and self.isVisible():
            height = max(height, self.height())  # it does not shrink and grow again with every letter
        height = min(height, self._floor() - corner.y())
        self.setGeometry(max(EDGE, corner.x() - width), corner.y(), width, height)
        self._choose()

    def _choose(self) -> None:
        place = self.rows.place_of(self._model.chosen)
        if place < 0:
            self.list.selectionModel().clear()
            return
        index = self.rows.index(place, 0)
        if index != self.list.currentIndex() or not self.list.selectionModel().isSelected(index):
            self.list.setCurrentIndex(index)
        if place == 1:
            self.list.scrollToTop()  # with the head of the first group
        else:
            self.list.scrollTo(index)
        self._field.setAccessibleDescription(self.rows.data(index, _SPOKEN))

    def _pointed(self, index: QModelIndex) -> None:
        row = index.data(_ROW)
        if isinstance(row, Hit):
            self._model.choose(row)

    def _clicked(self, index: QModelIndex) -> None:
        row = index.data(_ROW)
        if isinstance(row, Hit):
            QTimer.singleShot(0, self, lambda: self._model.accept(row))  # not while the list deals with the press

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(SMOOTH)
        painter.setPen(theme().color("line_strong"))
        painter.setBrush(theme().color("bg2"))
        painter.translate(0.5, 0.5)
        painter.drawRoundedRect(self.rect().adjusted(0, 0, -1, -1), Radius.TOAST, Radius.TOAST)
