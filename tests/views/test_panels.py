from __future__ import annotations

import json

import pytest
from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QMenu, QSplitter, QWidget

from rtms_desktop.views.panels import Area, FloatingPanel, Panel, PanelHost
from rtms_desktop.views.widgets import Pill

CLICK = Qt.MouseButton.LeftButton


class Widget(QLabel):
    count_changed = Signal(object)


@pytest.fixture
def host(qtbot):
    window = QSplitter()
    right, bottom = Area("right"), Area("bottom")
    window.addWidget(right)
    window.addWidget(bottom)
    qtbot.addWidget(window)
    window.resize(900, 400)
    window.show()
    qtbot.waitExposed(window)
    made = PanelHost(window, {"right": right, "bottom": bottom})
    for key, home in (("one", "right"), ("two", "right"), ("three", "bottom")):
        made.add(Panel(key, key.title(), Widget(key), home))
    made.add(Panel("four", "Four", Widget("four"), "right", opened_at_first=False))
    made.reset()
    return made


def places(host):
    return {key: host.place_of(key) for key in host.panels}


def test_a_fresh_layout(host):
    assert places(host) == {"one": "right", "two": "right", "three": "bottom", "four": "closed"}
    assert host.panels["one"].widget.isVisible() and not host.panels["two"].widget.isVisible()


def test_a_tab_brings_its_panel_to_the_front(host):
    tabs = host.areas["right"].tabs
    QTest.mouseClick(tabs, CLICK, pos=tabs.tabRect(1).center())
    assert host.panels["two"].widget.isVisible() and not host.panels["one"].widget.isVisible()


def test_closed_panels_come_back_in_their_old_place(host):
    host.close("one")
    assert host.place_of("one") == "closed" and host.areas["right"].keys == ["two"]
    host.open("one")
    assert host.areas["right"].keys == ["one", "two"] and host.areas["right"].current == "one"
    assert host.panels["one"].widget.isVisible()


def test_the_close_button_closes_the_front_panel(host):
    area = host.areas["bottom"]
    QTest.mouseClick(area._close, CLICK)
    assert host.place_of("three") == "closed" and area.keys == []


def test_panels_move_between_areas(host):
    host.move("one", "bottom")
    assert host.areas["bottom"].keys == ["one", "three"] and host.areas["bottom"].current == "one"
    host.close("one")
    host.open("one")
    assert host.place_of("one") == "bottom"


def test_a_floating_panel_is_a_window_that_can_be_put_back(host, qtbot):
    host.float("one")
    assert host.place_of("one") == "floating"
    window = host.panels["one"].widget.window()
    assert isinstance(window, FloatingPanel) and window.windowTitle() == "One · RTMS Desktop"
    window.dock_wanted.emit("one")
    assert host.place_of("one") == "right" and host.panels["one"].widget.isVisible()


def test_closing_the_window_of_a_floating_panel_closes_the_panel(host):
    host.float("two")
    host.panels["two"].widget.window().close()
    assert host.place_of("two") == "closed"
    host.open("two")
    assert host.place_of("two") == "right" and host.panels["two"].widget.isVisible()


def test_a_tab_carried_to_another_area_moves_there(host):
    target = host.areas["bottom"]
    host.areas["right"].torn_off.emit("two", target.mapToGlobal(QPoint(40, 100)))
    assert host.place_of("two") == "bottom"
    host.areas["bottom"].torn_off.emit("two", host._window.mapToGlobal(QPoint(-300, 900)))
    assert host.place_of("two") == "floating"


def test_a_tab_dragged_out_with_the_mouse(host):
    tabs, target = host.areas["right"].tabs, host.areas["bottom"]
    start = tabs.tabRect(1).center()
    end = tabs.mapFromGlobal(target.mapToGlobal(QPoint(60, 120)))
    QTest.mousePress(tabs, CLICK, pos=start)
    QTest.mouseMove(tabs, start + QPoint(30, 30))
    QTest.mouseMove(tabs, end)
    QTest.mouseRelease(tabs, CLICK, pos=end)
    assert host.place_of("two") == "bottom"


def test_the_menu_of_a_tab_offers_the_other_places(host, qtbot):
    host._menu("one", QPoint(10, 10))
    menu = host._window.findChild(QMenu)
    texts = {action.text(): action for action in menu.actions() if action.text()}
    assert not texts["Move to the right"].isEnabled()
    texts["Move to the bottom"].trigger()
    menu.close()
    assert host.place_of("one") == "bottom"


def test_the_layout_survives_as_text(host, qtbot):
    host.move("one", "bottom")
    host.close("two")
    host.open("four")
    host.float("three")
    state = json.loads(json.dumps(host.state()))
    before = places(host)
    host.reset()
    assert places(host) != before
    host.restore(state)
    assert places(host) == before
    host.reset()


@pytest.mark.parametrize(
    "state", [{}, {"areas": 3}, {"areas": {"right": "x", "nowhere": ["one"]}, "floating": {}}, {"areas": []}]
)
def test_a_damaged_layout_breaks_nothing(host, state):
    host.restore(state)
    host.open("one")
    assert host.place_of("one") == "right"


def test_counts_stand_in_the_tab_and_travel_with_it(host):
    def pill(area):
        tabs = host.areas[area].tabs
        return tabs.tabButton(tabs.index_of("two"), tabs.ButtonPosition.RightSide)

    host.set_count("two", 3)
    assert isinstance(pill("right"), Pill) and pill("right").text == "3"
    host.move("two", "bottom")
    assert pill("bottom").text == "3"
    host.set_count("two", ("7 of 13", "red"))
    assert pill("bottom").text == "7 of 13"
    host.set_count("two", 0)
    assert pill("bottom") is None


def test_what_a_panel_offers_stands_beside_the_tabs_while_it_is_in_front(host, qtbot):
    panel = host.panels["three"]
    panel.widget.head_widget = QWidget()
    host.close("three")
    host.open("three")
    assert panel.widget.head_widget.isVisible()
    host.move("three", "right")
    assert panel.widget.head_widget.isVisible()
    host.areas["right"].choose("one")
    assert not panel.widget.head_widget.isVisible()
    host.float("three")
    assert panel.widget.head_widget.isVisible()
    host.close("three")


def test_where_room_is_short_a_tab_folds_away_unless_it_is_in_front(host, qtbot):
    area = host.areas["right"]
    key = area.keys[-1]
    host.panels[key].folds = True
    area.choose(area.keys[0])
    area.set_tight(True)
    assert [panel.key for panel in area.folded] == [key] and key in area.keys
    host.open(key)
    assert area.folded == [] and area.current == key
    area.choose(area.keys[0])
    host._menu(area.keys[0], QPoint(0, 0))
    menu = host._window.findChildren(QMenu)[-1]
    menu.actions()[0].trigger()
    menu.close()
    assert area.current == key
    area.choose(area.keys[0])
    area.set_tight(False)
    assert area.folded == []


def test_tabs_that_do_not_fit_fold_into_the_menu_whole(host, qtbot):
    area = host.areas["right"]
    for number in range(6):
        host.add(Panel(f"p{number}", f"A panel called {number}", Widget(str(number)), "right"))
        host.open(f"p{number}")
    area.choose("p5")
    area.setFixedWidth(300)
    qtbot.waitUntil(lambda: bool(area.folded))
    shown = [key for index, key in enumerate(area.keys) if area.tabs.isTabVisible(index)]
    assert shown[0] == "one" and shown[-1] == "p5" and not area.tabs.overflows
    area.setFixedWidth(2000)
    qtbot.waitUntil(lambda: not area.folded)
