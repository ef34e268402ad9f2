from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLabel, QLineEdit

from rtms_desktop.app.connect import ConnectRequest
from rtms_desktop.app.events import MachineChecked
from rtms_desktop.app.machine import Check
from rtms_desktop.session.events import EndCause
from rtms_desktop.views.doctor_dock import DETAIL, ROW, ROW_LOW, STEP, TOOK, DoctorDock
from rtms_desktop.views.finding import CauseRow
from rtms_desktop.views.theme import theme
from tests.fakes.controller import an_invite
from tests.fakes.desk import Desk

CLICK = Qt.MouseButton.LeftButton
SECRET = "s3cr3tKeyThatNobodyMaySee"


@pytest.fixture
def desk(tmp_path, qapp):
    return Desk(tmp_path)


@pytest.fixture
def dock(desk, qtbot):
    return desk.dock(qtbot, DoctorDock, 1200, 600)


def refuse(desk, dock, code=3):
    controller = desk.controller
    controller.connect(ConnectRequest(invite=an_invite(), client_id="AbCdEfGh1234", client_secret=SECRET))
    controller.socket_opens()
    controller.end(EndCause.REJECTED, None, "<b>refused</b>", code)
    dock.model.refresh()


def test_empty_it_offers_to_check_this_computer(desk, dock):
    assert dock.empty.isVisible() and dock.empty.title_text() == "Nothing to check yet"
    QTest.mouseClick(dock.empty.action_button(), CLICK)
    assert desk.controller.calls[-1] == ("check_machine",)
    dock.model.refresh()
    assert not dock.check_button.isEnabled()
    desk.controller.hub.publish([MachineChecked(checks=(Check(name="Disk", detail="120 GB free"),))])
    dock.model.refresh()
    assert dock.table.isVisible() and dock.table.model().rowCount() == 1 and dock.check_button.isEnabled()


def test_the_red_step_with_code_fix_and_causes(desk, dock):
    told = []
    dock.stopped.connect(lambda: told.append(True))
    refuse(desk, dock)
    assert told == [True] and dock.table.isVisible()
    assert (
        dock.table.model()
        .index(6, STEP)
        .data(Qt.ItemDataRole.AccessibleTextRole)
        .startswith("7 Signaling handshake, failed, 3 INVALID_SIGNATURE")
    )
    pane = dock.finding
    assert pane.chip.isVisible() and pane.chip.text() == "3 INVALID_SIGNATURE"
    causes = pane.findChildren(CauseRow)
    assert len(causes) == 5 and causes[-1].accessibleName().endswith("ruled out")
    assert pane.signed.text().startswith("AbCdEfGh1234,") and pane.signed.isReadOnly()
    assert pane.edit_button.property("kind") == "primary" and pane.retry_button.property("kind") != "primary"


def test_what_came_from_the_wire_is_plain_text_and_no_secret_is_shown(desk, dock):
    refuse(desk, dock)
    labels = [one for one in dock.findChildren(QLabel) if one.text()]
    assert all(one.textFormat() == Qt.TextFormat.PlainText for one in labels)
    shown = [one.text() for one in (*labels, *dock.findChildren(QLineEdit))]
    assert not any(SECRET in text for text in shown)


def test_buttons(desk, dock, qtbot):
    refuse(desk, dock)
    with qtbot.waitSignal(dock.edit_wanted):
        QTest.mouseClick(dock.finding.edit_button, CLICK)
    QTest.mouseClick(dock.finding.retry_button, CLICK)
    assert desk.controller.calls[-1] == ("connect_again", "")
    QTest.mouseClick(dock.finding.copy_button, CLICK)
    assert "Stopped at step 7" in QGuiApplication.clipboard().text()
    assert dock.finding.copy_button.text() == "Copied"
    assert not dock.finding.profile_button.isVisible()  # nobody else is known
    desk.controller.credentials.remember("QwErTyUiOp9981", "x", keep=False)
    refuse(desk, dock)
    assert dock.finding.profile_button.isVisible()
    menu = dock.finding.profile_button.menu()
    menu.aboutToShow.emit()
    menu.actions()[0].trigger()
    assert desk.controller.calls[-1] == ("connect_again", "QwErTyUiOp9981")


def test_another_failure_has_trying_again_as_its_button(desk, dock):
    desk.controller.connect(ConnectRequest(invite=an_invite(), client_id="id", client_secret="x"))
    desk.controller.session.driver.reach["signaling"].failed = "name"
    desk.controller.end(EndCause.CONNECT_FAILED, None, "The host name is not known.")
    dock.model.refresh()
    assert dock.finding.retry_button.property("kind") == "primary"
    assert dock.finding.headline.text() == "The host name is not known"


def test_a_low_dock_has_low_rows_and_shows_the_red_one(desk, dock):
    refuse(desk, dock)
    assert dock.table.rowHeight(0) == ROW
    dock.resize(900, 200)
    assert dock.table.rowHeight(0) == ROW_LOW
    assert dock.table.viewport().rect().contains(dock.table.visualRect(dock.table.model().index(6, STEP)))
    assert not dock.grab().isNull()


def test_a_narrow_dock_cuts_nothing(desk, dock):
    dock.resize(1024, 300)
    refuse(desk, dock)
    assert dock.finding.widget().width() <= dock.finding.viewport().width()
    code = dock.table.fontMetrics().horizontalAdvance("3 INVALID_SIGNATURE")
    assert dock.table.columnWidth(DETAIL) >= code + 10


def test_what_works_with_limits_is_no_green_tick_and_has_the_room_of_the_times(desk, dock):
    dock.model.check_machine()
    checks = (Check(name="Sound", detail="no output device", ok=False, fix="Recording is not affected."),)
    desk.controller.hub.publish([MachineChecked(checks=checks)])
    dock.model.refresh()
    assert dock.finding.headline.text() == "It works, with limits"
    assert dock.finding.fixes.text() == "Sound: no output device. Recording is not affected."
    amber = theme().pixmap("triangle-alert", "warn", 24).toImage()
    assert dock.finding._icon.pixmap().toImage() == amber
    assert dock.table.isColumnHidden(TOOK)
    dock.model.show_page("steps")
    assert not dock.table.isColumnHidden(TOOK)


def test_media_parameters_stand_on_their_own_page(desk, dock):
    desk.controller.live()
    dock.head_widget.button("media").click()
    desk.run(0.5)
    assert dock.params.table.isVisible() and dock.params.table.model().rowCount() > 10
    dock.params.copy()
    assert "Requested\tGranted\tObserved" in QGuiApplication.clipboard().text()
    assert not dock.params.grab().isNull()
    dock.head_widget.button("steps").click()
    assert not dock.params.isVisible()


def test_everything_has_a_name(desk, dock):
    refuse(desk, dock)
    assert all(one.accessibleName() for one in dock.findChildren(QAbstractButton) if one.isVisible())
