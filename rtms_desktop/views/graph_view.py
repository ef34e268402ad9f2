"""One graph of the monitor: a head with the figure and a pyqtgraph plot that is made after the first paint."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QPointF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QShowEvent,
)
from PySide6.QtWidgets import QToolTip, QVBoxLayout, QWidget

from rtms_desktop.viewmodels import monitor_words
from rtms_desktop.viewmodels.figures import long_clock
from rtms_desktop.viewmodels.graphs import Graph, GraphData, grid_values
from rtms_desktop.viewmodels.monitor_vm import MonitorViewModel
from rtms_desktop.views.graph_figures import AXIS, FigureHead
from rtms_desktop.views.row_layout import plain_tip
from rtms_desktop.views.theme import theme
from rtms_desktop.views.time_hand import MOUSE_HELP
from rtms_desktop.views.time_surface import TimeSurface
from rtms_desktop.views.widgets import CENTER, label

_NO_PEN = Qt.PenStyle.NoPen
_NO_FOCUS = Qt.FocusPolicy.NoFocus
_NO_MOUSE = Qt.WidgetAttribute.WA_TransparentForMouseEvents
LEAST_HEIGHT = 104
CURVE_WIDTH = 1.0
"""Beyond one pixel Qt strokes a smooth curve as an area: fourteen milliseconds for a noisy one instead of one."""

NOT_RECORDED = "Of this computer: not part of a recording"


class GraphView(TimeSurface):
    """Head and plot. ``refresh`` draws what the model has; nothing is done while it is hidden.

    Mouse and keys do what they do in the lanes; ``menu_asked`` carries where on the screen.
    """

    menu_asked = Signal(object)

    def __init__(self, model: MonitorViewModel, graph: Graph, parent: QWidget | None = None) -> None:
        super().__init__(model, parent)
        self.graph = graph
        self.head = FigureHead(graph.title, graph.unit, graph.tip, self)
        self._plot: Any = None
        self._curves: dict[str, Any] = {}
        self._grid: list[Any] = []
        self._range: tuple[float, float, float] | None = None
        self._drawn: object = None
        self.setToolTip(f"{graph.tip}\n{MOUSE_HELP}")
        self.setAccessibleName(graph.title)
        self._body = QVBoxLayout(self)
        self._body.setContentsMargins(0, 0, 0, 0)
        self._body.setSpacing(0)
        self._body.addWidget(self.head)
        self._note = label(NOT_RECORDED, "t3", "label")
        self._note.setAlignment(CENTER)
        self._note.setAttribute(_NO_MOUSE)
        self._note.hide()
        self._body.addWidget(self._note, 1)
        self._body.addStretch(1)
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(0)
        self._later.timeout.connect(self._make)
        theme().changed.connect(self._colour)

    def sizeHint(self) -> QSize:
        return QSize(260, 118)

    def minimumSizeHint(self) -> QSize:
        return QSize(120, 60)

    def show_value(self) -> None:
        self.head.set(self._model.graph_value(self.graph))

    @property
    def is_empty(self) -> bool:
        """Whether what is shown cannot have these figures."""
        return self.graph.own and self._model.replays

    def refresh(self, moment: object) -> bool:
        """Draw the curves, unless they were already drawn for this ``moment``; whether there was anything to draw."""
        if self._plot is None or moment == self._drawn or not self._model.active:
            return False
        self._drawn = moment
        self._note.setVisible(self.is_empty)
        self._plot.setVisible(not self.is_empty)
        if self.is_empty:
            return False
        data = self._model.graph(self.graph, max(20, self._plot.width() - AXIS))
        self._set_range(data)
        for curve in data.curves:
            self._curves[curve.medium].setData(curve.x, curve.y)
        asked = self._model.asked_fps() if self.graph.key == "fps" else None
        self._asked.setVisible(asked is not None)
        if asked is not None:
            self._asked.setValue(asked)
        self._show_playhead()
        return True

    # -- the plot ------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        self._focus.paint(QPainter(self), self.rect())
        if self._plot is None and not self._later.isActive():
            self._later.start()  # importing pyqtgraph takes a quarter of a second: not before the window shows

    def _make(self) -> None:
        """A view box and its right axis; pyqtgraph's PlotItem would bring menus and buttons that nobody may use."""
        from pyqtgraph import AxisItem, GraphicsLayoutWidget, InfiniteLine, PlotCurveItem

        plot = GraphicsLayoutWidget(self)
        plot.setBackground(None)
        plot.setFrameShape(plot.Shape.NoFrame)
        plot.setFocusPolicy(_NO_FOCUS)
        plot.setAttribute(_NO_MOUSE)
        plot.setAccessibleName(self.graph.title)
        plot.ci.layout.setContentsMargins(0, 6, 0, 6)
        plot.ci.layout.setSpacing(0)
        box = plot.addViewBox(0, 0, enableMouse=False, enableMenu=False, defaultPadding=0.0)
        box.disableAutoRange()
        axis = AxisItem("right", linkView=box)
        axis.setWidth(AXIS)
        axis.setStyle(tickLength=0, tickAlpha=0, tickTextOffset=8, tickFont=theme().font("label"))
        plot.addItem(axis, 0, 1)
        self._asked = InfiniteLine(angle=0)
        self._playhead = InfiniteLine(angle=90)
        self._playhead.setZValue(20)
        for extra in (self._asked, self._playhead):
            box.addItem(extra, ignoreBounds=True)
            extra.hide()
        for name in self.graph.names:
            curve = PlotCurveItem(connect="finite", antialias=True)
            curve.setZValue(5)
            box.addItem(curve)
            self._curves[name.partition(".")[2]] = curve
        self._line = InfiniteLine
        self._plot, self._box, self._axis = plot, box, axis
        self._body.takeAt(2)
        self._body.addWidget(plot, 1)
        self._colour()
        self.refresh(object())

    def _set_range(self, data: GraphData) -> None:
        wanted = (data.low, data.high, self._model.window_s)
        if wanted == self._range:
            return
        self._range = wanted
        span = data.high - data.low
        margin = span * 0.02
        self._box.setRange(xRange=(-self._model.window_s, 0), yRange=(data.low - margin, data.high + margin), padding=0)
        values = grid_values(data.low, data.high)
        self._axis.setTicks([[(value, _short(value)) for value in values]])
        for line in self._grid:
            self._box.removeItem(line)
        self._grid = [self._line(pos=value, angle=0, pen=self._pen("grid")) for value in values]
        for line in self._grid:
            line.setZValue(-5)
            self._box.addItem(line, ignoreBounds=True)

    def _show_playhead(self) -> None:
        cursor = self._model.cursor
        self._playhead.setVisible(cursor is not None)
        if cursor is not None:
            self._playhead.setValue(cursor - self._model.edge)

    def _colour(self) -> None:
        if self._plot is None:
            return
        for medium, curve in self._curves.items():
            pen = QPen(theme().media(medium), CURVE_WIDTH)
            pen.setCosmetic(True)
            curve.setPen(pen)
        for line in self._grid:
            line.setPen(self._pen("grid"))
        asked = self._pen("text3")
        asked.setDashPattern([3, 3])
        self._asked.setPen(asked)
        playhead = self._pen("playhead")
        playhead.setWidthF(1.5)
        self._playhead.setPen(playhead)
        self._axis.setPen(QPen(_NO_PEN))
        self._axis.setTickPen(QPen(_NO_PEN))
        self._axis.setTextPen(theme().color("text3"))
        self._drawn = None

    def _pen(self, token: str) -> QPen:
        pen = QPen(theme().color(token), 1)
        pen.setCosmetic(True)
        return pen

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._drawn = None

    # -- input ---------------------------------------------------------------------------------------------------

    def _time_at(self, place: QPointF) -> float | None:
        """The monotonic time at a place of the plot; None over the head and the axis."""
        width = self.width() - AXIS
        if self._plot is None or not self._model.active or self.is_empty or place.y() < self.head.height():
            return None
        part = place.x() / width
        return self._model.edge - (1 - part) * self._model.window_s if 0 <= part <= 1 or self._hand.dragging else None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._hand.move(event):
            return
        at = self._time_at(event.position())
        if at is None or at > self._model.now:
            QToolTip.hideText()
            return
        lines = [long_clock(self._model.session_time(at)), *monitor_words.under(self._model, self.graph, at)]
        QToolTip.showText(event.globalPosition().toPoint(), plain_tip("\n".join(lines)), self)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.menu_asked.emit(event.globalPos())

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.head.update()


def _short(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".").replace("-", "−")
