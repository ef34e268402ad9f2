"""The Inspector: every message of every socket, to be filtered, looked into and taken elsewhere. Main thread."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, QModelIndex, QObject, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QGuiApplication, QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QInputDialog,
    QMenu,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from rtms_desktop.viewmodels.colours import SpeakerColours
from rtms_desktop.viewmodels.figures import grouped
from rtms_desktop.viewmodels.inspector_vm import InspectorViewModel
from rtms_desktop.viewmodels.tick import RenderTick
from rtms_desktop.views.inspector_detail import DetailPane
from rtms_desktop.views.inspector_facets import WIDTH, FacetList
from rtms_desktop.views.inspector_filter import FilterBar
from rtms_desktop.views.inspector_strip import Strip
from rtms_desktop.views.inspector_table import message_table
from rtms_desktop.views.theme import theme
from rtms_desktop.views.widgets import EmptyState, tick_while_visible

_COPY = QKeySequence.StandardKey.Copy
_DELETE = Qt.WidgetAttribute.WA_DeleteOnClose
_HORIZONTAL, _VERTICAL = Qt.Orientation.Horizontal, Qt.Orientation.Vertical
FACETS_FROM = (1000, 330)
"""Least width and height at which the left column has room."""

UPRIGHT_FROM = 480
"""From this height on the message stands under the table, else beside it."""

LEAST = 120
COPIES = (("Copy as JSON", "json"), ("Copy as curl", "curl"), ("Copy as Python", "python"))
FOLLOWS = (
    ("Follow this user", "user"),
    ("Follow this socket", "link"),
    ("Follow this track", "track"),
    ("Only this type", "type"),
)


class InspectorDock(QWidget):
    """``count_changed``: messages, as (text, kind). The chosen row and the window's one cursor move each other."""

    count_changed = Signal(object)

    def __init__(
        self, controller: Any, ticks: RenderTick, colours: SpeakerColours, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.title = "Inspector"
        self.setAccessibleName("Inspector")
        self.model = InspectorViewModel(controller, self)
        self.bar = FilterBar(self.model)
        self.facets = FacetList(self.model, colours)
        self.strip = Strip(self.model)
        self.table = message_table(self.model.model)
        self.detail = DetailPane()
        self.empty = EmptyState()
        self._count = -1
        self._follow = True
        self._lay_out()
        self._wire(ticks)
        self._show_body()

    def _lay_out(self) -> None:
        self._body = QStackedWidget()
        self._body.addWidget(self.empty)
        self._body.addWidget(self.table)
        self.halves = QSplitter(_HORIZONTAL)
        self.across = QSplitter(_HORIZONTAL)
        top = QWidget()
        top.setObjectName("panel")
        top.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        column = QVBoxLayout(top)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.bar)
        column.addWidget(self.strip)
        column.addWidget(self._body, 1)
        for splitter, parts in ((self.halves, (top, self.detail)), (self.across, (self.facets, self.halves))):
            splitter.setHandleWidth(1)
            splitter.setChildrenCollapsible(False)
            for part in parts:
                splitter.addWidget(part)
        # Else the height that the message needs under the table would keep the panel from ever becoming low.
        self.across.setMinimumHeight(LEAST)
        self.across.setStretchFactor(1, 1)
        self.across.setSizes([WIDTH, 1200])
        self.halves.setStretchFactor(0, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.across)

    def _wire(self, ticks: RenderTick) -> None:
        model, rows = self.model, self.model.model
        self._tick = tick_while_visible(self, ticks.text, model.refresh)
        ticks.text.connect(self._tell_count)
        model.changed.connect(self._show_body)
        model.detail_changed.connect(lambda: self.detail.show_detail(model.detail))
        model.copied.connect(lambda text: QGuiApplication.clipboard().setText(text))
        model.said.connect(self._say)
        model.moment_came.connect(self._follow_moment)
        rows.contents_came.connect(self.table.viewport().update)
        rows.rowsAboutToBeInserted.connect(lambda *_: self._note_end())
        rows.rowsInserted.connect(lambda *_: self._grown())
        rows.modelAboutToBeReset.connect(self._note_chosen)
        rows.modelReset.connect(self._again)
        self.table.selectionModel().currentRowChanged.connect(self._chosen)
        self.table.installEventFilter(self)
        self.table.doubleClicked.connect(lambda index: model.cursor.show_in_lanes(rows.serial(index.row())))
        self.table.verticalScrollBar().valueChanged.connect(lambda *_: self._tell_range())
        self.strip.chosen.connect(self._choose)
        self.facets.chosen.connect(self.bar.set_text)
        self.bar.focus_table.connect(self._to_table)
        self.bar.save_wanted.connect(self.save_filter)
        self.bar.export_wanted.connect(self.export)
        self.detail.copy_wanted.connect(lambda: self.copy("json"))
        self.detail.picture_wanted.connect(self._look_at)
        self.empty.acted.connect(lambda key: self.bar.set_text(""))
        theme().changed.connect(self.table.viewport().update)
        self._chosen_serial: int | None = None
        self._going = False

    # -- what others call ----------------------------------------------------------------------------------------

    def start_filter(self) -> None:
        """Put the cursor into the filter."""
        self.bar.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.bar.field.selectAll()

    start_find = start_filter

    def open(self, path: Path) -> None:
        """Show a recording or a tape."""
        self.model.open(path)

    def go_to(self, serial: int) -> None:
        """Choose the row of a message, or the one behind it; the window's cursor stays where it is."""
        row = self.model.model.row_of(serial)
        if row >= 0:
            self._going = True
            self.table.setCurrentIndex(self.model.model.index(row, 0))
            self._going = False
            self.table.scrollTo(self.model.model.index(row, 0), self.table.ScrollHint.PositionAtCenter)

    def _choose(self, serial: int) -> None:
        self.go_to(serial)
        self.model.cursor.choose(serial)

    def _look_at(self, serial: int) -> None:
        """Choose a message also where the filter leaves it out."""
        rows = self.model.model
        row = rows.row_of(serial)
        if row >= 0 and rows.serial(row) == serial:
            self._choose(serial)
        else:
            self.model.look_at(serial)

    def _follow_moment(self) -> None:
        """The cursor was put elsewhere: choose the nearest message; one that nobody sees does so when it is shown."""
        if self.isVisible():
            serial = self.model.cursor.take()
            if serial is not None:
                self.go_to(serial)

    # -- rows ----------------------------------------------------------------------------------------------------

    def _note_end(self) -> None:
        bar = self.table.verticalScrollBar()
        self._follow = bar.value() >= bar.maximum()

    def _grown(self) -> None:
        if self._follow and not self.model.held:
            self.table.scrollToBottom()
        self._tell_range()

    def _note_chosen(self) -> None:
        row = self.table.currentIndex().row()
        self._chosen_serial = self.model.model.serial(row) if row >= 0 else None
        self._note_end()

    def _again(self) -> None:
        """After another filter the same message is chosen where it is still shown."""
        serial, rows = self._chosen_serial, self.model.model
        row = rows.row_of(serial) if serial is not None else -1
        if row >= 0 and rows.serial(row) == serial:
            self.go_to(serial)
        elif self._follow:
            self.table.scrollToBottom()
        self._show_body()

    def _show_body(self) -> None:
        model = self.model
        if model.shown:
            self._body.setCurrentIndex(1)
        else:
            if model.log is None or not model.total:
                self.empty.set("list", "No messages yet", "Every message of every socket appears here as it comes.")
            else:
                self.empty.set(
                    "list-filter", "No message matches", f"0 of {grouped(model.total)}", "Clear filter", "clear"
                )
            self._body.setCurrentIndex(0)
        self._tell_range()
        self._tell_count()

    def _tell_count(self) -> None:
        """The pill of the tab; a log that nobody looks at is only asked for its length."""
        log = self.model.log
        count = 0 if log is None else log.rows.end
        if count != self._count:
            self._count = count
            self.count_changed.emit((grouped(count) if count else "", "grey"))
            self.table.setAccessibleDescription(self.model.status)

    def _tell_range(self) -> None:
        rows = self.model.model
        if not rows.rowCount() or not self.isVisible():
            return
        first = max(0, self.table.rowAt(0))
        last = self.table.rowAt(self.table.viewport().height() - 1)
        self.strip.set_range(rows.serial(first), rows.serial(last if last >= 0 else rows.rowCount() - 1))

    def _chosen(self, index: QModelIndex, before: QModelIndex) -> None:
        serial = self.model.model.serial(index.row()) if index.isValid() else None
        if serial != (self.model.detail.serial if self.model.detail is not None else None):
            self.model.look_at(serial)
        self.strip.set_chosen(serial)
        if serial is not None and not self._going:
            self.model.cursor.choose(serial)

    # -- commands ------------------------------------------------------------------------------------------------

    def copy(self, how: str) -> None:
        """Put the chosen messages onto the clipboard: ``json``, ``curl``, ``python`` or ``rows``."""
        chosen = sorted(index.row() for index in self.table.selectionModel().selectedRows())
        if how == "rows":
            if chosen:
                QGuiApplication.clipboard().setText(self.model.model.plain(chosen))
            return
        self.model.copy([self.model.model.serial(row) for row in chosen], how)

    def follow(self, what: str, serial: int) -> None:
        """Filter for what belongs to a message."""
        self.bar.set_text(self.model.followed(serial, what))

    def save_filter(self) -> None:
        dialog = QInputDialog(self)
        dialog.setAttribute(_DELETE)
        dialog.setWindowTitle("Save filter")
        dialog.setLabelText("Name of this filter")
        dialog.setTextValue(self.model.filter[:40])
        dialog.textValueSelected.connect(lambda name: self.model.save_filter(name.strip() or self.model.filter))
        dialog.open()

    def export(self) -> None:
        dialog = QFileDialog(self, "Save these messages as a tape")
        dialog.setAttribute(_DELETE)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter("Tape (*.mcap)")
        dialog.setDefaultSuffix("mcap")
        dialog.selectFile("messages.mcap")
        dialog.fileSelected.connect(lambda path: self.model.save(Path(path)))
        dialog.open()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        at = self.table.viewport().mapFromGlobal(event.globalPos())
        index = self.table.indexAt(at)
        if not self.table.viewport().rect().contains(at) or not index.isValid():
            return
        self.menu(self.model.model.serial(index.row())).popup(event.globalPos())

    def menu(self, serial: int) -> QMenu:
        """What can be done with a row."""
        menu = QMenu(self)
        menu.setAttribute(_DELETE)
        for text, what in FOLLOWS:
            menu.addAction(text).triggered.connect(lambda _=False, what=what: self.follow(what, serial))
        menu.addSeparator()
        lanes = menu.addAction("Show in lanes")
        lanes.setEnabled(self.model.cursor.at_of(serial) is not None)
        lanes.triggered.connect(lambda *_: self.model.cursor.show_in_lanes(serial))
        menu.addSeparator()
        for text, how in COPIES:
            menu.addAction(text).triggered.connect(lambda _=False, how=how: self.copy(how))
        menu.addAction("Copy rows").triggered.connect(lambda *_: self.copy("rows"))
        menu.addSeparator()
        menu.addAction("Save the shown messages as a tape…").triggered.connect(lambda *_: self.export())
        return menu

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A table copies one cell by itself; here whole rows are copied. With the focus comes a row."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and event.matches(_COPY):
            self.copy("rows")
            return True
        if event.type() == QEvent.Type.FocusIn:
            self._choose_one()
        return False

    # -- layout --------------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        wide, high = self.width(), self.height()
        self.facets.setVisible(wide >= FACETS_FROM[0] and high >= FACETS_FROM[1])
        way = _VERTICAL if high >= UPRIGHT_FROM else _HORIZONTAL
        if self.halves.orientation() != way or event.oldSize().width() <= 0:
            self.halves.setOrientation(way)
            self.halves.setSizes(
                [high * 6 // 10, high * 4 // 10] if way is _VERTICAL else [wide * 64 // 100, wide * 36 // 100]
            )
        self.detail.set_compact(way is _HORIZONTAL)

    def showEvent(self, event) -> None:
        super().showEvent(event)
        self.model.refresh()
        self._show_body()
        self._follow_moment()

    def _to_table(self) -> None:
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)
        self._choose_one()

    def _choose_one(self) -> None:
        """The keyboard needs a row to begin with; Qt would take the first, and the window would go to its moment."""
        if not self.table.currentIndex().isValid() and self.model.shown:
            bar = self.table.verticalScrollBar()
            row = self.model.shown - 1 if bar.value() >= bar.maximum() else max(0, self.table.rowAt(0))
            self.go_to(self.model.model.serial(row))

    def _say(self, text: str) -> None:
        self.strip.say(text)
