"""The Monitor dock: lanes of all sockets at the left, four graphs (or four figures) at the right. Main thread."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QContextMenuEvent, QGuiApplication, QResizeEvent
from PySide6.QtWidgets import (
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QMenu,
    QStackedWidget,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from rtms_desktop.viewmodels import monitor_words
from rtms_desktop.viewmodels.colours import SpeakerColours
from rtms_desktop.viewmodels.graphs import GRAPHS
from rtms_desktop.viewmodels.history import STEP_S, step_of
from rtms_desktop.viewmodels.monitor_vm import WINDOWS_MIN, MonitorViewModel
from rtms_desktop.viewmodels.text_table import TextTable
from rtms_desktop.viewmodels.tick import RenderTick
from rtms_desktop.views.graph_view import GraphView, SparkRow
from rtms_desktop.views.lanes import Lanes
from rtms_desktop.views.tables import text_table_view
from rtms_desktop.views.theme import Space, theme
from rtms_desktop.views.widgets import EmptyState, Rule, button, label, tick_while_visible

_TO_THE_RIGHT = Qt.AlignmentFlag.AlignRight
_DELETE = Qt.WidgetAttribute.WA_DeleteOnClose
COMPACT_WINDOW = 700  # a window lower than this gets the compact form
COMPACT_DOCK = 176
WIDE = 1100
SPARKS = 238
COPIED_MS = 1500


class MonitorDock(QWidget):
    """Lanes, gaps and graphs. ``head_widget`` (window length, CSV) may be moved into the row of the tabs."""

    count_changed = Signal(object)
    connect_requested = Signal()
    inspect_requested = Signal(float, str)
    """monotonic time, link name"""

    def __init__(
        self, controller: Any, ticks: RenderTick, colours: SpeakerColours, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.title = "Monitor"
        self.setAccessibleName("Monitor")
        self.model = MonitorViewModel(controller, self)
        self.compact = False
        self._shape = ""
        self.lanes = Lanes(self.model)
        self.graphs = [GraphView(self.model, graph) for graph in GRAPHS]
        self.sparks = [SparkRow(self.model, graph) for graph in GRAPHS]
        self._table = TextTable(self)
        self.table: QTableView = text_table_view(self._table, "Sockets as a table")
        self.head_widget = self._make_head()
        self._lay_out()
        ticks.data.connect(self.model.sample)
        tick_while_visible(self, ticks.data, self._draw)
        tick_while_visible(self, ticks.text, self._say)
        self.lanes.inspect_requested.connect(self.inspect_requested)
        self.model.lanes_changed.connect(self._lanes_changed)
        self.model.cursor_changed.connect(self._moved)
        self.model.window_changed.connect(self._moved)
        self.empty.acted.connect(lambda _: self.connect_requested.emit())
        self._lanes_changed()

    # -- making --------------------------------------------------------------------------------------------------

    def _make_head(self) -> QWidget:
        head = QWidget()
        self._head_parts = QWidget()
        outer = QHBoxLayout(head)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._head_parts)
        self.window_box = QComboBox()
        self.window_box.addItems([f"{minutes} min" for minutes in WINDOWS_MIN])
        self.window_box.setCurrentIndex(WINDOWS_MIN.index(self.model.window_min))
        self.window_box.setAccessibleName("Window: how much time is shown")
        self.window_box.setToolTip("How much time the lanes and graphs show")
        self.window_box.currentIndexChanged.connect(lambda index: self.model.set_window(WINDOWS_MIN[index]))
        self.csv_button = button(
            "CSV", kind="flat", icon="download", token="text2", clicked=self.copy_csv,
            tip="Copy the window shown as CSV: one row a second",
        )  # fmt: skip
        self.csv_button.setFont(theme().font("dense"))
        row = QHBoxLayout(self._head_parts)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(Space.S)
        row.addWidget(label("Window", "t3", "dense"))
        row.addWidget(self.window_box)
        row.addWidget(self.csv_button)
        self._copied = QTimer(self)
        self._copied.setSingleShot(True)
        self._copied.setInterval(COPIED_MS)
        self._copied.timeout.connect(lambda: self.csv_button.setText("CSV"))
        return head

    def _lay_out(self) -> None:
        self.empty = EmptyState("activity", "Nothing is connected", "Lanes appear with the first socket.", "Connect")
        self._right = QStackedWidget()
        self._graph_page, self._spark_page = QWidget(), QWidget()
        self._grid = QGridLayout(self._graph_page)
        self._grid.setContentsMargins(Space.DOCK, Space.XS, Space.XS, Space.XS)
        self._grid.setHorizontalSpacing(Space.XL)
        self._grid.setVerticalSpacing(0)
        for graph in self.graphs:
            graph.setParent(self._graph_page)
        sparks = QVBoxLayout(self._spark_page)
        sparks.setContentsMargins(0, 0, 0, 0)
        sparks.setSpacing(0)
        for spark in self.sparks:
            sparks.addWidget(spark)
        self._right.addWidget(self._graph_page)
        self._right.addWidget(self._spark_page)
        self._live = QWidget()
        row = QHBoxLayout(self._live)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.lanes, 1)
        row.addWidget(Rule(vertical=True))
        row.addWidget(self._right)
        self._pages = QStackedWidget()
        for page in (self.empty, self._live, self.table):
            self._pages.addWidget(page)
        self._body = QVBoxLayout(self)
        self._body.setContentsMargins(0, 0, 0, 0)
        self._body.setSpacing(0)
        self._body.addWidget(self.head_widget, 0, _TO_THE_RIGHT)
        self._body.addWidget(self._pages, 1)

    # -- shape ---------------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._shape_up()

    def _shape_up(self) -> None:
        """Compact or not, one column of graphs or two: by the room there is."""
        low = self.window() is not self and self.window().height() < COMPACT_WINDOW
        self.compact = low or self._pages.height() < COMPACT_DOCK
        wide = self.width() >= WIDE
        self.lanes.set_compact(self.compact)
        self._head_parts.setVisible(not self.compact)
        self._right.setFixedWidth(SPARKS if self.compact else round(self.width() * (0.39 if wide else 0.315)))
        shape = "compact" if self.compact else "wide" if wide else "narrow"
        if shape != self._shape:
            self._shape = shape
            self._right.setCurrentWidget(self._spark_page if self.compact else self._graph_page)
            self._place_graphs(wide)

    def _place_graphs(self, wide: bool) -> None:
        """Two by two, or in a narrow dock bitrate and lag."""
        for graph in self.graphs:
            self._grid.removeWidget(graph)
        bitrate, frames, lag, jitter = self.graphs
        for graph, row, column in ((bitrate, 0, 0), (frames, 0, 1), (lag, 1, 0), (jitter, 1, 1)):
            shown = wide or column == 0
            graph.setVisible(shown)
            if shown:
                self._grid.addWidget(graph, row, column)

    # -- content -------------------------------------------------------------------------------------------------

    def _lanes_changed(self) -> None:
        self.lanes.updateGeometry()
        self._show_page()
        self._say()

    def _show_page(self) -> None:
        if not self.model.active:
            self._pages.setCurrentWidget(self.empty)
        elif self._pages.currentWidget() is self.empty:
            self._pages.setCurrentWidget(self._live)

    def show_as_table(self, table: bool) -> None:
        """The same figures as rows and columns."""
        if self.model.active:
            self._pages.setCurrentWidget(self.table if table else self._live)
            self._say()

    @property
    def is_table(self) -> bool:
        return self._pages.currentWidget() is self.table

    def _draw(self) -> None:
        """At the data tick: move the lanes, and the curves when they have moved by a pixel."""
        if not self.lanes.isVisible():
            return
        self.lanes.update()
        parts = self.sparks if self.compact else self.graphs
        for part in parts:
            if part.isVisible():
                size = max(1, round(self.model.window_s / STEP_S / max(60, part.width())))
                cursor = self.model.cursor
                place = None if cursor is None else step_of(cursor) // size
                part.refresh((step_of(self.model.now) // size, part.width(), place, self.model.window_min))

    def _say(self) -> None:
        """At the text tick: figures, at most four times a second."""
        if not self.model.active:
            return
        parts: list[GraphView | SparkRow] = [*self.graphs, *self.sparks]
        for part in parts:
            if part.isVisible():
                part.show_value()
        if self.is_table:
            self._table.show_rows(*monitor_words.table(self.model))
        self.lanes.setAccessibleDescription(monitor_words.summary(self.model))

    def _moved(self) -> None:
        self.window_box.setCurrentIndex(WINDOWS_MIN.index(self.model.window_min))
        self._draw()
        self._say()

    def copy_csv(self) -> None:
        """Put the window shown onto the clipboard as CSV."""
        if self.model.active:
            QGuiApplication.clipboard().setText(monitor_words.csv(self.model))
            self.csv_button.setText("Copied")
            self._copied.start()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = self.make_menu()
        menu.popup(event.globalPos())

    def make_menu(self) -> QMenu:
        menu = QMenu(self)
        menu.setAttribute(_DELETE)
        as_table = menu.addAction("Show lanes and graphs" if self.is_table else "Show as table")
        as_table.triggered.connect(lambda *_: self.show_as_table(not self.is_table))
        menu.addAction("Copy as CSV").triggered.connect(lambda *_: self.copy_csv())
        menu.addSeparator()
        for minutes in WINDOWS_MIN:
            action = menu.addAction(f"{minutes} min")
            action.setCheckable(True)
            action.setChecked(minutes == self.model.window_min)
            action.triggered.connect(lambda *_, minutes=minutes: self.model.set_window(minutes))
        return menu
