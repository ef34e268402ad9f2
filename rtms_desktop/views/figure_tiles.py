"""The metrics as tiles: label above, value and unit, what it is made of below. Main thread."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from rtms_desktop.viewmodels.metrics_vm import MetricsViewModel, Tile
from rtms_desktop.views.theme import Space
from rtms_desktop.views.widgets import ElidedLabel, label, set_kind

TILE_WIDTH = 168
MOST, FEWEST = 5, 3
_BASELINE = Qt.AlignmentFlag.AlignBottom


class FigureTile(QWidget):
    """One figure; it keeps its place, so that the eye finds it again."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.name = ElidedLabel("", "t3", "dense")
        self.value = label("", "t1", "value")
        self.unit = label("", "t3", "dense")
        self.note = ElidedLabel("", "t3", "label")
        line = QHBoxLayout()
        line.setSpacing(Space.XS)
        line.addWidget(self.value, 0, _BASELINE)
        line.addWidget(self.unit, 0, _BASELINE)
        line.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(1)
        column.addWidget(self.name)
        column.addLayout(line)
        column.addWidget(self.note)
        column.addStretch(1)

    def show_tile(self, tile: Tile) -> None:
        self.name.setText(tile.name)
        self.value.setText(tile.value)
        self.unit.setText(tile.unit)
        self.note.setText(tile.note)
        set_kind(self.value, tile.level or "t1")
        self.setToolTip(tile.tip)
        self.setAccessibleName(" ".join(part for part in (f"{tile.name}:", tile.value, tile.unit) if part))
        self.setAccessibleDescription(tile.note)


class FigureTiles(QWidget):
    """As many columns as there is room for; `refresh` at the text tick."""

    def __init__(self, model: MetricsViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Figures")
        self._model = model
        self._columns = 0
        self.tiles = [FigureTile() for _ in model.tiles()]
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(Space.DOCK, Space.M, Space.DOCK, Space.M)
        self._grid.setHorizontalSpacing(Space.XL)
        self._grid.setVerticalSpacing(Space.L)
        self._place()

    def refresh(self) -> None:
        for view, tile in zip(self.tiles, self._model.tiles(), strict=True):
            view.show_tile(tile)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    def _place(self) -> None:
        columns = max(FEWEST, min(MOST, self.width() // TILE_WIDTH))
        if columns == self._columns:
            return
        self._columns = columns
        for number, tile in enumerate(self.tiles):
            self._grid.addWidget(tile, number // columns, number % columns)
        rows = -(-len(self.tiles) // columns)
        for column in range(MOST):
            self._grid.setColumnStretch(column, 1 if column < columns else 0)
        for row in range(len(self.tiles) + 1):
            self._grid.setRowStretch(row, 1 if row == rows else 0)
