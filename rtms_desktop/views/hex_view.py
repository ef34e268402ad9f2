"""Bytes in rows of sixteen: place, hexadecimal, text. Only the rows that can be seen are drawn. Main thread."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QGuiApplication, QKeyEvent, QKeySequence, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractScrollArea, QWidget

from rtms_desktop.views.theme import Space, theme
from rtms_desktop.views.widgets import LEFT

STEP = 16
ROW = 20
_COPY_LIMIT = 1 << 20


class HexView(QAbstractScrollArea):
    """``show_bytes`` and ``mark`` a part of them; Ctrl+C copies the marked part, else everything, as hexadecimal."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setFrameShape(QAbstractScrollArea.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._data = b""
        self._marked = (0, 0)
        theme().changed.connect(self.viewport().update)

    @property
    def data(self) -> bytes:
        return self._data

    @property
    def marked(self) -> tuple[int, int]:
        return self._marked

    def show_bytes(self, data: bytes) -> None:
        self._data, self._marked = data, (0, 0)
        self.setAccessibleDescription(f"{len(data):,} bytes")
        self._arrange()
        self.verticalScrollBar().setValue(0)
        self.viewport().update()

    def mark(self, begin: int, end: int) -> None:
        """Light up bytes and bring them into view."""
        self._marked = (begin, end)
        self.verticalScrollBar().setValue(begin // STEP)
        self.viewport().update()

    def line(self, row: int) -> tuple[str, str, str]:
        """(place, hexadecimal, text) of one row."""
        part = self._data[row * STEP : (row + 1) * STEP]
        halves = part[: STEP // 2].hex(" "), part[STEP // 2 :].hex(" ")
        return f"{row * STEP:04x}", "  ".join(halves), "".join(chr(b) if 32 <= b < 127 else "." for b in part)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            begin, end = self._marked if self._marked[1] else (0, len(self._data))
            QGuiApplication.clipboard().setText(self._data[begin : min(end, begin + _COPY_LIMIT)].hex(" "))
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        look, painter = theme(), QPainter(self.viewport())
        painter.fillRect(event.rect(), look.color("bg1"))
        painter.setFont(look.font("mono"))
        wide = QFontMetricsF(painter.font()).horizontalAdvance("0")
        first = self.verticalScrollBar().value()
        left = Space.DOCK - self.horizontalScrollBar().value()
        columns = [left + round(place * wide) for place in (0, 6, 58)]
        for number in range(self.viewport().height() // ROW + 1):
            row = first + number
            if row * STEP >= len(self._data):
                break
            top = number * ROW
            self._paint_mark(painter, row, top, columns[1], wide)
            for x, text, token in zip(columns, self.line(row), ("text3", "text1", "text3"), strict=True):
                painter.setPen(look.color(token))
                painter.drawText(QRect(QPoint(x, top), QPoint(x + round(60 * wide), top + ROW)), LEFT, text)

    def _paint_mark(self, painter: QPainter, row: int, top: int, left: int, wide: float) -> None:
        begin, end = max(self._marked[0] - row * STEP, 0), min(self._marked[1] - row * STEP, STEP)
        if begin >= end:
            return
        first, last = (_place(at) for at in (begin, end - 1))
        box = QRectF(left + first * wide - 1, top, (last + 2 - first) * wide + 2, ROW)
        painter.fillRect(box, theme().color("select"))

    def _arrange(self) -> None:
        page = max(1, self.viewport().height() // ROW)
        bar = self.verticalScrollBar()
        bar.setPageStep(page)
        bar.setRange(0, max(0, -(-len(self._data) // STEP) - page))
        wide = QFontMetricsF(theme().font("mono")).horizontalAdvance("0") * (58 + STEP) + 2 * Space.DOCK
        self.horizontalScrollBar().setRange(0, max(0, round(wide) - self.viewport().width()) if self._data else 0)


def _place(at: int) -> int:
    """The character at which byte ``at`` of a row begins."""
    return at * 3 + (at >= STEP // 2)
