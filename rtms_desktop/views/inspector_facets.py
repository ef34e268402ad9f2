"""The left column of the Inspector: counts by socket, person and trouble; a click puts a term into the filter."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QPainter
from PySide6.QtWidgets import QAbstractItemView, QListView, QMenu, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from rtms_desktop.viewmodels.colours import SpeakerColours
from rtms_desktop.viewmodels.figures import grouped
from rtms_desktop.viewmodels.inspector_facets import Facet, has_term
from rtms_desktop.viewmodels.inspector_vm import InspectorViewModel
from rtms_desktop.views.theme import Height, Space, theme
from rtms_desktop.views.widgets import ELIDE, LEFT, RIGHT

_DISPLAY, _FACET = Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.UserRole
_DELETE = Qt.WidgetAttribute.WA_DeleteOnClose
Index = QModelIndex | QPersistentModelIndex
WIDTH = 214
_HEAD = 30
SAVED = "Saved filters"


class FacetModel(QAbstractListModel):
    """Heads (str) and facets, one after the other."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.lines: list[str | Facet] = []

    def show(self, facets: list[Facet]) -> None:
        found: list[str | Facet] = []
        for facet in facets:
            if not found or facet.group != getattr(found[-1], "group", found[-1]):
                found.append(facet.group)
            found.append(facet)
        if len(found) != len(self.lines):
            self.beginResetModel()
            self.lines = found
            self.endResetModel()
        elif found != self.lines:
            self.lines = found
            self.dataChanged.emit(self.index(0), self.index(len(found) - 1))

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self.lines)

    def data(self, index: Index, role: int = _DISPLAY) -> Any:
        line = self.lines[index.row()]
        if role == _DISPLAY:
            return line if isinstance(line, str) else f"{line.text} {grouped(line.count)}"
        return line if role == _FACET else None

    def flags(self, index: Index) -> Qt.ItemFlag:
        if isinstance(self.lines[index.row()], str):
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable


class _Delegate(QStyledItemDelegate):
    def __init__(self, view: FacetList) -> None:
        super().__init__(view)
        self._view = view

    def sizeHint(self, option: QStyleOptionViewItem, index: Any) -> QSize:
        return QSize(120, _HEAD if isinstance(index.data(_FACET), str) else Height.ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Any) -> None:
        look, box, line = theme(), option.rect, index.data(_FACET)
        area = box.adjusted(Space.DOCK, 0, -Space.DOCK, 0)
        if isinstance(line, str):
            painter.setFont(look.font("label_medium"))
            painter.setPen(look.color("text3"))
            painter.drawText(area.adjusted(0, 6, 0, 0), LEFT, line)
            return
        chosen = self._view.is_chosen(line)
        if chosen:
            painter.fillRect(box, look.color("select"))
        if self._view.hasFocus() and index == self._view.currentIndex():
            painter.setPen(look.color("accent"))
            painter.drawRect(box.adjusted(0, 0, -1, -1))
        token = self._token(line)
        if token:
            painter.fillRect(area.left(), box.center().y() - 3, 8, 8, look.color(token))
            area.adjust(16, 0, 0, 0)
        painter.setFont(look.font("dense"))
        painter.setPen(look.color("select_text" if chosen else "text1"))
        count = "" if line.group == SAVED else grouped(line.count)
        painter.drawText(area, RIGHT, count)
        area.adjust(0, 0, -painter.fontMetrics().horizontalAdvance(count) - Space.M, 0)
        painter.drawText(area, LEFT, painter.fontMetrics().elidedText(line.text, ELIDE, area.width()))

    def _token(self, line: Facet) -> str:
        if line.group == "Participant":
            return f"speaker.{self._view.colours.index(line.user)}" if line.user else "line_strong"
        if line.group == "Noticed":
            return "warn_fill" if line.count else "line_strong"
        return f"media.{line.colour}" if line.group == "Socket" else ""


class FacetList(QListView):
    """``chosen(text)``: the filter that a click makes."""

    chosen = Signal(str)

    def __init__(self, model: InspectorViewModel, colours: SpeakerColours, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._inspector, self.colours = model, colours
        self.setAccessibleName("Sockets, participants and what was noticed")
        self.setFrameShape(QListView.Shape.NoFrame)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMinimumWidth(150)
        self.setMaximumWidth(320)
        self.facets = FacetModel(self)
        self.setModel(self.facets)
        self.setItemDelegate(_Delegate(self))
        self.clicked.connect(self._act)
        model.facets_changed.connect(self.refresh)
        theme().changed.connect(self.viewport().update)

    def refresh(self) -> None:
        if self.isVisible():
            saved = [Facet(SAVED, name, 0, "", text) for name, text in self._inspector.saved.items()]
            self.facets.show(self._inspector.facets.lines() + saved)
            self.viewport().update()

    def is_chosen(self, facet: Facet) -> bool:
        text = self._inspector.filter
        return text == facet.value if facet.group == SAVED else has_term(text, facet.field, facet.value)

    def showEvent(self, event) -> None:
        super().showEvent(event)
        self.refresh()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._act(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        facet = self.indexAt(event.pos()).data(_FACET)
        if not isinstance(facet, Facet):
            return
        menu = QMenu(self)
        menu.setAttribute(_DELETE)
        if facet.group == SAVED:
            menu.addAction("Forget this filter").triggered.connect(lambda *_: self._inspector.forget_filter(facet.text))
        else:
            term = f"{facet.field}{facet.value}" if facet.value.startswith(">") else f"{facet.field}:{facet.value}"
            menu.addAction("Only these").triggered.connect(lambda *_: self.chosen.emit(term))
            menu.addAction("All but these").triggered.connect(lambda *_: self.chosen.emit(f"-{term}"))
        menu.popup(event.globalPos())

    def _act(self, index: QModelIndex) -> None:
        facet = index.data(_FACET)
        if isinstance(facet, Facet):
            saved = facet.group == SAVED
            self.chosen.emit(facet.value if saved else self._inspector.toggled(facet.field, facet.value))
