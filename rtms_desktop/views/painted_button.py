"""A painted widget that is pressed like a button, by mouse or key, and shows its focus. Main thread."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QWidget

_LEFT_BUTTON = Qt.MouseButton.LeftButton
_PRESS = frozenset({Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space})


class PaintedButton(QWidget):
    """``pressed(key)``, while it has a key; paints itself anew when the focus comes or goes."""

    pressed = Signal(str)

    def key(self) -> str:
        """What ``pressed`` carries; "" while there is nothing to press."""
        return ""

    def press(self) -> None:
        if self.key():
            self.pressed.emit(self.key())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == _LEFT_BUTTON:
            self.press()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _PRESS:
            self.press()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()
