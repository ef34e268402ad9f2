from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from rtms_desktop.app.h264_analysis import GroupPicture
from rtms_desktop.app.message_rows import Flag
from rtms_desktop.views.gop_strip import GopStrip
from rtms_desktop.views.hex_view import HexView
from rtms_desktop.views.inspector_detail import HEX, PREVIEW, RECEIVED
from rtms_desktop.views.inspector_dock import InspectorDock
from rtms_desktop.views.json_tree import JsonTree, pieces
from rtms_desktop.views.theme import theme
from tests.app.messages import tape_log, tape_of_meeting
from tests.fakes.desk import Desk
from tests.fakes.messages import Script


@pytest.fixture
def desk(tmp_path, qapp):
    desk = Desk(tmp_path)
    desk.controller.live()
    return desk


@pytest.fixture
def dock(desk, qtbot):
    dock = desk.dock(qtbot, InspectorDock, 1300, 760)
    yield dock
    dock.model.close()


@pytest.fixture
def script(desk, dock):
    script = Script(desk.controller.session.tape, at=desk.controller.clock.now())
    script.wall_ms = dock.model.log.rows.wall_ms
    return script


def play(desk, script):
    script.meeting()
    desk.ticks.text.emit()


def settle(qtbot, dock):
    qtbot.waitUntil(lambda: not dock.model.busy, timeout=10_000)
    dock.model._drain()


def at(dock, kind, number=-1):
    return int(np.flatnonzero(dock.model.log.rows.column("kind") == kind)[number])


def test_the_table_follows_its_end_until_somebody_reads(desk, dock, script):
    play(desk, script)
    bar = dock.table.verticalScrollBar()
    assert bar.value() == bar.maximum() > 0
    bar.setValue(5)
    script.run(1)
    desk.ticks.text.emit()
    assert bar.value() == 5


def test_a_hidden_dock_does_nothing_but_count(desk, dock, script):
    dock.hide()
    counts, before = [], dock.model.shown
    dock.count_changed.connect(counts.append)
    play(desk, script)
    assert dock.model.shown == before
    assert counts == [(f"{dock.model.log.rows.end:,}", "grey")]
    dock.show()
    assert dock.model.shown == dock.model.total


def test_typing_filters_and_a_wrong_word_is_explained(desk, dock, script, qtbot):
    play(desk, script)
    field = dock.bar.field
    QTest.keyClicks(field, "type:video")
    qtbot.waitUntil(lambda: dock.model.filter == "type:video")
    shown = dock.model.shown
    field.setText("type:vidoe")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert dock.bar.wrong.isVisible() and "Did you mean video?" in dock.bar.wrong.text()
    assert field.property("kind") == "wrong" and dock.model.shown == shown
    QTest.keyClick(field, Qt.Key.Key_Escape)
    dock.bar.apply()
    assert not dock.bar.wrong.isVisible() and dock.model.shown == dock.model.total


def test_completions_are_taken_over(desk, dock, script):
    play(desk, script)
    field = dock.bar.field
    field.setFocus()
    QTest.keyClicks(field, "us")
    assert field.words() == ["user:"]
    field.take("user:")
    assert '"Maya Okafor"' in field.words()
    field.take('"Maya Okafor"')
    assert field.text() == 'user:"Maya Okafor" '


def test_nothing_found_offers_the_way_back(desk, dock, script):
    play(desk, script)
    dock.bar.set_text("size>10m")
    assert dock.empty.isVisible() and dock.empty.title_text() == "No message matches"
    dock.empty.action_button().click()
    assert dock.table.isVisible() and dock.bar.field.text() == ""


def test_a_chosen_row_is_taken_apart(desk, dock, script, qtbot):
    play(desk, script)
    dock.go_to(int(np.flatnonzero(dock.model.log.rows.column("flags") & Flag.GAP)[0]))
    settle(qtbot, dock)
    detail = dock.detail
    assert detail.head.title.text() == "15 MEDIA_DATA_VIDEO" and detail.tabs.tabText(PREVIEW) == "H.264"
    preview = detail.preview
    assert preview.picture.has_picture and dict(preview.facts())["Picture"] == "keyframe (IDR)"
    preview.units.setCurrentRow(0)
    assert preview.hex.marked[0] == 4 and preview.units.currentItem().text().startswith("SPS")
    assert "user_name" in detail.received.toPlainText() and len(detail.hex.data) == len(preview.hex.data) > 100
    assert not dock.grab().isNull()


