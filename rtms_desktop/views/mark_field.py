"""The small field for the note of a mark, beside the time in the transport row, for as long as one types. Main thread.

Enter keeps what was typed, Escape leaves the mark as it was; going elsewhere keeps it as well. Nothing waits for it.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QRect, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QWidget

from rtms_desktop.viewmodels.marks_vm import NOTE_LIMIT, MarksViewModel
from rtms_desktop.views.theme import Radius, Space, theme
from rtms_desktop.views.time_bar import ROOM_LEAST
from rtms_desktop.views.widgets import SMOOTH, IconButton, label

WIDTH, HEIGHT = 420, 36
FOLLOW_MS = 250
_KEEP = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_ESCAPE = Qt.Key.Key_Escape
_OTHER = Qt.FocusReason.OtherFocusReason
_AWAY = (Qt.FocusReason.PopupFocusReason, Qt.FocusReason.ActiveWindowFocusReason, Qt.FocusReason.MenuBarFocusReason)


class NoteEdit(QLineEdit):
    """One line of plain text that tells how it was left."""

    kept = Signal()
    dropped = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _KEEP:
            self.kept.emit()
        elif event.key() == _ESCAPE:
            self.dropped.emit()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() not in _AWAY:
            self.kept.emit()


class MarkField(QWidget):
    """Shown by ``begin`` for one mark. What had the focus has it again afterwards.

    Args:
        room: gives where there is room for it in ``parent``; captions and pictures stay free.
    """

    def __init__(self, model: MarksViewModel, parent: QWidget, room: Callable[[], QRect]) -> None:
        super().__init__(parent)
        self._model, self._room = model, room
        self._mark_id = ""
        self._while_running = False
        self._before: QWidget | None = None
        self.setFixedHeight(HEIGHT)
        self.setAccessibleName("Note of the mark")
        self._icon = QLabel()
        self._icon.setFixedSize(16, 16)
        self.time = label("", "t2", "dense_medium")
        self.edit = NoteEdit()
        self.edit.setMaxLength(NOTE_LIMIT)
        self.edit.setPlaceholderText("Add a note")
        self.edit.setToolTip("Enter keeps the note, Esc leaves it as it was")
        self.edit.setAccessibleName("Note")
        self.delete = IconButton("trash-2", "Delete this mark", size=14)
        self.delete.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # a click must not count as going elsewhere
        row = QHBoxLayout(self)
        row.setContentsMargins(Space.L, 0, Space.XS, 0)
        row.setSpacing(Space.M)
        for part, stretch in ((self._icon, 0), (self.time, 0), (self.edit, 1), (self.delete, 0)):
            row.addWidget(part, stretch)
        self._follow = QTimer(self)  # the texts beside it grow and shrink
        self._follow.setInterval(FOLLOW_MS)
        self._follow.timeout.connect(self._place)
        self.hide()
        self.edit.kept.connect(self._keep)
        self.edit.dropped.connect(self._leave)
        self.delete.clicked.connect(lambda *_: self._delete())
        model.changed.connect(self._check)
        theme().changed.connect(self._colour)
        parent.installEventFilter(self)

    @property
    def mark_id(self) -> str:
        """The mark that is being noted, or ""."""
        return self._mark_id

    def begin(self, mark_id: str) -> None:
        """Ask for the note of a mark; that of the mark before is kept."""
        self._keep()
        mark = self._model.find(mark_id)
        window = self.window()
        if mark is None:
            return
        self._mark_id, self._before = mark_id, window.focusWidget()
        self._while_running = not self._model.problem
        self.time.setText(self._model.clock(mark))
        self.edit.setText(mark.text)
        self.edit.selectAll()
        self._colour()
        self._place()
        self._follow.start()
        self.show()
        self.raise_()
        self.edit.setFocus(_OTHER)

    def eventFilter(self, watched, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and self.isVisible():
            QTimer.singleShot(0, self, self._place)  # when its parts have their new places
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(SMOOTH)
        painter.setPen(theme().color("line_strong"))
        painter.setBrush(theme().color("bg3"))
        painter.drawRoundedRect(self.rect().adjusted(0, 0, -1, -1), Radius.TOAST, Radius.TOAST)

    # -- inside --------------------------------------------------------------------------------------------------

    def _keep(self) -> None:
        mark_id, text = self._mark_id, self.edit.text()
        self._leave()
        if mark_id:
            self._model.note(mark_id, text)

    def _delete(self) -> None:
        mark_id = self._mark_id
        self._leave()
        self._model.remove(mark_id)

    def _leave(self) -> None:
        if not self._mark_id:
            return
        self._mark_id = ""  # first: the focus that goes asks again
        self._follow.stop()
        had_focus = self.window().focusWidget() is self.edit
        self.hide()
        if had_focus and self._before is not None and self._before.isVisible():
            self._before.setFocus(_OTHER)
        self._before = None

    def _check(self) -> None:
        """The mark may have been deleted elsewhere, or another session came; with the stream the question ends."""
        if self._mark_id and self._model.find(self._mark_id) is None:
            self._leave()
        elif self._mark_id and self._while_running and self._model.problem:
            self._keep()

    def _place(self) -> None:
        """In the middle of the room; where there is too little, over what stands at its right."""
        room = self._room()
        width = min(WIDTH, max(ROOM_LEAST, room.width()))
        self.setFixedWidth(width)
        self.move(room.left() + max(0, (room.width() - width) // 2), room.center().y() - HEIGHT // 2 + 1)

    def _colour(self) -> None:
        self._icon.setPixmap(theme().pixmap("bookmark", "text1", 16))
        self.update()
