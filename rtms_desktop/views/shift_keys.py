"""The keys that step back in a running stream and return. Asked by the window before those of replay; main thread."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

from rtms_desktop.viewmodels.timebar_vm import TimeBarViewModel

FAR_S, NEAR_S = 5.0, 1.0
_KEY, _SHIFT, _CTRL = Qt.Key, Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier


def press(event: QKeyEvent, model: TimeBarViewModel) -> bool:
    """Do what a key says; False: it says nothing about a stream that runs."""
    key, text = event.key(), event.text().lower()
    if not model.live or event.modifiers() & _CTRL:
        return False
    if key in (_KEY.Key_Left, _KEY.Key_Right):
        step = NEAR_S if event.modifiers() & _SHIFT else FAR_S
        model.shift.by(step if key == _KEY.Key_Right else -step)
    elif text == " ":
        model.shift.toggle()
    elif text == "l":
        model.to_live()
    else:
        return False
    return True
