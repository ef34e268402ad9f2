"""The People dock: a table of who is here and what arrives of each. Main thread."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QRect, QSize, Signal
from PySide6.QtGui import QHelpEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStackedLayout,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolTip,
    QWidget,
)

from rtms_desktop.viewmodels.colours import SpeakerColours
from rtms_desktop.viewmodels.people_vm import HEADS, PERSON_ROLE, PeopleViewModel, Person
from rtms_desktop.viewmodels.tick import RenderTick
from rtms_desktop.views.row_layout import plain_tip
from rtms_desktop.views.tables import text_table_view
from rtms_desktop.views.theme import Height, theme
from rtms_desktop.views.widgets import ELIDE, LEFT, RIGHT, EmptyState, tick_while_visible

_SELECTED = QStyle.StateFlag.State_Selected
_STRETCH, _FIXED = QHeaderView.ResizeMode.Stretch, QHeaderView.ResizeMode.Fixed
NAME, CAMERA, SOUND, RECEIVED, JITTER, GAPS = range(len(HEADS))
WIDTHS = {CAMERA: 64, SOUND: 74, RECEIVED: 70, JITTER: 54, GAPS: 62}
FOLDED = ((470, GAPS), (400, JITTER), (330, RECEIVED))
"""Below so many pixels a column is folded away (its figure stays in the tooltip)."""
_ICONS = {
    ("camera", "on"): ("video", "text2"),
    ("camera", "off"): ("video-off", "text3"),
    ("sound", "talking"): ("mic", "text1"),
    ("sound", "silent"): ("mic", "text3"),
    ("sound", "none"): ("mic-off", "text3"),
}


class PersonDelegate(QStyledItemDelegate):
    """Paints a cell: stripe and name in the speaker's colour, icon and word for camera and sound, numbers right."""

    def __init__(self, colours: SpeakerColours, parent: QWidget) -> None:
        super().__init__(parent)
        self._colours = colours

    def sizeHint(self, option: QStyleOptionViewItem, index: Any) -> QSize:
        return QSize(60, Height.ROW_COMFORTABLE)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Any) -> None:
        look, person = theme(), index.data(PERSON_ROLE)
        box = option.rect
        if option.state & _SELECTED:
            painter.fillRect(box, look.color("select"))
        column = index.column()
        if column == NAME:
            self._paint_name(painter, box, person)
            return
        text = person.cells()[column]
        icon = _ICONS.get(("camera" if column == CAMERA else "sound", text)) if column in (CAMERA, SOUND) else None
        left = box.left() + 6
        if icon is not None:
            name, token = icon
            pixmap = look.pixmap(name, token if person.here else "text3", 14)
            painter.drawPixmap(left, box.center().y() - 6, pixmap)
            left += 19
        painter.setFont(look.font("dense"))
        trouble = column == GAPS and text != "none"
        quiet = not person.here or text in ("none", "–", "off", "silent")
        painter.setPen(look.color("warn" if trouble else "text3" if quiet else "text2"))
        area = QRect(left, box.top(), box.right() - left - 5, box.height())
        text = painter.fontMetrics().elidedText(text, ELIDE, area.width())
        painter.drawText(area, RIGHT if column >= RECEIVED else LEFT, text)

    def _paint_name(self, painter: QPainter, box: QRect, person: Person) -> None:
        look = theme()
        index = self._colours.index(person.user_id)
        painter.fillRect(box.left() + 12, box.center().y() - 7, 3, 16, look.speaker(index))
        painter.setFont(look.font("dense_medium"))
        painter.setPen(look.color("text1" if person.here else "text3"))
        area = QRect(box.left() + 22, box.top(), box.width() - 26, box.height())
        text = person.name if person.here else f"{person.name} (left)"
        painter.drawText(area, LEFT, painter.fontMetrics().elidedText(text, ELIDE, area.width()))

    def helpEvent(self, event: QHelpEvent, view: QAbstractItemView, option: QStyleOptionViewItem, index: Any) -> bool:
        person = index.data(PERSON_ROLE) if index.isValid() else None
        QToolTip.showText(event.globalPos(), plain_tip(_tip(person)) if person is not None else "", view)
        return True


def _tip(person: Person) -> str:
    lines = [f"{person.name}, user {person.user_id}" + ("" if person.here else ", left")]
    lines += [f"{head}: {text}" for head, text in zip(HEADS[1:], person.cells()[1:], strict=True)]
    if person.active:
        lines.append("active speaker")
    return "\n".join([*lines, person.media] if person.media else lines)


class PeopleDock(QWidget):
    """The table; ``count_changed`` carries how many people are present, as (text, kind)."""

    count_changed = Signal(object)

    def __init__(
        self, controller: Any, ticks: RenderTick, colours: SpeakerColours, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.title = "People"
        self.setAccessibleName("People")
        self.model = PeopleViewModel(controller, self)
        self.table = text_table_view(self.model.model, "People", Height.ROW_COMFORTABLE)
        self.table.setItemDelegate(PersonDelegate(colours, self.table))
        heads = self.table.horizontalHeader()
        heads.setStretchLastSection(False)
        heads.setSectionResizeMode(_FIXED)
        heads.setSectionResizeMode(NAME, _STRETCH)
        for column, width in WIDTHS.items():
            heads.resizeSection(column, width)
        self.empty = EmptyState("users", "Nobody here yet", "People appear when they join or send something.")
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self.table)
        self.model.count_changed.connect(lambda count: self.count_changed.emit((str(count) if count else "", "grey")))
        self.model.model.modelReset.connect(self._show_body)
        theme().changed.connect(self.table.viewport().update)
        tick_while_visible(self, ticks.text, self.model.refresh)
        self._show_body()

    def _show_body(self) -> None:
        self._stack.setCurrentIndex(1 if self.model.model.people else 0)
        self.table.setAccessibleDescription(f"{self.model.present} people present")

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        for least, column in FOLDED:
            self.table.setColumnHidden(column, self.width() < least)
