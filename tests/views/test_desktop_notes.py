from __future__ import annotations

import msgspec
import pytest
from PySide6.QtWidgets import QWidget

from rtms_desktop.session.events import LinkState
from rtms_desktop.views.desktop_notes import DesktopNotes, desktop_notifies
from tests.fakes.controller import FakeController


class Noted(DesktopNotes):
    """Writes down what would be told."""

    def __init__(self, controller, window) -> None:
        super().__init__(controller, window)
        self.told: list[str] = []

    def tell(self, severity, what, sentence) -> None:
        self.told.append(sentence)


@pytest.fixture
def controller(qapp, tmp_path):
    return FakeController(tmp_path)


@pytest.fixture
def window(qtbot):
    made = QWidget()
    qtbot.addWidget(made)
    return made


def want(controller, **values):
    limits = msgspec.structs.replace(controller.settings.values.alerts, **values)
    controller.settings.change(alerts=limits)


def lose_and_regain(controller):
    controller.live()
    controller.step(1)
    controller.lose()
    controller.step(2)
    controller.regain()


def test_nothing_is_told_unless_it_is_wanted(controller, window):
    notes = Noted(controller, window)
    lose_and_regain(controller)
    assert notes.told == []


def test_the_begin_of_an_alert_is_told_once(controller, window):
    want(controller, desktop=True)
    notes = Noted(controller, window)
    lose_and_regain(controller)
    assert len(notes.told) == 1 and "Video socket lost" in notes.told[0]


def test_a_muted_kind_and_a_window_in_front_are_left_in_peace(controller, window, qtbot):
    want(controller, desktop=True, muted=("reconnecting",))
    notes = Noted(controller, window)
    lose_and_regain(controller)
    assert notes.told == []
    want(controller, desktop=True, muted=())
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    controller.lose()
    assert notes.told == []


def test_without_a_tray_nothing_breaks(controller, window):
    want(controller, desktop=True)
    notes = DesktopNotes(controller, window)
    assert not desktop_notifies()  # off screen there is none
    lose_and_regain(controller)
    controller.core.links["video"].state = LinkState.STREAMING
    assert notes._tray is None
    notes.close()
