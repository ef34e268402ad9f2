"""A painted stretch of time with its mouse, keys and focus: what lanes and graphs are. Main thread."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from rtms_desktop.viewmodels.monitor_vm import MonitorViewModel
from rtms_desktop.views.key_focus import KeyFocus
from rtms_desktop.views.time_hand import TimeHand

_STRONG = Qt.FocusPolicy.StrongFocus
_EXPAND = QSizePolicy.Policy.Expanding


class TimeSurface(QWidget):
    """Says which time, and which socket, lies at a place; see TimeHand for what is done there."""

    def __init__(self, model: MonitorViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._focus = KeyFocus()
        self._hand = TimeHand(self, model, self._time_at, self._link_at)
        self.setMouseTracking(True)
        self.setFocusPolicy(_STRONG)
        self.setSizePolicy(_EXPAND, _EXPAND)

    def _time_at(self, place: QPointF) -> float | None:
        """The monotonic time at a place; None beside the stretch."""
        return None

    def _link_at(self, place: QPointF) -> str:
        """The socket that lies at a place, "" for none in particular."""
        return ""

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._hand.press(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._hand.release(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._hand.double(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        self._hand.wheel(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self._hand.key(event):
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._focus.came(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._focus.gone()
        self.update()
