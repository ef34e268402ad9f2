"""Panels in tabbed areas: they move between areas, float, close and come back, and remember where they were.

Who owns what: `PanelHost` knows every panel and where it is, an `Area` shows those it was given (main thread).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QStackedWidget, QTabBar, QVBoxLayout, QWidget

from rtms_desktop.views.theme import Height, Space, theme
from rtms_desktop.views.widgets import IconButton, Pill, Rule

FLOAT_SIZE = (480, 420)
TEAR_PX = 28
PILL_MARGIN = 5
DELETE_ON_CLOSE = Qt.WidgetAttribute.WA_DeleteOnClose
STYLED = Qt.WidgetAttribute.WA_StyledBackground
_RIGHT_SIDE = QTabBar.ButtonPosition.RightSide
_LEFT_BUTTON = Qt.MouseButton.LeftButton
AREAS = {"right": "Right", "bottom": "Bottom"}


@dataclass(slots=True)
class Panel:
    """`home`: the area of a fresh layout. `whole`: nothing stands under it. `count`: kind of its pill for a number.

    `folds`: where room is short its tab is only there while it is in front; menus bring it there. `tall`: nothing
    stands under it in a low window.
    """

    key: str
    title: str
    widget: Any
    home: str
    whole: bool = False
    opened_at_first: bool = True
    count: str = "blue"
    folds: bool = False
    tall: bool = False

    @property
    def can_find(self) -> bool:
        """Whether words can be looked for in it."""
        return hasattr(self.widget, "start_find")


class Tabs(QTabBar):
    """The tabs of an area. `torn_off(key, global point)`: a tab was let go outside."""

    torn_off = Signal(str, object)
    menu_wanted = Signal(str, object)
    resized = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMovable(True)
        self.setExpanding(False)
        self.setDrawBase(False)
        self.setUsesScrollButtons(True)
        self.setElideMode(Qt.TextElideMode.ElideNone)
        self.setFixedHeight(Height.HEAD)
        self._dragged = ""

    def tabLayoutChange(self) -> None:
        """A count stands beside its name: Qt puts it at the outer edge, in the margin of the tab."""
        super().tabLayoutChange()
        for index in range(self.count()):
            pill = self.tabButton(index, _RIGHT_SIDE)
            if pill is not None:
                right = self.tabRect(index).right() - PILL_MARGIN
                pill.move(right - pill.width() + 1, pill.y())

    @property
    def overflows(self) -> bool:
        """Whether the names need more room than there is."""
        shown = [index for index in range(self.count()) if self.isTabVisible(index)]
        return sum(self.tabSizeHint(index).width() for index in shown) > self.width()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.resized.emit()

    @property
    def dragged(self) -> str:
        """Key of the tab that is being carried, or empty."""
        return self._dragged

    def key_at(self, index: int) -> str:
        return self.tabData(index) or "" if index >= 0 else ""

    def index_of(self, key: str) -> int:
        return next((index for index in range(self.count()) if self.tabData(index) == key), -1)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._dragged = self.key_at(self.tabAt(event.position().toPoint())) if event.button() == _LEFT_BUTTON else ""
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        dragged, self._dragged = self._dragged, ""
        outside = self.rect().adjusted(-TEAR_PX, -TEAR_PX, TEAR_PX, TEAR_PX)
        if dragged and not outside.contains(event.position().toPoint()):
            self.torn_off.emit(dragged, event.globalPosition().toPoint())

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        key = self.key_at(self.tabAt(event.pos()))
        if key:
            self.menu_wanted.emit(key, event.globalPos())


class Area(QWidget):
    """Tabs over a stack of panels; the row of tabs carries what the present panel and the area offer at the right."""

    current_changed = Signal(str)
    float_wanted = Signal(str)
    close_wanted = Signal(str)
    menu_wanted = Signal(str, object)
    torn_off = Signal(str, object)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.name = name
        self.setObjectName("panel")
        self.setAttribute(STYLED)
        self.setAccessibleName(f"{AREAS[name]} panels")
        self._panels: dict[str, Panel] = {}
        self._tight = False
        self.tabs = Tabs()
        self._stack = QStackedWidget()
        self._extras = QHBoxLayout()
        self._extras.setSpacing(Space.S)
        self._float = IconButton("picture-in-picture-2", "Float this panel in a window of its own", size=14)
        self._close = IconButton("x", "Close this panel; View brings it back", size=14)
        self._more = IconButton("ellipsis", "Move, float or close this panel")
        head = QWidget()
        head.setProperty("kind", "head")
        head.setAttribute(STYLED)
        head.setFixedHeight(Height.HEAD + 1)
        row = QHBoxLayout(head)
        row.setContentsMargins(Space.S, 0, Space.XXS, 1)
        row.setSpacing(0)
        row.addWidget(self.tabs, 1)
        row.addLayout(self._extras)
        narrow = name == "right"  # a column has no room for more than one button beside its tabs
        row.addSpacing(0 if narrow else Space.M)
        for one, shown in ((self._float, not narrow), (self._close, not narrow), (self._more, narrow)):
            one.setVisible(shown)
            row.addWidget(one)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(head)
        layout.addWidget(self._stack, 1)
        self._has_menu = narrow  # of the panels whose tabs are folded away
        self.tabs.currentChanged.connect(self._tab_chosen)
        self.tabs.resized.connect(self._fold_tabs)
        self.tabs.torn_off.connect(self.torn_off)
        self.tabs.menu_wanted.connect(self.menu_wanted)
        self._float.clicked.connect(lambda *_: self.float_wanted.emit(self.current))
        self._close.clicked.connect(lambda *_: self.close_wanted.emit(self.current))
        self._more.clicked.connect(lambda *_: self.menu_wanted.emit(self.current, self._below(self._more)))

    @property
    def keys(self) -> list[str]:
        """In the order of the tabs."""
        return [self.tabs.key_at(index) for index in range(self.tabs.count())]

    @property
    def current(self) -> str:
        return self.tabs.key_at(self.tabs.currentIndex())

    def current_panel(self) -> Panel | None:
        return self._panels.get(self.current)

    def add(self, panel: Panel, place: int = -1) -> None:
        self._panels[panel.key] = panel
        self._stack.addWidget(panel.widget)
        index = self.tabs.insertTab(place if place >= 0 else self.tabs.count(), panel.title)
        self.tabs.setTabData(index, panel.key)
        self.tabs.setTabToolTip(index, panel.title)
        self._tab_chosen(self.tabs.currentIndex())

    def remove(self, key: str) -> None:
        panel = self._panels.pop(key)
        extra = getattr(panel.widget, "head_widget", None)
        if extra is not None:
            extra.setParent(panel.widget)
            extra.hide()
        self._stack.removeWidget(panel.widget)
        self.tabs.removeTab(self.tabs.index_of(key))
        self._tab_chosen(self.tabs.currentIndex())

    @property
    def folded(self) -> list[Panel]:
        """Those whose tab is folded away."""
        return [self._panels[key] for n, key in enumerate(self.keys) if not self.tabs.isTabVisible(n)]

    def set_tight(self, tight: bool) -> None:
        """Whether room is short."""
        if tight != self._tight:
            self._tight = tight
            self._fold_tabs()

    def _fold_tabs(self) -> None:
        for index, key in enumerate(self.keys):
            hidden = self._tight and self._panels[key].folds and key != self.current
            self.tabs.setTabVisible(index, not hidden)
        for index in reversed(range(self.tabs.count())):
            if self._has_menu and self.tabs.overflows and index != self.tabs.currentIndex():
                self.tabs.setTabVisible(index, False)

    def choose(self, key: str) -> None:
        self.tabs.setCurrentIndex(self.tabs.index_of(key))

    def set_count(self, key: str, text: str, kind: str) -> None:
        index = self.tabs.index_of(key)
        pill = self.tabs.tabButton(index, _RIGHT_SIDE)
        if not text:
            self.tabs.setTabButton(index, _RIGHT_SIDE, None)
        elif isinstance(pill, Pill) and pill.text == text:
            pill.set(text, kind)
        else:  # set anew: only then the tab takes the pill's width into account
            pill = Pill(text, kind)
            pill.adjustSize()
            self.tabs.setTabButton(index, _RIGHT_SIDE, pill)
            self._fold_tabs()

    @staticmethod
    def _below(tool: QWidget) -> QPoint:
        return tool.mapToGlobal(tool.rect().bottomLeft())

    def _tab_chosen(self, index: int) -> None:
        key = self.tabs.key_at(index)
        panel = self._panels.get(key)
        while self._extras.count():
            item = self._extras.takeAt(0)
            old = item.widget() if item is not None else None
            if old is not None:
                old.hide()
        if panel is None:
            return
        self._fold_tabs()
        self._stack.setCurrentWidget(panel.widget)
        extra = getattr(panel.widget, "head_widget", None)
        if extra is not None:
            self._extras.addWidget(extra)
            extra.show()
        self.current_changed.emit(key)


class FloatingPanel(QWidget):
    """A panel in a window of its own; closing it closes the panel."""

    closed = Signal(str)
    dock_wanted = Signal(str)

    def __init__(self, panel: Panel, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.panel = panel
        self.setObjectName("panel")
        self.setAttribute(STYLED)
        self.setWindowTitle(f"{panel.title} · RTMS Desktop")
        back = IconButton("panel-bottom", "Put this panel back into the main window", size=14)
        back.clicked.connect(lambda *_: self.dock_wanted.emit(panel.key))
        row = QHBoxLayout()
        row.setContentsMargins(Space.DOCK, 2, Space.XS, 2)
        row.addStretch(1)
        extra = getattr(panel.widget, "head_widget", None)
        if extra is not None:
            row.addWidget(extra)
            extra.show()
        row.addWidget(back)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(row)
        layout.addWidget(Rule())
        layout.addWidget(panel.widget, 1)
        panel.widget.show()

    def closeEvent(self, event) -> None:
        super().closeEvent(event)
        self.closed.emit(self.panel.key)


class DropHint(QWidget):
    """Where a torn-off tab would go; painted over the area while it is carried."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme().color("accent", 0.16))
        painter.setPen(theme().color("accent"))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))


