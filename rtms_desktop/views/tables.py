"""The plain tables of the docks: fixed rows, no grid, dense text. Main thread."""

from __future__ import annotations

from typing import Any, TypeVar

from PySide6.QtCore import QAbstractItemModel, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
)

from rtms_desktop.views.theme import Height, theme

View = TypeVar("View", bound=QTableView)

_ROWS = QAbstractItemView.SelectionBehavior.SelectRows
_EXTENDED = QAbstractItemView.SelectionMode.ExtendedSelection
_NO_EDIT = QAbstractItemView.EditTrigger.NoEditTriggers
_BY_PIXEL = QAbstractItemView.ScrollMode.ScrollPerPixel
_FIXED = QHeaderView.ResizeMode.Fixed
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_ELIDE = Qt.TextElideMode.ElideRight
_SELECTED = QStyle.StateFlag.State_Selected
HEAD = 26
FIRST = 6  # pixels that the first column lies further in


class FirstColumnDelegate(QStyledItemDelegate):
    """Moves the first column to where its head stands."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Any) -> None:
        if index.column() == 0:
            if option.state & _SELECTED:
                painter.fillRect(option.rect, theme().color("select"))
            option.rect = option.rect.adjusted(FIRST, 0, 0, 0)
        super().paint(painter, option, index)


def text_table_view(model: QAbstractItemModel, name: str, row_height: int = Height.ROW) -> QTableView:
    """A table view in the look of the house; only its first paint costs, growing does not."""
    return dress(QTableView(), model, name, row_height)


def dress(view: View, model: QAbstractItemModel, name: str, row_height: int = Height.ROW) -> View:
    """Give a table view its model and the look of the house."""
    view.setModel(model)
    view.setAccessibleName(name)
    view.setItemDelegate(FirstColumnDelegate(view))
    view.setShowGrid(False)
    view.setWordWrap(False)
    view.setTextElideMode(_ELIDE)
    view.setSelectionBehavior(_ROWS)
    view.setSelectionMode(_EXTENDED)
    view.setEditTriggers(_NO_EDIT)
    view.setHorizontalScrollMode(_BY_PIXEL)
    view.setCornerButtonEnabled(False)
    view.setTabKeyNavigation(False)
    rows = view.verticalHeader()
    rows.hide()
    rows.setSectionResizeMode(_FIXED)
    rows.setDefaultSectionSize(row_height)
    heads = view.horizontalHeader()
    heads.setFixedHeight(HEAD)
    heads.setHighlightSections(False)
    heads.setFont(theme().font("label_medium"))
    heads.setDefaultAlignment(_LEFT)
    heads.setStretchLastSection(True)
    return view
