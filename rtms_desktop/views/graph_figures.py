"""The parts of a graph that need no plot: the head with its figure, and the compact row. Main thread."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from rtms_desktop.viewmodels.graphs import Graph, GraphData
from rtms_desktop.viewmodels.monitor_vm import MonitorViewModel
from rtms_desktop.views.theme import Space, theme
from rtms_desktop.views.widgets import label

_SMOOTH = QPainter.RenderHint.Antialiasing
_EXPAND = QSizePolicy.Policy.Expanding
HEAD = 26
AXIS = 34
LINE_WIDTH = 1.3
SPARK_LEAST = 22


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


class SparkRow(QWidget):
    """The compact form of a graph: name, a small line, the figure. Painted by hand, no pyqtgraph."""

    def __init__(self, model: MonitorViewModel, graph: Graph, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model, self._graph = model, graph
        self._value = "–"
        self._data: GraphData | None = None
        self._drawn: object = None
        self.setToolTip(graph.tip)
        self.setMinimumHeight(SPARK_LEAST)
        self.setSizePolicy(_EXPAND, _EXPAND)
        self.setAccessibleName(graph.title)
        theme().changed.connect(self.update)

    def show_value(self) -> None:
        text = self._model.graph_value(self._graph)
        if text != self._value:
            self._value = text
            self.setAccessibleName(f"{self._graph.title}: {text} {self._graph.unit}")
            self.update()

    def refresh(self, moment: object) -> bool:
        """Take the curve of this ``moment``; whether there was anything to draw."""
        if moment == self._drawn or not self._model.active:
            return False
        self._drawn = moment
        self._data = self._model.graph(self._graph, 62)
        self.update()
        return True

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

    def _busiest(self) -> int:
        """The curve that the small line shows: that which reaches highest."""
        assert self._data is not None
        peaks = [
            float(curve.y[known].max()) if (known := curve.y == curve.y).any() else -1.0 for curve in self._data.curves
        ]
        return peaks.index(max(peaks))

    def _paint_curves(self, painter: QPainter, box: QRectF) -> None:
        if self._data is None:
            return
        painter.setRenderHint(_SMOOTH)
        across = box.width() / self._model.window_s
        up = box.height() / (self._data.high - self._data.low)
        curve = self._data.curves[self._busiest()]
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
