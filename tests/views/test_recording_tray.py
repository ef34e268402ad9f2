from __future__ import annotations

import pytest
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from rtms_desktop.app.events import RecordingChanged, RecordingState
from rtms_desktop.viewmodels.session_vm import SessionViewModel
from rtms_desktop.views.recording_tray import RecordingTray, disc
from rtms_desktop.views.theme import theme
from tests.fakes.controller import FakeController


class Window(QWidget):
    """Off screen there is nothing to come in front of."""

    raised = 0

    def raise_(self) -> None:
        self.raised += 1


class Icon(QObject):
    """An icon in a tray that is there."""

    activated = Signal(object)

    def __init__(self, icon, parent) -> None:
        super().__init__(parent)
        self.shown, self.tip = False, ""

    @staticmethod
    def isSystemTrayAvailable() -> bool:
        return True

    def show(self) -> None:
        self.shown = True

    def hide(self) -> None:
        self.shown = False

    def setToolTip(self, tip: str) -> None:
        self.tip = tip


@pytest.fixture
def controller(qapp, tmp_path):
    return FakeController(tmp_path)


@pytest.fixture
def window(qtbot):
    made = Window()
    qtbot.addWidget(made)
    return made


def sign(controller, window):
    return RecordingTray(SessionViewModel(controller, lambda key: None, window), window)


def change(controller, state):
    controller.recording.state = RecordingChanged(state=state)
    controller.hub.publish([controller.recording.state])


def test_the_sign_stands_in_the_tray_while_something_is_recorded(controller, window, monkeypatch):
    monkeypatch.setattr("rtms_desktop.views.recording_tray.QSystemTrayIcon", Icon)
    tray = sign(controller, window)
    controller.live()
    assert tray.icon is None
    controller.recording.start()
    assert tray.icon.shown and tray.icon.tip.startswith("Recording · Weekly product sync")
    change(controller, RecordingState.STALLED)
    assert tray.icon.shown and "does not grow" in tray.icon.tip
    controller.recording.stop()
    assert not tray.icon.shown
    controller.recording.start()
    tray.icon.activated.emit(None)
    assert tray.icon.shown and window.isVisible() and window.raised == 1


def test_without_a_tray_nothing_is_missing(controller, window):
    tray = sign(controller, window)
    controller.live()
    controller.recording.start()
    assert tray.icon is None


def test_the_sign_is_a_red_disc(qapp):
    picture = disc(theme().hex("rec")).pixmap(32, 32).toImage()
    assert picture.pixelColor(16, 16).name().upper() == theme().hex("rec").upper()
    assert picture.pixelColor(1, 1).alpha() == 0
