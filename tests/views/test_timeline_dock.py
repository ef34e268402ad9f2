"""The Timeline dock: rows, chips, honest scrolling, the menu of a row; and the field for notes."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QMenu, QVBoxLayout, QWidget

from rtms_desktop.viewmodels.marks_vm import MarksViewModel
from rtms_desktop.viewmodels.timeline_rows import Kind
from rtms_desktop.views.mark_field import MarkField
from rtms_desktop.views.theme import theme
from rtms_desktop.views.timeline_dock import TimelineDock
from tests.fakes.desk import MAYA, TOMAS, Desk

LEFT = Qt.MouseButton.LeftButton
KEY = Qt.Key


@pytest.fixture
def desk(tmp_path, qapp):
    return Desk(tmp_path)


@pytest.fixture
def dock(desk, qtbot):
    made = desk.dock(qtbot, TimelineDock, 330, 500)
    desk.controller.live(streaming=False)
    return made


def settle(dock):
    dock.model._batch.flush()
    dock.pane.list.viewport().repaint()


def talk(desk, count):
    for number in range(count):
        desk.transcript(f"sentence number {number}", MAYA if number // 3 % 2 else TOMAS)
        desk.controller.clock.seconds += 2
    desk.controller.marks.add(desk.controller.clock.now(), "decision")


def click(rows, serial):
    top = next(top for shown, top in rows._shown if shown == serial)
    QTest.mouseClick(rows.viewport(), LEFT, pos=QPoint(90, top + 12))


def menu_of(dock, serial):
    rows = dock.pane.list
    rows.select(serial)
    rows.open_menu(rows.mapToGlobal(QPoint(20, 20)))
    menu = rows.findChildren(QMenu)[-1]
    return menu, {action.text(): action for action in menu.actions() if action.text()}


def test_before_anything_happened(dock):
    assert dock.pane._stack.currentIndex() == 0
    assert dock._empty.title_text() == "Nothing yet"
    assert dock._empty.line_text() == "What is said, written and done appears here in one list."


def test_rows_tell_when_who_and_what(desk, dock):
    desk.transcript("Shall we start?", MAYA)
    desk.controller.clock.seconds += 2
    desk.transcript("Yes.", MAYA)
    desk.controller.clock.seconds += 1
    desk.controller.marks.add(desk.controller.clock.now(), "decision")
    desk.controller.lose("video")
    settle(dock)
    first = dock.model.store.first
    look = dock.pane.list._look
    rows = [look.lay_out(first + n, 330) for n in range(4)]
    texts = [[piece.layout.text() for piece in row.pieces] for row in rows]
    assert texts[:3] == [["00:00", "Maya Okafor", "Shall we start?"], ["00:02", "Yes."], ["00:03", "decision"]]
    assert [glyph.name for row in rows for glyph in row.glyphs] == ["captions", "bookmark", "video"]
    assert [row.tint for row in rows] == ["", "", "", "warn_bg"]
    assert rows[0].pieces[1].token.startswith("speaker.") and rows[0].glyphs[0].token == "media.transcript"


def test_chips_count_and_filter(desk, dock):
    talk(desk, 6)
    settle(dock)
    chips = dock.chips.chips
    assert (chips[Kind.SPEECH].text(), chips[Kind.MARKS].text(), chips[Kind.CHAT].text()) == (
        "Speech 6", "Marks 1", "Chat",
    )  # fmt: skip
    QTest.mouseClick(chips[Kind.MARKS], LEFT)
    assert len(dock.model.store) == 1 and chips[Kind.MARKS].isChecked()
    QTest.mouseClick(chips[Kind.MARKS], LEFT)
    QTest.mouseClick(chips[Kind.CHAT], LEFT)
    assert dock.pane._stack.currentIndex() == 0 and dock._empty.title_text() == "Nothing of this kind"
    QTest.mouseClick(dock._empty.action_button(), LEFT)
    assert len(dock.model.store) == 7 and not chips[Kind.CHAT].isChecked()


def test_what_is_read_stays_when_chips_change(desk, dock):
    talk(desk, 60)
    settle(dock)
    rows = dock.pane.list
    rows.put_top(dock.model.store.first + 20)
    assert not rows.following
    at = dock.model.store.row(rows.top_serial).at
    for _ in range(2):
        dock.chips.toggled.emit(Kind.SPEECH)
        settle(dock)
        assert dock.model.store.row(rows.top_serial).at == at


def test_what_comes_meanwhile_is_counted(desk, dock):
    talk(desk, 60)
    settle(dock)
    rows = dock.pane.list
    assert rows.following
    rows.put_top(dock.model.store.first + 5)
    for number in range(12):
        desk.chat(f"new {number}", f"n{number}")
    settle(dock)
    assert rows.unseen == 12 and rows._pill.text() == "12 new" and rows._pill.isVisible()
    QTest.mouseClick(rows._pill, LEFT)
    assert rows.following and rows.unseen == 0


def test_a_click_puts_the_cursor_of_the_window_there(desk, dock):
    talk(desk, 5)
    settle(dock)
    second = dock.model.store.first + 1
    click(dock.pane.list, second)
    assert desk.controller.moment.at == dock.model.store.row(second).at


def test_the_menu_of_a_row_notes_renames_and_deletes(desk, dock, qtbot):
    talk(desk, 3)
    settle(dock)
    wanted = []
    dock.note_wanted.connect(wanted.append)
    first = dock.model.store.first
    menu, actions = menu_of(dock, first)
    actions["Copy"].trigger()
    assert QGuiApplication.clipboard().text() == "00:00 Tomás Rivera: sentence number 0"
    actions["Add a note here"].trigger()
    menu.close()
    settle(dock)
    made = desk.controller.marks.marks[0]
    assert wanted == [made.id] and made.at == dock.model.store.row(first).at
    mark = next(s for s in range(first, dock.model.store.end) if dock.model.mark_id(s) == made.id)
    menu, actions = menu_of(dock, mark)
    assert "Add a note here" not in actions
    actions["Add a note"].trigger()
    assert wanted == [made.id, made.id]
    actions["Delete mark"].trigger()
    menu.close()
    assert [each.text for each in desk.controller.marks.marks] == ["decision"]
    qtbot.waitUntil(lambda: not dock.pane.list.findChildren(QMenu))


def test_it_is_painted_in_both_themes(desk, dock):
    talk(desk, 4)
    desk.controller.lose("video")
    for mode in ("light", "dark"):
        theme().set_mode(mode)
        settle(dock)
        image = dock.pane.list.viewport().grab().toImage()
        assert image.pixelColor(200, 2) == theme().color("bg1")


@pytest.mark.parametrize(("width", "height", "columns"), [(268, 400, 3), (330, 400, 3), (640, 400, 6), (268, 200, 6)])
def test_chips_find_room(desk, qtbot, width, height, columns):
    dock = desk.dock(qtbot, TimelineDock, width, height)
    desk.controller.live(streaming=False)
    talk(desk, 12)
    settle(dock)
    assert dock.chips._columns == columns
    assert dock.chips.chips[Kind.SPEECH].accessibleName() == "Speech, 12"
    for chip in dock.chips.chips.values():
        assert chip.fontMetrics().horizontalAdvance(chip.text()) + chip.iconSize().width() + 10 <= chip.width()


# -- the field -------------------------------------------------------------------------------------------------


@pytest.fixture
def field(desk, qtbot):
    desk.controller.live(streaming=False)
    box = QWidget()
    box.resize(700, 300)
    other = QLineEdit()
    QVBoxLayout(box).addWidget(other)
    made = MarkField(MarksViewModel(desk.controller, box), box, lambda: QRect(100, 200, 500, 28))
    qtbot.addWidget(box)
    box.show()
    box.activateWindow()
    other.setFocus()
    qtbot.waitExposed(box)
    made.other, made.box = other, box
    return made


def test_it_stands_where_there_is_room(desk, field, qtbot):
    rooms = [QRect(100, 200, 500, 28), QRect(100, 200, 90, 28)]
    field._room = lambda: rooms[0]
    field.begin(desk.controller.marks.mark_now().id)
    assert field.geometry().center().x() == pytest.approx(350, abs=2) and field.width() == 420
    assert field.geometry().center().y() == pytest.approx(rooms[0].center().y(), abs=2)
    rooms.pop(0)
    field.box.resize(600, 300)
    qtbot.waitUntil(lambda: field.width() == 280)
    assert field.x() == 100  # over what stands at the right of the room


def notes(desk):
    return [mark.text for mark in desk.controller.marks.marks]


def test_enter_keeps_the_note_and_gives_the_focus_back(desk, field):
    field.begin(desk.controller.marks.mark_now().id)
    assert field.isVisible() and field.edit.hasFocus() and field.time.text() == "00:00:00"
    QTest.keyClicks(field.edit, "decision <b>")
    QTest.keyClick(field.edit, KEY.Key_Return)
    assert not field.isVisible() and notes(desk) == ["decision <b>"] and field.other.hasFocus()


def test_escape_keeps_the_mark_without_what_was_typed(desk, field):
    field.begin(desk.controller.marks.mark_now().id)
    QTest.keyClicks(field.edit, "no")
    QTest.keyClick(field.edit, KEY.Key_Escape)
    assert not field.isVisible() and notes(desk) == [""]


def test_another_mark_keeps_the_note_of_the_one_before(desk, field):
    field.begin(desk.controller.marks.mark_now().id)
    QTest.keyClicks(field.edit, "first")
    desk.controller.clock.seconds += 3
    field.begin(desk.controller.marks.mark_now().id)
    assert field.edit.text() == "" and field.time.text() == "00:00:03"
    field.other.setFocus()  # going elsewhere keeps it too
    assert not field.isVisible() and notes(desk) == ["first", ""]


def test_a_mark_is_deleted_from_the_field_or_under_it(desk, field):
    mark = desk.controller.marks.mark_now()
    field.begin(mark.id)
    QTest.mouseClick(field.delete, LEFT)
    assert not field.isVisible() and notes(desk) == []
    mark = desk.controller.marks.mark_now()
    field.begin(mark.id)
    desk.controller.marks.remove(mark.id)
    assert not field.isVisible() and field.mark_id == ""
    field.begin("unknown")
    assert not field.isVisible()


def test_a_note_is_as_long_as_it_may_be(desk, field):
    field.begin(desk.controller.marks.mark_now().id)
    field.edit.setText("")
    field.edit.insert("x" * 1000)
    QTest.keyClick(field.edit, KEY.Key_Return)
    assert len(notes(desk)[0]) == 300


def test_a_late_row_does_not_move_the_choice(dock, desk):
    talk(desk, 6)
    settle(dock)
    rows = dock.pane.list
    rows.select(dock.model.store.end - 2)
    before = dock.model.store.row(rows.selected()[0])
    desk.controller.marks.add(desk.controller.clock.now() - 7, "came late")
    settle(dock)
    assert dock.model.store.row(rows.selected()[0]) is before and len(rows.selected()) == 1