def test_a_click_into_the_group_looks_at_that_picture(desk, dock, script, qtbot):
    play(desk, script)
    dock.go_to(at(dock, 15, 10))
    settle(qtbot, dock)
    strip, report = dock.detail.preview.group, dock.model.detail.report
    assert strip.isVisible() and len(report.group) == 25 and report.place == 10
    assert "picture 11 is shown" in strip.accessibleDescription() and "1 I, 24 P" in strip.accessibleDescription()
    assert strip.tip_at(0).startswith("1 of 25: I, ")
    QTest.mouseClick(strip, Qt.MouseButton.LeftButton, pos=QPoint(round(strip.width() * 20.5 / 25), 20))
    settle(qtbot, dock)
    assert (
        dock.model.detail.serial == report.group[20].serial == dock.model.model.serial(dock.table.currentIndex().row())
    )
    assert dock.detail.preview.picture.has_picture and dict(dock.detail.preview.facts())["Picture"] == "P frame"
    dock.bar.set_text("is:keyframe")  # which leaves it out: it is shown all the same
    QTest.keyClick(strip, Qt.Key.Key_Left)
    settle(qtbot, dock)
    assert dock.model.detail.serial == report.group[19].serial


def test_holes_and_kinds_can_be_seen_in_the_group(qtbot, qapp):
    strip = GopStrip()
    qtbot.addWidget(strip)
    strip.resize(100, 44)
    strip.show_group([GroupPicture(0, "I", 900, 0), GroupPicture(1, "B", 100, 0), GroupPicture(2, "P", 300, 2)], 2)
    image = strip.grab().toImage()
    colours = {name: theme().color(name).name() for name in ("warn_fill", "playhead")}
    assert image.pixelColor(66, 2).name() == colours["warn_fill"]
    assert image.pixelColor(80, 43).name() == colours["playhead"]
    assert image.pixelColor(10, 30).name() == theme().media("video").name() != image.pixelColor(80, 36).name()
    assert "2 lost" in strip.accessibleDescription() and strip.tip_at(99).endswith("300 bytes, 2 lost before it")


def test_the_keyboard_comes_without_moving_the_window_away(desk, dock, script, qtbot):
    play(desk, script)
    chosen = []
    dock.model.cursor.choose = chosen.append
    qtbot.waitUntil(dock.isActiveWindow)
    dock.table.setFocus(Qt.FocusReason.TabFocusReason)
    assert dock.table.currentIndex().row() == dock.model.shown - 1 and chosen == []
    QTest.keyClick(dock.table, Qt.Key.Key_Up)
    assert chosen == [dock.model.model.serial(dock.model.shown - 2)]


def test_other_payloads_have_their_own_view(desk, dock, script, qtbot):
    play(desk, script)
    for kind, tab in ((14, "Sound"), (16, "Picture"), (17, "Text")):
        dock.go_to(at(dock, kind))
        settle(qtbot, dock)
        assert dock.detail.tabs.tabText(PREVIEW) == tab and dock.detail.tabs.currentIndex() == PREVIEW
        assert not dock.grab().isNull()
    assert "<b>" in dock.detail.preview.text.toPlainText() or "Nordics" in dock.detail.preview.text.toPlainText()
    dock.go_to(at(dock, 3))
    settle(qtbot, dock)
    assert dock.detail.tabs.currentIndex() in (HEX, RECEIVED) and not dock.detail.tabs.isTabVisible(PREVIEW)
    assert "***" in dock.detail.received.toPlainText()


def test_the_chosen_message_survives_another_filter(desk, dock, script, qtbot):
    play(desk, script)
    serial = at(dock, 15, 30)
    dock.go_to(serial)
    dock.bar.set_text("type:video")
    assert dock.model.model.serial(dock.table.currentIndex().row()) == serial
    settle(qtbot, dock)


