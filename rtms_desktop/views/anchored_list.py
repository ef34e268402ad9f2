"""The scrolling of a list whose rows differ in height: a place that never jumps, and a tail that is followed.

Heights of rows that were never seen are estimated; the place on screen is held by a row and an offset into it, so that
better knowledge of the heights above never moves what is being read.
"""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QPushButton, QWidget

from rtms_desktop.viewmodels.rows import RowsChange, RowStore
from rtms_desktop.views.row_heights import RowHeights, RowLook
from rtms_desktop.views.theme import theme

_NO_BAR = Qt.ScrollBarPolicy.ScrollBarAlwaysOff
_NO_FRAME = QFrame.Shape.NoFrame
_STRONG, _NO_FOCUS = Qt.FocusPolicy.StrongFocus, Qt.FocusPolicy.NoFocus

PAD = 8  # above the first and under the last row
STEP = 22
LEAD_AT = 0.4
"""Where the row that leads stands, as a part of the height."""

CATCH_UP = 1000  # changes after which starting over is cheaper


class AnchoredList(QAbstractScrollArea):
    """Knows which rows are seen where, and listens to the store while it is visible. What draws them is a subclass."""

    following_changed = Signal(bool)

    def __init__(self, store: RowStore[Any], look: RowLook, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._store, self._look = store, look
        self._rows = RowHeights(store, look)
        self._shown: list[tuple[int, int]] = []  # serial, top
        self._following = True
        self._lead: int | None = None
        self._anchor, self._offset = 0, 0
        self._unseen = 0
        self._stale: list[RowsChange] = []
        self._quiet = False
        self._bar_value = 0
        self._build()
        store.committed.connect(self._store_changed)
        theme().changed.connect(self._theme_changed)

    def _build(self) -> None:
        self.setFrameShape(_NO_FRAME)
        self.setHorizontalScrollBarPolicy(_NO_BAR)
        self.setFocusPolicy(_STRONG)
        self.verticalScrollBar().setSingleStep(STEP)
        self.verticalScrollBar().valueChanged.connect(self._scrolled)
        self._pill = QPushButton(self)
        self._pill.setFocusPolicy(_NO_FOCUS)
        self._pill.setAccessibleName("Jump to the newest line")
        self._pill.setToolTip("Jump to the newest line and follow it (End)")
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

    @property
    def top_serial(self) -> int | None:
        """The row at the upper edge; None without rows."""
        return self._shown[0][0] if self._shown and self._store.holds(self._shown[0][0]) else None

    def put_top(self, serial: int) -> None:
        """Bring a row to the upper edge and stay there."""
        if self._store.holds(serial):
            self._set_following(False)
            self._anchor, self._offset = serial, 0
            self._arrange()

    def set_lead(self, serial: int | None) -> None:
        """Following keeps this row in sight; None: the newest one."""
        if serial != self._lead:
            self._lead = serial
            if self._following and self.isVisible():
                self._arrange()

    def follow(self) -> None:
        """Go to the newest row (or the one that leads) and stay there."""
        self._unseen = 0
        self._set_following(True)
        self._arrange()

    def hold(self) -> None:
        """Stay where it is."""
        self._set_following(False)
        self._arrange()

    def reveal(self, serial: int) -> None:
        """Bring a row into sight, near the middle when it was not there."""
        if not self._store.holds(serial):
            return
        self._catch_up()
        height = self._rows.measure(serial)
        for shown, top in self._shown:
            if shown == serial and top >= 0 and top + height <= self.viewport().height():
                return
        self._set_following(False)
        self._anchor, self._offset = serial, 0
        self._walk(-(self.viewport().height() - height) // 3)
        self._arrange()

    def refresh(self) -> None:
        """Lay everything out again: the look of all rows has changed."""
        self._rows.void()
        self._arrange()

    # -- store ---------------------------------------------------------------------------------------------------

    def _store_changed(self, change: RowsChange) -> None:
        if change.reset:
            self._unseen, self._lead = 0, None
            self._stale.clear()
        elif not self._following:
            self._unseen += change.appended
        self._anchor = change.moved(self._anchor)
        self._stale.append(change)
        if len(self._stale) > CATCH_UP:
            self._stale = [RowsChange(reset=True)]
        if self.isVisible():
            self._arrange()

    def _catch_up(self) -> None:
        """Bring the heights up to what the store holds now."""
        changes, self._stale = self._stale, []
        self._rows.catch_up(changes, max(40, self.viewport().width()))
        if changes:
            self._anchor = min(max(self._anchor, self._store.first), max(self._store.first, self._store.end - 1))

    # -- places --------------------------------------------------------------------------------------------------

    def _walk(self, delta: int) -> None:
        """Move the anchor by true pixels."""
        self._offset += delta
        while self._offset < 0 and self._anchor > self._store.first:
            self._anchor -= 1
            self._offset += self._rows.measure(self._anchor)
        while self._anchor < self._store.end - 1 and self._offset >= (height := self._rows.measure(self._anchor)):
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
        if self._following and self._leads:
            self._anchor_at_lead(view)
        elif self._following:
            self._anchor_at_end(view)
        self._shown = self._rows_from_anchor(view)
        self._rows.prune(serial for serial, _ in self._shown)
        total = self._rows.total + 2 * PAD
        value = self._rows.top(self._anchor) + PAD + self._offset
        self._set_bar(max(0, total - view), value)
        self._show_pill()
        self.viewport().update()

    @property
    def _leads(self) -> bool:
        return self._lead is not None and self._store.holds(self._lead)

    def _anchor_at_lead(self, view: int) -> None:
        """Anchor such that the leading row stands a little above the middle."""
        assert self._lead is not None
        self._anchor, self._offset = self._lead, 0
        self._walk(-round((view - self._rows.measure(self._lead)) * LEAD_AT))
        if self._anchor == self._store.first:
            self._offset = max(self._offset, -PAD)

    def _anchor_at_end(self, view: int) -> None:
        """Anchor such that the last row ends at the lower edge, or the first starts at the upper one."""
        serial, room = self._store.end, view - PAD
        while serial > self._store.first and room > 0:
            serial -= 1
            room -= self._rows.measure(serial)
        self._anchor, self._offset = serial, -min(room, PAD)

    def _rows_from_anchor(self, view: int) -> list[tuple[int, int]]:
        shown, top, serial = [], -self._offset, self._anchor
        while serial < self._store.end and top < view:
            height = self._rows.measure(serial)
            shown.append((serial, top))
            top += height
            serial += 1
        short = view - (top + PAD) if serial == self._store.end else 0
        if short > 0 and (not self._following or self._leads):
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
        bar.setValue(maximum if self._following and not self._leads else value)
        self._bar_value = bar.value()
        self._quiet = False

    def _scrolled(self, value: int) -> None:
        """Somebody moved the bar: wheel, drag, key."""
        if self._quiet or not len(self._store):
            return
        bar = self.verticalScrollBar()
        delta = value - self._bar_value
        if value >= bar.maximum() and not self._leads:
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
            self._anchor = self._rows.find(value - PAD)
            self._offset = value - PAD - self._rows.top(self._anchor)
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

    def _row_at(self, y: int) -> int | None:
        for serial, top in reversed(self._shown):
            if y >= top:
                return serial if y < top + self._rows.measure(serial) else None
        return None

    # -- Qt ------------------------------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        return QSize(330, 300)

    def minimumSizeHint(self) -> QSize:
        return QSize(160, 60)

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
            self._rows.void()
