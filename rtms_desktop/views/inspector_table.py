"""The Inspector's table of messages: fixed rows that are painted from the log's columns. Main thread."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QAbstractItemView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTableView

from rtms_desktop.viewmodels.inspector_rows import (
    BYTES,
    DELTA,
    DIRECTION,
    FROM,
    LAG,
    MESSAGE,
    NO,
    NUMBERS,
    SOCKET,
    TIME,
    InspectorModel,
)
from rtms_desktop.views.tables import text_table_view
from rtms_desktop.views.theme import theme
from rtms_desktop.views.widgets import ELIDE, LEFT, RIGHT

_SELECTED = QStyle.StateFlag.State_Selected
_ONE = QAbstractItemView.SelectionMode.ExtendedSelection
WIDTHS = {NO: 66, TIME: 104, DELTA: 62, DIRECTION: 28, SOCKET: 104, MESSAGE: 222, FROM: 120, BYTES: 66, LAG: 66}
_TINTS = {"warn": ("warn_bg", "warn_bg_text"), "error": ("error_bg", "error")}
_ARROWS = {"in": ("arrow-down-left", "text3"), "out": ("arrow-up-right", "accent")}
_MAIN = frozenset({TIME, MESSAGE})
_FAINT = frozenset({NO, DELTA})
PAD, NUMBER = 6, 22


class MessageDelegate(QStyledItemDelegate):
    """Numbers right, the name of the message first of all; only rows that are the trouble have a tint."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Any) -> None:
        look, box = theme(), option.rect
        model: InspectorModel = index.model()
        row, column = index.row(), index.column()
        tint, ink = _TINTS.get(model.tint(row), ("", ""))
        chosen = bool(option.state & _SELECTED)
        if chosen or tint:
            painter.fillRect(box, look.color("select" if chosen else tint))
        token = "select_text" if chosen else ink
        area = box.adjusted(PAD, 0, -PAD, 0)
        painter.setFont(look.font("dense"))
        if column == DIRECTION:
            icon, colour = _ARROWS.get(model.direction(row), ("", ""))
            if icon:
                painter.drawPixmap(area.left(), box.center().y() - 6, look.pixmap(icon, colour, 12))
            return
        if column == SOCKET:
            name = model.link(row)
            painter.fillRect(area.left(), box.center().y() - 3, 8, 8, look.color(f"media.{name.split(' ')[0]}"))
            area.adjust(14, 0, 0, 0)
        text = model.cell(row, column)
        if column == MESSAGE and "\t" in text:
            number, text = text.split("\t")
            painter.setPen(look.color(token or "text3"))
            painter.drawText(QRect(area.left(), area.top(), NUMBER - 6, area.height()), RIGHT, number)
            area.adjust(NUMBER, 0, 0, 0)
        elif column == MESSAGE:
            area.adjust(NUMBER, 0, 0, 0)
        calm = "text1" if column in _MAIN else "text3" if column in _FAINT else "text2"
        painter.setPen(look.color(token or calm))
        align = RIGHT if column in NUMBERS else LEFT
        painter.drawText(area, align, painter.fontMetrics().elidedText(text, ELIDE, area.width()))


def message_table(model: InspectorModel) -> QTableView:
    """The view over ``model``."""
    view = text_table_view(model, "Messages")
    view.setSelectionMode(_ONE)
    view.setItemDelegate(MessageDelegate(view))
    view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    heads = view.horizontalHeader()
    for column, width in WIDTHS.items():
        heads.resizeSection(column, width)
    return view
