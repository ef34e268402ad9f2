"""What the docks of words have in common: rows with find and honest auto-scroll, and a way out while there are none.

The base of the Transcript and the Chat dock. Main thread.
"""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from rtms_desktop.views.layouts import column
from rtms_desktop.views.list_pane import ListPane
from rtms_desktop.views.row_heights import RowLook
from rtms_desktop.views.widgets import EmptyState


class WordsDock(QWidget):
    """A subclass says what it is called, makes its model and look, and calls `build` once.

    Attributes:
        things: what a row is, in the plural.
        none_yet: title and line while there are no rows.
    """

    count_changed = Signal(object)
    title = things = icon = ""
    none_yet = ("", "")

    def build(self, model: Any, look: RowLook) -> None:
        """`model` has rows (`store`), a `finder`, `asking`, and `seek` for the row that is pressed."""
        self.setAccessibleName(self.title)
        self.model = model
        empty = EmptyState(self.icon)
        self.pane = ListPane(model.store, model.finder, look, empty, self.things, self)
        self.pane.list.setAccessibleName(f"{self.title} {self.things}")
        column(self).addWidget(self.pane)
        model.session_changed.connect(self.show_empty)
        self.pane.list.pressed.connect(model.seek)
        self.pane.list.activated.connect(model.seek)
        empty.acted.connect(self._ask)
        self.show_empty()

    def start_find(self) -> None:
        """Put the cursor into the find field (Ctrl+F)."""
        self.pane.start_find()

    def show_empty(self) -> None:
        """What stands there without rows."""
        self.pane.show_empty(self.icon, *self.none_yet, self.model.asking)

    def _ask(self, key: str) -> None:
        self.model.asking.ask_next_time()
        self.show_empty()
