"""A list of very many rows of wrapped text that lays out only what is seen; shared by transcript, chat and mock log.

Heights of rows that were never seen are estimated; the place on screen is held by a row and an offset into it, so that
better knowledge of the heights above never moves what is being read. Follows the tail until somebody scrolls up.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QEvent, QPoint, QSize, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QGuiApplication,
    QHelpEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QMenu, QPushButton, QToolTip, QWidget

from rtms_desktop.viewmodels.rows import RowsChange, RowStore
from rtms_desktop.views.heights import HeightIndex
from rtms_desktop.views.row_layout import RowLayout, paint_row, plain_tip
from rtms_desktop.views.theme import theme

_NO_BAR = Qt.ScrollBarPolicy.ScrollBarAlwaysOff
_NO_FRAME = QFrame.Shape.NoFrame
_STRONG = Qt.FocusPolicy.StrongFocus
_NO_FOCUS = Qt.FocusPolicy.NoFocus
_LEFT = Qt.MouseButton.LeftButton
_SHIFT = Qt.KeyboardModifier.ShiftModifier
_TOOLTIP = QEvent.Type.ToolTip
_KEY = Qt.Key
_COPY, _ALL = QKeySequence.StandardKey.Copy, QKeySequence.StandardKey.SelectAll

PAD = 8  # above the first and under the last row
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


class VirtualList(QAbstractScrollArea):
    """The list. ``store`` gives the rows, ``look`` draws them; it listens to the store while it is visible."""

    following_changed = Signal(bool)
    current_changed = Signal(int)
    activated = Signal(int)

    def __init__(self, store: RowStore[Any], look: RowLook, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._store, self._look = store, look
        self._heights_width = -1
        self._index = HeightIndex()
        self._rough = np.zeros((0, 2), np.int64)  # of every row: fixed pixels, letters
        self._exact = np.zeros(0, bool)
        self._layouts: dict[int, RowLayout] = {}
        self._shown: list[tuple[int, int]] = []  # serial, top
        self._following = True
        self._anchor, self._offset = 0, 0
        self._unseen = 0
        self._stale: list[RowsChange] = []
        self._current: int | None = None
        self._span_from: int | None = None
        self._needle: re.Pattern[str] | None = None
        self._hits: Sequence[int] = ()
        self._marks: tuple[object, list[int]] = (None, [])
        self._hit: int | None = None
        self._quiet = False
        self._build()
        store.committed.connect(self._store_changed)
        theme().changed.connect(self._theme_changed)

    def _build(self) -> None:
        self.setFrameShape(_NO_FRAME)
        self.setHorizontalScrollBarPolicy(_NO_BAR)
        self.setFocusPolicy(_STRONG)
        self.viewport().setMouseTracking(False)
        self.verticalScrollBar().setSingleStep(22)
        self.verticalScrollBar().valueChanged.connect(self._scrolled)
        self._pill = QPushButton(self)
        self._pill.setFocusPolicy(_NO_FOCUS)
        self._pill.setAccessibleName("Jump to the newest line")
        self._pill.setToolTip("Jump to the newest line and follow it (End)")
        self._pill.setProperty("kind", "pill")
        theme().bind_icon(self._pill, "arrow-down", "text2", 14)
        self._pill.clicked.connect(self.follow)
        self._pill.hide()

    # -- what others ask -----------------------------------------------------------------------------------------

    @property
    def following(self) -> bool:
        return self._following

    @property
    def unseen(self) -> int:
        """Rows that came while the list did not follow."""
        return self._unseen

    def follow(self) -> None:
        """Go to the newest row and stay there."""
        self._unseen = 0
        self._set_following(True)
        self._arrange()

    def hold(self) -> None:
        """Stay where it is."""
        self._set_following(False)
        self._arrange()

    def show_hits(self, needle: re.Pattern[str] | None, hits: Sequence[int], hit: int | None) -> None:
        """Mark what ``needle`` finds; ``hits`` are the serials of rows that hold one, ``hit`` the chosen one."""
        moved = hit is not None and hit != self._hit
        self._needle, self._hits, self._hit = needle, hits, hit
        if moved and hit is not None:
            self.reveal(hit)
        self.viewport().update()

    def reveal(self, serial: int) -> None:
        """Bring a row into sight, near the middle when it was not there."""
        if not self._store.holds(serial):
            return
        self._catch_up()
        height = self._measure(serial)
        for shown, top in self._shown:
            if shown == serial and top >= 0 and top + height <= self.viewport().height():
                return
        self._set_following(False)
        self._anchor, self._offset = serial, 0
        self._walk(-(self.viewport().height() - height) // 3)
        self._arrange()

    def selected(self) -> range:
        """Serials of the selected rows."""
        if self._current is None:
            return range(0)
        other = self._current if self._span_from is None else self._span_from
        low, high = min(self._current, other), max(self._current, other)
        return range(max(low, self._store.first), high + 1)

    def select(self, serial: int, extend: bool = False) -> None:
        """Choose a row (or everything from the one chosen before) and bring it into sight."""
        serial = min(max(serial, self._store.first), self._store.end - 1)
        if not self._store.holds(serial):
            return
        if not extend:
            self._span_from = serial
        self._current = serial
        self.reveal(serial)
        self.setAccessibleDescription(self._look.plain(serial))
        self.current_changed.emit(serial)
        self.viewport().update()

    def copy(self) -> None:
        """Put the selected rows, as plain text, onto the clipboard."""
        rows = [self._look.plain(serial) for serial in self.selected()]
        if rows:
            QGuiApplication.clipboard().setText("\n".join(rows))

    def refresh(self) -> None:
        """Lay everything out again: the look of all rows has changed."""
        self._layouts.clear()
        self._heights_width = -1
        self._arrange()

    # -- store ---------------------------------------------------------------------------------------------------

    def _store_changed(self, change: RowsChange) -> None:
        if change.reset:
            self._unseen = 0
            self._stale.clear()
            self._current = self._span_from = None
        elif not self._following:
            self._unseen += change.appended
        self._stale.append(change)
        if len(self._stale) > 1000:  # hidden for long: starting over is then cheaper than catching up
            self._stale = [RowsChange(reset=True)]
        if self.isVisible():
            self._arrange()

    def _catch_up(self) -> None:
        """Bring the heights up to what the store holds now."""
        changes, self._stale = self._stale, []
        width = self._text_width()
        if any(change.reset for change in changes):
            self._start_over()
        for change in changes:
            self._drop(change.dropped if len(self._index) else 0)
        known = self._store.first + len(self._index)
        if known < self._store.end:
            self._add(range(known, self._store.end))
        for change in changes:
            for serial in change.changed:
                self._forget(serial)
        if width != self._heights_width:
            self._heights_width = width
            self._layouts.clear()
            self._index.reset(self._estimate(self._rough[: len(self._index)]))
            self._exact[:] = False
        if changes:
            self._anchor = min(max(self._anchor, self._store.first), max(self._store.first, self._store.end - 1))

    def _start_over(self) -> None:
        self._layouts.clear()
        self._index.reset(np.zeros(0, np.int64))
        self._exact[:] = False

    def _drop(self, count: int) -> None:
        """Rows are gone from the front; what is now the first may look different (it opens a turn)."""
        count = min(count, len(self._index))
        if count:
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
        per_line = max(1.0, self._look.chars_per_line(max(40, self._heights_width)))
        lines = np.ceil(rough[:, 1] / per_line).astype(np.int64)
        return rough[:, 0] + lines * self._look.line

    def _forget(self, serial: int) -> None:
        self._layouts.pop(serial, None)
        index = serial - self._store.first
        if 0 <= index < len(self._index):
            self._exact[index] = False
            self._rough[index] = self._look.rough(serial)

    # -- places --------------------------------------------------------------------------------------------------

    def _text_width(self) -> int:
        return max(40, self.viewport().width())

    def _layout(self, serial: int) -> RowLayout:
        row = self._layouts.get(serial)
        if row is None:
            row = self._layouts[serial] = self._look.lay_out(serial, self._heights_width)
        return row

    def _measure(self, serial: int) -> int:
        """The true height of a row; the index learns it."""
        index = serial - self._store.first
        if not self._exact[index]:
            self._index.set(index, self._layout(serial).height)
            self._exact[index] = True
        return self._index[index]

    def _walk(self, delta: int) -> None:
        """Move the anchor by true pixels."""
        self._offset += delta
        while self._offset < 0 and self._anchor > self._store.first:
            self._anchor -= 1
            self._offset += self._measure(self._anchor)
        while self._anchor < self._store.end - 1 and self._offset >= (height := self._measure(self._anchor)):
            self._offset -= height
            self._anchor += 1

    def _arrange(self) -> None:
        """Find out which rows are seen and where, set the scroll bar, ask for a paint."""
        self._catch_up()
        view = self.viewport().height()
        if not len(self._store):
            self._shown = []
            self._set_bar(0, 0)
            self._show_pill()
            self.viewport().update()
            return
        if self._following:
            self._anchor_at_end(view)
        self._shown = self._rows_from_anchor(view)
        self._prune()
        total = self._index.total + 2 * PAD
        value = self._index.top(self._anchor - self._store.first) + PAD + self._offset
        self._set_bar(max(0, total - view), value)
        self._show_pill()
        self.viewport().update()

    def _anchor_at_end(self, view: int) -> None:
        """Anchor such that the last row ends at the lower edge, or the first starts at the upper one."""
        serial, room = self._store.end, view - PAD
        while serial > self._store.first and room > 0:
            serial -= 1
            room -= self._measure(serial)
        self._anchor, self._offset = serial, -min(room, PAD)

    def _rows_from_anchor(self, view: int) -> list[tuple[int, int]]:
        shown, top, serial = [], -self._offset, self._anchor
        while serial < self._store.end and top < view:
            height = self._measure(serial)
            shown.append((serial, top))
            top += height
            serial += 1
        short = view - (top + PAD) if serial == self._store.end else 0
        if short > 0 and not self._following:
            before = (self._anchor, self._offset)
            self._walk(-short)
            if self._anchor == self._store.first and self._offset < -PAD:
                self._offset = -PAD
            if (self._anchor, self._offset) != before:
                return self._rows_from_anchor(view)
        return shown

    def _set_bar(self, maximum: int, value: int) -> None:
        bar = self.verticalScrollBar()
        self._quiet = True
        bar.setRange(0, maximum)
        bar.setPageStep(max(1, self.viewport().height()))
        bar.setValue(maximum if self._following else value)
        self._bar_value = bar.value()
        self._quiet = False

    def _scrolled(self, value: int) -> None:
        """Somebody moved the bar: wheel, drag, key."""
        if self._quiet or not len(self._store):
            return
        bar = self.verticalScrollBar()
        delta = value - self._bar_value
        if value >= bar.maximum():
            self.follow()
            return
        self._set_following(False)
        if value <= 0:
            self._anchor, self._offset = self._store.first, -PAD
        elif abs(delta) <= 3 * self.viewport().height():
            self._walk(delta)
            if self._anchor == self._store.first:
                self._offset = max(self._offset, -PAD)
        else:
            index = self._index.find(value - PAD)
            self._anchor = self._store.first + index
            self._offset = value - PAD - self._index.top(index)
        self._arrange()

    def _set_following(self, on: bool) -> None:
        if on != self._following:
            self._following = on
            if on:
                self._unseen = 0
            self.following_changed.emit(on)

    def _show_pill(self) -> None:
        self._pill.setVisible(not self._following and self._unseen > 0)
        if self._pill.isVisible():
            self._pill.setText(f"{self._unseen:,} new")
            size = self._pill.sizeHint()
            area = self.viewport().geometry()
            self._pill.resize(size)
            self._pill.move(area.center().x() - size.width() // 2, area.bottom() - size.height() - 8)
            self._pill.raise_()

    def _prune(self) -> None:
        if len(self._layouts) > KEPT:
            seen = {serial for serial, _ in self._shown}
            self._layouts = {serial: row for serial, row in self._layouts.items() if serial in seen}

    def _row_at(self, y: int) -> int | None:
        for serial, top in reversed(self._shown):
            if y >= top:
                return serial if y < top + self._measure(serial) else None
        return None

    # -- Qt ------------------------------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        return QSize(330, 300)

    def minimumSizeHint(self) -> QSize:
        return QSize(160, 60)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        look, width = theme(), self.viewport().width()
        painter.fillRect(event.rect(), look.color("bg1"))
        chosen = self.selected()
        for serial, top in self._shown:
            row = self._layout(serial)
            if row.tint:
                painter.fillRect(0, top, width, row.height, look.color(row.tint))
            if serial in chosen:
                painter.fillRect(0, top, width, row.height, look.color("select"))
            if row.flag:
                painter.fillRect(0, top, 3, row.height, look.color(row.flag))
            paint_row(painter, row, 0, top, self._needle, serial == self._hit)
        if self.hasFocus() and self._current is not None:
            self._paint_focus(painter, width)
        if self._needle is not None:
            self._paint_hit_marks(painter, width)
        painter.end()

    def _paint_focus(self, painter: QPainter, width: int) -> None:
        for serial, top in self._shown:
            if serial == self._current:
                painter.setPen(theme().color("accent"))
                painter.drawRect(0, top, width - 1, self._layout(serial).height - 1)

    def _paint_hit_marks(self, painter: QPainter, width: int) -> None:
        """Ticks at the right edge: where in the whole list the hits are."""
        total, view = max(1, self._index.total), self.viewport().height()
        key = (id(self._hits), len(self._hits), total, view)
        if key != self._marks[0]:  # ten thousands of hits are not looked up at every paint
            places = np.fromiter(self._hits, np.int64, len(self._hits)) - self._store.first
            places = places[(places >= 0) & (places < len(self._index))]
            self._marks = (key, np.unique(self._index.tops(places) * view // total).tolist())
        for y in self._marks[1]:
            painter.fillRect(width - 4, y, 4, 2, theme().color("accent"))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.isVisible():
            self._arrange()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._arrange()

    def _theme_changed(self) -> None:
        if self.isVisible():
            self.refresh()
        else:
            self._heights_width = -1

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == _LEFT:
            serial = self._row_at(event.position().toPoint().y())
            if serial is not None:
                self.select(serial, bool(event.modifiers() & _SHIFT))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & _LEFT:
            serial = self._row_at(event.position().toPoint().y())
            if serial is not None and serial != self._current:
                self.select(serial, extend=True)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        serial = self._row_at(event.position().toPoint().y())
        if serial is not None:
            self.activated.emit(serial)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.open_menu(event.globalPos())

    def open_menu(self, place: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        copy = menu.addAction("Copy", self.copy)
        copy.setEnabled(len(self.selected()) > 0)
        menu.addAction("Select all", self.select_all)
        menu.addAction("Jump to the newest line", self.follow)
        menu.popup(place)

    def select_all(self) -> None:
        if len(self._store):
            self._span_from, self._current = self._store.first, self._store.end - 1
            self.viewport().update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(_COPY):
            self.copy()
        elif event.matches(_ALL):
            self.select_all()
        elif not self._move_by_key(event):
            super().keyPressEvent(event)

    def _move_by_key(self, event: QKeyEvent) -> bool:
        extend = bool(event.modifiers() & _SHIFT)
        newest = self._store.end - 1
        here = newest if self._current is None else self._current
        page = max(1, len(self._shown) - 1)
        steps = {_KEY.Key_Up: -1, _KEY.Key_Down: 1, _KEY.Key_PageUp: -page, _KEY.Key_PageDown: page}
        key = _KEY(event.key())
        if key in steps:
            self.select(here + steps[key] if self._current is not None else newest, extend)
        elif key == _KEY.Key_Home:
            self.select(self._store.first, extend)
        elif key == _KEY.Key_End:
            self.select(newest, extend)
            self.follow()
        elif key in (_KEY.Key_Return, _KEY.Key_Enter) and self._current is not None:
            self.activated.emit(self._current)
        else:
            return False
        return True

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == _TOOLTIP and isinstance(event, QHelpEvent):
            serial = self._row_at(event.pos().y())
            text = self._look.tip(serial) if serial is not None else ""
            QToolTip.showText(event.globalPos(), plain_tip(text), self)
            return True
        return super().viewportEvent(event)


