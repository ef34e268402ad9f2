from __future__ import annotations

import sys
import time

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu

from rtms_desktop.app.events import PaneAsked
from rtms_desktop.session.events import EndCause, LinkState
from rtms_desktop.viewmodels import monitor_words
from rtms_desktop.viewmodels.graph_kinds import BY_KEY, FIRST, GRAPHS
from rtms_desktop.views.graph_figures import AXIS
from rtms_desktop.views.graph_view import GraphView
from rtms_desktop.views.lanes import GUTTER, HEAD
from rtms_desktop.views.monitor_dock import MonitorDock
from rtms_desktop.views.theme import theme
from tests.fakes.desk import Desk

CLICK, KEY, NO_KEY = Qt.MouseButton.LeftButton, Qt.Key, Qt.KeyboardModifier.NoModifier


@pytest.fixture
def desk(tmp_path, qapp):
    return Desk(tmp_path)


@pytest.fixture
def dock(desk, qtbot):
    dock = desk.dock(qtbot, MonitorDock, 1300, 290)
    # The plots are made a moment after the first paint.
    desk.controller.live()
    desk.run(20)
    dock.repaint()
    qtbot.waitUntil(lambda: all(graph._plot is not None for graph in dock.graphs), timeout=5000)
    return dock


def colour_count(dock, token: str) -> int:
    image = dock.lanes.grab().toImage().convertToFormat(dock.lanes.grab().toImage().Format.Format_ARGB32)
    pixels = np.frombuffer(bytes(image.constBits()), np.uint8).reshape(-1, 4)
    colour = theme().color(token)
    return int((pixels[:, :3] == [colour.blue(), colour.green(), colour.red()]).all(axis=1).sum())


def test_before_a_session_it_offers_to_connect(desk, qtbot):
    dock = desk.dock(qtbot, MonitorDock, 1300, 290)
    assert dock.empty.isVisible() and dock.empty.title_text() == "Nothing is connected"
    with qtbot.waitSignal(dock.connect_requested, timeout=1000):
        QTest.mouseClick(dock.empty.action_button(), CLICK)
    desk.controller.live(streaming=False)
    assert dock.lanes.isVisible()


def test_a_healthy_monitor_shows_no_amber_and_a_loss_does(desk, dock):
    assert colour_count(dock, "warn_fill") == 0
    desk.controller.lose("video")
    desk.run(3)
    assert colour_count(dock, "warn_fill") > 20


def test_lanes_show_bars_in_the_colours_of_their_media(dock):
    for medium in ("audio", "video"):
        assert colour_count(dock, f"media.{medium}") > 100


