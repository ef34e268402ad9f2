"""Flags of marks in the strip of the live time bar: where they are, what they say, what can be done with them."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QApplication, QMenu

from rtms_desktop.viewmodels.marks_vm import MarksViewModel
from rtms_desktop.viewmodels.timebar_vm import TimeBarViewModel
from rtms_desktop.views.theme import theme
from rtms_desktop.views.time_bar import StripView
from tests.fakes.desk import Desk


@pytest.fixture
def strip(tmp_path, qtbot):
    desk = Desk(tmp_path)
    controller = desk.controller
    controller.live(streaming=False)
    made = StripView(TimeBarViewModel(controller, desk.colours), MarksViewModel(controller))
    made.controller = controller
    qtbot.addWidget(made)
    made.resize(600, 60)
    made.show()
    controller.clock.seconds += 30
    controller.marks.add(controller.clock.now() - 15, "half")
    controller.clock.seconds += 30  # a minute is shown
    made.refresh()
    return made


def test_a_flag_stands_at_its_moment(strip):
    mark = strip.controller.marks.marks[0]
    assert strip.mark_at(150) == mark and strip.mark_at(147) == mark and strip.mark_at(100) is None
    image = strip.grab().toImage()
    ratio = strip.devicePixelRatio()
    pole = image.pixelColor(round(150.5 * ratio), round((strip.top + 20) * ratio))
    assert pole == theme().color("text2")
    assert ", 1 mark." in strip.accessibleDescription()


def test_its_menu_notes_and_deletes(strip):
    wanted = []
    strip.note_wanted.connect(wanted.append)
    mark = strip.controller.marks.marks[0]

    def menu(x):
        place = QPoint(x, 20)
        event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, strip.mapToGlobal(place))
        QApplication.sendEvent(strip, event)
        found = strip.findChildren(QMenu)
        return found[-1] if found else None

    assert menu(400) is None
    opened = menu(151)
    opened.actions()[0].trigger()
    assert wanted == [mark.id] and opened.actions()[0].text() == "Edit note"
    opened.actions()[1].trigger()
    opened.close()
    assert strip.controller.marks.marks == []
    strip.refresh()
    assert strip.mark_at(150) is None
