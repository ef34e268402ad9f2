from __future__ import annotations

import pytest

from rtms_desktop.views.chat_dock import ChatDock
from rtms_desktop.wire.messages import ChatFile, Person
from tests.fakes.desk import TOMAS, Desk


@pytest.fixture
def desk(tmp_path, qapp):
    return Desk(tmp_path)


@pytest.fixture
def dock(desk, qtbot):
    dock = desk.dock(qtbot, ChatDock, 330, 400)
    desk.controller.live(streaming=False)
    return dock


def row(dock, serial=0):
    dock.model._batch.flush()
    return dock.pane.list._rows.layout(serial)


def texts(layout):
    return [piece.layout.text() for piece in layout.pieces]


def test_a_message_shows_all_that_hangs_on_it(desk, dock):
    desk.chat("Is it the bank?", "A")
    desk.chat("Yes", "B", sender=TOMAS, parent_message_id="A", session_type=2,
              receiver=Person(user_id=1, user_name="Iris"),
              files=(ChatFile(file_id="F", file_name="a.pdf", file_size=48_000),))  # fmt: skip
    desk.chat("+1", "B", operation=4)
    found = row(dock, 1)
    assert texts(found) == [
        "Tomás Rivera", "private to Iris", "00:00", "Reply to Maya Okafor: Is it the bank?", "Yes", "a.pdf", "48 kB",
        "Reactions: +1 1 (Maya Okafor)",
    ]  # fmt: skip
    assert [glyph.name for glyph in found.glyphs] == ["lock", "undo-2", "file-text"]


def test_a_deleted_message_is_struck_out_and_says_when(desk, dock):
    desk.chat("wrong window", "A")
    before = row(dock).height
    desk.chat("", "A", operation=2)
    found = row(dock)
    words = next(piece for piece in found.pieces if piece.layout.text() == "wrong window")
    assert words.layout.font().strikeOut() and words.token == "text3"
    assert texts(found)[-1].startswith("deleted") and found.height > before


def test_a_long_file_name_is_cut_but_never_its_size(desk, dock):
    desk.chat("see", "A", files=(ChatFile(file_id="F", file_name="n" * 300 + ".pdf", file_size=412_000),))
    assert texts(row(dock))[-1] == "412 kB" and texts(row(dock))[-2].endswith("…")


def test_the_tab_counts_what_came_while_the_chat_was_hidden(desk, dock):
    counts = []
    dock.count_changed.connect(counts.append)
    desk.chat("seen", "A")
    row(dock)
    dock.hide()
    desk.chat("unseen", "B")
    desk.chat("unseen", "C")
    row(dock)
    assert counts[-1] == 2
    dock.show()
    assert counts[-1] == 0


def test_reading_further_up_counts_as_not_reading(desk, dock):
    for number in range(60):
        desk.chat("text " * 8, f"m{number}")
    row(dock)
    dock.pane.list.verticalScrollBar().setValue(0)
    desk.chat("new", "Z")
    row(dock)
    assert dock.model.unread == 1
    dock.pane.list.follow()
    assert dock.model.unread == 0
