from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QFileDialog, QLineEdit, QPushButton, QToolButton

from rtms_desktop.app.events import MockChanged, MockState
from rtms_desktop.views.mock_dock import MockDock
from tests.fakes.desk import Desk

CLICK = Qt.MouseButton.LeftButton


@pytest.fixture
def desk(tmp_path, qapp):
    return Desk(tmp_path)


@pytest.fixture
def dock(desk, qtbot):
    return desk.dock(qtbot, MockDock, 424, 780)


def live(desk, dock, phase="live"):
    QTest.mouseClick(dock.toggle, CLICK)
    desk.controller.mock.says("handshake", "signaling", status=0)
    desk.controller.mock.says("phase", phase=phase)
    dock.model._batch.flush()


def test_a_stopped_server_offers_only_its_start(desk, dock):
    assert dock.state.text() == "Stopped" and dock.toggle.text() == "Start server"
    assert not any(press.isEnabled() for press in dock.acts.values())
    assert "The mock server is not running" in dock.acts["drop"].toolTip()
    assert dock.empty.title_text() == "No events yet"


def test_running_it_shows_its_addresses_to_copy(desk, dock):
    live(desk, dock)
    assert desk.controller.calls[0][0] == "mock.start"
    assert dock.state.text() == "Running" and dock.note.full_text() == "1 client, this computer only"
    value, copy = dock.urls["Signaling"]
    assert value.full_text() == "ws://127.0.0.1:9092/signaling"
    QTest.mouseClick(copy, CLICK)
    assert QGuiApplication.clipboard().text() == "ws://127.0.0.1:9092/signaling"
    QTest.mouseClick(dock.toggle, CLICK)
    assert desk.controller.calls[-1] == ("mock.stop",) and dock.state.text() == "Stopped"


def test_buttons_send_their_act_with_the_choices(desk, dock):
    live(desk, dock)
    dock.fault_link.setCurrentText("on: audio")
    dock.fault_ms.setCurrentText("1000 ms")
    QTest.mouseClick(dock.acts["delay"], CLICK)
    assert desk.controller.calls[-1] == ("mock.act", "delay", {"link": "audio", "ms": 1000})
    dock.reason.setCurrentIndex(1)
    QTest.mouseClick(dock.acts["end"], CLICK)
    assert desk.controller.calls[-1] == ("mock.act", "end", {"reason": 1})
    QTest.mouseClick(dock.calm, CLICK)
    assert desk.controller.calls[-1] == ("mock.act", "calm", {})


def test_buttons_follow_the_state_of_the_stream(desk, dock):
    live(desk, dock)
    assert dock.acts["pause"].isEnabled() and not dock.acts["resume"].isEnabled()
    assert "The stream is not paused" in dock.acts["resume"].toolTip()
    desk.controller.mock.says("phase", phase="paused")
    dock.model._batch.flush()
    assert dock.acts["resume"].isEnabled() and not dock.acts["pause"].isEnabled()


def test_a_webhook_is_validated_and_the_verdict_shown(desk, dock):
    live(desk, dock)
    assert not dock.validate.isEnabled()
    QTest.keyClicks(dock.webhook, "http://127.0.0.1:9095/webhook")
    QTest.mouseClick(dock.validate, CLICK)
    assert desk.controller.calls[-1] == ("mock.act", "validate", {"url": "http://127.0.0.1:9095/webhook"})
    desk.controller.mock.says("webhook_validated", url="x", ok=False, sentence="Nobody answered: refused.")
    dock.model._batch.flush()
    assert dock.verdict.isVisible() and dock.verdict.property("kind") == "error"
    assert dock.verdict.full_text() == "Nobody answered: refused."


def test_the_choices_go_into_the_start(desk, dock):
    dock.people.setCurrentIndex(0)
    dock.dialect.setCurrentText("flat")
    dock.picture.setCurrentText("1080p 30 fps")
    QTest.mouseClick(dock.toggle, CLICK)
    options = desk.controller.calls[0][1]
    assert (options.participants, options.dialect, options.resolution, options.fps) == (1, "flat", "1080p", 30)
    assert not dock.stale.isVisible()
    dock.dialect.setCurrentText("readme")
    assert dock.stale.isVisible()


def test_the_log_shows_the_fault_tinted_and_the_recovery_ticked(desk, dock):
    live(desk, dock)
    desk.controller.live()
    desk.controller.mock.says("drop", "video", how="abort")
    desk.controller.lose("video")
    desk.controller.regain("video")
    dock.model._batch.flush()
    rows = [dock.log._rows.layout(serial) for serial, _ in dock.log._shown]
    assert "warn_bg" in [row.tint for row in rows]
    assert "check" in [glyph.name for row in rows for glyph in row.glyphs]


def test_a_failure_says_why(desk, dock):
    desk.controller.mock.state = MockChanged(state=MockState.FAILED, problem="Port 9092 is taken.")
    desk.controller.hub.publish([desk.controller.mock.state])
    assert dock.state.text() == "Failed" and dock.note.full_text() == "Port 9092 is taken."
    assert dock.toggle.text() == "Start server"


def test_a_scenario_is_chosen_in_a_dialog_that_blocks_nothing(desk, dock, tmp_path, qtbot):
    QTest.mouseClick(dock.scenario, CLICK)
    dialog = dock.findChild(QFileDialog)
    assert dialog is not None and dialog.isVisible()
    dialog.fileSelected.emit(str(tmp_path / "three-drops.toml"))
    dialog.close()
    assert "three-drops.toml" in dock.scenario.toolTip()
    live(desk, dock)
    assert desk.controller.calls[0][1].scenario.endswith("three-drops.toml")
    assert not dock.scenario.isEnabled()


def test_the_log_is_copied_whole(desk, dock):
    live(desk, dock)
    QTest.mouseClick(dock.copy_log, CLICK)
    assert '"event": "phase"' in QGuiApplication.clipboard().text() and dock.copy_log.text() == "Copied"


def test_every_control_has_a_name_and_a_tooltip(dock):
    for kind in (QPushButton, QToolButton, QComboBox, QLineEdit):
        for control in dock.findChildren(kind):
            if not control.isHidden() and not control.objectName().startswith("qt_"):
                assert control.accessibleName(), control
                assert control.toolTip(), (control, control.accessibleName())


def test_a_low_dock_scrolls_its_controls_and_keeps_the_log(desk, dock):
    dock.resize(424, 420)
    assert dock.log.parentWidget().height() >= 72
    assert dock._scroll.verticalScrollBar().maximum() > 0
    dock.resize(424, 900)
    assert dock._scroll.verticalScrollBar().maximum() == 0
