"""The keyboard in the window: from pane to pane, single letters, and the ring around what has the focus. Main thread.

A new pane for F6 is one entry of `Body.panes`; a new single letter is one entry of `LETTERS`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QApplication, QPushButton, QToolButton, QWidget

from rtms_desktop.views.banner import FocusRing
from rtms_desktop.views.replay_keys import press
from rtms_desktop.views.shift_keys import press as step_back

if TYPE_CHECKING:
    from rtms_desktop.views.body import Body

LETTERS = {"i": "osd", "c": "captions", "m": "mute", "?": "keys"}
"""The command of a key that stands alone, by what the key writes."""

_ESCAPE, _NO_BUTTON = Qt.Key.Key_Escape, Qt.MouseButton.NoButton
_TAB, _BY_TAB = Qt.FocusPolicy.TabFocus, Qt.FocusReason.TabFocusReason
_SHIFT, _CTRL, _KEYPAD = (
    Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.KeypadModifier,
)  # fmt: skip


class Keyboard(QObject):
    """`press` is asked for every key that no part of the window took."""

    def __init__(self, body: Body) -> None:
        super().__init__(body)
        self._body, self._window = body, body.main_window
        self.ring = FocusRing(self._window)
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.connect(self._focus_moved)

    def close(self) -> None:
        """The window goes: the focus of others is none of its business."""
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.disconnect(self._focus_moved)

    def step(self, step: int) -> None:
        """The focus goes to the next pane (1) or the previous one (-1) that can take it."""
        panes = [pane for pane in self._body.panes if pane.isVisible()]
        focus = self._window.focusWidget()
        here = next((n for n, pane in enumerate(panes) if _holds(pane, focus)), -step % len(panes))
        for offset in range(1, len(panes) + 1):
            target = _first_focusable(panes[(here + step * offset) % len(panes)])
            if target is not None:
                target.setFocus(_BY_TAB)
                return

    def press(self, event: QKeyEvent) -> bool:
        """Do what a key says; False: it says nothing here."""
        body, replay = self._body, self._body.models.replay
        if event.key() == _ESCAPE and body.workspace.full_screen:
            body.do("full_screen")
            return True
        if not self._letters_act(event):
            return False
        if step_back(event, body.models.time) or (replay.active and press(event, replay)):
            return True
        command = LETTERS.get(event.text().lower())
        if command is not None:
            body.do(command)
        return command is not None

    def _letters_act(self, event: QKeyEvent) -> bool:
        """Single letters act on the stage, the time bar and the lower panels, never while typing."""
        body, focus = self._body, self._window.focusWidget()
        allowed = _SHIFT | _KEYPAD
        if body.models.replay.active:
            allowed |= _CTRL
        places = (body.stage, body.time_bar, body.replay_bar, body.bottom)
        free = focus is None or focus is self._window or any(_holds(place, focus) for place in places)
        return free and not event.modifiers() & ~allowed

    def _focus_moved(self, old: QWidget | None, new: QWidget | None) -> None:
        by_hand = QGuiApplication.mouseButtons() != _NO_BUTTON
        self.ring.around(new if isinstance(new, (QPushButton, QToolButton)) and not by_hand else None)


def _holds(pane: QWidget, focus: QWidget | None) -> bool:
    return focus is not None and (pane is focus or pane.isAncestorOf(focus))


def _first_focusable(pane: QWidget) -> QWidget | None:
    if pane.focusPolicy() & _TAB:
        return pane
    for child in pane.findChildren(QWidget):
        if child.isVisible() and child.isEnabled() and child.focusPolicy() & _TAB:
            return child
    return None
