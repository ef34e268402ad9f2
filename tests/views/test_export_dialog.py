from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from rtms_desktop.recording.export.options import Format, Gaps
from rtms_desktop.viewmodels.export_form import ExportForm
from rtms_desktop.views import export_dialog
from rtms_desktop.views.dialogs import ConfirmDialog
from rtms_desktop.views.export_dialog import ROW, ExportDialog
from tests.fakes.controller import FakeController

CLICK = Qt.MouseButton.LeftButton


@pytest.fixture
def controller(qapp, tmp_path):
    return FakeController(tmp_path / "config")


@pytest.fixture
def dialog(controller, qtbot):
    made = ExportDialog(ExportForm(controller, Path("/recordings/x.rtmsrec")))
    made.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    return made


def test_a_format_by_click_and_by_key(dialog):
    QTest.mouseClick(dialog.formats, CLICK, pos=QPoint(20, ROW * 2 + 5))
    assert dialog.model.format is Format.WAV and not dialog.picture.isVisible() and dialog.who.isVisible()
    QTest.keyClick(dialog.formats, Qt.Key.Key_Up)
    assert dialog.model.format is Format.MKV and dialog.picture.isVisible()
    assert not dialog.part.isVisible()  # no loop
    assert dialog.formats.accessibleDescription().startswith("mkv: ")


def test_the_boxes_choose(dialog):
    dialog.gaps.setCurrentIndex(1)
    dialog.gaps.activated.emit(1)
    dialog.who.setCurrentIndex(2)
    dialog.who.activated.emit(2)
    assert dialog.model.gaps is Gaps.MARK and dialog.model.who == "16778240"
    assert "Maya Okafor" in dialog.target.text()


def test_an_export_from_the_button_to_the_end(dialog, controller, tmp_path, monkeypatch):
    opened = []
    monkeypatch.setattr(export_dialog, "open_path", opened.append)
    QTest.mouseClick(dialog.go, CLICK)
    assert dialog.stop.isVisible() and not dialog.go.isVisible() and not dialog.target.isEnabled()
    controller.exports.go(1, 0.42, 14)
    assert dialog.says.full_text() == "42 %, about 19 s left" and dialog.bar.value() == 420
    film = tmp_path / "film.mp4"
    film.write_bytes(b"x" * 1500)
    controller.exports.end(1, written=(film,))
    assert dialog.says.full_text() == "Saved film.mp4, 1.5 kB" and not dialog.bar.isVisible()
    QTest.mouseClick(dialog.show_folder, CLICK)
    QTest.mouseClick(dialog.open_file, CLICK)
    assert opened == [tmp_path, film]
    QTest.keyClick(dialog.formats, Qt.Key.Key_Down)
    assert dialog.go.isVisible() and not dialog.open_file.isVisible()


def test_cancel(dialog, controller):
    QTest.mouseClick(dialog.go, CLICK)
    QTest.mouseClick(dialog.stop, CLICK)
    assert controller.exports.cancelled == [1]
    assert dialog.says.full_text().startswith("Cancelled") and dialog.go.isVisible()


def test_what_exists_is_replaced_only_after_a_question(dialog, controller):
    Path(dialog.model.target).write_text("mine")
    dialog.model.changed.emit()
    assert dialog._hint.text().startswith("It replaces")
    QTest.mouseClick(dialog.go, CLICK)
    assert controller.exports.asked == []
    QTest.mouseClick(dialog.findChild(ConfirmDialog).yes, CLICK)
    assert controller.exports.asked[0][1].force


def test_a_wrong_place_is_said_at_the_field(dialog):
    dialog.target.setText("/nowhere/at/all.mp4")
    dialog.target.textEdited.emit(dialog.target.text())
    assert "no folder" in dialog._hint.text() and dialog.target.property("kind") == "wrong"
    assert not dialog.go.isEnabled() and dialog.go.toolTip()


def test_closing_ends_nothing(controller, qtbot):
    dialog = ExportDialog(ExportForm(controller, Path("/recordings/x.rtmsrec")))
    dialog.open()
    QTest.mouseClick(dialog.go, CLICK)
    dialog.close()
    qtbot.waitUntil(lambda: not __import__("shiboken6").isValid(dialog))
    controller.exports.go(1, 0.5, 20)
    assert controller.exports.cancelled == [] and len(controller.exports.active) == 1
