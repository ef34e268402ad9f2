"""The Doctor dock: thirteen steps that light up at the left, what stopped them and what to do at the right."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, QRect, Qt, Signal
from PySide6.QtGui import QHelpEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QStackedLayout,
    QStackedWidget,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolTip,
    QVBoxLayout,
    QWidget,
)

from rtms_desktop.viewmodels.colours import SpeakerColours
from rtms_desktop.viewmodels.doctor_vm import MACHINE, MEDIA, STEPS, DoctorRow, DoctorViewModel
from rtms_desktop.viewmodels.params_vm import ParamsViewModel
from rtms_desktop.viewmodels.tick import RenderTick
from rtms_desktop.views.finding import FindingPane
from rtms_desktop.views.params_table import ParamsTable
from rtms_desktop.views.row_layout import plain_tip
from rtms_desktop.views.tables import text_table_view
from rtms_desktop.views.theme import Space, theme
from rtms_desktop.views.widgets import ELIDE, LEFT, RIGHT, EmptyState, Rule, SegmentedButtons, button, label

_DISPLAY, _ACCESSIBLE = Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole
ROW_ROLE = Qt.ItemDataRole.UserRole
_STRETCH, _FIXED = QHeaderView.ResizeMode.Stretch, QHeaderView.ResizeMode.Fixed
_NO_SELECTION = QAbstractItemView.SelectionMode.NoSelection
_NO_BAR = Qt.ScrollBarPolicy.ScrollBarAlwaysOff
Index = QModelIndex | QPersistentModelIndex

STEP, DETAIL, TOOK = range(3)
WIDTHS, WIDTHS_NARROW = (258, 76), (214, 62)
"""Of the first and the last column; a code in the middle is not cut."""
ROW, ROW_LOW, LOW = 38, 26, 540
"""A dock that is too low for thirteen rows of the first height has rows of the second."""
HEAD = 40
NARROW, WIDE = 700, 1200
MARKS = {
    "passed": ("circle-check", "ok"), "failed": ("circle-x", "error"), "note": ("triangle-alert", "warn"),
    "skipped": ("circle", "text3"), "waiting": ("circle-dashed", "text3"), "doing": ("circle-dot", "text2"),
}  # fmt: skip


class StepsModel(QAbstractTableModel):
    """The rows of the view-model as a table of three columns."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: list[DoctorRow] = []

    def show_rows(self, rows: list[DoctorRow]) -> None:
        if len(rows) != len(self.rows):
            self.beginResetModel()
            self.rows = rows
            self.endResetModel()
            return
        before, self.rows = self.rows, rows
        for number, (old, new) in enumerate(zip(before, rows, strict=True)):
            if old != new:
                self.dataChanged.emit(self.index(number, STEP), self.index(number, TOOK))

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else TOOK + 1

    def data(self, index: Index, role: int = _DISPLAY) -> Any:
        row = self.rows[index.row()]
        if role == _DISPLAY:
            return (row.name, row.detail, row.took)[index.column()]
        return row if role == ROW_ROLE else row.words() if role == _ACCESSIBLE else None


