"""The rows of a recording's time bar: ruler, people, marks and gaps, with the loop and the playhead (main thread)."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFocusEvent,
    QFontMetrics,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QPolygonF,
)
from PySide6.QtWidgets import QToolTip, QWidget

from rtms_desktop.viewmodels.figures import time_code
from rtms_desktop.viewmodels.marks_vm import MarksViewModel
from rtms_desktop.viewmodels.replay_vm import BarRow, Block, ReplayViewModel
from rtms_desktop.views.flags import REACH, open_mark_menu, paint_flag
from rtms_desktop.views.key_focus import KeyFocus
from rtms_desktop.views.row_layout import plain_tip
from rtms_desktop.views.theme import theme
from rtms_desktop.views.widgets import CENTER, LEFT, NO_PEN, SMOOTH, elide

GUTTER, ROW, RULER = 118, 18, 16
BLOCK, GAP_LOST, GAP_EXPECTED = 8, 10, 6
MIN_BLOCK, MIN_GAP = 1.0, 3.0
TAG = 13
LABEL_ROOM = 92
GRAB = 5
_LEFT_BUTTON = Qt.MouseButton.LeftButton
_STRONG = Qt.FocusPolicy.StrongFocus
_NO_BRUSH = Qt.BrushStyle.NoBrush


class RowsView(QWidget):
    """Painted: ruler, rows, loop, playhead. A click or a drag puts the playhead there; loop edges can be dragged."""

    note_wanted = Signal(str)
    """a mark's id; somebody wants to type its note"""

    def __init__(self, model: ReplayViewModel, marks: MarksViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model, self._marks = model, marks
        self._ground: tuple[object, QPixmap] | None = None
        self._dragged = ""
        self._focus = KeyFocus()
        self.setFocusPolicy(_STRONG)
        self.setMouseTracking(True)
        self.setAccessibleName("Time bar of the recording")
        model.rows_changed.connect(self._rows_changed)
        theme().changed.connect(self._rows_changed)

    def sizeHint(self) -> QSize:
        return QSize(700, RULER + ROW * max(4, len(self._model.rows)))

    # -- geometry ------------------------------------------------------------------------------------------------

    @property
    def row_height(self) -> float:
        return min(float(ROW), (self.height() - RULER) / max(1, len(self._model.rows)))

    def x_of(self, at_ms: float) -> float:
        begin, end = self._model.begin_ms, self._model.end_ms
        return GUTTER + (at_ms - begin) / (end - begin) * (self.width() - GUTTER - 2)

    def time(self, x: float) -> float:
        """Milliseconds at a place, within the recording."""
        begin, end = self._model.begin_ms, self._model.end_ms
        part = (x - GUTTER) / max(1, self.width() - GUTTER - 2)
        return begin + min(max(part, 0.0), 1.0) * (end - begin)

    # -- painting ------------------------------------------------------------------------------------------------

    def _rows_changed(self) -> None:
        self._ground = None
        self.setAccessibleDescription(self._model.summary())
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        ground = self._drawn_rows()
        painter = QPainter(self)
        painter.drawPixmap(0, 0, ground)
        if self._model.active:
            self._paint_loop(painter)
            self._paint_playhead(painter)
        self._focus.paint(painter, self.rect())

    def _drawn_rows(self) -> QPixmap:
        """What does not move: painted anew only when it has changed."""
        ratio, model = self.devicePixelRatioF(), self._model
        key = (self.size(), ratio, model.begin_ms, model.end_ms)
        if self._ground is None or self._ground[0] != key:
            pixmap = QPixmap(self.size() * ratio)
            pixmap.setDevicePixelRatio(ratio)
            pixmap.fill(theme().color("bg1"))
            painter = QPainter(pixmap)
            self._paint_ruler(painter)
            for number, row in enumerate(model.rows):
                self._paint_row(painter, row, RULER + number * self.row_height)
            painter.end()
            self._ground = (key, pixmap)
        return self._ground[1]

    def _paint_ruler(self, painter: QPainter) -> None:
        painter.setFont(theme().font("label"))
        room = max(2, (self.width() - GUTTER) // LABEL_ROOM)
        bottom = RULER + self.row_height * len(self._model.rows)
        for at, text in self._model.labels(room):
            x = self.x_of(at)
            painter.fillRect(QRectF(round(x), RULER, 1, bottom - RULER), theme().color("grid"))
            painter.setPen(theme().color("text3"))
            if x < self.width() - 36:
                left = max(x - 40, float(GUTTER - 16))
                painter.drawText(QRectF(left, 0, 80, RULER), CENTER if left > GUTTER - 16 else LEFT, text)

    def _paint_row(self, painter: QPainter, row: BarRow, top: float) -> None:
        look, middle = theme(), top + self.row_height / 2
        if row.kind == "speaker":
            painter.fillRect(QRectF(17, middle - 5, 3, 10), look.speaker(row.colour))
        else:
            icon = {"marks": "bookmark", "share": "monitor-up", "gaps": "unlink"}[row.kind]
            token = "media.share" if row.kind == "share" else "text3"
            painter.drawPixmap(QPointF(12, middle - 7), look.pixmap(icon, token, 14, self.devicePixelRatioF()))
        painter.setFont(look.font("dense"))
        painter.setPen(look.color("text2"))
        name = elide(QFontMetrics(look.font("dense")), row.name, GUTTER - 40)
        painter.drawText(QRectF(34, top, GUTTER - 38, self.row_height), LEFT, name)
        if row.kind == "marks":
            self._paint_marks(painter, row, top)
        elif row.kind == "gaps":
            for block in sorted(row.blocks, key=lambda block: block.lost):
                self._paint_gap(painter, block, middle)
        else:
            colour = look.media("share") if row.kind == "share" else look.speaker(row.colour)
            for block in row.blocks:
                painter.fillRect(self._box(block, middle, BLOCK, MIN_BLOCK), colour)

    def _box(self, block: Block, middle: float, high: float, least: float) -> QRectF:
        left, right = self.x_of(max(block.start, self._model.begin_ms)), self.x_of(min(block.end, self._model.end_ms))
        return QRectF(left, round(middle - high / 2), max(least, right - left), high)

    def _paint_gap(self, painter: QPainter, block: Block, middle: float) -> None:
        if block.lost:
            painter.fillRect(self._box(block, middle, GAP_LOST, MIN_GAP), theme().color("warn_fill"))
            return
        painter.setPen(QPen(theme().color("text3"), 1))
        painter.setBrush(_NO_BRUSH)
        painter.drawRect(self._box(block, middle, GAP_EXPECTED, MIN_GAP).adjusted(0.5, 0.5, -0.5, -0.5))

    def _paint_marks(self, painter: QPainter, row: BarRow, top: float) -> None:
        painter.setFont(theme().font("label"))
        metrics = painter.fontMetrics()
        edges = [self.x_of(block.start) for block in row.blocks]
        for block, x, until in zip(row.blocks, edges, [*edges[1:], float(self.width())], strict=False):
            paint_flag(painter, x, top + 2, self.row_height - 4)
            painter.setPen(theme().color("text2"))
            room = until - x - 16
            if room > 12:
                text = elide(metrics, block.text, round(room))
                painter.drawText(QRectF(x + 12, top, room, self.row_height), LEFT, text)

    def _bottom(self) -> float:
        return RULER + self.row_height * len(self._model.rows)

    def _paint_loop(self, painter: QPainter) -> None:
        loop = self._model.loop_ms
        if loop is None:
            return
        left, right = (self.x_of(ms) for ms in loop)
        band = QColor(theme().color("accent"))
        band.setAlphaF(0.16)
        bottom = self._bottom()
        painter.fillRect(QRectF(left, RULER, max(1.0, right - left), bottom - RULER), band)
        painter.setFont(theme().font("label_strong"))
        for name, x in (("A", left), ("B", right)):
            painter.fillRect(QRectF(x - 0.75, TAG, 1.5, bottom - TAG), theme().color("accent"))
            box = QRectF(x - TAG if name == "A" else x, 1, TAG, TAG)
            painter.fillRect(box, theme().color("accent_fill"))
            painter.setPen(theme().color("on_accent"))
            painter.drawText(box, CENTER, name)

    def _paint_playhead(self, painter: QPainter) -> None:
        x = self.x_of(self._model.position_ms)
        colour = theme().color("playhead")
        painter.setRenderHint(SMOOTH)
        painter.fillRect(QRectF(x - 0.75, RULER - 4, 1.5, self._bottom() - RULER + 4), colour)
        painter.setPen(NO_PEN)
        painter.setBrush(colour)
        head = [(-5, 2), (5, 2), (5, 9), (0, 14), (-5, 9)]
        painter.drawPolygon(QPolygonF([QPointF(x + dx, dy) for dx, dy in head]))

    # -- input ---------------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        x = event.position().x()
        if event.button() != _LEFT_BUTTON or not self._model.active or x < GUTTER - GRAB:
            return
        self._dragged = self._edge_at(x, event.position().y()) or "playhead"
        self._drag(x)

    def _edge_at(self, x: float, y: float) -> str:
        """The tag of the loop under the pointer."""
        loop = self._model.loop_ms
        if loop is None or y > TAG + 2:
            return ""
        left, right = self.x_of(loop[0]), self.x_of(loop[1])
        return "A" if left - TAG <= x <= left + 1 else "B" if right - 1 <= x <= right + TAG else ""

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        mark_id = self.mark_at(QPointF(event.pos()))
        if mark_id:
            open_mark_menu(self, self._marks, mark_id, self.note_wanted.emit, event.globalPos())

    def mark_at(self, place: QPointF) -> str:
        """Id of the mark whose flag is under the pointer, or ""."""
        row = self._model.rows[0] if self._model.rows else None
        if row is None or row.kind != "marks" or not RULER <= place.y() < RULER + self.row_height:
            return ""
        slack = self.time(GUTTER + REACH) - self._model.begin_ms
        block = self._model.block_at(row, self.time(place.x() - 4), 2 * slack)
        return block.mark if block is not None else ""

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._dragged:
            self._drag(event.position().x())
        QToolTip.showText(event.globalPosition().toPoint(), plain_tip(self.tip(event.position())), self)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._dragged = ""

    def _drag(self, x: float) -> None:
        at, loop = self.time(x), self._model.loop_ms
        if self._dragged == "playhead" or loop is None:
            self._model.seek(at)
        elif self._dragged == "A" and at < loop[1]:
            self._model.set_loop(at, loop[1])
        elif self._dragged == "B" and at > loop[0]:
            self._model.set_loop(loop[0], at)
        self.update()

    def tip(self, place: QPointF) -> str:
        """The time under the pointer, and what lies there."""
        if place.x() < GUTTER or not self._model.active:
            return "Who spoke, what was shared, and amber where something is missing."
        at = self.time(place.x())
        number = int((place.y() - RULER) // self.row_height) if place.y() >= RULER else -1
        row = self._model.rows[number] if 0 <= number < len(self._model.rows) else None
        words = [time_code(at / 1000)]
        if row is not None:
            slack = self.time(GUTTER + GRAB) - self._model.begin_ms
            block = self._model.block_at(row, at, slack)
            if block is not None:
                words.append(f"{row.name}: {block.text}" if block.text else row.name)
        return "\n".join(words)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._focus.came(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._focus.gone()
        self.update()
