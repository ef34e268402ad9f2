"""The chosen graphs beside the lanes: as many as fit, as plots or, in a low panel, as rows. Main thread."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QStackedWidget, QVBoxLayout, QWidget

from rtms_desktop.viewmodels.graphs import Graph
from rtms_desktop.viewmodels.history import STEP_S, step_of
from rtms_desktop.viewmodels.monitor_vm import MonitorViewModel
from rtms_desktop.views.graph_figures import SPARK_LEAST, SparkRow
from rtms_desktop.views.graph_view import LEAST_HEIGHT, GraphView
from rtms_desktop.views.theme import Space

WIDE, WIDEST = 1100, 1300
"""From these widths of the panel on there are two columns of plots, and three where two do not do."""

SHARES = {1: 0.315, 2: 0.39, 3: 0.5}
"""The part of the panel that so many columns take."""

SPARKS = 238


class GraphGrid(QStackedWidget):
    """``menu_asked``: the graph and where on the screen; ``room_changed``: how many chosen graphs do not fit."""

    menu_asked = Signal(object, object)
    room_changed = Signal(int)

    def __init__(self, model: MonitorViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._views: dict[str, GraphView] = {}
        self._rows: dict[str, SparkRow] = {}
        self._compact = False
        self._left_out = self._turn = 0
        self._asked: object = None
        self._plot_page, self._spark_page = QWidget(), QWidget()
        self._grid = QGridLayout(self._plot_page)
        self._grid.setContentsMargins(Space.DOCK, Space.XS, Space.XS, Space.XS)
        self._grid.setHorizontalSpacing(Space.XL)
        self._grid.setVerticalSpacing(0)
        self._column = QVBoxLayout(self._spark_page)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self.addWidget(self._plot_page)
        self.addWidget(self._spark_page)
        model.graphs_changed.connect(self.choose)
        self.choose()

    @property
    def graphs(self) -> list[GraphView]:
        """The plots that are chosen, in order, whether or not there is room for them."""
        return [self._views[graph.key] for graph in self._model.graphs]

    @property
    def sparks(self) -> list[SparkRow]:
        return [self._rows[graph.key] for graph in self._model.graphs]

    def choose(self) -> None:
        """Other graphs are wanted: make the new ones, let go of the others."""
        wanted = {graph.key: graph for graph in self._model.graphs}
        for key in self._views.keys() - wanted.keys():
            for gone in (self._views.pop(key), self._rows.pop(key)):
                gone.hide()
                gone.deleteLater()
        for key, graph in wanted.items():
            if key not in self._views:
                self._add(graph)
        self._place()

    def _add(self, graph: Graph) -> None:
        view = self._views[graph.key] = GraphView(self._model, graph, self._plot_page)
        view.menu_asked.connect(lambda place, graph=graph: self.menu_asked.emit(graph, place))
        view.hide()
        self._rows[graph.key] = SparkRow(self._model, graph, self._spark_page)

    def minimumSizeHint(self) -> QSize:
        """Low: what does not fit is left out."""
        return QSize(0, 2 * SPARK_LEAST)

    def shape(self, panel_width: int, compact: bool) -> None:
        """Take the width that is due in a panel of this width."""
        self._compact = compact
        self._panel_width = panel_width
        self.setCurrentWidget(self._spark_page if compact else self._plot_page)
        self.setFixedWidth(SPARKS if compact else round(panel_width * SHARES[self._columns()]))
        self._place()

    _panel_width = 0

    def _rows_that_fit(self) -> int:
        return max(1, (self.height() - 2 * Space.XS) // LEAST_HEIGHT)

    def _columns(self) -> int:
        if self._panel_width < WIDE:
            return 1
        return 3 if self._panel_width >= WIDEST and len(self._views) > 2 * self._rows_that_fit() else 2

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.oldSize().height() != self.height() and self._panel_width:
            self.shape(self._panel_width, self._compact)

    def _place(self) -> None:
        """Row by row; in one column a graph for the rate and one for the delay come first, as in the menu's order."""
        columns, rows = self._columns(), self._rows_that_fit()
        fitting = self.graphs[: columns * rows]
        if columns == 1 and len(self.graphs) > rows:
            fitting = self.graphs[::2][:rows] + self.graphs[1::2][: max(0, rows - len(self.graphs[::2]))]
        for view in self._views.values():
            self._grid.removeWidget(view)
            view.setVisible(view in fitting)
        for place, view in enumerate(fitting):
            self._grid.addWidget(view, place // columns, place % columns)
        for row in self.sparks:
            self._column.removeWidget(row)
        sparks = max(1, self.height() // SPARK_LEAST)
        for place, row in enumerate(self.sparks):
            row.setVisible(place < sparks)
            self._column.addWidget(row)
        left_out = len(self._views) - (min(sparks, len(self._views)) if self._compact else len(fitting))
        if left_out != self._left_out:
            self._left_out = left_out
            self.room_changed.emit(left_out)

    @property
    def left_out(self) -> int:
        """Chosen graphs for which there is no room."""
        return self._left_out

    def _seen(self) -> Iterator[GraphView | SparkRow]:
        parts: list[GraphView | SparkRow] = [*self._views.values(), *self._rows.values()]
        for part in parts:
            if part.isVisible():
                yield part

    def refresh(self) -> None:
        """At the data tick: draw curves that have moved by a pixel, one graph at a time so that no turn is long.

        When a person moved the cursor or the window, all are drawn at once.
        """
        model = self._model
        cursor = model.cursor
        asked = (cursor if not model.replays else None, model.window_s, model.view.follows or model.edge)
        at_once = asked != self._asked
        self._asked = asked
        parts = list(self._seen())
        self._turn = self._turn % len(parts) if parts else 0
        for part in parts[self._turn :] + parts[: self._turn]:
            size = max(1, round(model.window_s / STEP_S / max(60, part.width())))
            place = None if cursor is None else step_of(cursor) // size
            drew = part.refresh((step_of(model.edge) // size, part.width(), place, model.window_s))
            if drew and not at_once:
                self._turn = parts.index(part) + 1
                break

    def show_values(self) -> None:
        """At the text tick: the figures."""
        for part in self._seen():
            part.show_value()
