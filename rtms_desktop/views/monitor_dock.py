"""The Monitor dock: lanes of all sockets at the left, the chosen graphs (or figures) at the right. Main thread."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QScrollArea, QStackedWidget, QTableView, QVBoxLayout, QWidget

from rtms_desktop.viewmodels import monitor_words
from rtms_desktop.viewmodels.colours import SpeakerColours
from rtms_desktop.viewmodels.graphs import Graph
from rtms_desktop.viewmodels.metrics_vm import MetricsViewModel
from rtms_desktop.viewmodels.monitor_vm import MonitorViewModel
from rtms_desktop.viewmodels.text_table import TextTable
from rtms_desktop.viewmodels.tick import RenderTick
from rtms_desktop.viewmodels.time_view import WINDOWS_MIN
from rtms_desktop.views.figure_tiles import FigureTiles
from rtms_desktop.views.graph_figures import SparkRow
from rtms_desktop.views.graph_grid import GraphGrid
from rtms_desktop.views.graph_view import GraphView
from rtms_desktop.views.lanes import Lanes
from rtms_desktop.views.monitor_export import MonitorExport
from rtms_desktop.views.monitor_head import MonitorHead
from rtms_desktop.views.tables import text_table_view
from rtms_desktop.views.theme import Space
from rtms_desktop.views.widgets import EmptyState, Rule, button, label, tick_while_visible

_TO_THE_RIGHT = Qt.AlignmentFlag.AlignRight
_DELETE = Qt.WidgetAttribute.WA_DeleteOnClose
COMPACT_WINDOW = 700  # a window lower than this gets the compact form
COMPACT_DOCK = 176
SOCKETS = "Sockets"


class MonitorDock(QWidget):
    """Lanes, gaps and graphs. ``head_widget`` (window length, graphs, CSV) may be moved into the row of the tabs."""

    count_changed = Signal(object)
    connect_requested = Signal()

    def __init__(
        self, controller: Any, ticks: RenderTick, colours: SpeakerColours, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.title = "Monitor"
        self.setAccessibleName("Monitor")
        self.model = MonitorViewModel(controller, self, ticks.stall)
        self.compact = False
        self._tabled: Graph | None = None
        self.lanes = Lanes(self.model)
        self.grid = GraphGrid(self.model)
        self.export = MonitorExport(self.model, self)
        self.head_widget = self.head = MonitorHead(self.model, self.export)
        self._table = TextTable(self)
        self.table: QTableView = text_table_view(self._table, "Sockets as a table")
        self.tiles = FigureTiles(MetricsViewModel(controller, self))
        self._figures = QScrollArea()
        self._figures.setWidgetResizable(True)
        self._figures.setWidget(self.tiles)
        self._lay_out()
        ticks.data.connect(self.model.sample)
        tick_while_visible(self, ticks.data, self._draw)
        tick_while_visible(self, ticks.text, self._say)
        self.head.figures_wanted.connect(self.show_figures)
        self.grid.menu_asked.connect(lambda graph, place: self.make_menu(graph).popup(place))
        self.grid.room_changed.connect(self.head.tell_room)
        self.model.graphs_changed.connect(self._shape_up)
        self.model.lanes_changed.connect(self._lanes_changed)
        self.model.cursor_changed.connect(self._moved)
        self.model.window_changed.connect(self._moved)
        self.empty.acted.connect(lambda _: self.connect_requested.emit())
        self._lanes_changed()

    # -- making --------------------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        self.empty = EmptyState("activity", "Nothing is connected", "Lanes appear with the first socket.", "Connect")
        self._live = QWidget()
        row = QHBoxLayout(self._live)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.lanes, 1)
        row.addWidget(Rule(vertical=True))
        row.addWidget(self.grid)
        self._pages = QStackedWidget()
        for page in (self.empty, self._live, self._make_table_page(), self._figures):
            self._pages.addWidget(page)
        self._body = QVBoxLayout(self)
        self._body.setContentsMargins(0, 0, 0, 0)
        self._body.setSpacing(0)
        self._body.addWidget(self.head_widget, 0, _TO_THE_RIGHT)
        self._body.addWidget(self._pages, 1)

    def _make_table_page(self) -> QWidget:
        self._table_page = QWidget()
        self._table_title = label("", "t1", "dense_medium")
        self.back_button = button("Lanes and graphs", kind="link", clicked=lambda: self.show_as_table(False))
        top = QHBoxLayout()
        top.setContentsMargins(Space.DOCK, 2, Space.DOCK, 2)
        top.addWidget(self._table_title)
        top.addStretch(1)
        top.addWidget(self.back_button)
        column = QVBoxLayout(self._table_page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(top)
        column.addWidget(self.table, 1)
        return self._table_page

    # -- shape ---------------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._shape_up()

    def _shape_up(self) -> None:
        """Compact or not, and how many graphs: by the room there is."""
        low = self.window() is not self and self.window().height() < COMPACT_WINDOW
        self.compact = low or self._pages.height() < COMPACT_DOCK
        self.lanes.set_compact(self.compact)
        self.head.set_compact(self.compact)
        self.grid.shape(self.width(), self.compact)
        self._moved()

    # -- content -------------------------------------------------------------------------------------------------

    @property
    def graphs(self) -> list[GraphView]:
        return self.grid.graphs

    @property
    def sparks(self) -> list[SparkRow]:
        return self.grid.sparks

    def _lanes_changed(self) -> None:
        self.lanes.updateGeometry()
        self._show_page()
        self._say()

    def _show_page(self) -> None:
        if not self.model.active:
            self._pages.setCurrentWidget(self.empty)
        elif self._pages.currentWidget() is self.empty:
            self._pages.setCurrentWidget(self._live)

    def show_as_table(self, table: bool, graph: Graph | None = None) -> None:
        """The figures of all sockets, or of one graph, as rows and columns."""
        if self.model.active:
            self._tabled = graph
            title = graph.title if graph is not None else SOCKETS
            self._table_title.setText(title)
            self.table.setAccessibleName(f"{title} as a table")
            self._pages.setCurrentWidget(self._table_page if table else self._live)
            self._say()

    def show_figures(self, figures: bool) -> None:
        """The metrics as tiles in the place of lanes and graphs, or those again."""
        if self.model.active:
            self._pages.setCurrentWidget(self._figures if figures else self._live)
            self._say()

    @property
    def is_figures(self) -> bool:
        return self._pages.currentWidget() is self._figures

    @property
    def is_table(self) -> bool:
        return self._pages.currentWidget() is self._table_page

    def _draw(self) -> None:
        """At the data tick: move the lanes, and the curves when they have moved by a pixel."""
        if self.lanes.isVisible():
            self.lanes.refresh()
            self.grid.refresh()

    def _say(self) -> None:
        """At the text tick: figures, at most four times a second."""
        if not self.model.active:
            return
        self.grid.show_values()
        self.lanes.show_figures()
        self.head.show_figures(self.is_figures)
        if self.is_figures:
            self.tiles.refresh()
        if self.is_table:
            self._fill_table()
        self.lanes.setAccessibleDescription(monitor_words.summary(self.model))

    def _fill_table(self) -> None:
        if self._tabled is None:
            self._table.show_rows(*monitor_words.table(self.model))
            return
        heads, rows = monitor_words.graph_table(self.model, self._tabled)
        # The last column takes what room is left: an empty one keeps the figures together.
        self._table.show_rows([*heads, ""], [[*row, ""] for row in rows], texts=1)

    def _moved(self) -> None:
        self._draw()
        self._say()

    # -- menu ----------------------------------------------------------------------------------------------------

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.make_menu().popup(event.globalPos())

    def make_menu(self, graph: Graph | None = None) -> QMenu:
        """What can be done with one graph, or with the whole monitor."""
        menu = QMenu(self)
        menu.setAttribute(_DELETE)
        if self.is_table:
            menu.addAction("Show lanes and graphs").triggered.connect(lambda *_: self.show_as_table(False))
            graph = self._tabled
        else:
            menu.addAction("Show as table").triggered.connect(lambda *_: self.show_as_table(True, graph))
            figures = menu.addAction("Show lanes and graphs" if self.is_figures else "Show figures")
            figures.triggered.connect(lambda *_: self.show_figures(not self.is_figures))
        picture = next((view for view in self.graphs if view.graph is graph), None) or self._pages
        self.export.add_to(menu, picture, graph)
        if graph is not None and not self.is_table:
            hide = menu.addAction(f"Hide {graph.title.lower()}")
            hide.setEnabled(len(self.model.graphs) > 1)
            hide.triggered.connect(lambda *_: self.model.show_graph(graph, False))
        menu.addSeparator()
        self.head.add_graphs(menu.addMenu("Graphs"))
        windows = menu.addMenu("Window")
        for minutes in WINDOWS_MIN:
            action = windows.addAction(f"{minutes} min")
            action.setCheckable(True)
            action.setChecked(minutes == self.model.window_min)
            action.triggered.connect(lambda *_, minutes=minutes: self.model.set_window(minutes))
        follow = menu.addAction("Follow the playhead" if self.model.replays else "Follow what happens now")
        follow.setEnabled(not self.model.view.follows)
        follow.triggered.connect(lambda *_: self.model.follow())
        return menu
