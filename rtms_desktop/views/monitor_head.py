"""What stands above the monitor, or in the row of its tabs: window, following, which graphs, CSV. Main thread."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QMenu, QWidget

from rtms_desktop.viewmodels.graph_kinds import GRAPHS
from rtms_desktop.viewmodels.monitor_vm import MonitorViewModel
from rtms_desktop.viewmodels.time_view import WINDOWS_MIN
from rtms_desktop.views.monitor_export import MonitorExport
from rtms_desktop.views.theme import Space, theme
from rtms_desktop.views.widgets import button, label, set_kind

_DELETE = Qt.WidgetAttribute.WA_DeleteOnClose
SAID_MS, FAILED_MS = 3000, 10_000


class MonitorHead(QWidget):
    """In a low panel only the way to the figures and back to now is left; the menu of the panel has the rest."""

    figures_wanted = Signal(bool)

    def __init__(self, model: MonitorViewModel, export: MonitorExport, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._parts = QWidget()
        self.said = label("", "t3", "dense")
        self.window_box = self._make_window_box()
        self.follow_button = button("Follow", kind="flat", icon="chevrons-right", token="text2", clicked=model.follow)
        self.graphs_button = button("Graphs", kind="flat", icon="activity", token="text2", clicked=self._open_menu)
        self.csv_button = button(
            "CSV", kind="flat", icon="download", token="text2", clicked=lambda: export.ask_csv(),
            tip="Save the window shown as CSV: one row a second",
        )  # fmt: skip
        self.figures_button = button(
            "Figures", kind="flat", icon="gauge", token="text2", tip="The counters of this run, in the place of graphs"
        )
        self.figures_button.setCheckable(True)
        self.figures_button.clicked.connect(self.figures_wanted)
        for part in (self.follow_button, self.figures_button, self.graphs_button, self.csv_button):
            part.setFont(theme().font("dense"))
        row = QHBoxLayout(self._parts)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(Space.S)
        window = label("Window", "t3", "dense")
        for widget in (self.said, self.follow_button, window, self.window_box, self.figures_button,
                       self.graphs_button, self.csv_button):  # fmt: skip
            row.addWidget(widget)
        self._roomy = (window, self.window_box, self.graphs_button, self.csv_button)
        outer = QHBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._parts)
        self._quiet = QTimer(self)
        self._quiet.setSingleShot(True)
        self._quiet.timeout.connect(lambda: self.said.setText(""))
        export.said.connect(self.say)
        model.window_changed.connect(self.refresh)
        model.lanes_changed.connect(self.refresh)
        self.tell_room(0)
        self.refresh()

    def _make_window_box(self) -> QComboBox:
        box = QComboBox()
        box.addItems([f"{minutes} min" for minutes in WINDOWS_MIN])
        box.setAccessibleName("Window: how much time is shown")
        box.setToolTip("How much time the lanes and graphs show; the wheel zooms (+ and -)")
        box.currentIndexChanged.connect(lambda n: self._model.set_window(WINDOWS_MIN[n]) if n >= 0 else None)
        return box

    def set_compact(self, compact: bool) -> None:
        for part in self._roomy:
            part.setVisible(not compact)

    def show_figures(self, figures: bool) -> None:
        """Say whether the figures are shown."""
        self.figures_button.setChecked(figures)

    def refresh(self) -> None:
        """After zooming, panning or following."""
        model = self._model
        known = model.window_min in WINDOWS_MIN
        with QSignalBlocker(self.window_box):
            seconds = model.window_s
            self.window_box.setPlaceholderText(f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.1f} min")
            self.window_box.setCurrentIndex(WINDOWS_MIN.index(round(model.window_min)) if known else -1)
        self.follow_button.setVisible(model.active and not model.view.follows)
        what = "the playhead" if model.replays else "what happens now"
        self.follow_button.setToolTip(f"Show {what} again (L)")

    def tell_room(self, left_out: int) -> None:
        """Say how many chosen graphs do not fit."""
        more = f"\n{left_out} more chosen than fit: make the panel higher or wider." if left_out else ""
        self.graphs_button.setToolTip(f"Choose which graphs are shown{more}")

    def say(self, text: str, good: bool = True) -> None:
        """A word about something that was just done."""
        set_kind(self.said, "t3" if good else "warn")
        self.said.setText(text)
        self._quiet.start(SAID_MS if good else FAILED_MS)

    def add_graphs(self, menu: QMenu) -> None:
        """One entry for each graph that there is."""
        shown = {graph.key for graph in self._model.graphs}
        for graph in GRAPHS:
            action = menu.addAction(graph.title)
            action.setCheckable(True)
            action.setChecked(graph.key in shown)
            action.setToolTip(graph.tip)
            action.setEnabled(len(shown) > 1 or graph.key not in shown)
            action.toggled.connect(lambda on, graph=graph: self._model.show_graph(graph, on))
        menu.setToolTipsVisible(True)

    def _open_menu(self) -> None:
        menu = QMenu(self)
        menu.setAttribute(_DELETE)
        self.add_graphs(menu)
        menu.popup(self.graphs_button.mapToGlobal(self.graphs_button.rect().bottomLeft()))
