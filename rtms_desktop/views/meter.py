"""A level meter: RMS solid, peak pale, a line that holds the peak, cuts at -40, -18 and -9 dBFS. Main thread."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from rtms_desktop.viewmodels.mixer_vm import FLOOR_DB, Meter
from rtms_desktop.views.theme import theme

_EXPAND, _FIXED = QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed
HIGH = 8
CUTS = (-40.0, -18.0, -9.0)
ZONES = ((FLOOR_DB, -18.0, "meter_low"), (-18.0, -9.0, "ok"), (-9.0, -1.0, "warn_fill"), (-1.0, 0.0, "error"))
PEAK_ALPHA = 0.42


class MeterBar(QWidget):
    """Draws a Meter; its value stands beside it as text, so it says nothing to screen readers by itself."""

    def __init__(self, meter: Meter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.meter = meter
        self.setSizePolicy(_EXPAND, _FIXED)
        self.setFixedHeight(HIGH)
        self.setToolTip("Level in dBFS from −60 to 0: RMS over 0.1 s solid, peak pale, highest peak of 1.5 s as a line")
        theme().changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(120, HIGH)

    def minimumSizeHint(self) -> QSize:
        return QSize(40, HIGH)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, look, meter = QPainter(self), theme(), self.meter
        width = self.width()
        painter.fillRect(self.rect(), look.color("track"))
        for low, high, token in ZONES:
            self._zone(painter, low, min(high, meter.rms), look.color(token), width)
            self._zone(painter, max(low, meter.rms), min(high, meter.peak), look.color(token, PEAK_ALPHA), width)
        for cut in CUTS:
            painter.fillRect(QRectF(round(_x(cut, width)) - 0.5, 0, 1, HIGH), look.color("bg1"))
        if meter.hold > FLOOR_DB:
            painter.fillRect(QRectF(min(round(_x(meter.hold, width)), width - 2), 0, 2, HIGH), look.color("text1"))

    def _zone(self, painter: QPainter, low: float, high: float, colour: QColor, width: int) -> None:
        if high > low:
            left = _x(low, width)
            painter.fillRect(QRectF(left, 0, _x(high, width) - left, HIGH), colour)


def _x(level: float, width: int) -> float:
    return (min(0.0, max(FLOOR_DB, level)) - FLOOR_DB) / -FLOOR_DB * width
