"""The window's one cursor: whoever moves it, everybody shows the same moment."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from rtms_desktop.app.events import PaneAsked
from rtms_desktop.views.chat_dock import ChatDock
from rtms_desktop.views.events_dock import EventsDock
from rtms_desktop.views.inspector_dock import InspectorDock
from rtms_desktop.views.lanes import GUTTER, HEAD
from rtms_desktop.views.monitor_dock import MonitorDock
from rtms_desktop.views.text_dock import TextDock
from tests.fakes.desk import Desk
from tests.fakes.messages import Script

CLICK, NO_KEY = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


@pytest.fixture
def desk(tmp_path, qapp):
    return Desk(tmp_path)


@pytest.fixture
def panes(desk, qtbot):
    """All docks over a meeting of a minute that lost its video for two seconds, and its messages."""
    desk.controller.live()
    made = SimpleNamespace(
        monitor=desk.dock(qtbot, MonitorDock, 1300, 290), inspector=desk.dock(qtbot, InspectorDock, 1300, 700),
        transcript=desk.dock(qtbot, TextDock, 330, 500), chat=desk.dock(qtbot, ChatDock, 330, 500),
        events=desk.dock(qtbot, EventsDock, 1300, 290), asked=[],
    )  # fmt: skip
    desk.controller.hub.subscribe(
        lambda events: made.asked.extend(event for event in events if isinstance(event, PaneAsked))
    )
    made.script = Script(desk.controller.session.tape, at=desk.controller.clock.now() + 5)
    made.script.wall_ms = made.inspector.model.log.rows.wall_ms
    made.script.meeting()
    made.script.run(20)
    desk.run(30)
    desk.controller.lose("video")
    desk.run(2)
    desk.controller.regain("video")
    desk.run(28)
    for model in (made.transcript.model, made.chat.model, made.events.model):
        model._batch.flush()
    desk.ticks.text.emit()
    yield made
    made.inspector.model.close()


def moment(desk):
    return desk.controller.moment.at


def row_time(panes):
    """When the chosen row of the Inspector happened."""
    return panes.inspector.model.cursor.at_of(
        panes.inspector.model.model.serial(panes.inspector.table.currentIndex().row())
    )


def test_a_click_in_a_lane_moves_everybody(desk, panes):
    lanes = panes.monitor.lanes
    x = GUTTER + (lanes.width() - GUTTER) * 5 // 6  # 20 s ago
    QTest.mouseClick(lanes, CLICK, NO_KEY, QPoint(x, HEAD + 40))
    at = moment(desk)
    assert at == pytest.approx(desk.controller.clock.now() - 20, abs=1)
    desk.ticks.data.emit()
    times = panes.inspector.model.log.rows.column("time") / 1e9
    assert abs(row_time(panes) - at) == pytest.approx(abs(times - at).min(), abs=1e-6)
    lit = panes.transcript.model.store.row(panes.transcript.model.lit)
    zero = desk.controller.session.opened_wall_ms / 1000 - desk.controller.session.opened_at
    assert 0 <= at - (lit.start_ms / 1000 - zero) < 7  # a line every five seconds
    assert all(graph._playhead.isVisible() for graph in panes.monitor.graphs if graph._plot is not None)


def test_a_line_of_text_moves_everybody(desk, panes):
    pane = panes.transcript.pane.list
    pane.pressed.emit(panes.transcript.model.store.first + 3)
    zero = desk.controller.session.opened_wall_ms / 1000 - desk.controller.session.opened_at
    said = panes.transcript.model.store.row(panes.transcript.model.store.first + 3).start_ms / 1000 - zero
    assert moment(desk) == pytest.approx(said, abs=0.001)
    desk.ticks.data.emit()
    assert panes.transcript.model.lit == panes.transcript.model.store.first + 3
    assert row_time(panes) == pytest.approx(said, abs=0.1)
    panes.chat.pane.list.pressed.emit(panes.chat.model.store.end - 1)
    sent = panes.chat.model.store.row(panes.chat.model.store.end - 1).timestamp_ms / 1000 - zero
    assert moment(desk) == pytest.approx(sent, abs=0.001)


def test_an_event_moves_everybody_and_leads_to_its_messages(desk, panes):
    rows = panes.events.model.model.rows
    number = next(n for n, row in enumerate(rows) if row.text.link == "video" and "socket lost" in row.text.sentence)
    index = panes.events.filter.index(number, 3)
    panes.events.table.scrollTo(index)
    place = panes.events.table.visualRect(index).center()
    QTest.mouseClick(panes.events.table.viewport(), CLICK, NO_KEY, place)
    assert moment(desk) == rows[number].at
    QTest.mouseDClick(panes.events.table.viewport(), CLICK, NO_KEY, place)
    assert panes.asked[-1] == PaneAsked(pane="inspector", at=rows[number].at, link="video")
    chosen = panes.inspector.model.model.serial(panes.inspector.table.currentIndex().row())
    assert panes.inspector.model.log.rows.channel(chosen).link == "video"


def test_a_gap_is_the_same_moment(desk, panes):
    panes.monitor.lanes.setFocus()
    QTest.keyClick(panes.monitor.lanes, Qt.Key.Key_G, Qt.KeyboardModifier.ShiftModifier)
    assert moment(desk) == panes.monitor.model.gaps.blocks[0].start


def test_a_row_of_the_inspector_moves_everybody_and_stays_chosen(desk, panes):
    table = panes.inspector.table
    table.scrollToTop()
    index = panes.inspector.model.model.index(4, 2)
    QTest.mouseClick(table.viewport(), CLICK, NO_KEY, table.visualRect(index).center())
    at = panes.inspector.model.cursor.at_of(panes.inspector.model.model.serial(4))
    assert moment(desk) == at and table.currentIndex().row() == 4
    desk.ticks.data.emit()
    assert panes.monitor.model.cursor == at
    menu = panes.inspector.menu(panes.inspector.model.model.serial(4))
    next(action for action in menu.actions() if action.text() == "Show in lanes").trigger()
    menu.deleteLater()
    assert panes.asked[-1].pane == "monitor" and panes.asked[-1].at == at and table.currentIndex().row() == 4


def test_a_hidden_inspector_goes_there_when_it_is_shown(desk, panes):
    panes.inspector.hide()
    before = panes.inspector.table.currentIndex().row()
    desk.controller.moment.inspect(desk.controller.clock.now() - 48, "video")
    assert panes.inspector.table.currentIndex().row() == before
    panes.inspector.show()
    chosen = panes.inspector.model.model.serial(panes.inspector.table.currentIndex().row())
    assert panes.inspector.model.log.rows.channel(chosen).link == "video"
    assert row_time(panes) == pytest.approx(desk.controller.clock.now() - 48, abs=0.5)


def test_letting_go_shows_what_is_now(desk, panes):
    desk.controller.moment.set(desk.controller.clock.now() - 30)
    QTest.keyClick(panes.monitor.lanes, Qt.Key.Key_Escape)
    desk.ticks.data.emit()
    assert moment(desk) is None and panes.transcript.model.lit is None and panes.monitor.model.view.follows
