from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from rtms_desktop.session.config import SessionConfig
from rtms_desktop.views.text_dock import TextDock
from rtms_desktop.views.theme import theme
from tests.fakes.desk import IRIS, MAYA, TOMAS, Desk

KEY, SHIFT, CTRL = Qt.Key, Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def desk(tmp_path, qapp):
    return Desk(tmp_path)


@pytest.fixture
def dock(desk, qtbot):
    return desk.dock(qtbot, TextDock, 330, 300)


def say(desk, dock, *texts, user_id=MAYA):
    for text in texts:
        desk.controller.clock.seconds += 3
        desk.transcript(text, user_id=user_id)
    dock.model._batch.flush()


def shown_texts(dock):
    rows = dock.pane.list
    return [piece.layout.text() for serial, _ in rows._shown for piece in rows._rows.layout(serial).pieces]


def test_an_empty_transcript_says_so(desk, dock):
    assert dock.pane.empty.title_text() == "No words yet" and dock.pane.empty.isVisible()
    desk.controller.live(streaming=False)
    say(desk, dock, "hello")
    assert dock.pane.list.isVisible()


def test_a_transcript_that_was_not_asked_for_says_so(desk, dock):
    session = desk.controller.live(streaming=False)
    session.config = SessionConfig(
        meeting_id="m", stream_id="s", signature="0", signaling_url="wss://x", media=frozenset()
    )
    dock.model.session_changed.emit()
    desk.controller.settings.change(media=["audio"])
    dock.model.session_changed.emit()
    assert dock.pane.empty.line_text() == "The transcript was not asked for."
    QTest.mouseClick(dock.pane.empty.action_button(), Qt.MouseButton.LeftButton)
    assert "transcript" in desk.controller.settings.values.media
    assert dock.pane.empty.line_text() == "Not asked for in this session; the next one will ask."


def test_the_speaker_stands_above_the_first_line_of_a_turn(desk, dock):
    desk.controller.live(streaming=False)
    say(desk, dock, "one", "two")
    say(desk, dock, "three", user_id=TOMAS)
    assert shown_texts(dock) == [
        "Maya Okafor", "one", "00:03", "two", "00:06", "Tomás Rivera", "three", "00:09",
    ]  # fmt: skip


def test_markup_from_the_wire_stays_text(desk, dock):
    desk.controller.live(streaming=False)
    say(desk, dock, "<b>bold</b> <img src=x>")
    assert "<b>bold</b> <img src=x>" in shown_texts(dock)


def test_ctrl_f_finds_and_f3_steps_through_the_hits(desk, dock, qtbot):
    desk.controller.live(streaming=False)
    say(desk, dock, *[f"line {n} {'fallback' if n % 10 == 0 else 'words'}" for n in range(50)])
    dock.activateWindow()
    dock.pane.list.setFocus()
    QTest.keyClick(dock.pane.list, KEY.Key_F, CTRL)
    assert dock.pane.field.hasFocus()
    QTest.keyClicks(dock.pane.field, "FALLBACK")
    assert dock.pane.summary.text() == "5 of 5"
    assert 40 in dict(dock.pane.list._shown)
    QTest.keyClick(dock.pane.field, KEY.Key_F3)
    assert dock.pane.summary.text() == "1 of 5" and 0 in dict(dock.pane.list._shown)
    QTest.keyClick(dock.pane.field, KEY.Key_F3, SHIFT)
    QTest.keyClick(dock.pane.field, KEY.Key_Return, SHIFT)
    assert dock.pane.summary.text() == "4 of 5"
    assert not dock.pane.list.following
    QTest.keyClick(dock.pane.field, KEY.Key_Escape)
    assert dock.pane.field.text() == "" and not dock.pane.summary.isVisible()


def test_following_can_be_switched(desk, dock, qtbot):
    desk.controller.live(streaming=False)
    say(desk, dock, *[f"line {n}" for n in range(40)])
    toggle = dock.pane.follow_button
    assert toggle.text() == "Following" and toggle.accessibleName().endswith("on")
    QTest.mouseClick(toggle, Qt.MouseButton.LeftButton)
    assert toggle.text() == "Follow" and toggle.accessibleName().endswith("off")
    say(desk, dock, "new words")
    assert dock.pane.list.unseen == 1
    QTest.mouseClick(toggle, Qt.MouseButton.LeftButton)
    assert dock.pane.list.following and dock.pane.list.unseen == 0


def test_speakers_have_the_colours_that_they_have_everywhere(desk, dock):
    desk.controller.live(streaming=False)
    say(desk, dock, "one", user_id=TOMAS)
    say(desk, dock, "two", user_id=IRIS)
    rows = dock.pane.list
    tokens = [rows._rows.layout(serial).pieces[0].token for serial in range(2)]
    assert tokens == [f"speaker.{desk.colours.index(user)}" for user in (TOMAS, IRIS)]


def test_a_change_of_theme_is_followed(desk, dock):
    desk.controller.live(streaming=False)
    say(desk, dock, "words")
    before = theme().current.name
    try:
        theme().set_mode("light")
        light = dock.grab().toImage().pixelColor(20, 290)
        theme().set_mode("dark")
        dark = dock.grab().toImage().pixelColor(20, 290)
    finally:
        theme().set_mode(before)
    assert light.lightness() > 200 and dark.lightness() < 60


def test_a_hidden_transcript_collects_and_paints_nothing(desk, dock):
    desk.controller.live(streaming=False)
    dock.hide()
    say(desk, dock, "one", "two")
    assert len(dock.model.store) == 2 and dock.pane.list._shown == []
    dock.show()
    assert len(dock.pane.list._shown) == 2
