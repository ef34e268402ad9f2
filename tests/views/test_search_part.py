"""Ctrl+K in the window over a scripted meeting: what keys and pointer do, and where hits lead."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from rtms_desktop.viewmodels.search_hits import Group, Head
from rtms_desktop.viewmodels.timeline_rows import Kind
from rtms_desktop.views.main_window import MainWindow
from rtms_desktop.views.people_dock import PERSON_ROLE
from tests.fakes.controller import TOMAS, FakeController
from tests.fakes.library import entry, hit
from tests.fakes.messages import Script

CLICK, CTRL, KEY = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier, Qt.Key


class Hands:
    def __init__(self, window, controller, qtbot) -> None:
        self.window, self.controller, self.qtbot = window, controller, qtbot
        self.body = window.body
        self.search, self.field = self.body.search, self.body.toolbar.search

    @property
    def model(self):
        return self.search.model

    @property
    def popover(self):
        return self.search.popover

    def meet(self) -> None:
        self.controller.live()
        self.controller.step(90)
        for key in ("transcript", "chat", "events"):
            self.dock(key).model._batch.flush()
        self.dock("people").model.refresh()
        self.dock("timeline").model._batch.flush()

    @property
    def focus(self):
        """Also while the window is not the active one."""
        return self.window.focusWidget()

    def dock(self, key):
        return self.body.panels.panels[key].widget

    def press(self, key, modifiers=Qt.KeyboardModifier.NoModifier) -> None:
        QTest.keyClick(self.window.focusWidget() or self.window, key, modifiers)

    def look(self, text, hits=()) -> None:
        """The words, and all that is found."""
        self.body.do("search")
        QTest.keyClicks(self.field, text)
        self.qtbot.waitUntil(lambda: not self.model._delay.isActive())
        self.controller.library.found(text, hits)
        self.qtbot.waitUntil(lambda: not self.model.busy)

    def go(self, group, *, whole=False) -> None:
        """Down to the first hit of a group, and Enter."""
        for _ in range(len(self.model.hits)):
            if self.model.chosen.group is group and self.model.chosen.whole is whole:
                break
            self.press(KEY.Key_Down)
        assert self.model.chosen.group is group
        self.press(KEY.Key_Return)
        assert not self.popover.isVisible()


@pytest.fixture
def hands(qtbot, tmp_path):
    controller = FakeController(tmp_path / "config")
    window = MainWindow(tmp_path)
    window.furnish(controller)
    controller.wake = window.body.models.bridge.wake
    qtbot.addWidget(window, before_close_func=lambda w: w.finish())
    window.show()
    qtbot.waitExposed(window)
    window.body.panels.build()
    window.activateWindow()
    qtbot.waitActive(window)
    made = Hands(window, controller, qtbot)
    yield made
    made.dock("inspector").model.close()


def test_ctrl_k_offers_commands_under_the_field(hands):
    hands.press(KEY.Key_K, CTRL)
    popover = hands.popover
    assert popover.isVisible() and hands.focus is hands.field and not popover.isWindow()
    assert isinstance(popover.rows.rows[0], Head) and hands.model.hits[0].target == "paste"
    field = hands.field.mapTo(hands.window, hands.field.rect().bottomRight())
    assert popover.geometry().top() > field.y() and abs(popover.geometry().right() - field.x()) <= 1


@pytest.mark.parametrize("size", [(1440, 900), (1024, 640)])
def test_the_popover_stays_in_the_window(hands, size):
    hands.meet()
    hands.window.resize(*size)
    hands.look("a")
    assert hands.window.rect().contains(hands.popover.geometry())
    assert hands.popover.geometry().bottom() < hands.window.height() - hands.body.status.height()
    for _ in hands.model.hits:
        hands.press(KEY.Key_Down)
        current = hands.popover.list.visualRect(hands.popover.list.currentIndex())
        assert hands.popover.list.viewport().rect().contains(current)


def test_every_hit_can_be_chosen_after_the_same_was_found_once_more(hands):
    hands.meet()
    hands.look("a")
    hands.controller.library.found("a", [])
    assert any(hit.whole for hit in hands.model.hits)
    for _ in hands.model.hits:
        hands.press(KEY.Key_Down)
        row = hands.popover.rows.rows[hands.popover.list.currentIndex().row()]
        assert row is hands.model.chosen


def test_a_command_is_run_and_its_words_are_gone(hands):
    hands.meet()
    hands.body.stage.setFocus()
    hands.look("gallery")
    hands.go(Group.COMMANDS)
    assert hands.body.models.stage.layout == "gallery"
    assert hands.field.text() == "" and hands.focus is hands.body.stage


def test_a_panel_is_a_command_that_never_closes_it(hands):
    hands.meet()
    for _ in range(2):
        hands.look("panel people")
        hands.go(Group.COMMANDS)
        assert hands.body.right.current == "people"


def test_commands_that_cannot_be_used_are_not_offered(hands):
    hands.look("stop")
    assert "stop" not in [one.target for one in hands.model.hits]
    hands.meet()
    hands.look("stop")
    assert "stop" in [one.target for one in hands.model.hits]


def test_a_line_is_chosen_in_the_transcript_and_is_the_moment(hands):
    hands.meet()
    hands.body.right.choose("people")
    hands.look("bank")
    assert hands.body.right.current == "people"  # typing alone changes no panel
    hands.go(Group.TRANSCRIPT)
    dock = hands.dock("transcript")
    serial = dock.pane.list.selected()[0]
    assert hands.body.right.current == "transcript" and "bank" in dock.model.store.row(serial).text
    assert hands.focus is dock.pane.list and dock.model.finder.hit == serial
    assert hands.controller.moment.at == pytest.approx(dock.model.at_of(serial))


def test_the_whole_of_a_group_is_shown_where_it_lives(hands):
    hands.meet()
    hands.look("maya")
    hands.go(Group.TRANSCRIPT, whole=True)
    assert hands.body.right.current == "transcript" and hands.dock("transcript").model.finder.query == "maya"


def test_a_message_of_the_chat_is_chosen(hands):
    hands.meet()
    hands.look("dashboard")
    hands.go(Group.CHAT)
    dock = hands.dock("chat")
    assert hands.body.right.current == "chat" and dock.pane.list.selected()[0] == dock.model.serial_of("m1")


def test_a_person_is_chosen_in_the_table(hands):
    hands.meet()
    hands.look("tomas")
    hands.go(Group.PEOPLE)
    table = hands.dock("people").table
    assert hands.body.right.current == "people" and hands.focus is table
    assert table.currentIndex().data(PERSON_ROLE).user_id == TOMAS


def test_a_mark_is_chosen_in_the_timeline_even_when_it_shows_none(hands):
    hands.meet()
    marks = hands.controller.marks
    mark = marks.add(hands.controller.clock.now() - 30)
    marks.note(mark.id, "decided")
    dock = hands.dock("timeline")
    dock.model.show(frozenset({Kind.CHAT}))
    hands.look("decided")
    hands.go(Group.MARKS)
    assert dock.model.mark_id(dock.pane.list.selected()[0]) == mark.id
    assert hands.controller.moment.at == mark.at


def test_an_event_is_chosen_in_its_table(hands):
    hands.meet()
    hands.controller.lose("video")
    hands.controller.step(2)
    hands.controller.regain("video")
    hands.controller.step(2)
    dock = hands.dock("events")
    dock.model._batch.flush()
    dock.show_only(dock.filter.EXPERT)
    hands.look("socket lost")
    hands.go(Group.EVENTS)
    row = dock.model.model.rows[dock.filter.mapToSource(dock.table.currentIndex()).row()]
    assert hands.body.bottom.current == "events" and "socket lost" in row.text.sentence
    assert hands.controller.moment.at == row.at


def test_a_message_is_chosen_in_the_inspector_though_its_filter_hides_it(hands):
    hands.meet()
    session = hands.controller.session
    script = Script(session.tape, at=session.opened_at + 1)
    script.meeting()
    script.say("chat", {"msg_type": 18, "content": {"data": "the parcel", "timestamp": script.server_ms}})
    dock = hands.dock("inspector")
    dock.bar.set_text("type:audio")
    hands.look("parcel")
    serial = next(one.target for one in hands.model.hits if one.group is Group.MESSAGES)
    hands.go(Group.MESSAGES)
    assert hands.body.bottom.current == "inspector" and dock.model.filter == ""
    assert dock.model.model.serial(dock.table.currentIndex().row()) == serial
    assert hands.controller.moment.at == pytest.approx(dock.model.cursor.at_of(serial))


def test_all_messages_are_shown_by_the_filter_of_the_inspector(hands):
    hands.meet()
    script = Script(hands.controller.session.tape, at=hands.controller.session.opened_at + 1)
    script.meeting()
    script.run(2)
    hands.look("MEDIA_DATA_AUDIO")
    hands.go(Group.MESSAGES, whole=True)
    model = hands.dock("inspector").model
    assert model.filter == "MEDIA_DATA_AUDIO" and 0 < model.shown < model.total


def test_a_recording_is_opened_at_the_line(hands):
    opened = []
    hands.body.models.library.open_hit = opened.append
    line = hit(entry(1, "Design review"), "the parcel", "parcel")
    hands.look("parcel", [line])
    hands.go(Group.RECORDINGS)
    assert opened == [line]


def test_all_recordings_are_shown_on_their_page(hands):
    hands.look("parcel", [hit(entry(n, f"No. {n}"), f"parcel {n}", "parcel") for n in range(7)])
    hands.go(Group.RECORDINGS, whole=True)
    page = hands.body.recordings.page
    assert page is not None and page.isVisible() and page.field.text() == "parcel"


def test_escape_closes_then_empties_and_gives_the_focus_back(hands):
    hands.meet()
    hands.body.stage.setFocus()
    hands.look("bank")
    hands.press(KEY.Key_Escape)
    assert not hands.popover.isVisible() and hands.field.text() == "bank" and hands.focus is hands.field
    assert hands.dock("transcript").model.finder.query == "bank"
    hands.press(KEY.Key_Escape)
    assert hands.field.text() == "" and hands.focus is hands.body.stage


def test_the_arrow_opens_it_again(hands):
    hands.meet()
    hands.look("bank")
    hands.press(KEY.Key_Escape)
    hands.press(KEY.Key_Down)
    assert hands.popover.isVisible() and hands.model.words.text == "bank"


def test_the_last_searches_come_first_and_can_be_done_again(hands):
    hands.meet()
    hands.look("bank")
    hands.go(Group.TRANSCRIPT)
    hands.field.clear()
    hands.body.do("search")
    hands.press(KEY.Key_Down)
    assert hands.model.chosen.group is Group.RECENT
    hands.press(KEY.Key_Return)
    assert hands.field.text() == "bank" and hands.popover.isVisible()


def test_a_click_goes_and_a_click_elsewhere_closes(hands):
    hands.meet()
    hands.look("bank")
    rows = hands.popover.list
    place = next(n for n, row in enumerate(hands.model.rows) if row in hands.model.hits)
    QTest.mouseMove(rows.viewport(), rows.visualRect(hands.popover.rows.index(place, 0)).center())
    QTest.mouseClick(rows.viewport(), CLICK, pos=rows.visualRect(hands.popover.rows.index(0, 0)).center())
    assert hands.popover.isVisible()  # a head leads nowhere
    QTest.mouseClick(rows.viewport(), CLICK, pos=rows.visualRect(hands.popover.rows.index(place, 0)).center())
    hands.qtbot.waitUntil(lambda: not hands.popover.isVisible())
    assert hands.dock("transcript").pane.list.selected()
    QTest.mouseClick(hands.field, CLICK)
    assert hands.popover.isVisible()
    QTest.mouseClick(hands.body.stage, CLICK)
    assert not hands.popover.isVisible()


def test_leaving_the_field_closes(hands):
    hands.press(KEY.Key_K, CTRL)
    hands.press(KEY.Key_F6)
    assert not hands.popover.isVisible()


def test_letters_of_any_alphabet_are_typed(hands):
    hands.press(KEY.Key_K, CTRL)
    for letter in "Ж漢é":
        event = QKeyEvent(QEvent.Type.KeyPress, ord(letter.upper()), Qt.KeyboardModifier.NoModifier, letter)
        QApplication.sendEvent(hands.field, event)
    assert hands.field.text() == "Ж漢é"


def test_in_full_screen_the_toolbar_comes_back(hands):
    hands.meet()
    hands.body.do("full_screen")
    hands.body.do("search")
    assert not hands.body.workspace.full_screen and hands.popover.isVisible()


def test_the_chosen_row_is_said(hands):
    hands.look("settings")
    assert hands.field.accessibleDescription() == "Commands, Settings…, Ctrl+,"
    index = hands.popover.list.currentIndex()
    assert index.data(Qt.ItemDataRole.AccessibleTextRole) == "Commands, Settings…, Ctrl+,"
