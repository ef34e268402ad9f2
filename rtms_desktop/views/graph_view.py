"""One graph of the monitor: a head with the figure and a pyqtgraph plot that is made after the first paint."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from rtms_desktop.viewmodels.graphs import Graph, GraphData, grid_values
from rtms_desktop.viewmodels.monitor_vm import MonitorViewModel
from rtms_desktop.views.theme import Space, theme
from rtms_desktop.views.widgets import label

_SMOOTH = QPainter.RenderHint.Antialiasing
_NO_PEN = Qt.PenStyle.NoPen
_NO_FOCUS = Qt.FocusPolicy.NoFocus
_NO_MOUSE = Qt.WidgetAttribute.WA_TransparentForMouseEvents
_EXPAND, _FIXED = QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed
HEAD = 26
AXIS = 34
LINE_WIDTH = 1.3


class FigureHead(QWidget):
    """Name at the left, value and unit at the right."""

    def __init__(self, title: str, unit: str, tip: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(HEAD)
        self._title = title
        self.name = label(title, "t2", "dense_medium")
        self.value = label("–", "t1", "value")
        self.unit = label(unit, "t3", "label")
        self.setToolTip(tip)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, AXIS - 8, 0)
        row.setSpacing(Space.XS)
        row.addWidget(self.name)
        row.addStretch(1)
        row.addWidget(self.value)
        row.addWidget(self.unit)

    def set(self, text: str) -> None:
        if text != self.value.text():
            self.value.setText(text)
            self.setAccessibleName(f"{self._title}: {text} {self.unit.text()}")


class GraphView(QWidget):
    """Head and plot. ``refresh`` draws what the model has; nothing is done while it is hidden."""

    def __init__(self, model: MonitorViewModel, graph: Graph, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model, self._graph = model, graph
        self.head = FigureHead(graph.title, graph.unit, graph.tip, self)
        self._plot: Any = None
        self._curves: dict[str, Any] = {}
        self._grid: list[Any] = []
        self._range: tuple[float, float, float] | None = None
        self._drawn: object = None
        self.setToolTip(graph.tip)
        self.setAccessibleName(graph.title)
        self.setSizePolicy(_EXPAND, _EXPAND)
        self._body = QVBoxLayout(self)
        self._body.setContentsMargins(0, 0, 0, 0)
        self._body.setSpacing(0)
        self._body.addWidget(self.head)
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
        self.head.set(self._model.graph_value(self._graph))

    def refresh(self, moment: object) -> None:
        """Draw the curves, unless they were already drawn for this ``moment``."""
        if self._plot is None or moment == self._drawn or not self._model.active:
            return
        self._drawn = moment
        data = self._model.graph(self._graph, max(20, self._plot.width() - AXIS))
        self._set_range(data)
        for curve in data.curves:
            self._curves[curve.medium].setData(curve.x, curve.y)
        asked = self._model.asked_fps() if self._graph.key == "fps" else None
        self._asked.setVisible(asked is not None)
        if asked is not None:
            self._asked.setValue(asked)
        self._show_playhead()

    # -- the plot ------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
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
        plot.setAccessibleName(self._graph.title)
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
        for name in self._graph.names:
            curve = PlotCurveItem(connect="finite", antialias=True)
            curve.setZValue(5)
            box.addItem(curve)
            self._curves[name.partition(".")[2]] = curve
        self._line = InfiniteLine
        self._plot, self._box, self._axis = plot, box, axis
        self._body.takeAt(1)
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
            self._playhead.setValue(cursor - self._model.now)

    def _colour(self) -> None:
        if self._plot is None:
            return
        for medium, curve in self._curves.items():
            pen = QPen(theme().media(medium), LINE_WIDTH)
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


class SparkRow(QWidget):
    """The compact form of a graph: name, a small line, the figure. Painted by hand, no pyqtgraph."""

    def __init__(self, model: MonitorViewModel, graph: Graph, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model, self._graph = model, graph
        self._value = "–"
        self._data: GraphData | None = None
        self._drawn: object = None
        self.setToolTip(graph.tip)
        self.setMinimumHeight(22)
        self.setSizePolicy(_EXPAND, _EXPAND)
        self.setAccessibleName(graph.title)
        theme().changed.connect(self.update)

    def show_value(self) -> None:
        text = self._model.graph_value(self._graph)
        if text != self._value:
            self._value = text
            self.setAccessibleName(f"{self._graph.title}: {text} {self._graph.unit}")
            self.update()

    def refresh(self, moment: object) -> None:
        if moment != self._drawn and self._model.active:
            self._drawn = moment
            self._data = self._model.graph(self._graph, 62)
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, look = QPainter(self), theme()
        height, width = self.height(), self.width()
        painter.setPen(look.color("text2"))
        painter.setFont(look.font("dense"))
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRectF(Space.DOCK, 0, 52, height), middle, self._graph.short)
        painter.setPen(look.color("text3"))
        painter.setFont(look.font("label"))
        unit_width = painter.fontMetrics().horizontalAdvance(self._graph.unit)
        painter.drawText(QRectF(width - unit_width - 12, 0, unit_width + 2, height), middle, self._graph.unit)
        painter.setPen(look.color("text1"))
        painter.setFont(look.font("dense_strong"))
        right = middle | Qt.AlignmentFlag.AlignRight
        painter.drawText(QRectF(0, 0, width - unit_width - 18, height), right, self._value)
        painter.fillRect(QRectF(0, height - 1, width, 1), look.color("grid"))
        self._paint_curves(painter, QRectF(64, height / 2 - 9, 60, 18))

    def _paint_curves(self, painter: QPainter, box: QRectF) -> None:
        if self._data is None:
            return
        painter.setRenderHint(_SMOOTH)
        across = box.width() / self._model.window_s
        up = box.height() / (self._data.high - self._data.low)
        curve = self._data.curves[min(1, len(self._data.curves) - 1) if self._graph.key == "bitrate" else 0]
        painter.setPen(QPen(theme().media(curve.medium), LINE_WIDTH))
        for run in _runs(curve.x, curve.y):
            places = [QPointF(box.right() + x * across, box.bottom() - (y - self._data.low) * up) for x, y in run]
            painter.drawPolyline(QPolygonF(places))


def _runs(xs: Any, ys: Any) -> list[list[tuple[float, float]]]:
    """The parts of a curve between its holes."""
    runs: list[list[tuple[float, float]]] = [[]]
    for x, y in zip(xs.tolist(), ys.tolist(), strict=True):
        if y == y:
            runs[-1].append((x, y))
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if len(run) > 1]


def _short(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".").replace("-", "−")
