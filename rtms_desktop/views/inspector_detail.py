"""The message that is looked at: its JSON, its payload as something to see, its bytes, its text as received."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QSplitter, QStackedWidget, QTabBar, QVBoxLayout, QWidget

from rtms_desktop.app.message_detail import Detail
from rtms_desktop.viewmodels.figures import lines
from rtms_desktop.views.hex_view import HexView
from rtms_desktop.views.inspector_preview import PreviewPane
from rtms_desktop.views.json_tree import JsonTree
from rtms_desktop.views.theme import Height, Space, theme
from rtms_desktop.views.widgets import EmptyState, Head, IconButton, label

PREVIEW, HEX, RECEIVED = range(3)
_SHAPES = {"h264": "H.264", "image": "Picture", "sound": "Sound", "text": "Text"}
_TEXT_LIMIT = 64 * 1024
TREE_MIN, BYTES_MIN = 236, 140
"""Room for number and name of every message, which are not cut."""


class DetailPane(QWidget):
    """``show_detail``; ``copy_wanted``: the message as JSON; ``picture_wanted``: another one, by its serial."""

    copy_wanted = Signal()
    picture_wanted = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.head = Head("")
        copy = IconButton("copy", "Copy the message as JSON, secrets blank", size=14)
        copy.clicked.connect(lambda *_: self.copy_wanted.emit())
        self.head.add(copy)
        self.tree = JsonTree("Message as JSON")
        self.tabs = QTabBar()
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        self.tabs.setFixedHeight(Height.HEAD)
        self.tabs.setAccessibleName("What to see of the payload")
        for text in ("Payload", "Hex", "As received"):
            self.tabs.addTab(text)
        self.preview, self.hex = PreviewPane(), HexView("Bytes of the message")
        self.preview.picture_wanted.connect(self.picture_wanted)
        self.received = QPlainTextEdit()
        self.received.setReadOnly(True)
        self.received.setProperty("kind", "bare")
        self.received.setFont(theme().font("mono"))
        self.received.setAccessibleName("Message as received")
        self._body = QStackedWidget()
        for part in (self.preview, self.hex, self.received):
            self._body.addWidget(part)
        self.tabs.currentChanged.connect(self._choose)
        self.empty = EmptyState("list-tree", "No message chosen", "Choose a row to see what is in it.")
        self.across = QSplitter(Qt.Orientation.Horizontal)
        self.across.setHandleWidth(1)
        self.across.setChildrenCollapsible(False)
        self.across.addWidget(_column(self.head, self.tree, TREE_MIN))
        self.across.addWidget(_column(self._tab_row(), self._body, BYTES_MIN))
        self.across.setSizes([420, 720])
        self._stack = QStackedWidget()
        self._stack.setObjectName("panel")
        self._stack.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self.across)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._stack)
        self._detail: Detail | None = None
        self._compact = False

    def _tab_row(self) -> QWidget:
        bar = QWidget()
        bar.setProperty("kind", "head")
        bar.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        bar.setFixedHeight(Height.HEAD)
        row = QHBoxLayout(bar)
        row.setContentsMargins(Space.XS, 0, Space.DOCK, 0)
        row.addWidget(self.tabs, 1)
        self._blank = label("secrets are blank", "t3", "dense")
        row.addWidget(self._blank)
        return bar

    def set_compact(self, compact: bool) -> None:
        """Only what is most worth seeing, where the pane stands beside the table."""
        if compact != self._compact:
            self._compact = compact
            self.preview.set_compact(compact)
            self.across.setSizes([TREE_MIN, 260] if compact else [420, 720])
        self._blank.setVisible(not compact)

    def show_detail(self, detail: Detail | None) -> None:
        before, self._detail = self._detail, detail
        if detail is None or not detail.held:
            gone = "The body is no longer held. A recording keeps every message."
            held = ("list-tree", "No message chosen", "Choose a row to see what is in it.")
            self.empty.set(*(held if detail is None else ("hourglass", detail.title, gone)))
            self._stack.setCurrentIndex(0)
            return
        self._stack.setCurrentIndex(1)
        same = before is not None and before.serial == detail.serial and before.held
        if not same:
            self.head.title.setText(detail.title)
            self.head.note.setText(detail.note)
            self.tree.show_tree(detail.tree)
            self.hex.show_bytes(detail.payload or detail.body)
            cut = lines(detail.body[:_TEXT_LIMIT].decode("utf-8", "replace"), _TEXT_LIMIT)
            more = f"\n… {len(detail.body) - _TEXT_LIMIT:,} bytes more" if len(detail.body) > _TEXT_LIMIT else ""
            self.received.setPlainText(cut + more)
            self._name_tab(detail)
        self.preview.show_detail(detail)

    def _name_tab(self, detail: Detail) -> None:
        shape = _SHAPES.get(detail.shape, "")
        self.tabs.setTabText(PREVIEW, shape or "Payload")
        self.tabs.setTabVisible(PREVIEW, bool(shape))
        if not shape and self.tabs.currentIndex() == PREVIEW:
            self.tabs.setCurrentIndex(RECEIVED)
        elif shape and self.tabs.currentIndex() == RECEIVED:
            self.tabs.setCurrentIndex(PREVIEW)

    def _choose(self, index: int) -> None:
        self._body.setCurrentIndex(index)


def _column(head: QWidget, body: QWidget, least: int) -> QWidget:
    made = QWidget()
    made.setMinimumWidth(least)
    layout = QVBoxLayout(made)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(0)
    layout.addWidget(head)
    layout.addWidget(body, 1)
    return made
