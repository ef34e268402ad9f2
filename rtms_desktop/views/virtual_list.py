"""A list of very many rows of wrapped text that lays out only what is seen; shared by transcript, chat and mock log.

Rows are chosen by click and key, copied as text, and marked where the search found something.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QGuiApplication,
    QHelpEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QMenu, QToolTip, QWidget

from rtms_desktop.viewmodels.rows import RowsChange, RowStore
from rtms_desktop.views.anchored_list import AnchoredList
from rtms_desktop.views.key_focus import KeyFocus
from rtms_desktop.views.row_heights import RowLook
from rtms_desktop.views.row_layout import paint_row, plain_tip
from rtms_desktop.views.theme import theme

_LEFT = Qt.MouseButton.LeftButton
_SHIFT = Qt.KeyboardModifier.ShiftModifier
_TOOLTIP = QEvent.Type.ToolTip
_DELETE = Qt.WidgetAttribute.WA_DeleteOnClose
_KEY = Qt.Key
_BY_MOUSE = QContextMenuEvent.Reason.Mouse
_COPY, _ALL = QKeySequence.StandardKey.Copy, QKeySequence.StandardKey.SelectAll


class VirtualList(AnchoredList):
    """The list. ``store`` gives the rows, ``look`` draws them."""

    current_changed = Signal(int)
    activated = Signal(int)
    pressed = Signal(int)
    menu_opening = Signal(object, int)
    """the menu of a row and the row's serial: whoever wants to may add to it"""

    def __init__(self, store: RowStore[Any], look: RowLook, parent: QWidget | None = None) -> None:
        self._current: int | None = None
        self._span_from: int | None = None
        self._needle: re.Pattern[str] | None = None
        self._hits: Sequence[int] = ()
        self._marks: tuple[object, list[int]] = (None, [])
        self._hit: int | None = None
        self._lit: int | None = None
        self._focus = KeyFocus()
        super().__init__(store, look, parent)

    # -- search and selection ------------------------------------------------------------------------------------

    def show_hits(self, needle: re.Pattern[str] | None, hits: Sequence[int], hit: int | None) -> None:
        """Mark what ``needle`` finds; ``hits`` are the serials of rows that hold one, ``hit`` the chosen one."""
        moved = hit is not None and hit != self._hit
        self._needle, self._hits, self._hit = needle, hits, hit
        if moved and hit is not None:
            self.reveal(hit)
        self.viewport().update()

    def light(self, serial: int | None) -> None:
        """Mark the row at the playhead, and let it lead."""
        if serial != self._lit:
            self._lit = serial
            self.set_lead(serial)
            self.viewport().update()

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

    def _store_changed(self, change: RowsChange) -> None:
        if change.reset:
            self._current = self._span_from = self._lit = None
        if self._current is not None:
            self._current = change.moved(self._current)
        if self._span_from is not None:
            self._span_from = change.moved(self._span_from)
        super()._store_changed(change)

    # -- painting ------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        look, width = theme(), self.viewport().width()
        painter.fillRect(event.rect(), look.color("bg1"))
        chosen = self.selected()
        for serial, top in self._shown:
            row = self._rows.layout(serial)
            if row.tint:
                painter.fillRect(0, top, width, row.height, look.color(row.tint))
            if serial in chosen or serial == self._lit:
                painter.fillRect(0, top, width, row.height, look.color("select"))
            if serial == self._lit:
                painter.fillRect(0, top, 3, row.height, look.color("accent"))
            elif row.flag:
                painter.fillRect(0, top, 3, row.height, look.color(row.flag))
            paint_row(painter, row, 0, top, self._needle, serial == self._hit)
        if self.hasFocus() and self._current is not None:
            self._paint_focus(painter, width)
        if self._needle is not None:
            self._paint_hit_marks(painter, width)
        if self._current is None:
            self._focus.paint(painter, self.viewport().rect())
        painter.end()

    def _paint_focus(self, painter: QPainter, width: int) -> None:
        for serial, top in self._shown:
            if serial == self._current:
                painter.setPen(theme().color("accent"))
                painter.drawRect(0, top, width - 1, self._rows.layout(serial).height - 1)

    def _paint_hit_marks(self, painter: QPainter, width: int) -> None:
        """Ticks at the right edge: where in the whole list the hits are."""
        total, view = max(1, self._rows.total), self.viewport().height()
        key = (id(self._hits), len(self._hits), total, view)
        if key != self._marks[0]:  # ten thousands of hits are not looked up at every paint
            self._marks = (key, np.unique(self._rows.tops(self._hits) * view // total).tolist())
        for y in self._marks[1]:
            painter.fillRect(width - 4, y, 4, 2, theme().color("accent"))

    # -- input ---------------------------------------------------------------------------------------------------

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._focus.came(event)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._focus.gone()
        self.viewport().update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == _LEFT:
            serial = self._row_at(event.position().toPoint().y())
            if serial is not None:
                self.select(serial, bool(event.modifiers() & _SHIFT))
                self.pressed.emit(serial)

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
        """The menu is that of the row under the pointer."""
        serial = self._row_at(event.pos().y()) if event.reason() == _BY_MOUSE else self._current
        if serial is not None and serial not in self.selected():
            self.select(serial)
        self.open_menu(event.globalPos())

    def open_menu(self, place: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(_DELETE)
        copy = menu.addAction("Copy", self.copy)
        copy.setEnabled(len(self.selected()) > 0)
        menu.addAction("Select all", self.select_all)
        menu.addAction("Jump to the newest line", self.follow)
        menu.setToolTipsVisible(True)
        if self._current is not None and self._store.holds(self._current):
            self.menu_opening.emit(menu, self._current)
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