class PanelHost(QObject):
    """Every panel and its place: an area, a window of its own, or closed. `changed` after every move."""

    changed = Signal()

    def __init__(self, window: QWidget, areas: Mapping[str, Area]) -> None:
        super().__init__(window)
        self._window, self.areas = window, dict(areas)
        self.panels: dict[str, Panel] = {}
        self._last_area: dict[str, str] = {}
        self._floating: dict[str, FloatingPanel] = {}
        self._counts: dict[str, tuple[str, str]] = {}
        self._hint = DropHint(window)
        for area in self.areas.values():
            area.float_wanted.connect(self.float)
            area.close_wanted.connect(self.close)
            area.menu_wanted.connect(self._menu)
            area.torn_off.connect(self._torn_off)
            area.tabs.installEventFilter(self)

    def add(self, panel: Panel) -> None:
        self.panels[panel.key] = panel
        self._last_area[panel.key] = panel.home
        panel.widget.setParent(self._window)
        panel.widget.hide()
        if panel.opened_at_first:
            self._put(panel.key, panel.home)

    # -- where -----------------------------------------------------------------------------------------------------

    def area_of(self, key: str) -> Area | None:
        return next((area for area in self.areas.values() if key in area.keys), None)

    def place_of(self, key: str) -> str:
        """``right``, ``bottom``, ``floating`` or ``closed``."""
        area = self.area_of(key)
        return area.name if area is not None else "floating" if key in self._floating else "closed"

    def is_open(self, key: str) -> bool:
        return self.place_of(key) != "closed"

    def open(self, key: str) -> None:
        """Show it where it was last, in front."""
        if key in self._floating:
            self._floating[key].show()
            self._floating[key].raise_()
            return
        area = self.area_of(key)
        if area is None:
            area = self._put(key, self._last_area[key])
        area.choose(key)
        self.changed.emit()

    def close(self, key: str) -> None:
        if key in self.panels:
            self._take(key)
            self.changed.emit()

    def float(self, key: str, at: QPoint | None = None) -> None:
        if key not in self.panels or key in self._floating:
            return
        panel = self.panels[key]
        self._take(key)
        window = FloatingPanel(panel, self._window)
        window.closed.connect(self._floating_closed)
        window.dock_wanted.connect(lambda key: self.move(key, self._last_area[key]))
        window.resize(max(panel.widget.width(), FLOAT_SIZE[0]), max(panel.widget.height(), FLOAT_SIZE[1]))
        window.move(at or self._window.mapToGlobal(QPoint(120, 120)))
        self._floating[key] = window
        window.show()
        self.changed.emit()

    def move(self, key: str, area_name: str) -> None:
        self._take(key)
        self._put(key, area_name).choose(key)
        self.changed.emit()

    def set_count(self, key: str, value: Any) -> None:
        """The pill of a tab: a number, a text such as ``7 of 13`` that fails, or a pair (text, kind)."""
        if isinstance(value, tuple):
            text, kind = str(value[0]), str(value[1])
        elif isinstance(value, int):
            text, kind = (f"{value:,}" if value else ""), self.panels[key].count
        else:
            text, kind = str(value or ""), "red"
        self._counts[key] = (text, kind)
        area = self.area_of(key)
        if area is not None:
            area.set_count(key, text, kind)

    def close_floating(self) -> None:
        """The main window goes: its children go with it, but stay open in the remembered layout."""
        for window in list(self._floating.values()):
            window.hide()

    # -- remembering -----------------------------------------------------------------------------------------------

    def state(self) -> dict[str, Any]:
        return {
            "areas": {name: area.keys for name, area in self.areas.items()},
            "current": {name: area.current for name, area in self.areas.items()},
            "floating": {key: _rect(window) for key, window in self._floating.items()},
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Apply what `state` gave; panels that it does not name are closed. Data that is no layout changes nothing."""
        areas, floating = state.get("areas"), state.get("floating", {})
        if not isinstance(areas, dict) or not isinstance(floating, dict):
            return
        for key in self.panels:
            self._take(key)
        for name, keys in areas.items():
            known = keys if name in self.areas and isinstance(keys, list) else []
            for key in known:
                if key in self.panels and self.area_of(key) is None:
                    self._put(key, name)
        for key, rect in floating.items():
            if key in self.panels and self.area_of(key) is None:
                self.float(key)
                self._floating[key].setGeometry(QRect(*map(int, rect)))
        for name, key in dict(state.get("current", {})).items():
            if name in self.areas and key in self.areas[name].keys:
                self.areas[name].choose(key)
        self.changed.emit()

    def reset(self) -> None:
        """The fresh layout."""
        for key in self.panels:
            self._take(key)
        for key, panel in self.panels.items():
            self._last_area[key] = panel.home
            if panel.opened_at_first:
                self._put(key, panel.home)
        for area in self.areas.values():
            area.tabs.setCurrentIndex(0)
        self.changed.emit()

    # -- inside ----------------------------------------------------------------------------------------------------

    def _put(self, key: str, area_name: str) -> Area:
        area = self.areas[area_name]
        order = list(self.panels)
        place = next((n for n, other in enumerate(area.keys) if order.index(other) > order.index(key)), -1)
        area.add(self.panels[key], place)
        self._last_area[key] = area_name
        if key in self._counts:
            area.set_count(key, *self._counts[key])
        return area

    def _take(self, key: str) -> None:
        area = self.area_of(key)
        widget = self.panels[key].widget
        if area is not None:
            area.remove(key)
        window = self._floating.pop(key, None)
        if window is not None:
            extra = getattr(widget, "head_widget", None)
            if extra is not None:
                extra.setParent(widget)
                extra.hide()
            window.hide()
            window.deleteLater()
        widget.setParent(self._window)
        widget.hide()

    def _floating_closed(self, key: str) -> None:
        if key in self._floating:
            self.close(key)

    def _menu(self, key: str, at: QPoint) -> None:
        menu = QMenu(self._window)
        menu.setAttribute(DELETE_ON_CLOSE)
        place = self.place_of(key)
        area = self.area_of(key)
        for panel in area.folded if area is not None else ():
            menu.addAction(panel.title).triggered.connect(lambda _=False, key=panel.key: self.open(key))
        menu.addSeparator()
        for name, title in AREAS.items():
            action = menu.addAction(f"Move to the {title.lower()}")
            action.triggered.connect(lambda _=False, name=name: self.move(key, name))
            action.setEnabled(place != name)
        menu.addAction("Float", lambda: self.float(key)).setEnabled(place != "floating")
        menu.addSeparator()
        menu.addAction("Close", lambda: self.close(key))
        menu.popup(at)

    # -- carrying a tab --------------------------------------------------------------------------------------------

    def _area_at(self, at: QPoint) -> Area | None:
        for area in self.areas.values():
            if area.isVisible() and area.rect().contains(area.mapFromGlobal(at)):
                return area
        return None

    def _torn_off(self, key: str, at: QPoint) -> None:
        self._hint.hide()
        target, source = self._area_at(at), self.area_of(key)
        if target is None:
            self.float(key, at - QPoint(40, 16))
        elif target is not source:
            self.move(key, target.name)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(watched, Tabs) and isinstance(event, QMouseEvent) and event.type() == QEvent.Type.MouseMove:
            target = self._area_at(event.globalPosition().toPoint())
            source = self.area_of(watched.dragged)
            if watched.dragged and target is not None and target is not source:
                self._hint.setGeometry(QRect(target.mapTo(self._window, QPoint(0, 0)), target.size()))
                self._hint.raise_()
                self._hint.show()
            else:
                self._hint.hide()
        return False


def _rect(window: QWidget) -> list[int]:
    geometry = window.geometry()
    return [geometry.x(), geometry.y(), geometry.width(), geometry.height()]
