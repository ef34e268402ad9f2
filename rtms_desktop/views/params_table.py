"""The table of requested, granted and observed media parameters; what does not fit is amber. In the Doctor dock."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, QRect, Qt
from PySide6.QtGui import QGuiApplication, QPainter
from PySide6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QStackedLayout,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from rtms_desktop.viewmodels.params_vm import HEADS, ParamRow, ParamsViewModel
from rtms_desktop.viewmodels.tick import RenderTick
from rtms_desktop.views.tables import text_table_view
from rtms_desktop.views.theme import MEDIA_ICONS, Space, theme
from rtms_desktop.views.widgets import ELIDE, LEFT, EmptyState, button, label, tick_while_visible

_DISPLAY, _ACCESSIBLE = Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole
_TIP = Qt.ItemDataRole.ToolTipRole
ROW_ROLE = Qt.ItemDataRole.UserRole
_HORIZONTAL = Qt.Orientation.Horizontal
_FIXED, _STRETCH = QHeaderView.ResizeMode.Fixed, QHeaderView.ResizeMode.Stretch
Index = QModelIndex | QPersistentModelIndex
MEDIUM, PARAMETER, REQUESTED, GRANTED, OBSERVED, REMARK = range(len(HEADS))
WIDTHS = {MEDIUM: 116, PARAMETER: 118, REQUESTED: 176, GRANTED: 176, OBSERVED: 140}


class ParamsModel(QAbstractTableModel):
    """Rows that are replaced as a whole."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: list[ParamRow] = []

    def show_rows(self, rows: list[ParamRow]) -> None:
        if [(row.medium, row.name) for row in rows] != [(row.medium, row.name) for row in self.rows]:
            self.beginResetModel()
            self.rows = rows
            self.endResetModel()
        elif rows != self.rows:
            self.rows = rows
            self.dataChanged.emit(self.index(0, 0), self.index(len(rows) - 1, REMARK))

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(HEADS)

    def first_of_medium(self, number: int) -> bool:
        return number == 0 or self.rows[number - 1].medium is not self.rows[number].medium

    def data(self, index: Index, role: int = _DISPLAY) -> Any:
        row = self.rows[index.row()]
        if role in (_DISPLAY, _TIP):
            return row.cells()[index.column()]
        if role == _ACCESSIBLE:
            return f"{HEADS[index.column()]}: {row.cells()[index.column()]}"
        return row if role == ROW_ROLE else None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _DISPLAY) -> Any:
        return HEADS[section] if orientation is _HORIZONTAL and role == _DISPLAY else None


class ParamDelegate(QStyledItemDelegate):
    """The medium stands once, with its icon; a row that does not fit is amber."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Any) -> None:
        look, box = theme(), option.rect
        row: ParamRow = index.data(ROW_ROLE)
        column, doubt = index.column(), bool(row.remark)
        if doubt:
            painter.fillRect(box, look.color("warn_bg"))
        left = box.left() + (12 if column == MEDIUM else 6)
        if column == MEDIUM:
            if not index.model().first_of_medium(index.row()):
                return
            icon = MEDIA_ICONS[row.medium.value]
            painter.drawPixmap(left, box.center().y() - 6, look.pixmap(icon, f"media.{row.medium.value}", 14))
            left += 20
        if column == REMARK and doubt:
            painter.drawPixmap(left, box.center().y() - 6, look.pixmap("triangle-alert", "warn_bg_text", 14))
            left += 20
        calm = "text1" if column in (MEDIUM, GRANTED) else "text2"
        painter.setFont(look.font("dense_medium" if column == MEDIUM else "dense"))
        painter.setPen(look.color("warn_bg_text" if doubt and column >= REQUESTED else calm))
        area = QRect(left, box.top(), box.right() - left - 4, box.height())
        painter.drawText(area, LEFT, painter.fontMetrics().elidedText(index.data(), ELIDE, area.width()))


class ParamsTable(QWidget):
    """The table with a line that sums it up."""

    def __init__(self, model: ParamsViewModel, ticks: RenderTick, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._rows = ParamsModel(self)
        self.table = text_table_view(self._rows, "Media parameters")
        self.table.setItemDelegate(ParamDelegate(self.table))
        heads = self.table.horizontalHeader()
        heads.setSectionResizeMode(_FIXED)
        heads.setSectionResizeMode(REMARK, _STRETCH)
        for column, width in WIDTHS.items():
            heads.resizeSection(column, width)
        self.summary = label("", "t2", "dense")
        head = QHBoxLayout()
        head.setContentsMargins(Space.DOCK, 2, Space.S, 2)
        head.addWidget(self.summary, 1)
        head.addWidget(
            button("Copy table", kind="flat", icon="copy", token="text2", clicked=self.copy, tip="The table with tabs")
        )
        body = QWidget()
        layout = QVBoxLayout(body)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addWidget(self.table, 1)
        self.empty = EmptyState(
            "sliders-horizontal", "No session yet", "What is requested, granted and observed appears here."
        )
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self.empty)
        self._stack.addWidget(body)
        model.changed.connect(self.refresh)
        theme().changed.connect(self.table.viewport().update)
        tick_while_visible(self, ticks.text, self.refresh)

    def refresh(self) -> None:
        rows = self._model.rows()
        self._rows.show_rows(rows)
        self._stack.setCurrentIndex(1 if rows else 0)
        total, odd = self._model.counts()
        fit = "all agree" if not odd else f"{odd} {'does' if odd == 1 else 'do'} not fit"
        self.summary.setText(f"{total} parameters, {fit}")
        self.table.setAccessibleDescription(self.summary.text())

    def copy(self) -> None:
        QGuiApplication.clipboard().setText(self._model.plain())
