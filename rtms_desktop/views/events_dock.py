"""The Events dock: a plain table of what happened, with number and name of every code. Main thread."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QGuiApplication,
    QHelpEvent,
    QHideEvent,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QShowEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QMenu,
    QStackedLayout,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolTip,
    QWidget,
)

from rtms_desktop.viewmodels.colours import SpeakerColours
from rtms_desktop.viewmodels.events_vm import ROW_ROLE, EventRow, EventsFilter, EventsViewModel
from rtms_desktop.viewmodels.tick import RenderTick
from rtms_desktop.views.row_layout import plain_tip
from rtms_desktop.views.tables import text_table_view
from rtms_desktop.views.theme import MEDIA_ICONS, theme
from rtms_desktop.views.widgets import ELIDE, LEFT, EmptyState, SegmentedButtons

_SELECTED = QStyle.StateFlag.State_Selected
_DELETE = Qt.WidgetAttribute.WA_DeleteOnClose
_COPY = QKeySequence.StandardKey.Copy
TIME, LINK, KIND, CODE, SENTENCE = range(5)
WIDTHS = {TIME: 62, LINK: 104, KIND: 84, CODE: 312}
_TINTS = {"warning": ("warn_bg", "warn_bg_text"), "error": ("error_bg", "error")}
_KIND_ICONS = {"warning": "triangle-alert", "error": "circle-x"}


class EventDelegate(QStyledItemDelegate):
    """Rows that are the trouble have a tint, an icon and a word."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Any) -> None:
        look, box = theme(), option.rect
        row: EventRow = index.data(ROW_ROLE)
        severity, column = row.text.severity.value, index.column()
        tint, ink = _TINTS.get(severity, ("", ""))
        if option.state & _SELECTED:
            painter.fillRect(box, look.color("select"))
        elif tint:
            painter.fillRect(box, look.color(tint))
        left = box.left() + (12 if column == TIME else 6)
        icon, token = self._icon(row, column, ink)
        if icon:
            painter.drawPixmap(left, box.center().y() - 6, look.pixmap(icon, token, 14))
            left += 20
        painter.setFont(look.font("dense_medium" if column == CODE else "dense"))
        calm = "text3" if column in (TIME, KIND) else "text1" if column in (CODE, SENTENCE) else "text2"
        painter.setPen(look.color(ink if ink and column != TIME else calm))
        area = QRect(left, box.top(), box.right() - left - 4, box.height())
        painter.drawText(area, LEFT, painter.fontMetrics().elidedText(row.cells()[column], ELIDE, area.width()))

    def _icon(self, row: EventRow, column: int, ink: str) -> tuple[str, str]:
        if column == KIND:
            return _KIND_ICONS.get(row.text.severity.value, ""), ink
        if column == LINK and row.text.link in MEDIA_ICONS:
            return MEDIA_ICONS[row.text.link], f"media.{row.text.link}"
        return "", ""

    def helpEvent(self, event: QHelpEvent, view: QAbstractItemView, option: QStyleOptionViewItem, index: Any) -> bool:
        text = ""
        if index.isValid():
            found = index.data(ROW_ROLE).text
            text = "\n".join(part for part in (found.code, found.sentence, found.more) if part)
        QToolTip.showText(event.globalPos(), plain_tip(text), view)
        return True


class EventsDock(QWidget):
    """The table follows its end until somebody scrolls up; ``count_changed``: unseen troubles, as (text, kind)."""

    count_changed = Signal(object)

    def __init__(
        self, controller: Any, ticks: RenderTick, colours: SpeakerColours, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.title = "Events"
        self.setAccessibleName("Events")
        self.model = EventsViewModel(controller, self)
        self.filter = EventsFilter(self.model.model, self)
        self.table = text_table_view(self.filter, "Events")
        self.table.setItemDelegate(EventDelegate(self.table))
        for column, width in WIDTHS.items():
            self.table.horizontalHeader().resizeSection(column, width)
        self.table.clicked.connect(lambda index: self.model.seek(index.data(ROW_ROLE)))
        self.table.doubleClicked.connect(lambda index: self.model.inspect(index.data(ROW_ROLE)))
        self.empty = EmptyState("list", "No events yet", "States, answers and surprises appear here as they come.")
        self.nothing = EmptyState("list-filter", "Nothing of this kind", "", "Show all")
        self.nothing.acted.connect(lambda _: self.show_only(EventsFilter.ALL))
        self.head_widget = self._make_head()
        self._stack = QStackedLayout(self)
        for page in (self.empty, self.table, self.nothing):
            self._stack.addWidget(page)
        self._follow = True
        rows = self.model.model
        rows.rowsAboutToBeInserted.connect(lambda *_: self._note_end())
        rows.rowsInserted.connect(lambda *_: self._grown())
        rows.modelReset.connect(self._show_body)
        self.model.count_changed.connect(self._tell_count)
        theme().changed.connect(self.table.viewport().update)
        self._show_body()

    def _make_head(self) -> SegmentedButtons:
        names = {EventsFilter.ALL: "All", EventsFilter.TROUBLES: "Troubles", EventsFilter.EXPERT: "Notes"}
        chips = SegmentedButtons([(kind, "", name) for kind, name in names.items()], self)
        chips.hide()  # until the row of the tabs takes it
        chips.set_tip(EventsFilter.TROUBLES, "Only warnings and errors")
        chips.set_tip(EventsFilter.EXPERT, "Only what is odd about how the server speaks")
        chips.set_current(EventsFilter.ALL)
        chips.chosen.connect(self.show_only)
        return chips

    def show_only(self, kind: str) -> None:
        """All rows, the troubles, or the notes on the server."""
        self.head_widget.set_current(kind)
        self.filter.show_only(kind)
        self._show_body()
        self.table.scrollToBottom()

    def _tell_count(self, count: int) -> None:
        """Red only for errors that nobody has seen: warnings are counted in grey."""
        errors = self.model.errors
        self.count_changed.emit((f"{errors or count:,}" if count else "", "red" if errors else "grey"))

    def _note_end(self) -> None:
        bar = self.table.verticalScrollBar()
        self._follow = bar.value() >= bar.maximum()

    def _grown(self) -> None:
        self._show_body()
        if self._follow and self.isVisible():
            self.table.scrollToBottom()
        self.table.setAccessibleDescription(f"{len(self.model.model.rows):,} events")

    def _show_body(self) -> None:
        page = 0 if not self.model.model.rows else 1 if self.filter.rowCount() else 2
        self._stack.setCurrentIndex(page)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._follow:
            self.table.scrollToBottom()
        self.model.mark_seen(True)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.model.mark_seen(False)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(_COPY):
            self.copy()
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = QMenu(self)
        menu.setAttribute(_DELETE)
        menu.addAction("Copy").triggered.connect(lambda *_: self.copy())
        menu.addAction("Select all").triggered.connect(lambda *_: self.table.selectAll())
        menu.popup(event.globalPos())

    def copy(self) -> None:
        """Put the selected rows onto the clipboard, cells apart by tabs."""
        rows = sorted(self.filter.mapToSource(index).row() for index in self.table.selectionModel().selectedRows())
        if rows:
            QGuiApplication.clipboard().setText(self.model.plain(rows))
