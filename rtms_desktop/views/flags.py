"""The flags of marks in either time bar: how one is painted, and the menu that it has. Main thread."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPolygonF
from PySide6.QtWidgets import QMenu, QWidget

from rtms_desktop.viewmodels.marks_vm import MarksViewModel
from rtms_desktop.views.theme import theme
from rtms_desktop.views.widgets import NO_PEN

REACH = 5
"""So many pixels beside a flag still mean it."""

_DELETE = Qt.WidgetAttribute.WA_DeleteOnClose
_CLOTH = ((0, 0), (8, 0), (6, 3), (8, 6), (0, 6))


def paint_flag(painter: QPainter, x: float, top: float, height: float) -> None:
    """A pole of ``height`` with its cloth at the top, to the right."""
    painter.fillRect(QRectF(x, top, 1.5, height), theme().color("text2"))
    painter.setPen(NO_PEN)
    painter.setBrush(theme().color("text2"))
    painter.drawPolygon(QPolygonF([QPointF(x + dx, top + dy) for dx, dy in _CLOTH]))


def open_mark_menu(
    parent: QWidget, model: MarksViewModel, mark_id: str, ask: Callable[[str], object], place: QPoint
) -> None:
    """What can be done with a mark; ``ask`` wants its note."""
    mark = model.find(mark_id)
    if mark is None:
        return
    menu = QMenu(parent)
    menu.setAttribute(_DELETE)
    menu.addAction("Edit note" if mark.text else "Add a note").triggered.connect(lambda *_: ask(mark_id))
    menu.addAction("Delete mark").triggered.connect(lambda *_: model.remove(mark_id))
    menu.popup(place)
