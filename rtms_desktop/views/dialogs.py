"""The dialogs of the window. All are opened with `open()` and answer by signals; none runs a loop of its own."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QVBoxLayout,
    QWidget,
)

from rtms_desktop.viewmodels.start_vm import StartViewModel
from rtms_desktop.views.payload_form import PayloadForm
from rtms_desktop.views.theme import Space
from rtms_desktop.views.widgets import Rule, button, label

DELETE_ON_CLOSE = Qt.WidgetAttribute.WA_DeleteOnClose

KEYS: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    (
        "Session",
        (
            ("Ctrl+V", "Paste a payload"), ("Ctrl+N", "New connection"), ("Ctrl+O", "Open a recording"),
            ("Ctrl+Shift+O", "All recordings"), ("Ctrl+E", "Export a recording"),
            ("Ctrl+Shift+T", "Try it now"), ("Ctrl+R", "Start or stop recording"),
            ("Ctrl+B", "Mark this moment"), ("Ctrl+Shift+S", "Snapshot of the focused tile"),
            ("Ctrl+W", "Stop the session"), ("Ctrl+Q", "Quit"),
        ),
    ),
    (
        "Stage",
        (
            ("Alt+1", "Speaker"), ("Alt+2", "Gallery"), ("Alt+3", "Share + speaker"),
            ("I", "Figures: off, short, full"),
            ("C", "Captions"), ("M", "Mute"), ("F11", "Full screen"), ("Esc", "Leave full screen"),
        ),
    ),
    (
        "Time",
        (
            ("Space", "Play or pause; a stream goes on"), ("L", "Back to live"),
            ("Left, Right", "5 s back or on"), ("Shift+Left, Right", "1 s back or on"),
            ("Ctrl+Left, Right", "Previous or next speaker"), (", .", "One picture back or on"),
            ("A B \\", "Loop: start, end, none"), ("G, Shift+G", "Next or previous gap"),
            ("N, Shift+N", "Next or previous mark"), ("[ ]", "Slower, faster"),
        ),
    ),
    (
        "Monitor",
        (
            ("Left, Right", "Cursor 5 s back or on, Shift 1 s"), ("+ -", "Closer, farther"),
            ("PgUp, PgDn", "Half a window back or on"), ("L, Esc", "Follow what happens now"),
            ("G, Shift+G", "Next or previous gap"), ("Enter", "Messages at the cursor"),
        ),
    ),
    (
        "Window",
        (
            ("Ctrl+1 … 9", "Panel by number"), ("Ctrl+F", "Find in this panel"),
            ("Ctrl+K", "Search everything"),
            ("Ctrl+L", "Filter of the Inspector"),
            ("F3", "Next hit"), ("Shift+F3", "Previous hit"), ("F6", "Next pane"), ("Shift+F6", "Previous pane"),
            ("Ctrl+,", "Settings"), ("F1, ?", "This list"), ("Shift+F1", "Explain the focused figure"),
        ),
    ),
)  # fmt: skip

KEY_COLUMNS = (("Session", "Stage"), ("Time", "Monitor"), ("Window",))
"""So that the list fits into the smallest window."""


class Dialog(QDialog):
    """Title, content, and a row of buttons; deleted when closed."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(DELETE_ON_CLOSE)
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        self.body = QVBoxLayout()
        self.body.setContentsMargins(Space.PAGE, Space.PAGE, Space.PAGE, Space.PAGE)
        self.body.setSpacing(Space.M)
        outer.addLayout(self.body, 1)
        outer.addWidget(Rule())
        self.foot = QHBoxLayout()
        self.foot.setContentsMargins(Space.PAGE, Space.L, Space.PAGE, Space.L)
        self.foot.setSpacing(Space.M)
        self.foot.addStretch(1)
        outer.addLayout(self.foot)

    def add_close(self, text: str = "Close", kind: str = "primary") -> None:
        done = button(text, kind=kind, clicked=self.close)
        done.setDefault(True)
        self.foot.addWidget(done)


class ConnectDialog(Dialog):
    """The start page's form while something else is on the stage."""

    def __init__(self, model: StartViewModel, parent: QWidget | None = None) -> None:
        super().__init__("Connect to a stream", parent)
        self.body.addWidget(label("Connect to a stream", "t1", "title"))
        warning = "The present session is closed when the new one begins. Nothing is sent until you press Connect."
        self.body.addWidget(label(warning, "t2", "base"))
        self.form = PayloadForm(model)
        self.form.setMinimumSize(860, 380)
        self.form.connected.connect(self.close)
        self.body.addWidget(self.form, 1)
        self.add_close("Cancel", "")


class ConfirmDialog(Dialog):
    """A question with its consequence; `confirmed` when the answer is yes."""

    confirmed = Signal()

    def __init__(self, title: str, text: str, yes: str, parent: QWidget | None = None, *, danger: bool = False) -> None:
        super().__init__(title, parent)
        self.body.addWidget(label(title, "t1", "title"))
        line = label(text, "t2")
        line.setWordWrap(True)
        self.body.addWidget(line)
        self.setMinimumWidth(440)
        self.add_close("Cancel", "")
        self.yes = button(yes, kind="danger" if danger else "primary", clicked=self._yes)
        self.yes.setDefault(True)
        self.foot.addWidget(self.yes)

    def _yes(self) -> None:
        self.confirmed.emit()
        self.close()


class KeysDialog(Dialog):
    """Every key that does something."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Keyboard", parent)
        self.body.addWidget(label("Keyboard", "t1", "title"))
        hint = "Single letters act while the stage, the time bar or a lower panel has the focus."
        self.body.addWidget(label(hint, "t2", "dense"))
        columns = QHBoxLayout()
        columns.setSpacing(Space.HUGE)
        headings = dict(KEYS)
        for names in KEY_COLUMNS:
            column = QVBoxLayout()
            column.setSpacing(Space.L)
            for name in names:
                column.addLayout(_keys_of(name, headings[name]))
            column.addStretch(1)
            columns.addLayout(column)
        self.body.addLayout(columns)
        self.add_close()


def _keys_of(heading: str, keys: tuple[tuple[str, str], ...]) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(Space.L)
    grid.setVerticalSpacing(3)
    grid.setColumnStretch(1, 1)
    grid.addWidget(label(heading, "t3", "label_strong"), 0, 0, 1, 2)
    for row, (key, does) in enumerate(keys, 1):
        grid.addWidget(label(key, "t1", "mono"), row, 0)
        grid.addWidget(label(does, "t2", "dense"), row, 1)
    return grid
