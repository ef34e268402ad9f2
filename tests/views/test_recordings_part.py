"""Recordings in the whole window: their page, ways to export, and what is asked before a stream is left."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from rtms_desktop.app.events import ExportState
from rtms_desktop.recording.export.options import ExportOptions, Format
from rtms_desktop.session.events import EndCause
from rtms_desktop.views.dialogs import ConfirmDialog
from rtms_desktop.views.export_dialog import ExportDialog
from rtms_desktop.views.main_window import MainWindow
from rtms_desktop.views.settings_dialog import SettingsDialog
from rtms_desktop.views.theme import theme
from tests.fakes.controller import FakeController
from tests.fakes.library import entry, hit

CLICK = Qt.MouseButton.LeftButton
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
FIRST, SECOND = entry(0, "Design review"), entry(1, "Three reconnects")


@pytest.fixture
def controller(qapp, tmp_path):
    made = FakeController(tmp_path / "config")
    made.settings.values.theme = "dark"
    made.library.entries = made.kept = [FIRST, SECOND]
    made.opened = []
    made.open_recording = made.opened.append
    return made


@pytest.fixture
def window(qtbot, controller, tmp_path):
    made = MainWindow(tmp_path)
    made.furnish(controller)
    qtbot.addWidget(made, before_close_func=lambda w: w.finish())
    made.resize(1440, 900)
    made.show()
    qtbot.waitExposed(made)
    made.body.panels.build()
    made.activateWindow()
    yield made
    theme().set_mode("dark")


@pytest.fixture
def body(window):
    return window.body


def page_of(body):
    body.do("library")
    return body.recordings.page


def dialog_of(window):
    return next(one for one in window.findChildren(ExportDialog) if one.isVisible())


def test_the_page_comes_by_key_and_goes_by_escape(window, body):
    QTest.keyClick(window, Qt.Key.Key_O, CTRL | SHIFT)
    page = body.recordings.page
    assert page.isVisible() and body.sessions.isVisible() and not body.bottom.isVisible()
    assert page.table.hasFocus() and page.table.chosen()[0].name == "Design review"
    QTest.keyClick(page.table, Qt.Key.Key_Escape)
    assert body.workspace.on_start_page and not page.isVisible()
    QTest.mouseClick(body.start_page.library, CLICK)
    assert page.isVisible()
    body.do("library")
    assert body.workspace.on_start_page


def test_a_stream_goes_on_behind_the_page(body, controller):
    controller.live()
    page = page_of(body)
    assert page.isVisible() and not body.stage.isVisible() and not body.right_column.isVisible()
    body.do("full_screen")
    assert not body.workspace.full_screen  # there is no picture to fill the screen with
    QTest.mouseClick(page.back, CLICK)
    assert body.stage.isVisible() and body.right_column.isVisible()
    page_of(body)
    body.workspace.open_panel("monitor")
    assert not page.isVisible() and body.bottom.isVisible()


def test_a_stream_is_left_only_after_a_question(window, body, controller):
    controller.live()
    page = page_of(body)
    QTest.mouseClick(page.open_button, CLICK)
    question = window.findChild(ConfirmDialog)
    assert question.isVisible() and controller.opened == [] and page.isVisible()
    QTest.mouseClick(question.yes, CLICK)
    assert controller.opened == [FIRST.folder] and not page.isVisible()


def test_both_search_fields_search_the_recordings_while_they_are_shown(window, body, controller):
    page = page_of(body)
    QTest.keyClicks(body.toolbar.search, "import")
    assert page.field.text() == "import" and controller.library.calls[-1] == ("search", "import")
    controller.library.found("import", [hit(SECOND, "the import", "import")])
    page.hits.setFocus()
    QTest.keyClick(window, Qt.Key.Key_F, CTRL)
    assert page.field.hasFocus()
    QTest.keyClick(page.field, Qt.Key.Key_Return)
    QTest.keyClick(page.hits, Qt.Key.Key_Return)
    assert controller.opened == [SECOND.folder]


def test_what_is_exported_is_what_is_shown_or_chosen(window, body, controller):
    body.do("export")
    page = body.recordings.page
    assert page.isVisible() and not window.findChildren(ExportDialog)  # choose one first
    QTest.mouseClick(page.export_button, CLICK)
    assert dialog_of(window).model.recording == FIRST.folder
    dialog_of(window).close()
    page.settings_wanted.emit()
    settings = window.findChild(SettingsDialog)
    assert settings.pages["recordings"].isVisible()
    settings.close()


def test_a_stream_that_ended_can_be_exported(window, body, controller):
    controller.live()
    controller.recording.start()
    folder = controller.recording.state.folder
    controller.recording.stop()
    controller.end(EndCause.STOPPED, 6, "")
    assert body.stage.message()._second.text() == "Export"
    QTest.mouseClick(body.stage.message()._second, CLICK)
    assert dialog_of(window).model.recording == folder
    dialog_of(window).close()


def start(controller, out):
    options = ExportOptions(format=Format.WAV, out=str(out))
    return controller.exports.start(FIRST.folder, options, title="Design review").number


def test_the_status_bar_leads_to_what_is_exported(window, body, controller, tmp_path):
    number = start(controller, tmp_path / "a.wav")
    controller.exports.go(number, 0.42, 20)
    segment = body.status.segments()["export"]
    assert segment.accessibleName() == "export 42%"
    QTest.mouseClick(segment, CLICK)
    dialog = dialog_of(window)
    assert dialog.stop.isVisible() and dialog.target.text() == str(tmp_path / "a.wav")
    QTest.mouseClick(dialog.stop, CLICK)
    assert controller.exports.cancelled == [number] and "export" not in body.status.segments()
    dialog.close()


def test_the_end_of_an_export_is_a_toast_and_its_failure_a_banner(body, controller, tmp_path):
    film = tmp_path / "a.wav"
    film.write_bytes(b"x" * 1200)
    controller.exports.end(start(controller, film), written=(film,))
    assert body.page_toast.isVisible() and body.page_toast.text() == "Saved a.wav, 1.2 kB"
    controller.exports.end(start(controller, film), state=ExportState.CANCELLED)
    assert not body.banner.isVisible()
    controller.exports.end(start(controller, film), state=ExportState.FAILED, what="the disk is full", why="0 bytes")
    assert body.banner.isVisible() and body.banner.text().startswith("Design review was not exported: the disk is full")


def test_quitting_asks_while_something_is_exported(window, body, controller, tmp_path):
    quits = []
    window.quit_requested.connect(lambda: quits.append(1))
    number = start(controller, Path(tmp_path / "a.wav"))
    window.close()
    question = window.findChild(ConfirmDialog)
    assert question.isVisible() and quits == []
    question.close()
    controller.exports.cancel(number)
    window.close()
    assert quits == [1]
