"""A searchable list that follows its tail, with an empty state: the common body of transcript and chat. Main thread."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedLayout, QToolButton, QVBoxLayout, QWidget

from rtms_desktop.viewmodels.asking import Asking
from rtms_desktop.viewmodels.finder import Finder
from rtms_desktop.viewmodels.rows import RowStore
from rtms_desktop.views.row_heights import RowLook
from rtms_desktop.views.theme import Space, theme
from rtms_desktop.views.virtual_list import VirtualList
from rtms_desktop.views.widgets import EmptyState, IconButton, SearchField, label

_KEYS = QKeySequence.StandardKey
_FIND, _NEXT, _PREVIOUS = _KEYS.Find, _KEYS.FindNext, _KEYS.FindPrevious
_RETURN, _ENTER, _DOWN = Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Down
_BESIDE = Qt.ToolButtonStyle.ToolButtonTextBesideIcon
_SHIFT = Qt.KeyboardModifier.ShiftModifier
NARROW = 310


class FindField(SearchField):
    """The find field of a pane: Enter and Shift+Enter step through the hits."""

    stepped = Signal(bool)
    left = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (_RETURN, _ENTER):
            self.stepped.emit(not event.modifiers() & _SHIFT)
        elif event.key() == _DOWN:
            self.left.emit()
        else:
            super().keyPressEvent(event)


class ListPane(QWidget):
    """Find row, list and empty state. ``things`` names the rows in tooltips: "lines", "messages".

    ``leader``: what following keeps in sight instead of the newest row, "" for none.
    """

    def __init__(
        self, store: RowStore[Any], finder: Finder, look: RowLook, empty: EmptyState, things: str, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._finder, self._store = finder, store
        self.list = VirtualList(store, look)
        self.field = FindField("Find in text", name=f"Find in {things}")
        self.field.setToolTip(f"Find {things} that hold these words (Ctrl+F). F3 goes to the next hit, Shift+F3 back")
        self.summary = label("", "t3", "label")
        self.previous = IconButton("chevron-up", "Previous hit (Shift+F3)", size=14)
        self.next = IconButton("chevron-down", "Next hit (F3)", size=14)
        self.follow_button = QToolButton()
        self.follow_button.setToolButtonStyle(_BESIDE)
        self.follow_button.setFont(theme().font("dense"))
        self.empty = empty
        self.leader = ""
        self._stack = QStackedLayout()
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self.list)
        self._lay_out()
        self._connect(things)
        self._show_hits()
        self._show_following()
        self._show_body()

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setContentsMargins(Space.DOCK, 4, Space.S, 4)
        row.setSpacing(Space.XS)
        row.addWidget(self.field, 1)
        for part in (self.summary, self.previous, self.next, self.follow_button):
            row.addWidget(part)
        self._body = QVBoxLayout(self)
        self._body.setContentsMargins(0, 0, 0, 0)
        self._body.setSpacing(0)
        self._body.addLayout(row)
        self._body.addLayout(self._stack, 1)

    def _connect(self, things: str) -> None:
        self.field.textChanged.connect(self._finder.search)
        self.field.stepped.connect(self._finder.step)
        self.field.left.connect(self.list.setFocus)
        self.previous.clicked.connect(lambda *_: self._finder.step(False))
        self.next.clicked.connect(lambda *_: self._finder.step(True))
        self._finder.changed.connect(self._show_hits)
        self._things = things
        self.follow_button.clicked.connect(self._toggle_following)
        self.list.following_changed.connect(lambda _: self._show_following())
        self._store.committed.connect(lambda _: self._show_body())

    def add_under_field(self, part: QWidget) -> None:
        """Between the find field and the list."""
        self._body.insertWidget(1, part)

    def set_leader(self, leader: str) -> None:
        """Say what following keeps in sight."""
        self.leader = leader
        self._show_following()

    def show_empty(self, icon: str, title: str, line: str, asking: Asking) -> None:
        """What stands there without rows: none yet, or not asked for, with the way out."""
        self._show_following()
        if asking.asked_for:
            self.empty.set(icon, title, line)
        elif asking.next_time:
            self.empty.set(icon, title, "Not asked for in this session; the next one will ask.")
        else:
            missing = "Chat was not asked for." if self._things == "messages" else "The transcript was not asked for."
            self.empty.set(icon, title, missing, "Ask for it next time", "ask", tip="Changes what sessions ask for")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keys that neither the list nor the field took; a shortcut here would collide with those of the window."""
        if event.matches(_FIND):
            self.start_find()
        elif event.matches(_NEXT):
            self._finder.step(True)
        elif event.matches(_PREVIOUS):
            self._finder.step(False)
        else:
            super().keyPressEvent(event)

    def start_find(self) -> None:
        """Put the cursor into the find field."""
        self.field.setFocus()
        self.field.selectAll()

    def _toggle_following(self, *_: object) -> None:
        if self.list.following:
            self.list.hold()
        else:
            self.list.follow()

    def _show_following(self) -> None:
        on = self.list.following
        narrow = self.width() < NARROW or bool(self._finder.query)
        words = ("Follows playhead", "Follow playhead") if self.leader else ("Following", "Follow")
        self.follow_button.setText("" if narrow else words[0 if on else 1])
        theme().bind_icon(self.follow_button, "chevrons-down", "text2" if on else "text3")
        self.follow_button.setAccessibleName(
            f"Following {self.leader or f'the newest {self._things}'}: {'on' if on else 'off'}"
        )
        if self.leader:
            self.follow_button.setToolTip(f"Keeps what is said at {self.leader} in sight; scrolling ends that")
            return
        self.follow_button.setToolTip(
            f"New {self._things} are kept in sight; scrolling up ends that"
            if on
            else f"New {self._things} arrive below; press to follow them again (End)"
        )

    def _show_hits(self) -> None:
        finder = self._finder
        searching = bool(finder.query)
        self.summary.setText(finder.summary)
        for part in (self.summary, self.previous, self.next):
            part.setVisible(searching)
        for part in (self.previous, self.next):
            part.setEnabled(bool(finder.hits))
        self.list.show_hits(finder.needle, finder.hits, finder.hit)
        self._show_following()

    def _show_body(self) -> None:
        self._stack.setCurrentIndex(1 if len(self._store) else 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show_following()
