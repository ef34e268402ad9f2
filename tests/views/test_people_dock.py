from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from rtms_desktop.views.people_dock import GAPS, JITTER, NAME, RECEIVED, PeopleDock
from tests.fakes.desk import IRIS, Desk


@pytest.fixture
def desk(tmp_path, qapp):
    return Desk(tmp_path)


def test_the_table_shows_who_is_here_and_the_tab_how_many(desk, qtbot):
    dock = desk.dock(qtbot, PeopleDock)
    counts = []
    dock.count_changed.connect(counts.append)
    assert dock.empty.isVisible() and dock.empty.title_text() == "Nobody here yet"
    desk.controller.live()
    desk.run(2)
    desk.controller.join(IRIS)
    desk.run(0.1)
    assert dock.table.isVisible() and counts[-1] == ("3", "grey")
    model = dock.table.model()
    assert [model.index(row, NAME).data() for row in range(3)] == ["Maya Okafor", "Tomás Rivera", "Iris Lehmann"]


def test_a_narrow_dock_folds_columns_from_the_right(desk, qtbot):
    dock = desk.dock(qtbot, PeopleDock, 480)
    hidden = {}
    for width in (480, 450, 380, 300):
        dock.resize(width, 200)
        hidden[width] = [column for column in (RECEIVED, JITTER, GAPS) if dock.table.isColumnHidden(column)]
    assert hidden == {480: [], 450: [GAPS], 380: [JITTER, GAPS], 300: [RECEIVED, JITTER, GAPS]}


def test_heads_explain_themselves_and_cells_have_words(desk, qtbot):
    dock = desk.dock(qtbot, PeopleDock)
    desk.controller.live()
    desk.run(1)
    model = dock.table.model()
    for column in range(model.columnCount()):
        assert model.headerData(column, Qt.Orientation.Horizontal, Qt.ItemDataRole.ToolTipRole)
        assert model.index(0, column).data(Qt.ItemDataRole.AccessibleTextRole)


def test_a_hidden_table_is_not_refreshed(desk, qtbot):
    dock = desk.dock(qtbot, PeopleDock)
    desk.controller.live()
    desk.run(2)
    dock.hide()
    told = []
    dock.model.model.dataChanged.connect(lambda *_: told.append(1))
    desk.run(5)
    assert told == []


def test_it_paints_names_with_markup_as_they_are(desk, qtbot):
    dock = desk.dock(qtbot, PeopleDock)
    desk.controller.live()
    desk.run(1)
    assert not dock.grab().isNull()
