from __future__ import annotations

import pytest
from PySide6.QtCore import QMimeData, QObject, QPoint, Qt, QUrl, Signal
from PySide6.QtGui import QDragEnterEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from rtms_desktop.views.banner import TOAST_MS, Banner, FocusRing, Toast
from rtms_desktop.views.widgets import (
    ElidedLabel,
    EmptyState,
    IconButton,
    KeyValueRow,
    Pill,
    SearchField,
    SegmentedButtons,
    button,
    label,
    tick_while_visible,
)

CLICK = Qt.MouseButton.LeftButton


def shown(qtbot, widget, width=300, height=60):
    qtbot.addWidget(widget)
    widget.resize(width, height)
    widget.show()
    qtbot.waitExposed(widget)
    return widget


@pytest.mark.parametrize("make", [lambda text: label(text), lambda text: ElidedLabel(text)])
def test_markup_from_the_wire_stays_text(qtbot, make):
    made = shown(qtbot, make("<b>x</b><img src='http://a'>"))
    assert made.textFormat() == Qt.TextFormat.PlainText and made.text().startswith("<b>x</b>")


def test_a_cut_line_keeps_its_whole_text_as_tooltip(qtbot):
    made = shown(qtbot, ElidedLabel("a rather long line of words"), 60)
    assert made.text().endswith("…") and made.toolTip() == made.full_text() == "a rather long line of words"
    made.resize(600, 20)
    assert made.text() == made.full_text() and made.toolTip() == ""


def test_an_icon_without_text_has_a_name_and_a_tooltip(qtbot):
    made = shown(qtbot, IconButton("x", "Close this panel"))
    assert made.accessibleName() == made.toolTip() == "Close this panel"


def test_a_pill_without_text_is_not_there(qtbot):
    made = shown(qtbot, Pill("2", "blue"))
    assert made.isVisible()
    made.set("")
    assert not made.isVisible()


def test_segments_choose_one_and_tell_it(qtbot):
    made = shown(qtbot, SegmentedButtons((("a", "user", "Speaker"), ("b", "layout-grid", "Gallery"))))
    chosen = []
    made.chosen.connect(chosen.append)
    made.set_current("a")
    assert chosen == []
    QTest.mouseClick(made.button("b"), CLICK)
    assert chosen == ["b"] and not made.button("a").isChecked()
    assert made.button("b").text().strip() == "Gallery" and made.button("a").text() == ""
    made.set_text_on_chosen(False)
    assert made.button("b").text() == "" and made.button("b").accessibleName() == "Gallery"


def test_search_is_emptied_by_escape_and_hides_its_hint(qtbot):
    made = shown(qtbot, SearchField("Search", hint="Ctrl K"), 260)
    hint = made.findChild(QLabel)
    assert hint.isVisible()
    QTest.keyClicks(made, "abc")
    assert made.text() == "abc" and not hint.isVisible()
    QTest.keyClick(made, Qt.Key.Key_Escape)
    assert made.text() == "" and hint.isVisible()


def test_an_empty_state_has_one_action(qtbot):
    made = shown(qtbot, EmptyState("video", "No picture", "It comes.", "Cancel"), 300, 200)
    acted = []
    made.acted.connect(acted.append)
    QTest.mouseClick(made.action_button(), CLICK)
    assert acted == ["Cancel"] and made.accessibleName() == "No picture. It comes."
    made.set("video", "Only a title")
    assert not made.action_button().isVisible()


def test_a_row_of_facts(qtbot):
    made = shown(qtbot, KeyValueRow("Stream"))
    made.set("abc", "note", "check")
    assert made.accessibleName() == "Stream: abc note" and not made.mark.pixmap().isNull()
    made.set("abc")
    assert made.mark.pixmap().isNull()


def test_hidden_widgets_do_not_follow_the_tick(qtbot):
    class Source(QObject):
        tick = Signal()

    source, calls = Source(), []
    outer = QWidget()
    inner = QWidget()
    QVBoxLayout(outer).addWidget(inner)
    tick_while_visible(inner, source.tick, lambda: calls.append(1))
    source.tick.emit()
    assert calls == []
    shown(qtbot, outer)
    assert calls == [1]  # drawn once when it appears
    source.tick.emit()
    assert len(calls) == 2
    outer.hide()
    source.tick.emit()
    assert len(calls) == 2


def test_a_banner_says_acts_and_goes(qtbot):
    made = shown(qtbot, Banner(), 700, 36)
    told = []
    made.acted.connect(lambda: told.append("act"))
    made.dismissed.connect(lambda: told.append("close"))
    made.show_notice("error", "It broke: <i>why</i>.", "Mend it")
    assert made.text() == "It broke: <i>why</i>." and made.accessibleName() == made.text()
    QTest.mouseClick(made.action_button(), CLICK)
    QTest.mouseClick(made.close_button(), CLICK)
    assert told == ["act", "close"]
    made.show_notice("warning", "Waiting.", closable=False)
    assert not made.close_button().isVisible() and not made.action_button().isVisible()


def test_the_banner_of_an_alert_leads_to_muting_and_settings(qtbot):
    made = shown(qtbot, Banner(), 700, 36)
    told = []
    made.muted.connect(lambda: told.append("mute"))
    made.settings_wanted.connect(lambda: told.append("settings"))
    made.show_notice("warning", "Nothing to hear.", muting="Silence")
    assert made.more_button().isVisible()
    menu = made.make_menu()
    assert [action.text() for action in menu.actions()] == ["Mute alerts of this kind: Silence", "Alert settings…"]
    for action in menu.actions():
        action.trigger()
    menu.close()
    assert told == ["mute", "settings"]
    made.show_notice("error", "It broke.")
    assert not made.more_button().isVisible()


def test_a_toast_stands_bottom_right_and_goes_by_itself(qtbot):
    parent = shown(qtbot, QWidget(), 600, 400)
    made = Toast(parent)
    acted = []
    made.say("Snapshot saved", "camera", "Show", lambda: acted.append(1))
    assert made.isVisible() and made.geometry().right() < 600 and made.geometry().bottom() > 350
    assert made._timer.interval() == TOAST_MS
    QTest.mouseClick(made._action, CLICK)
    assert acted == [1] and not made.isVisible()


def test_the_focus_ring_goes_around_what_has_the_focus(qtbot):
    parent = shown(qtbot, QWidget(), 300, 200)
    inside = button("Go")
    inside.setParent(parent)
    inside.move(40, 50)
    inside.show()
    ring = FocusRing(parent)
    ring.around(inside)
    assert ring.isVisible() and ring.geometry().contains(inside.geometry())
    ring.around(None)
    assert not ring.isVisible()


def test_a_field_leaves_a_dropped_file_to_the_window(qtbot):
    made = shown(qtbot, SearchField("Search"), 260)
    for fill, taken in (
        (lambda data: data.setUrls([QUrl("file:///tmp/a.json")]), False),
        (lambda data: data.setText("a"), True),
    ):
        data = QMimeData()
        fill(data)
        event = QDragEnterEvent(
            QPoint(20, 10), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        )
        event.ignore()
        made.dragEnterEvent(event)
        assert event.isAccepted() is taken
