"""All messages of the log at a glance: how many when, where the trouble is, which part the table shows. Main thread."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRect, Qt, QTimer, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QWidget

from rtms_desktop.app.message_rows import BAD, WARN
from rtms_desktop.viewmodels.inspector_rows import clock_ms
from rtms_desktop.viewmodels.inspector_vm import InspectorViewModel
from rtms_desktop.views.theme import Space, theme
from rtms_desktop.views.widgets import LEFT

HEIGHT = 22
_STEP = 3
_SAID_MS = 4000
_NO_BRUSH = Qt.BrushStyle.NoBrush


class Strip(QWidget):
    """``chosen``: the serial of the message at the moment that was clicked."""

    chosen = Signal(object)

    def __init__(self, model: InspectorViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self.setFixedHeight(HEIGHT)
        self._bars = np.zeros(0)
        self._troubles = np.zeros(0, np.int64)
        self._span = (0, 1)
        self._measured: object = None  # the log whose time the span is of
        self._range: tuple[int, int] | None = None
        self._serial: int | None = None
        self._said = ""
        self._quiet = QTimer(self)
        self._quiet.setSingleShot(True)
        self._quiet.setInterval(_SAID_MS)
        self._quiet.timeout.connect(lambda: self.say(""))
        model.facets_changed.connect(self.refresh)
        theme().changed.connect(self.update)

    @property
    def said(self) -> str:
        return self._said

    def say(self, text: str) -> None:
        """Show a sentence for four seconds."""
        self._said = text
        if text:
            self._quiet.start()
        self.update()

    def refresh(self) -> None:
        """Count anew; nothing is done while the strip cannot be seen."""
        log = self._model.log
        if not self.isVisible() or log is None or not len(log.rows) or self.width() < 2 * _STEP:
            self._bars = np.zeros(0)
            self.update()
            return
        rows = log.rows
        time = rows.column("time")
        first, last = int(time[0]), int(time[-1])
        self._span, self._measured = (first, max(last - first, 1)), log
        steps = self.width() // _STEP
        # The rows stand in the order of time: the edges are enough, the rows between them are not looked at.
        edges = np.searchsorted(time, np.linspace(first, first + self._span[1], steps + 1).astype(np.int64))
        edges[-1] = len(time)
        counts = np.diff(edges).astype(np.float64)
        self._bars = np.sqrt(counts / max(1.0, float(counts.max())))  # a burst leaves the rest to be seen
        trouble = np.flatnonzero(rows.column("flags") & np.uint8(WARN | BAD))
        self._troubles = np.unique(self._x(time[trouble]))
        self._tell(len(trouble))
        self.update()

    def set_range(self, first: int, last: int) -> None:
        """The serials of the first and last row that the table shows."""
        if (first, last) != self._range:
            self._range = (first, last)
            self.update()

    def set_chosen(self, serial: int | None) -> None:
        self._serial = serial
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.refresh()

    def showEvent(self, event) -> None:
        super().showEvent(event)
        self.refresh()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        log = self._model.log
        if log is not None and len(log.rows):
            at = self._span[0] + round(self._span[1] * event.position().x() / self.width())
            self.chosen.emit(int(np.searchsorted(log.rows.column("time"), at)) + log.rows.first)

    def paintEvent(self, event: QPaintEvent) -> None:
        look, painter = theme(), QPainter(self)
        painter.fillRect(self.rect(), look.color("track"))
        high = self.height() - 4
        if self._range is not None:
            self._paint_range(painter)
        for number, bar in enumerate(self._bars.tolist()):
            tall = max(1, round(bar * high)) if bar else 0
            painter.fillRect(number * _STEP, self.height() - 2 - tall, _STEP - 1, tall, look.color("line_input"))
        for x in self._troubles.tolist():
            painter.fillRect(x - 1, 2, 3, high, look.color("warn_fill"))
        if self._serial is not None:
            x = self._place(self._serial)
            painter.fillRect(x, 0, 2, self.height(), look.color("playhead"))
        if self._said:
            painter.setFont(look.font("dense"))
            width = painter.fontMetrics().horizontalAdvance(self._said) + 2 * Space.DOCK
            plate = QRect(self.width() - width, 0, width, self.height())
            painter.fillRect(plate, look.color("bg3"))
            painter.setPen(look.color("text1"))
            painter.drawText(plate.adjusted(Space.DOCK, 0, 0, 0), LEFT, self._said)

    def _paint_range(self, painter: QPainter) -> None:
        assert self._range is not None
        left, right = self._place(self._range[0]), self._place(self._range[1])
        area = QRect(left, 0, max(4, right - left), self.height() - 1)
        painter.fillRect(area, theme().color("select"))
        painter.setPen(QPen(theme().color("accent"), 1))
        painter.setBrush(_NO_BRUSH)
        painter.drawRect(area)

    def _place(self, serial: int) -> int:
        """The pixel of a message; 0 while its log has not been measured yet."""
        log = self._model.log
        if log is None or log is not self._measured or not log.rows.first <= serial < log.rows.end:
            return 0
        # A recording that began late holds what had been said before it, with times from before.
        return min(self.width(), max(0, int(self._x(np.array([log.rows.value("time", serial)]))[0])))

    def _x(self, times: np.ndarray) -> np.ndarray:
        return ((times - self._span[0]) * (self.width() / self._span[1])).astype(np.int64)

    def _tell(self, troubles: int) -> None:
        log = self._model.log
        assert log is not None
        begin, end = log.rows.seconds(log.rows.first), log.rows.seconds(log.rows.end - 1)
        words = f"{clock_ms(begin)[:-4]} to {clock_ms(end)[:-4]}: {len(log.rows):,} messages, {troubles:,} with trouble"
        self.setAccessibleName("All messages")
        self.setAccessibleDescription(words)
        self.setToolTip(words)