def test_a_click_sets_the_playhead_everywhere_and_escape_lets_go(desk, dock):
    place = QPoint(GUTTER + (dock.lanes.width() - GUTTER) * 95 // 100, HEAD + 40)
    QTest.mouseClick(dock.lanes, CLICK, Qt.KeyboardModifier.NoModifier, place)
    assert dock.model.cursor == pytest.approx(dock.model.now - 6, abs=1.5)
    assert all(graph._playhead.isVisible() for graph in dock.graphs)
    assert dock.graphs[1].head.value.text() == "25.0"
    QTest.keyClick(dock.lanes, KEY.Key_Left)
    assert dock.model.cursor == pytest.approx(dock.model.now - 11, abs=1.5)
    QTest.keyClick(dock.lanes, KEY.Key_Escape)
    assert dock.model.cursor is None and not dock.graphs[0]._playhead.isVisible()


def test_g_goes_to_the_gap(desk, dock):
    desk.controller.lose("video")
    desk.run(2)
    desk.controller.regain("video")
    desk.run(2)
    QTest.keyClick(dock.lanes, KEY.Key_G, Qt.KeyboardModifier.ShiftModifier)
    assert dock.model.cursor == dock.model.gaps.blocks[0].start


def test_a_double_click_asks_for_the_inspector_there(desk, dock):
    asked = []
    desk.controller.hub.subscribe(lambda events: asked.extend(e for e in events if isinstance(e, PaneAsked)))
    place = QPoint(dock.lanes.width() - 30, HEAD + 2 * dock.lanes.row_height + 10)
    QTest.mouseDClick(dock.lanes, CLICK, NO_KEY, place)
    assert [(event.pane, event.link) for event in asked] == [("inspector", "video")]
    assert asked[0].at < dock.model.now
    place = QPoint(dock.graphs[0].width() // 2, dock.graphs[0].height() // 2)
    QTest.mouseDClick(dock.graphs[0], CLICK, NO_KEY, place)
    assert asked[1].at == pytest.approx(dock.model.now - 60, abs=10) and asked[1].link == ""


def test_dragging_looks_at_another_time_and_the_wheel_zooms(desk, dock):
    desk.run(200)
    edge, y = dock.model.edge, HEAD + 40
    QTest.mousePress(dock.lanes, CLICK, NO_KEY, QPoint(GUTTER + 100, y))
    for x in (140, 200):
        QTest.mouseMove(dock.lanes, QPoint(GUTTER + x, y))
    QTest.mouseRelease(dock.lanes, CLICK, NO_KEY, QPoint(GUTTER + 200, y))
    seconds = 100 / (dock.lanes.width() - GUTTER) * dock.model.window_s
    assert dock.model.edge == pytest.approx(edge - seconds, abs=1.0) and dock.model.cursor is None
    assert dock.head.follow_button.isVisible()
    roll(dock.lanes, QPointF(GUTTER + 50, y), 120)
    assert dock.model.window_s == pytest.approx(96) and dock.head.window_box.currentIndex() == -1
    assert dock.head.window_box.placeholderText() == "96 s"
    roll(dock.graphs[0], QPointF(40, 80), -120)
    assert dock.model.window_s == pytest.approx(120)
    QTest.mouseClick(dock.head.follow_button, CLICK)
    assert dock.model.view.follows and not dock.head.follow_button.isVisible()


def test_the_keys_of_the_list_move_cursor_and_window(desk, dock):
    from rtms_desktop.views.dialogs import KEYS

    desk.run(200)
    model, lanes = dock.model, dock.lanes
    pressed = {
        "Left, Right": (KEY.Key_Left, lambda: model.cursor == pytest.approx(model.now - 5)),
        "+ -": (KEY.Key_Plus, lambda: model.window_s == pytest.approx(96)),
        "PgUp, PgDn": (KEY.Key_PageUp, lambda: model.edge == pytest.approx(model.now - 48)),
        "L, Esc": (KEY.Key_L, lambda: model.cursor is None and model.view.follows),
    }
    for key, is_so in pressed.values():
        QTest.keyClick(lanes, key)
        assert is_so(), key
    (listed,) = [[key for key, _ in keys] for heading, keys in KEYS if heading == "Monitor"]
    assert [*pressed, "G, Shift+G", "Enter"] == listed
    asked = []
    desk.controller.hub.subscribe(lambda events: asked.extend(e for e in events if isinstance(e, PaneAsked)))
    QTest.keyClick(dock.graphs[0], KEY.Key_Return)
    assert asked[-1].pane == "inspector"


def test_graphs_are_drawn_one_a_turn_but_all_at_once_for_a_person(desk, dock, monkeypatch):
    drawn = []
    for graph in dock.graphs:
        monkeypatch.setattr(graph, "refresh", lambda moment, key=graph.graph.key: drawn.append(key) or True)
    for _ in range(4):
        desk.controller.step(1.0)
        desk.ticks.data.emit()
    assert sorted(drawn) == ["bitrate", "fps", "jitter", "lag"]
    drawn.clear()
    dock.model.zoom(1)
    assert len(drawn) >= 4


def roll(widget, place, turned):
    none, phase = Qt.MouseButton.NoButton, Qt.ScrollPhase.NoScrollPhase
    event = QWheelEvent(
        place, widget.mapToGlobal(place), QPoint(), QPoint(0, turned), none, NO_KEY, phase, False
    )  # fmt: skip
    QGuiApplication.sendEvent(widget, event)


def test_a_click_in_a_graph_is_the_same_cursor(desk, dock):
    desk.run(60)
    graph = dock.graphs[1]
    QTest.mouseClick(graph, CLICK, NO_KEY, QPoint((graph.width() - AXIS) * 3 // 4, 80))
    assert dock.model.cursor == pytest.approx(dock.model.now - 30, abs=1.5)
    assert graph._playhead.isVisible() and graph._playhead.value() == pytest.approx(-30, abs=1.5)


def test_graphs_are_chosen_by_menu_and_only_those_exist(desk, dock):
    menu = QMenu()
    dock.head.add_graphs(menu)
    actions = {action.text(): action for action in menu.actions()}
    assert len(actions) == len(GRAPHS) == 12
    assert [text for text, action in actions.items() if action.isChecked()] == [
        graph.title for graph in map(BY_KEY.get, FIRST)
    ]
    for title in ("Packets", "Own CPU"):
        actions[title].trigger()
    assert [view.graph.key for view in dock.graphs] == ["bitrate", "packets", "fps", "lag", "jitter", "cpu"]
    assert dock.grid.left_out == 0 and all(view.isVisible() for view in dock.graphs)  # three columns of two
    dock.resize(1200, 290)
    assert dock.grid.left_out == 2 and "2 more chosen" in dock.head.graphs_button.toolTip()
    assert len(dock.findChildren(GraphView)) == 6
    actions["Packets"].trigger()
    assert "packets" not in dock.grid._views
    menu.deleteLater()


@pytest.mark.parametrize("graph", ["", "lag"])
def test_csv_and_pictures_go_to_files(dock, tmp_path, graph):
    chosen = BY_KEY.get(graph)
    for ask, name in (
        (lambda: dock.export.ask_csv(chosen), "out.csv"), (lambda: dock.export.ask_picture(dock, chosen), "out.png"),
    ):  # fmt: skip
        dialog = ask()
        dialog.fileSelected.emit(str(tmp_path / name))
        dialog.close()
        assert dock.head.said.text() == f"Saved {name}"
    assert (tmp_path / "out.csv").read_text().startswith("session_s,video ms" if graph else "session_s,signaling")
    assert (tmp_path / "out.png").read_bytes().startswith(b"\x89PNG")


def test_a_file_that_cannot_be_written_is_said(dock, tmp_path):
    dialog = dock.export.ask_csv()
    dialog.fileSelected.emit(str(tmp_path / "nowhere" / "out.csv"))
    dialog.close()
    assert dock.head.said.text().startswith("Not saved: ")


def test_one_graph_as_table(desk, dock):
    actions = {action.text(): action for action in dock.make_menu(BY_KEY["fps"]).actions()}
    actions["Show as table"].trigger()
    desk.run(1)
    assert dock.is_table and dock.table.accessibleName() == "Video frames as a table"
    assert dock.table.model().index(3, 1).data() == "25.0"
    actions = {action.text(): action for action in dock.make_menu().actions()}
    actions["Copy as CSV"].trigger()
    assert QGuiApplication.clipboard().text().startswith("session_s,video fps")
    QTest.mouseClick(dock.back_button, CLICK)
    assert not dock.is_table


def test_the_plate_tells_state_and_amount_under_the_pointer(dock):
    lane = dock.model.lanes[2]
    words = monitor_words.at_words(dock.model, lane, dock.model.now - 5)
    assert words[0] == "Video: streaming" and words[-1].endswith("kbit/s")
    QTest.mouseMove(dock.lanes, QPoint(dock.lanes.width() - 40, HEAD + 75))
    assert not dock.lanes.grab().isNull()


def test_show_as_table_and_back(desk, dock):
    actions = {action.text(): action for action in dock.make_menu().actions()}
    actions["Show as table"].trigger()
    assert dock.is_table and dock.table.isVisible()
    desk.run(1)
    model = dock.table.model()
    assert model.index(2, 0).data() == "Video" and model.index(2, 1).data() == "streaming"
    actions = {action.text(): action for action in dock.make_menu().actions()}
    actions["Show lanes and graphs"].trigger()
    assert not dock.is_table


def test_the_same_in_words_for_those_who_do_not_see(dock):
    said = dock.lanes.accessibleDescription()
    assert "Video: streaming" in said and "Gaps: none in" in said and "Bitrate:" in said
    assert dock.head.window_box.accessibleName() and dock.head.csv_button.toolTip()
    assert dock.graphs[0].head.accessibleName().startswith("Bitrate: ")


def test_the_window_is_chosen_in_the_head_and_copied_as_csv(dock):
    dock.head.window_box.setCurrentIndex(2)
    assert dock.model.window_min == 5
    dock.export.copy_csv()
    assert QGuiApplication.clipboard().text().startswith("session_s,signaling") and dock.head.said.text() == "Copied"


def test_a_low_dock_is_compact_with_four_figures(desk, dock):
    dock.resize(1000, 170)
    assert dock.compact and dock.lanes.row_height == 17
    assert dock.sparks[0].isVisible() and not dock.graphs[0].isVisible()
    desk.run(1)
    assert dock.sparks[1].accessibleName() == "Video frames: 25.0 fps"
    QTest.mouseClick(dock.head.figures_button, Qt.MouseButton.LeftButton)
    assert dock.is_figures and not dock.head.graphs_button.isVisible()
    QTest.mouseClick(dock.head.figures_button, Qt.MouseButton.LeftButton)
    dock.resize(1300, 290)
    assert not dock.compact and dock.graphs[0].isVisible() and dock.head.graphs_button.isVisible()


def test_a_narrow_dock_keeps_two_graphs(dock):
    dock.resize(1000, 290)
    assert [graph.isVisible() for graph in dock.graphs] == [True, False, True, False]


def test_a_hidden_monitor_paints_nothing_but_goes_on_counting(desk, dock):
    dock.hide()
    drawn = [graph._drawn for graph in dock.graphs]
    desk.run(5)
    assert [graph._drawn for graph in dock.graphs] == drawn
    assert dock.model.history.newest == round(desk.controller.clock.now() * 10)


def test_curves_have_holes_where_nothing_was_measured(desk, dock):
    desk.controller.lose("video")
    desk.run(5)
    desk.controller.regain("video")
    desk.run(5)
    y = dock.graphs[0]._curves["video"].getData()[1]
    assert np.isnan(y[-10:]).any() and not np.isnan(y[-3:]).any()


def test_a_refused_socket_shows_its_code(desk, qtbot):
    dock = desk.dock(qtbot, MonitorDock, 1300, 290)
    desk.controller.live(streaming=False)
    desk.controller.link("signaling", LinkState.REFUSED, "", 3, "INVALID_SIGNATURE")
    desk.controller.end(EndCause.REJECTED, None, "The signature was refused: 3 INVALID_SIGNATURE", 3)
    desk.run(1)
    assert colour_count(dock, "error") > 0


def test_pyqtgraph_is_not_imported_with_the_dock():
    assert "pyqtgraph" not in _modules_after("import rtms_desktop.views.monitor_dock")


def _modules_after(code: str) -> list[str]:
    import subprocess

    done = subprocess.run(
        [sys.executable, "-c", f"{code}; import sys; print(' '.join(sys.modules))"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout.split()


@pytest.mark.slow
def test_painting_the_lanes_is_cheap(desk, dock):
    costs = []
    for _ in range(30):
        began = time.perf_counter()
        dock.lanes.repaint()
        costs.append(time.perf_counter() - began)
    # Measured below 3 ms for six lanes; the bound leaves room for a busy machine.
    assert sorted(costs)[len(costs) // 2] < 0.012


def test_figures_take_the_place_of_lanes_and_graphs_and_give_it_back(desk, dock):
    QTest.mouseClick(dock.head.figures_button, CLICK)
    assert dock.is_figures and dock.head.figures_button.isChecked() and not dock.lanes.isVisible()
    desk.run(2)
    tile = next(tile for tile in dock.tiles.tiles if tile.name.full_text() == "Active sessions")
    assert tile.value.text() == "1" and tile.accessibleName() == "Active sessions: 1" and tile.toolTip()
    QTest.mouseClick(dock.head.figures_button, CLICK)
    assert not dock.is_figures and dock.lanes.isVisible()
    menu = dock.make_menu()
    next(action for action in menu.actions() if action.text() == "Show figures").trigger()
    assert dock.is_figures
    menu.close()