def test_rows_and_messages_are_copied(desk, dock, script, qtbot):
    play(desk, script)
    dock.go_to(at(dock, 4))
    QTest.keyClick(dock.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert "DATA_HAND_SHAKE_RESP" in QGuiApplication.clipboard().text()
    for how, part in (("json", '"msg_type": 4'), ("curl", "curl --no-buffer"), ("python", "json.loads")):
        dock.copy(how)
        settle(qtbot, dock)
        assert part in QGuiApplication.clipboard().text()
    assert "copied" in dock.strip.said


def test_the_menu_follows_a_person(desk, dock, script, qtbot):
    play(desk, script)
    menu = dock.menu(at(dock, 15))
    qtbot.addWidget(menu)
    menu.actions()[0].trigger()
    assert dock.bar.field.text() == 'user:"Tomás Rivera"' and dock.model.shown < dock.model.total


def test_the_left_column_filters_and_shows_what_is_saved(desk, dock, script):
    play(desk, script)
    rows = dock.facets.facets
    names = [line if isinstance(line, str) else line.text for line in rows.lines]
    dock.facets._act(rows.index(names.index("Video")))
    assert dock.bar.field.text() == "link:video" and dock.facets.is_chosen(rows.lines[names.index("Video")])
    dock.model.save_filter("Pictures")
    assert rows.lines[-1].text == "Pictures" and rows.lines[-2] == "Saved filters"


def test_holding_keeps_the_view(desk, dock, script):
    play(desk, script)
    dock.bar.hold.click()
    shown = dock.model.shown
    script.run(1)
    desk.ticks.text.emit()
    assert dock.model.shown == shown and "new" in dock.bar.count.text()
    dock.bar.hold.click()
    assert dock.model.shown == dock.model.total


def test_the_strip_leads_to_a_moment(desk, dock, script):
    play(desk, script)
    QTest.mouseClick(dock.strip, Qt.MouseButton.LeftButton, pos=dock.strip.rect().center())
    chosen = dock.model.model.serial(dock.table.currentIndex().row())
    times = dock.model.log.rows.column("time")
    assert times[chosen] == pytest.approx((times[0] + times[-1]) / 2, abs=2e8)
    assert "with trouble" in dock.strip.accessibleDescription()


def test_the_strip_survives_another_log_before_it_has_measured_it(desk, dock, script, tmp_path):
    play(desk, script)
    dock.strip.set_chosen(20)
    dock.strip.set_range(10, 30)
    dock.model.log = tape_log(tape_of_meeting(tmp_path / "t.mcap"))  # its times are those of another clock
    assert not dock.strip.grab().isNull()
    dock.strip.refresh()
    assert not dock.strip.grab().isNull()


def test_it_fits_into_a_low_panel(desk, dock, script, qtbot):
    play(desk, script)
    dock.go_to(at(dock, 15))
    settle(qtbot, dock)
    dock.resize(1300, 200)
    assert dock.height() == 200 and dock.halves.orientation() == Qt.Orientation.Horizontal
    assert not dock.facets.isVisible() and not dock.detail.preview.hex.isVisible()


def test_bytes_are_shown_in_rows_and_copied(qtbot):
    view = HexView("Bytes")
    qtbot.addWidget(view)
    view.resize(700, 100)
    view.show_bytes(bytes(range(40)))
    assert view.line(2) == ("0020", "20 21 22 23 24 25 26 27  ", " !\"#$%&'")
    view.mark(4, 6)
    QTest.keyClick(view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "04 05"
    assert not view.grab().isNull()


def test_json_is_drawn_closed_and_open(qtbot, desk, dock, script):
    play(desk, script)
    dock.go_to(at(dock, 15))
    settle(qtbot, dock)
    root = dock.model.detail.tree
    assert "".join(text for text, _ in pieces(root, True)) == "{ 2 }"
    tree = JsonTree("Tree")
    qtbot.addWidget(tree)
    tree.show_tree(root)
    model = tree.model()
    content = model.index(1, 0, model.index(0, 0))
    assert content.data() == '"content": { 5 }' and model.parent(content) == model.index(0, 0)
    assert model.rowCount(content) == 5 and tree.isExpanded(content)
