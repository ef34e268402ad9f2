from __future__ import annotations

import time

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from rtms_desktop.viewmodels.rows import RowStore
from rtms_desktop.views.anchored_list import PAD
from rtms_desktop.views.row_layout import RowLayout, plain_tip
from rtms_desktop.views.theme import theme
from rtms_desktop.views.virtual_list import VirtualList

KEY, LEFT, SHIFT = Qt.Key, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier
NONE = Qt.KeyboardModifier.NoModifier


class Look:
    """Rows whose true height is not the estimated one."""

    line = 18

    def __init__(self, store: RowStore[str]) -> None:
        self.store = store
        self.laid_out = 0

    def chars_per_line(self, width: int) -> float:
        return width / 7

    def rough(self, serial: int) -> tuple[int, int]:
        return 4, len(self.store.row(serial))

    def lay_out(self, serial: int, width: int) -> RowLayout:
        self.laid_out += 1
        row = RowLayout()
        row.text(self.store.row(serial), 0, width, marked=True)
        row.height += 4
        return row

    def plain(self, serial: int) -> str:
        return self.store.row(serial)

    def tip(self, serial: int) -> str:
        return ""


@pytest.fixture
def store(qapp):
    return RowStore(100_000)


@pytest.fixture
def rows(qtbot, store):
    rows = VirtualList(store, Look(store))
    qtbot.addWidget(rows)
    rows.resize(300, 200)
    rows.show()
    qtbot.waitExposed(rows)
    return rows


def fill(store: RowStore[str], count: int, words: int = 12) -> None:
    for _ in range(count):
        store.append(f"row {store.end} " + "word " * (store.end % words))
    store.commit()


def last_bottom(rows: VirtualList) -> int:
    serial, top = rows._shown[-1]
    return top + rows._rows.measure(serial)


def test_it_follows_the_tail(rows, store):
    fill(store, 100)
    assert rows.following and rows._shown[-1][0] == 99
    fill(store, 1)
    assert rows._shown[-1][0] == 100
    assert last_bottom(rows) == rows.viewport().height() - PAD
    assert rows.verticalScrollBar().value() == rows.verticalScrollBar().maximum()


def test_a_short_list_starts_at_the_top(rows, store):
    fill(store, 2)
    assert rows._shown[0] == (0, PAD) and rows.verticalScrollBar().maximum() == 0


def test_scrolling_up_ends_following_and_new_rows_move_nothing(rows, store, qtbot):
    fill(store, 200)
    told = []
    rows.following_changed.connect(told.append)
    bar = rows.verticalScrollBar()
    bar.setValue(bar.value() - 300)
    before = list(rows._shown)
    fill(store, 12)
    assert rows._shown == before and rows.unseen == 12 and told == [False]
    assert rows._pill.isVisible() and rows._pill.text() == "12 new"
    QTest.mouseClick(rows._pill, LEFT)
    assert rows.following and not rows._pill.isVisible() and rows._shown[-1][0] == 211


def test_scrolling_to_the_end_follows_again(rows, store):
    fill(store, 200)
    bar = rows.verticalScrollBar()
    bar.setValue(0)
    assert not rows.following and rows._shown[0] == (0, PAD)
    bar.setValue(bar.maximum())
    assert rows.following


def test_scrolling_up_by_pixels_is_exact_although_heights_above_are_guessed(rows, store):
    fill(store, 500)
    bar = rows.verticalScrollBar()
    for _ in range(60):
        tops = dict(rows._shown)
        bar.setValue(bar.value() - 37)
        after = dict(rows._shown)
        for serial in tops.keys() & after.keys():
            assert after[serial] == tops[serial] + 37


def test_a_row_that_comes_late_moves_neither_the_choice_nor_what_is_read(rows, store):
    fill(store, 200)
    rows.verticalScrollBar().setValue(900)
    rows.select(rows._shown[3][0])
    chosen, top = store.row(rows.selected()[0]), store.row(rows._shown[0][0])
    offset = rows._shown[0][1]
    store.insert(5, "late and long " + "word " * 30)
    store.commit()
    assert [store.row(serial) for serial in rows.selected()] == [chosen]
    assert (store.row(rows._shown[0][0]), rows._shown[0][1]) == (top, offset)


