"""A message as a tree of JSON: keys, values in the colour of their kind, and what numbers mean. Main thread."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTreeView, QWidget

from rtms_desktop.app.message_tree import Branch
from rtms_desktop.views.theme import theme
from rtms_desktop.views.widgets import LEFT

_DISPLAY, _TIP = Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole
_ACCESSIBLE = Qt.ItemDataRole.AccessibleTextRole
_SELECTED = QStyle.StateFlag.State_Selected
_OPENS = {"object": "{", "array": "["}
_CLOSES = {"object": "}", "array": "]"}
_TOKENS = {"string": "json_string", "bytes": "json_string", "number": "speaker.0", "bool": "speaker.3", "null": "text3"}
Index = QModelIndex | QPersistentModelIndex
ROW = 20


class JsonModel(QAbstractItemModel):
    """One column over branches; a branch's parent is found by its identity."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._root: Branch | None = None
        self._place: dict[int, tuple[Branch | None, int]] = {}

    def show(self, root: Branch | None) -> None:
        self.beginResetModel()
        self._root = root
        self._place = {}
        if root is not None:
            self._place[id(root)] = (None, 0)
            waiting = [root]
            while waiting:
                branch = waiting.pop()
                for row, child in enumerate(branch.children):
                    self._place[id(child)] = (branch, row)
                    waiting.append(child)
        self.endResetModel()

    def branch(self, index: Index) -> Branch | None:
        return index.internalPointer() if index.isValid() else None

    def index(self, row: int, column: int, parent: Index = QModelIndex()) -> QModelIndex:
        above = self.branch(parent)
        if above is None:
            return self.createIndex(0, 0, self._root) if row == 0 and self._root is not None else QModelIndex()
        return self.createIndex(row, column, above.children[row]) if row < len(above.children) else QModelIndex()

    def parent(self, index: Any = None) -> Any:
        if index is None:
            return super().parent()
        branch = self.branch(index)
        above = self._place[id(branch)][0] if branch is not None else None
        return self.createIndex(self._place[id(above)][1], 0, above) if above is not None else QModelIndex()

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        above = self.branch(parent)
        return int(self._root is not None) if above is None else len(above.children)

    def columnCount(self, parent: Index = QModelIndex()) -> int:
        return 1

    def data(self, index: Index, role: int = _DISPLAY) -> Any:
        branch = self.branch(index)
        if branch is None or role not in (_DISPLAY, _TIP, _ACCESSIBLE):
            return None
        return "".join(text for text, _ in pieces(branch, True)) if role != _TIP else branch.note or None


def pieces(branch: Branch, closed: bool) -> list[tuple[str, str]]:
    """(text, colour token) from left to right. ``closed``: its children are not shown."""
    found = [(f'"{branch.key}"', "text2"), (": ", "text3")] if branch.key is not None else []
    if branch.kind in _OPENS:
        count = f" {len(branch.children)} " if closed and branch.children else ""
        end = _CLOSES[branch.kind] if closed or not branch.children else ""
        found += [(_OPENS[branch.kind], "text1"), (count, "text3"), (end, "text1")]
    else:
        text = "".join(c if c.isprintable() else " " for c in branch.text)
        found.append((f'"{text}"' if branch.kind == "string" else text, _TOKENS[branch.kind]))
    if branch.note:
        found.append((f"  {branch.note}", "text3"))
    return found


class _Delegate(QStyledItemDelegate):
    def __init__(self, tree: QTreeView) -> None:
        super().__init__(tree)
        self._tree = tree

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Any) -> None:
        look, box = theme(), option.rect
        if option.state & _SELECTED:
            painter.fillRect(box, look.color("select"))
        branch = index.internalPointer()
        painter.setFont(look.font("mono"))
        x, metrics = box.left() + 2, painter.fontMetrics()
        for text, token in pieces(branch, not self._tree.isExpanded(index)):
            shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, box.right() - x)
            painter.setPen(look.color(token))
            painter.drawText(QRect(x, box.top(), box.right() - x, box.height()), LEFT, shown)
            x += metrics.horizontalAdvance(text)

    def sizeHint(self, option: QStyleOptionViewItem, index: Any) -> QSize:
        return QSize(200, ROW)


class JsonTree(QTreeView):
    """``show_tree``; Ctrl+C copies the selected value."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setHeaderHidden(True)
        self.setUniformRowHeights(True)
        self.setIndentation(18)
        self.setFrameShape(QTreeView.Shape.NoFrame)
        self._model = JsonModel(self)
        self.setModel(self._model)
        self.setItemDelegate(_Delegate(self))
        theme().changed.connect(self._colour)
        self._colour()

    def _colour(self) -> None:
        images = theme().images()
        self.setStyleSheet(
            f"QTreeView::branch:has-children:closed {{ image: url({images['img_chevron_right']}); }}"
            f"QTreeView::branch:has-children:open {{ image: url({images['img_chevron_down']}); }}"
        )

    def show_tree(self, root: Branch | None) -> None:
        self._model.show(root)
        self.expandToDepth(2)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        branch = self._model.branch(self.currentIndex())
        if event.matches(QKeySequence.StandardKey.Copy) and branch is not None:
            QGuiApplication.clipboard().setText(branch.text or self._model.data(self.currentIndex()))
        else:
            super().keyPressEvent(event)
