from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from rtms_desktop.app.events import Notice
from rtms_desktop.session.events import Anomaly, DialectDetected, Severity
from rtms_desktop.views.events_dock import CODE, EventsDock
from tests.fakes.desk import Desk


@pytest.fixture
def desk(tmp_path, qapp):
    return Desk(tmp_path)


@pytest.fixture
def dock(desk, qtbot):
    return desk.dock(qtbot, EventsDock, 900, 200)


def warn(desk, count=1):
    at = desk.controller.clock.now()
    desk.controller.hub.publish(
        [Anomaly(at=at, link="audio", severity=Severity.WARNING, kind="odd", text=f"<i>{n}</i>") for n in range(count)]
    )


def test_it_fills_with_the_session_and_follows_its_end(desk, dock):
    assert dock.empty.isVisible()
    desk.controller.live()
    dock.model._batch.flush()
    bar = dock.table.verticalScrollBar()
    assert dock.table.isVisible() and bar.value() == bar.maximum() > 0


def test_reading_further_up_is_not_disturbed(desk, dock):
    desk.controller.live()
    dock.model._batch.flush()
    dock.table.verticalScrollBar().setValue(0)
    warn(desk, 30)
    dock.model._batch.flush()
    assert dock.table.verticalScrollBar().value() == 0


def test_the_tab_counts_troubles_only_while_nobody_looks(desk, dock):
    counts = []
    dock.count_changed.connect(counts.append)
    dock.hide()
    warn(desk, 3)
    dock.model._batch.flush()
    assert counts[-1] == ("3", "grey")
    desk.controller.hub.publish([Notice(severity=Severity.ERROR, what="Recording stopped")])
    dock.model._batch.flush()
    assert counts[-1] == ("1", "red")  # warnings are not shouted
    dock.show()
    assert counts[-1] == ("", "grey")


def test_troubles_and_notes_on_the_server_can_be_looked_at_alone(desk, dock):
    desk.controller.live()
    warn(desk, 2)
    at = desk.controller.clock.now()
    desk.controller.hub.publish([DialectDetected(at=at, link="audio", dialect="mock")])
    dock.model._batch.flush()
    every = dock.table.model().rowCount()
    dock.head_widget.button("expert").click()
    assert dock.table.model().rowCount() == 3 < every
    dock.head_widget.button("troubles").click()
    assert dock.table.model().rowCount() == 2
    dock.table.selectAll()
    dock.copy()
    assert "<i>1</i>" in QGuiApplication.clipboard().text()
    dock.show_only("all")
    assert dock.table.model().rowCount() == every


def test_a_kind_without_rows_says_so(desk, dock):
    desk.controller.live()
    dock.model._batch.flush()
    dock.show_only("expert")
    assert dock.nothing.isVisible()
    QTest.mouseClick(dock.nothing.action_button(), Qt.MouseButton.LeftButton)
    assert dock.table.isVisible()


def test_rows_are_copied_as_text(desk, dock):
    warn(desk, 2)
    dock.model._batch.flush()
    dock.table.selectAll()
    QTest.keyClick(dock.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert "odd: <i>0</i>" in QGuiApplication.clipboard().text()
    dock.copy()
    assert len(QGuiApplication.clipboard().text().splitlines()) == 2


def test_every_cell_has_accessible_text_and_codes_have_room(desk, dock):
    desk.controller.live()
    dock.model._batch.flush()
    model = dock.table.model()
    assert model.index(0, CODE).data(Qt.ItemDataRole.AccessibleTextRole).startswith("Code: ")
    longest = "15 SIGNAL_CONNECTION_CLOSED_ABNORMALLY"
    assert dock.table.fontMetrics().horizontalAdvance(longest) < dock.table.columnWidth(CODE)
    assert not dock.grab().isNull()
