from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QMenu

from rtms_desktop.recording.library_rows import State
from rtms_desktop.viewmodels.library_rows import SIZE
from rtms_desktop.viewmodels.library_vm import LibraryViewModel
from rtms_desktop.views.library_page import LibraryPage
from tests.fakes.controller import FakeController
from tests.fakes.library import entry, hit

CLICK = Qt.MouseButton.LeftButton
KEY = Qt.Key
FIRST = entry(0, "Design review", has_thumbnail=True)
SECOND = entry(1, "Three reconnects")
CUT = entry(2, "Interview 12", closed=False, state=State.OPEN)


@pytest.fixture
def controller(qapp, tmp_path):
    made = FakeController(tmp_path / "config")
    made.opened = []
    made.open_recording = made.opened.append
    made.library.entries = [FIRST, SECOND, CUT]
    return made


@pytest.fixture
def page(controller, qtbot):
    made = LibraryPage(LibraryViewModel(controller), lambda do: do())
    made.model.setParent(made)
    qtbot.addWidget(made)
    made.resize(1000, 600)
    made.show()
    qtbot.waitExposed(made)
    made.take_focus()
    return made


def asked(controller, key):
    return [call[1:] for call in controller.library.calls if call[0] == key]


def test_the_page_looks_at_the_folder_when_it_comes_up(page, controller):
    assert asked(controller, "refresh") == [()]
    assert page.table.isVisible() and page.table.model().rowCount() == 3


def test_arrows_choose_and_enter_opens(page, controller):
    QTest.keyClick(page.table, KEY.Key_Down)
    QTest.keyClick(page.table, KEY.Key_Return)
    assert controller.opened == [SECOND.folder]
    QTest.keyClick(page.table, KEY.Key_Down)
    assert page.open_button.text() == "Repair and open"
    QTest.mouseClick(page.open_button, CLICK)
    assert ("recording.repair", CUT.folder) in controller.calls


def test_f2_renames_in_place(page, controller, qtbot):
    QTest.keyClick(page.table, KEY.Key_F2)
    editor = page.table.findChild(QLineEdit)
    assert editor.text() == "Design review"
    editor.selectAll()
    QTest.keyClicks(editor, "Another")
    QTest.keyClick(editor, KEY.Key_Return)
    qtbot.waitUntil(lambda: asked(controller, "rename") == [(FIRST.folder, "Another")])
    assert controller.opened == []  # Enter ended the typing and nothing else


def test_delete_shows_an_undo(page, controller):
    QTest.keyClick(page.table, KEY.Key_Delete)
    assert asked(controller, "trash") == [((FIRST.folder,),)]
    assert page.toast.isVisible() and page.toast.text() == "Deleted"
    QTest.mouseClick(page.toast._action, CLICK)
    assert asked(controller, "restore") == [((FIRST.folder,),)] and not page.toast.isVisible()


def test_several_are_deleted_at_once_and_brought_back_by_key(page, controller):
    QTest.keyClick(page.table, KEY.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert not page.open_button.isEnabled() and page.open_button.toolTip() == "Choose one recording."
    QTest.mouseClick(page.delete_button, CLICK)
    assert page.toast.text() == "2 recordings deleted"
    QTest.keyClick(page.table, KEY.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert asked(controller, "restore") == [((FIRST.folder, SECOND.folder),)]


def test_words_are_searched_and_a_line_opens_its_recording(page, controller):
    QTest.keyClicks(page.field, "import")
    assert asked(controller, "search")[-1] == ("import",)
    lines = [hit(FIRST, "It was the import.", "import"), hit(SECOND, "import it", "import", kind="chat")]
    controller.library.found("import", lines)
    assert page.hits.isVisible() and page._found.text() == "2 hits in 2 recordings"
    assert not page.open_button.isEnabled()
    QTest.mouseClick(page.hits.viewport(), CLICK, pos=QPoint(300, page.hits.rowViewportPosition(1) + 8))
    QTest.keyClick(page.field, KEY.Key_Return)
    QTest.keyClick(page.hits, KEY.Key_Up)
    QTest.keyClick(page.hits, KEY.Key_Return)
    assert controller.opened == [SECOND.folder, FIRST.folder]
    QTest.keyClick(page.field, KEY.Key_Escape)
    assert page.table.isVisible() and page.field.text() == ""


def test_nothing_found_and_nothing_recorded(page, controller):
    page.field.setText("zebra")
    controller.library.found("zebra", [])
    assert page.empty.title_text() == "Nothing was found" and "zebra" in page.empty.line_text()
    page.field.clear()
    controller.library.show([])
    assert page.empty.title_text() == "No recordings yet"
    assert page.empty.line_text() == "They are kept in config/recordings."
    told = []
    page.settings_wanted.connect(lambda: told.append(1))
    QTest.mouseClick(page.empty.action_button(), CLICK)
    assert told == [1]


def test_a_head_sorts(page):
    heads = page.table.horizontalHeader()
    place = heads.sectionViewportPosition(0) + 20
    QTest.mouseClick(heads.viewport(), CLICK, pos=QPoint(place, 10))
    assert [row.name for row in page.model.model.rows()] == ["Design review", "Interview 12", "Three reconnects"]


def test_the_menu_of_a_row(page, controller, qtbot):
    exports, folders = [], []
    page.export_wanted.connect(exports.append)
    page.folder_wanted.connect(folders.append)
    page._menu(QPoint(10, 10))
    menu = page.findChild(QMenu)
    by_name = {action.text(): action for action in menu.actions()}
    assert [name for name in by_name if name] == ["Open", "Export", "Rename", "Show in folder", "Delete"]
    by_name["Export"].trigger()
    by_name["Show in folder"].trigger()
    menu.close()
    assert exports == [str(FIRST.folder)] and folders == [str(FIRST.folder)]
    page.table.selectRow(2)
    assert page.export_button.isEnabled()


def test_escape_goes_back(page):
    told = []
    page.closed.connect(lambda: told.append(1))
    QTest.keyClick(page.table, KEY.Key_Escape)
    QTest.mouseClick(page.back, CLICK)
    assert told == [1, 1]


def test_only_pictures_in_sight_are_asked_for(page, controller, qtbot):
    many = [entry(number, f"Recording {number}", has_thumbnail=True) for number in range(500)]
    controller.library.calls.clear()
    controller.library.show(many)
    qtbot.waitUntil(lambda: bool(asked(controller, "want_pictures")))
    assert len(asked(controller, "want_pictures")[0][0]) < 20
    page.table.scrollToBottom()
    qtbot.waitUntil(lambda: len(asked(controller, "want_pictures")) == 2)
    assert many[-1].folder in asked(controller, "want_pictures")[1][0]


def test_a_small_page_gives_columns_and_words_up(page, qtbot):
    page.resize(660, 400)
    qtbot.waitUntil(lambda: page.table.isColumnHidden(SIZE))
    assert page.delete_button.text() == "" and page.delete_button.accessibleName() == "Delete"
    page.resize(1000, 600)
    qtbot.waitUntil(lambda: not page.table.isColumnHidden(SIZE))
    assert page.delete_button.text() == "Delete"
