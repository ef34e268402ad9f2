"""The keys of replay: which of them does what to the playhead. Asked by the window; main thread."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

from rtms_desktop.recording.overview import JumpTo
from rtms_desktop.viewmodels.replay_vm import ReplayViewModel

_KEY, _SHIFT, _CTRL = Qt.Key, Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier
FAR_MS, NEAR_MS = 5000.0, 1000.0


def press(event: QKeyEvent, model: ReplayViewModel) -> bool:
    """Do what a key says; False: it says nothing about a recording."""
    key, shift = event.key(), bool(event.modifiers() & _SHIFT)
    if event.modifiers() & _CTRL:
        return _turn(key, model)
    if key in (_KEY.Key_Left, _KEY.Key_Right):
        step = NEAR_MS if shift else FAR_MS
        model.seek_by(step if key == _KEY.Key_Right else -step)
        return True
    if key in (_KEY.Key_G, _KEY.Key_N):
        model.jump(JumpTo.GAP if key == _KEY.Key_G else JumpTo.MARK, not shift)
        return True
    plain = {
        " ": model.toggle, ",": lambda: model.step(-1), ".": lambda: model.step(1), "a": model.loop_start,
        "b": model.loop_end, "\\": model.loop_clear, "[": lambda: model.change_speed(False),
        "]": lambda: model.change_speed(True),
    }.get(event.text().lower())  # fmt: skip
    if plain is None:
        return False
    plain()
    return True


def _turn(key: int, model: ReplayViewModel) -> bool:
    if key not in (_KEY.Key_Left, _KEY.Key_Right):
        return False
    model.jump(JumpTo.SPEAKER, key == _KEY.Key_Right)
    return True
