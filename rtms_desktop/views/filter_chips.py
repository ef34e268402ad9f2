"""Chips that say how many rows of a kind there are and show only those when they are pressed. Main thread."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QPushButton, QSizePolicy, QWidget

from rtms_desktop.viewmodels.figures import grouped
from rtms_desktop.views.theme import Space, theme
from rtms_desktop.views.widgets import set_kind

CHIP_WIDTH, CHIP_WIDTH_BARE = 88, 70
"""A row holds as many chips as have so much room; the second is that of a chip without its icon."""
ICON = 12

_EXPAND, _FIXED = QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed
_IGNORED = QSizePolicy.Policy.Ignored


class FilterChips(QWidget):
    """``toggled(kind)``: a chip was pressed. Without a pressed chip everything is shown."""

    toggled = Signal(object)

    def __init__(self, kinds: Mapping[Any, tuple[str, str]], parent: QWidget | None = None) -> None:
        """``kinds``: each with its icon and the colour of that."""
        super().__init__(parent)
        self.setAccessibleName("Kinds of rows")
        self.chips: dict[Any, QPushButton] = {}
        self._columns = 0
        self._compact = False
        self._counts: Mapping[Any, int] = {}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(Space.DOCK, 0, Space.DOCK, Space.XS)
        self._grid.setSpacing(Space.XS)
        for kind, (icon, token) in kinds.items():
            self.chips[kind] = chip = QPushButton(str(kind))
            chip.setCheckable(True)
            chip.setAutoDefault(False)
            chip.setFont(theme().font("label"))
            chip.setSizePolicy(_IGNORED, _FIXED)
            set_kind(chip, "chip")
            theme().bind_icon(chip, icon, token, ICON)
            chip.clicked.connect(lambda _=False, kind=kind: self.toggled.emit(kind))
        self.setSizePolicy(_EXPAND, _FIXED)
        self._arrange()

    def show_counts(self, counts: Mapping[Any, int], chosen: frozenset[Any]) -> None:
        self._counts = counts
        for kind, chip in self.chips.items():
            chip.setChecked(kind in chosen)
        self._write()

    def set_compact(self, compact: bool) -> None:
        """One row of icons and numbers, where there is no height for words."""
        if compact != self._compact:
            self._compact = compact
            self._arrange()
            self._write()

    def _write(self) -> None:
        for kind, chip in self.chips.items():
            count = self._counts.get(kind, 0)
            number = _short(count) if self._compact else grouped(count) if count else ""
            text = number if self._compact else f"{kind} {number}".strip()
            if chip.text() != text or not chip.accessibleName():
                chip.setText(text)
                chip.setAccessibleName(f"{kind}, {count:,}")
                chip.setToolTip(f"{kind}, {count:,}. Shows only these, or with other chips these as well")

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        """One row where there is room, else several of the same length; where it is narrow words have to do."""
        room = self.width() - 2 * Space.DOCK
        bare = room < 3 * CHIP_WIDTH and not self._compact
        fit = len(self.chips) if self._compact else max(2, room // (CHIP_WIDTH_BARE if bare else CHIP_WIDTH))
        columns = next(count for count in (len(self.chips), 3, 2) if count <= fit)
        for chip in self.chips.values():
            chip.setIconSize(QSize(0, 0) if bare else QSize(ICON, ICON))
        if columns == self._columns:
            return
        self._columns = columns
        for number, chip in enumerate(self.chips.values()):
            self._grid.addWidget(chip, number // columns, number % columns)
        for column in range(len(self.chips)):
            self._grid.setColumnStretch(column, 1 if column < columns else 0)


def _short(count: int) -> str:
    """``1234`` as ``1k``."""
    return str(count) if count < 1000 else f"{count // 1000}k"