def test_rows_that_go_at_the_front_move_nothing_that_is_read(qtbot, qapp):
    store: RowStore[str] = RowStore(300)
    rows = VirtualList(store, Look(store))
    qtbot.addWidget(rows)
    rows.resize(300, 200)
    rows.show()
    fill(store, 300)
    bar = rows.verticalScrollBar()
    bar.setValue(bar.maximum() // 2)
    before = list(rows._shown)
    fill(store, 5)
    assert store.first > 0 and rows._shown == before


def test_a_reader_whose_rows_are_gone_lands_on_the_oldest(qtbot, qapp):
    store: RowStore[str] = RowStore(50)
    rows = VirtualList(store, Look(store))
    qtbot.addWidget(rows)
    rows.resize(300, 200)
    rows.show()
    fill(store, 50)
    rows.verticalScrollBar().setValue(0)
    fill(store, 200)
    assert rows._shown[0][0] == store.first and not rows.following


def test_only_what_is_seen_is_laid_out(rows, store):
    fill(store, 20_000)
    assert rows._look.laid_out < 60


def test_a_changed_row_is_laid_out_anew_and_pushes_the_others(rows, store):
    fill(store, 3)
    before = rows._rows.measure(1)
    store._rows[1] = "word " * 200
    store.touch(1)
    store.commit()
    assert rows._rows.measure(1) > before
    assert dict(rows._shown)[2] == dict(rows._shown)[1] + rows._rows.measure(1)


def test_a_new_width_keeps_the_place(rows, store):
    fill(store, 400)
    rows.verticalScrollBar().setValue(rows.verticalScrollBar().maximum() // 2)
    first = rows._shown[0][0]
    rows.resize(500, 200)
    assert rows._shown[0][0] == first


def test_what_came_while_it_was_hidden_is_there_when_it_shows(rows, store):
    fill(store, 10)
    rows.hide()
    for _ in range(30):
        fill(store, 2)
    store._rows[3] = "changed"
    store.touch(3)
    store.commit()
    rows.show()
    assert rows._shown[-1][0] == 69 and len(rows._rows) == 70


def test_a_cleared_store_is_empty(rows, store):
    fill(store, 30)
    store.clear()
    store.commit()
    assert rows._shown == [] and rows.verticalScrollBar().maximum() == 0
    fill(store, 2)
    assert [serial for serial, _ in rows._shown] == [30, 31]


def test_keys_and_clicks_select_and_copy(rows, store):
    fill(store, 50, words=2)
    rows.verticalScrollBar().setValue(0)
    QTest.mouseClick(rows.viewport(), LEFT, NONE, QPoint(20, PAD + 4))
    assert rows.selected() == range(1)
    QTest.keyClick(rows, KEY.Key_Down, SHIFT)
    QTest.keyClick(rows, KEY.Key_Down, SHIFT)
    QTest.keyClick(rows, KEY.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "\n".join(store.row(n) for n in range(3))
    QTest.keyClick(rows, KEY.Key_End)
    assert rows.selected() == range(49, 50) and rows.following
    QTest.keyClick(rows, KEY.Key_Home)
    assert rows.selected() == range(1) and not rows.following
    QTest.keyClick(rows, KEY.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert len(rows.selected()) == 50


def test_reveal_brings_a_row_into_sight(rows, store):
    fill(store, 1000)
    rows.reveal(500)
    tops = dict(rows._shown)
    assert 0 <= tops[500] <= rows.viewport().height()
    place = list(rows._shown)
    rows.reveal(500)
    assert rows._shown == place


def test_the_menu_opens_without_a_loop_of_its_own(rows, store, qtbot):
    fill(store, 3)
    rows.open_menu(rows.mapToGlobal(QPoint(5, 5)))
    menu = QApplication.activePopupWidget()  # the call above has returned: nothing blocks
    assert menu is not None and menu.actions()[0].text() == "Copy"
    menu.close()


def test_a_tooltip_shows_markup_as_text():
    assert plain_tip("<b>x</b> & y\nz") == "<qt>&lt;b&gt;x&lt;/b&gt; &amp; y<br>z</qt>" and plain_tip("") == ""


@pytest.mark.slow
def test_appending_to_a_hundred_thousand_rows_is_cheap(rows, store, qapp):
    fill(store, 99_000)
    costs = []
    for _ in range(40):
        began = time.perf_counter()
        fill(store, 1)
        rows.viewport().repaint()
        costs.append(time.perf_counter() - began)
    # Measured 1 ms; the bound leaves room for a busy machine.
    assert sorted(costs)[len(costs) // 2] < 0.005


def test_a_list_that_was_reached_by_key_has_a_frame(rows, store):
    fill(store, 3)
    accent = theme().color("accent")
    rows.clearFocus()

    def frame() -> bool:
        return rows.viewport().grab().toImage().pixelColor(0, 150) == accent

    rows.setFocus(Qt.FocusReason.MouseFocusReason)
    assert not frame()
    rows.clearFocus()
    rows.setFocus(Qt.FocusReason.TabFocusReason)
    assert frame()
    QTest.keyClick(rows, KEY.Key_Down)
    assert not frame()
