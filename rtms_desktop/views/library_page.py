"""The recordings page: every recording with its picture, a search through all that was said, and what can be done."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QStackedWidget, QVBoxLayout, QWidget

from rtms_desktop.recording.library_rows import State
from rtms_desktop.viewmodels.library_rows import LibraryRow
from rtms_desktop.viewmodels.library_vm import LibraryViewModel
from rtms_desktop.views.banner import Toast
from rtms_desktop.views.library_tables import first_row, hits_table, recordings_table
from rtms_desktop.views.list_pane import FindField
from rtms_desktop.views.theme import Space
from rtms_desktop.views.widgets import ElidedLabel, EmptyState, IconButton, button, label

MAX_WIDTH = 1296
SEARCH_MIN, SEARCH_WIDTH = 220, 360
FOLD_BELOW = 860
PICTURES_MS = 60
Before = Callable[[Callable[[], object]], object]

DELETE = Qt.WidgetAttribute.WA_DeleteOnClose
_KEY = Qt.Key
_CUSTOM = Qt.ContextMenuPolicy.CustomContextMenu


class LibraryPage(QWidget):
    """``closed``: back to where one was. ``opened``: a recording comes. The others: somebody wants that of a path.

    Args:
        before: calls what it is given at once, or after a question where opening a recording would end something.
    """

    closed = Signal()
    opened = Signal()
    export_wanted = Signal(str)
    folder_wanted = Signal(str)
    settings_wanted = Signal()

    def __init__(self, model: LibraryViewModel, before: Before, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._before = before
        self.setObjectName("page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName("Recordings")
        self.model = model
        self.table, self.hits = recordings_table(model), hits_table(model.hits)
        self.empty = EmptyState()
        self.empty.acted.connect(lambda key: self.settings_wanted.emit())
        self._pages = QStackedWidget()
        for part in (self.table, self.hits, self.empty):
            self._pages.addWidget(part)
        self.toast = Toast(self)
        self._lay_out()
        self._connect()
        self._show()

    # -- making --------------------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        outer = QHBoxLayout(self)
        outer.setContentsMargins(Space.PAGE, 16, Space.PAGE, Space.PAGE)
        column = QWidget()
        column.setMaximumWidth(MAX_WIDTH)
        outer.addStretch(1)
        outer.addWidget(column, 1000)
        outer.addStretch(1)
        layout = QVBoxLayout(column)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(Space.L)
        layout.addLayout(self._make_head())
        layout.addLayout(self._make_tools())
        frame = QFrame()
        frame.setProperty("kind", "card")
        inner = QVBoxLayout(frame)
        inner.setContentsMargins(1, 1, 1, 1)
        inner.addWidget(self._pages)
        layout.addWidget(frame, 1)

    def _make_head(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(Space.M)
        self.back = IconButton("arrow-left", "Back (Esc)")
        self.back.clicked.connect(lambda *_: self.closed.emit())
        self._summary = ElidedLabel("", "t3", "dense")
        row.addWidget(self.back)
        row.addWidget(label("Recordings", "t1", "page"))
        row.addSpacing(Space.M)
        row.addWidget(self._summary, 1)
        folder = button("Show folder", kind="flat", icon="folder-open", tip="Open the folder of the recordings")
        folder.clicked.connect(lambda *_: self.folder_wanted.emit(str(self.model.folder)))
        settings = button(
            "Settings", kind="flat", icon="settings", tip="Folder, automatic recording, how long they stay"
        )
        settings.clicked.connect(lambda *_: self.settings_wanted.emit())
        row.addWidget(folder)
        row.addWidget(settings)
        return row

    def _make_tools(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(Space.M)
        self.field = FindField("Search what was said", name="Search all recordings", hint="Ctrl F")
        self.field.setToolTip("Titles, people, transcripts, chat and marks of all recordings (Ctrl+F)")
        self.field.setMaximumWidth(SEARCH_WIDTH)
        self._found = label("", "t3", "dense")
        self.field.setMinimumWidth(SEARCH_MIN)
        row.addWidget(self.field, 3)
        row.addWidget(self._found, 2)
        self.open_button = button("Open", icon="play", clicked=self._open)
        self.export_button = button("Export", icon="download", clicked=self._export)
        self.rename_button = button("Rename", icon="pencil", clicked=self._rename)
        self.delete_button = button("Delete", kind="danger", icon="trash-2", token="error", clicked=self._delete)
        for part in (self.open_button, self.export_button, self.rename_button, self.delete_button):
            row.addWidget(part)
        return row

    def _connect(self) -> None:
        model = self.model
        self.field.textChanged.connect(model.search)
        self.field.left.connect(self._leave_field)
        self.field.stepped.connect(lambda forward: self._leave_field())
        self.table.open_wanted.connect(self._open)
        self.table.doubleClicked.connect(lambda index: self._open())
        self.table.delete_wanted.connect(self._delete)
        self.table.undo_wanted.connect(model.undo)
        self.table.setContextMenuPolicy(_CUSTOM)
        self.table.customContextMenuRequested.connect(self._menu)
        self.table.selectionModel().selectionChanged.connect(lambda *_: self._show_tools())
        self.hits.open_wanted.connect(self._open_hit)
        self._pictures = QTimer(self)
        self._pictures.setSingleShot(True)
        self._pictures.setInterval(PICTURES_MS)
        self._pictures.timeout.connect(self._want_pictures)
        for signal in (self.table.verticalScrollBar().valueChanged, model.model.modelReset, model.model.layoutChanged):
            signal.connect(lambda *_: self._pictures.start())
        model.changed.connect(self._show)
        model.pictures_changed.connect(self.table.viewport().update)
        model.trashed.connect(self._offer_undo)

    # -- following -----------------------------------------------------------------------------------------------

    def start_find(self) -> None:
        self.field.setFocus()
        self.field.selectAll()

    def take_focus(self) -> None:
        """The keyboard begins in the list."""
        first_row(self.table)
        (self.table if self.model.model.rowCount() else self.field).setFocus()

    def _show(self) -> None:
        model = self.model
        folder = model.folder
        words = [word for word in (model.summary(), f"in {folder}" if model.summary() else "") if word]
        self._summary.setText(" ".join(words))
        searching = bool(model.needle)
        self._found.setText("" if not searching or model.searching else model.search_summary())
        if searching and not model.hits.rowCount() and not model.searching:
            self.empty.set(
                "search", "Nothing was found", f"No title, person or line holds all of “{model.needle[:60]}”."
            )
            self._pages.setCurrentWidget(self.empty)
        elif searching:
            if model.hits.rowCount() or self._pages.currentWidget() is not self.empty:
                self._pages.setCurrentWidget(self.hits)
        elif model.model.rowCount():
            self._pages.setCurrentWidget(self.table)
        else:
            kept = f"They are kept in {folder.parent.name}/{folder.name}."
            self.empty.set("file-play", "No recordings yet", kept, "Change folder")
            self._pages.setCurrentWidget(self.empty)
        self._show_tools()
        if self.isVisible():
            self._pictures.start()

    def _show_tools(self) -> None:
        rows = self._chosen()
        one = rows[0] if len(rows) == 1 else None
        cut = one is not None and one.state == State.OPEN
        none = "" if rows else "Choose a recording first."
        several = "Choose one recording." if len(rows) > 1 else ""
        gone = "Nothing is left of it but this line." if one is not None and not one.is_there else ""
        busy = "" if one is None or one.is_settled else "It is not finished yet."
        self.open_button.setText("Repair and open" if cut else "Open")
        self.open_button.setAccessibleName(self.open_button.text())
        for part, why_not, tip in (
            (self.open_button, none or several or gone or busy, "Show it (Enter)"),
            (self.export_button, none or several or gone or busy, "Make a film, sound or text of it"),
            (self.rename_button, none or several or gone, "Give it another title (F2)"),
            (self.delete_button, none or self.model.why_not_delete(rows), "Move it to the trash (Del)"),
        ):
            part.setEnabled(not why_not)
            part.setToolTip(why_not or tip)

    def _chosen(self) -> list[LibraryRow]:
        return self.table.chosen() if not self.model.needle else []

    def _want_pictures(self) -> None:
        if self.isVisible() and self._pages.currentWidget() is self.table:
            self.model.want_pictures(row.folder for row in self.table.seen() if row.has_picture)

    def _offer_undo(self, count: int) -> None:
        self.toast.say("Deleted" if count == 1 else f"{count} recordings deleted", "trash-2", "Undo", self.model.undo)

    # -- what a person does --------------------------------------------------------------------------------------

    def _open(self) -> None:
        rows = self._chosen()
        if len(rows) == 1 and self.open_button.isEnabled():
            self._before(partial(self._go, partial(self.model.open, rows[0])))

    def _open_hit(self, number: int) -> None:
        hit = self.model.hits.hit(number)
        if hit is not None:
            self._before(partial(self._go, partial(self.model.open_hit, hit)))

    def _go(self, open_it: Callable[[], object]) -> None:
        self.opened.emit()
        open_it()

    def _export(self) -> None:
        rows = self._chosen()
        if len(rows) == 1 and self.export_button.isEnabled():
            self.export_wanted.emit(str(rows[0].folder))

    def _rename(self) -> None:
        index = self.table.currentIndex()
        if index.isValid():
            self.table.setFocus()
            self.table.edit(index.siblingAtColumn(0))

    def _delete(self) -> None:
        if self.delete_button.isEnabled():
            self.model.trash(self._chosen())

    def _leave_field(self) -> None:
        target = self.hits if self.model.needle else self.table
        first_row(target)
        target.setFocus()

    def _menu(self, place: QPoint) -> None:
        rows = self._chosen()
        if not rows:
            return
        menu = QMenu(self)
        menu.setAttribute(DELETE)
        for part, do in (
            (self.open_button, self._open), (self.export_button, self._export), (self.rename_button, self._rename),
        ):  # fmt: skip
            menu.addAction(part.text(), do).setEnabled(part.isEnabled())
        one: Any = rows[0] if len(rows) == 1 and rows[0].is_there else None
        show = menu.addAction("Show in folder", lambda: self.folder_wanted.emit(str(Path(one.folder))))
        show.setEnabled(one is not None)
        menu.addSeparator()
        menu.addAction("Delete", self._delete).setEnabled(self.delete_button.isEnabled())
        menu.popup(self.table.viewport().mapToGlobal(place))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if _KEY(event.key()) == _KEY.Key_Escape:
            self.closed.emit()
        else:
            super().keyPressEvent(event)

    def showEvent(self, event) -> None:
        super().showEvent(event)
        self.model.refresh()
        self._pictures.start()

    def resizeEvent(self, event) -> None:
        super().resizeEvent(event)
        folded = self.width() < FOLD_BELOW
        for part in (self.export_button, self.rename_button, self.delete_button):
            part.setText("" if folded else part.accessibleName())
        self.toast.place()
        self._pictures.start()