class StepDelegate(QStyledItemDelegate):
    """One red line in a list of calm ones; steps that were not reached are outlines."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Any) -> None:
        look, box, row = theme(), option.rect, index.data(ROW_ROLE)
        failed, column = row.state == "failed", index.column()
        if failed:
            painter.fillRect(box, look.color("error_bg"))
        if column == STEP:
            self._paint_step(painter, box, row)
            return
        painter.setFont(look.font("dense"))
        ink = "error" if failed and column == DETAIL else "text3" if row.state in ("waiting", "skipped") else "text2"
        painter.setPen(look.color(ink))
        area = box.adjusted(6, 0, -16 if column == TOOK else -4, 0)
        text = painter.fontMetrics().elidedText(index.data(), ELIDE, area.width())
        painter.drawText(area, RIGHT if column == TOOK else LEFT, text)

    def _paint_step(self, painter: QPainter, box: QRect, row: DoctorRow) -> None:
        look = theme()
        if row.state == "failed":
            painter.fillRect(QRect(box.left(), box.top(), 3, box.height()), look.color("error"))
        icon, token = MARKS[row.state]
        painter.drawPixmap(box.left() + 16, box.center().y() - 7, look.pixmap(icon, token, 16))
        painter.setFont(look.font("dense"))
        painter.setPen(look.color("error" if row.state == "failed" else "text3"))
        painter.drawText(QRect(box.left() + 34, box.top(), 26, box.height()), RIGHT, str(row.number))
        quiet = row.state in ("waiting", "skipped")
        painter.setFont(look.font("strong" if row.state == "failed" else "base" if quiet else "medium"))
        painter.setPen(look.color("error" if row.state == "failed" else "text3" if quiet else "text1"))
        area = QRect(box.left() + 72, box.top(), box.width() - 76, box.height())
        painter.drawText(area, LEFT, painter.fontMetrics().elidedText(row.name, ELIDE, area.width()))

    def helpEvent(self, event: QHelpEvent, view: QAbstractItemView, option: QStyleOptionViewItem, index: Any) -> bool:
        row = index.data(ROW_ROLE) if index.isValid() else None
        QToolTip.showText(event.globalPos(), plain_tip(row.words()) if row is not None else "", view)
        return True


class DoctorDock(QWidget):
    """``stopped``: the first red step; ``edit_wanted``: the connect form; ``count_changed``: the tab's pill."""

    count_changed = Signal(object)
    stopped = Signal()
    edit_wanted = Signal()

    def __init__(
        self, controller: Any, ticks: RenderTick, colours: SpeakerColours, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.title = "Doctor"
        self.setAccessibleName("Doctor")
        self.model = DoctorViewModel(controller, self)
        self.params = ParamsTable(ParamsViewModel(controller, self), ticks)
        self.finding = FindingPane(self.model)
        self.empty = EmptyState(
            "stethoscope", "Nothing to check yet", "Paste a payload, or check only this computer.",
            "Check this computer",
        )  # fmt: skip
        self.empty.acted.connect(lambda _: self.model.check_machine())
        self.head_widget = self._make_pages()
        self._make_list()
        self._examination = QWidget()
        row = QHBoxLayout(self._examination)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self._left, 45)
        row.addWidget(Rule(vertical=True))
        row.addWidget(self.finding, 55)
        self._pages = QStackedWidget()
        self._pages.addWidget(self._examination)
        self._pages.addWidget(self.params)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self._pages)
        self.model.changed.connect(self._show)
        self.model.count_changed.connect(self.count_changed)
        self.model.stopped.connect(self.stopped)
        self.finding.edit_wanted.connect(self.edit_wanted)
        theme().changed.connect(self.table.viewport().update)
        self._show()

    # -- making --------------------------------------------------------------------------------------------------

    def _make_pages(self) -> SegmentedButtons:
        names = (STEPS, "", "Connection"), (MEDIA, "", "Media parameters"), (MACHINE, "", "This computer")
        pages = SegmentedButtons(names, self)
        pages.hide()  # until the row of the tabs takes it
        pages.set_tip(MEDIA, "What was requested, what was granted and what really arrives")
        pages.chosen.connect(self._page_chosen)
        return pages

    def _make_list(self) -> None:
        self._left = QFrame()
        self._heading, self._remark = label("", "t1", "strong"), label("", "t3", "dense")
        self.check_button = button(
            "Check this computer", kind="flat", icon="monitor-cog", clicked=self.model.check_machine,
            tip="Sound, codecs, keyring, disk and ports: nothing is sent",
        )  # fmt: skip
        head = QHBoxLayout()
        head.setContentsMargins(16, 0, Space.S, 0)
        head.setSpacing(Space.L)
        head.addWidget(self._heading)
        head.addWidget(self._remark, 1)
        head.addWidget(self.check_button)
        bar = QWidget()
        bar.setFixedHeight(HEAD)
        bar.setLayout(head)
        self._steps = StepsModel(self)
        self.table = text_table_view(self._steps, "Steps", ROW)
        self.table.setItemDelegate(StepDelegate(self.table))
        self.table.setSelectionMode(_NO_SELECTION)
        self.table.setHorizontalScrollBarPolicy(_NO_BAR)
        heads = self.table.horizontalHeader()
        heads.hide()
        heads.setStretchLastSection(False)
        heads.setMinimumSectionSize(1)
        for column, mode in ((STEP, _FIXED), (DETAIL, _STRETCH), (TOOK, _FIXED)):
            heads.setSectionResizeMode(column, mode)
        layout = QVBoxLayout(self._left)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(bar)
        layout.addWidget(Rule())
        layout.addSpacing(Space.S)
        layout.addWidget(self.table, 1)

    # -- following -----------------------------------------------------------------------------------------------

    def _page_chosen(self, page: str) -> None:
        if page == MACHINE and self.model.page != MACHINE:
            self.model.check_machine()
        self.model.show_page(page)

    def _show(self) -> None:
        model = self.model
        self.head_widget.set_current(model.page)
        self._pages.setCurrentIndex(1 if model.page == MEDIA else 0)
        self._stack.setCurrentIndex(0 if model.empty and model.page == STEPS else 1)
        heading, remark = model.heading()
        self._heading.setText(heading)
        self._remark.setText(remark)
        self._steps.show_rows(model.rows())
        self.table.setColumnHidden(TOOK, model.page == MACHINE)  # nothing is timed there: its words get the room
        self.check_button.setEnabled(not model.checking)
        self.table.setAccessibleDescription(f"{heading}, {remark}")
        self.finding.show_finding()
        self._bring_into_view()

    def _bring_into_view(self) -> None:
        """The line that matters: the red one, or the one that is being done."""
        wanted = ("failed", "doing")
        row = next((n for state in wanted for n, one in enumerate(self._steps.rows) if one.state == state), None)
        if row is not None:
            self.table.scrollTo(self._steps.index(row, STEP), QAbstractItemView.ScrollHint.EnsureVisible)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.table.verticalHeader().setDefaultSectionSize(ROW if self.height() >= LOW else ROW_LOW)
        self._remark.setVisible(self.width() >= NARROW)
        step, took = WIDTHS if self.width() >= WIDE else WIDTHS_NARROW
        self.table.horizontalHeader().resizeSection(STEP, step)
        self.table.horizontalHeader().resizeSection(TOOK, took)
        self._bring_into_view()
