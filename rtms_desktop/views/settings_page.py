"""A page of the settings dialog: title, one sentence, and rows with their label at the left. Main thread."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from rtms_desktop.views.theme import Space
from rtms_desktop.views.widgets import label, set_kind

KEY_WIDTH = 124
_TOP_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop


class SettingsPage(QWidget):
    """Rows are added by `field`; the dialog finds a page by every word on it.

    Attributes:
        first: where the keyboard begins when somebody was sent to this page.
    """

    first: QWidget | None = None
    note_gap, note_indent = Space.XS, 0
    """Where the sentences under the fields of this page stand."""

    def __init__(self, title: str, sentence: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.setAccessibleName(title)
        self.title = title
        outer = QVBoxLayout(self)
        outer.setContentsMargins(Space.PAGE, Space.XL, Space.PAGE, Space.PAGE)
        outer.setSpacing(Space.XS)
        outer.addWidget(label(title, "t1", "title"))
        if sentence:
            line = label(sentence, "t2")
            line.setWordWrap(True)
            outer.addWidget(line)
        outer.addSpacing(Space.L)
        self.top = QVBoxLayout()
        outer.addLayout(self.top)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(Space.L)
        self._grid.setVerticalSpacing(Space.M)
        self._grid.setColumnStretch(1, 1)
        outer.addLayout(self._grid)
        outer.addStretch(1)

    def field(self, name: str, *widgets: QWidget, note: str = "") -> QLabel:
        """A row; the first widget takes the room. The result is the sentence under it, which may be changed."""
        row = self._grid.rowCount()
        if name:
            key = label(name, "t2")
            key.setFixedSize(KEY_WIDTH, 28)
            key.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            self._grid.addWidget(key, row, 0, _TOP_RIGHT)
        line = QHBoxLayout()
        line.setSpacing(Space.M)
        for number, widget in enumerate(widgets):
            line.addWidget(widget, 1 if number == 0 else 0)
            if not widget.accessibleName():
                widget.setAccessibleName(name)
        remark = label(note, "t3", "dense")
        remark.setWordWrap(True)
        remark.setIndent(self.note_indent)
        remark.setVisible(bool(note))
        column = QVBoxLayout()
        column.setSpacing(self.note_gap)
        column.addLayout(line)
        column.addWidget(remark)
        self._grid.addLayout(column, row, 1)
        return remark

    def say(self, remark: QLabel, text: str, *, wrong: bool = False) -> None:
        """Another sentence under a field."""
        remark.setText(text)
        remark.setVisible(bool(text))
        set_kind(remark, "error" if wrong else "t3")

    def words(self) -> str:
        """Everything that is written on the page."""
        texts = [each.text() for each in self.findChildren(QLabel)]
        texts += [each.text() for each in self.findChildren(QAbstractButton)]
        return " ".join(texts).casefold()
