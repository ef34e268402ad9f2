"""What mouse and keys do over a stretch of time, alike in lanes and graphs: cursor, zoom, pan. Main thread."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget

from rtms_desktop.viewmodels.monitor_vm import MonitorViewModel

_LEFT_BUTTON = Qt.MouseButton.LeftButton
_CLOSED_HAND, _ARROW = Qt.CursorShape.ClosedHandCursor, Qt.CursorShape.ArrowCursor
_SHIFT = Qt.KeyboardModifier.ShiftModifier
_KEY = Qt.Key
NOTCH = 120
PART = 0.1
"""One notch of a wheel that pans moves the window by this part of it."""

MOUSE_HELP = "Click: cursor. Drag: look at another time. Wheel: zoom, with Shift pan. Double click: Inspector."


class TimeHand:
    """Acts for ``widget``; ``time_at`` gives the monotonic time at a place, None beside the stretch.

    ``link_at``: the socket that lies at a place, "" for none in particular.
    """

    def __init__(
        self,
        widget: QWidget,
        model: MonitorViewModel,
        time_at: Callable[[QPointF], float | None],
        link_at: Callable[[QPointF], str] = lambda place: "",
    ) -> None:
        self._widget, self._model, self._time_at, self._link_at = widget, model, time_at, link_at
        self._pressed: QPointF | None = None
        self._edge = 0.0
        self.dragging = False

    def press(self, event: QMouseEvent) -> None:
        if event.button() == _LEFT_BUTTON and self._time_at(event.position()) is not None:
            self._pressed, self._edge = event.position(), self._model.edge

    def move(self, event: QMouseEvent) -> bool:
        """Drag the window along; whether that is what is going on."""
        if self._pressed is None:
            return False
        here, there = self._time_at(event.position()), self._time_at(self._pressed)
        far = abs(event.position().x() - self._pressed.x()) >= QApplication.startDragDistance()
        if (far or self.dragging) and here is not None and there is not None:
            if not self.dragging:
                self.dragging = True
                self._widget.setCursor(_CLOSED_HAND)
            self._model.pan(self._edge + there - here - self._model.edge)
        return self.dragging

    def release(self, event: QMouseEvent) -> None:
        """A press that became no drag puts the cursor there."""
        pressed, self._pressed = self._pressed, None
        if self.dragging:
            self.dragging = False
            self._widget.setCursor(_ARROW)
        elif pressed is not None and (at := self._time_at(pressed)) is not None:
            self._model.set_cursor(at)

    def double(self, event: QMouseEvent) -> None:
        at = self._time_at(event.position())
        if event.button() == _LEFT_BUTTON and at is not None:
            self._model.inspect(at, self._link_at(event.position()))

    def wheel(self, event: QWheelEvent) -> None:
        at, turned = self._time_at(event.position()), event.angleDelta()
        if at is None or not self._model.active:
            event.ignore()
            return
        event.accept()
        across = turned.x() or (turned.y() if event.modifiers() & _SHIFT else 0)
        if across:
            self._model.pan(-across / NOTCH * PART * self._model.window_s)
        elif turned.y():
            self._model.zoom(turned.y() / NOTCH, at)

    def key(self, event: QKeyEvent) -> bool:
        """Whether a key was taken."""
        model, key, shift = self._model, _KEY(event.key()), bool(event.modifiers() & _SHIFT)
        if not model.active:
            return False
        here = model.here if model.cursor is None else model.cursor
        if key in (_KEY.Key_Left, _KEY.Key_Right):
            step = 1.0 if shift else 5.0
            model.set_cursor(here + (step if key == _KEY.Key_Right else -step))
        elif key == _KEY.Key_G:
            model.step_gap(not shift)
        elif key in (_KEY.Key_L, _KEY.Key_Escape):
            model.set_cursor(None)
            model.follow()
        elif key in (_KEY.Key_Plus, _KEY.Key_Equal, _KEY.Key_Minus):
            model.zoom(-1 if key == _KEY.Key_Minus else 1)
        elif key in (_KEY.Key_PageUp, _KEY.Key_PageDown):
            model.pan(model.window_s / (2 if key == _KEY.Key_PageDown else -2))
        elif key in (_KEY.Key_Return, _KEY.Key_Enter):
            model.inspect(here, "")
        else:
            return False
        return True
