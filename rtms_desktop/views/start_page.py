"""The first screen: paste a payload, or one of the other ways in; under them what was before (main thread)."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from rtms_desktop.viewmodels.receiver_vm import ReceiverViewModel
from rtms_desktop.viewmodels.sessions_vm import RecentRow, SessionsViewModel
from rtms_desktop.viewmodels.start_vm import StartViewModel
from rtms_desktop.views.payload_form import PayloadForm
from rtms_desktop.views.row_layout import plain_tip
from rtms_desktop.views.theme import Height, Space, theme
from rtms_desktop.views.widgets import ElidedLabel, Rule, button, label

MAX_WIDTH = 1096
FORM_HEIGHT = 380
WAY_HEIGHT = 82
WAIT_LINES = "Listens on this computer only.\nAsks before it connects."
_FIXED = QSizePolicy.Policy.Fixed


class WayCard(QFrame):
    """One of the other ways in: icon, title, two short lines, one button."""

    def __init__(self, icon: str, title: str, lines: str, action: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "card")
        self.setFixedHeight(WAY_HEIGHT)
        self._icon_name = icon
        self._icon = QLabel()
        self.action = button(action)
        self.action.setAccessibleName(f"{title}: {action}")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(14, 10, 14, 10)  # three of them fit into the smallest window
        layout.setSpacing(Space.L)
        layout.addWidget(self._icon)
        words = QVBoxLayout()
        words.setSpacing(1)
        words.addStretch(1)
        words.addWidget(label(title, "t1", "strong"))
        self._lines = label(lines, "t2", "dense")
        words.addWidget(self._lines)
        words.addStretch(1)
        layout.addLayout(words, 1)
        layout.addWidget(self.action)
        theme().changed.connect(self._colour)
        self._colour()

    def set_lines(self, lines: str) -> None:
        self._lines.setText(lines)

    def _colour(self) -> None:
        self._icon.setPixmap(theme().pixmap(self._icon_name, "text2", 22))


class StartPage(QScrollArea):
    """`connected`: a request went out; `try_wanted`: the mock meeting; `recording_wanted(path)`: open that
    recording; `open_wanted`: choose one.

    `webhooks_wanted`: the receiver was started, its inbox is to be seen.
    """

    connected = Signal()
    try_wanted = Signal()
    recording_wanted = Signal(str)
    open_wanted = Signal()
    webhooks_wanted = Signal()
    library_wanted = Signal()

    def __init__(
        self, model: StartViewModel, sessions: SessionsViewModel, receiver: ReceiverViewModel,
        parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._model, self._sessions, self._receiver = model, sessions, receiver
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Start")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        page = QWidget()
        page.setObjectName("page")
        outer = QHBoxLayout(page)
        outer.setContentsMargins(Space.PAGE, 20, Space.PAGE, Space.PAGE)
        column = QWidget()
        column.setMaximumWidth(MAX_WIDTH)
        outer.addStretch(1)
        outer.addWidget(column, 100)
        outer.addStretch(1)
        self._title, self._line = label("", "t1", "page"), label("", "t2")
        self.form = PayloadForm(model)
        self.form.setFixedHeight(FORM_HEIGHT)
        self.form.connected.connect(self.connected)
        layout = QVBoxLayout(column)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(Space.S)
        layout.addWidget(self._title)
        layout.addWidget(self._line)
        layout.addSpacing(10)
        layout.addWidget(self.form)
        layout.addSpacing(10)
        layout.addLayout(self._make_ways())
        layout.addSpacing(18)
        layout.addWidget(self._make_recent())
        layout.addStretch(1)
        self.setWidget(page)
        model.changed.connect(self._show)
        sessions.changed.connect(self._show_recent)
        theme().changed.connect(self._show_recent)
        self._show()
        self._show_recent()

    def _make_ways(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(Space.XL)
        self.try_card = WayCard(
            "flask-conical", "Try it now", "A mock meeting on this computer.\nNo account, no network.", "Start"
        )
        self.try_card.action.clicked.connect(lambda *_: self.try_wanted.emit())
        self.try_card.action.setToolTip("Start the bundled mock server and connect to it (Ctrl+Shift+T)")
        self.open_card = WayCard(
            "folder-open", "Open a recording", "A .rtmsrec folder or a tape,\nalso from a crashed session.", "Open"
        )
        self.wait_card = WayCard("webhook", "Wait for webhooks", WAIT_LINES, "Start")
        self.open_card.action.clicked.connect(lambda *_: self.open_wanted.emit())
        self.open_card.action.setToolTip("Choose a recording and see it here (Ctrl+O)")
        self.wait_card.action.clicked.connect(lambda *_: self._wait())
        self._receiver.changed.connect(self._show_receiver)
        self._show_receiver()
        for card in (self.try_card, self.open_card, self.wait_card):
            row.addWidget(card, 1)
        return row

    def _wait(self) -> None:
        if not self._receiver.listening:
            self.webhooks_wanted.emit()
        self._receiver.toggle()

    def _show_receiver(self) -> None:
        receiver, card = self._receiver, self.wait_card
        lines = receiver.line.replace(" on ", " on\n") if receiver.listening else WAIT_LINES
        card.set_lines(lines)
        card.action.setText(receiver.action)
        card.action.setAccessibleName(f"Wait for webhooks: {receiver.action}")
        card.action.setToolTip("Stop listening" if receiver.listening else "Listen for webhooks on this computer")

    def _make_recent(self) -> QWidget:
        self._recent = QWidget()
        layout = QVBoxLayout(self._recent)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        head = QHBoxLayout()
        self._recent_title = label("Recent", "t2", "label_strong")
        head.addWidget(self._recent_title)
        head.addStretch(1)
        self.library = button("All recordings", kind="link", tip="Every recording, and a search through them")
        self.library.clicked.connect(lambda *_: self.library_wanted.emit())
        self._clear = button(
            "Clear list", kind="link", clicked=self._sessions.clear_recent, tip="Forget these; recordings stay"
        )
        head.addWidget(self.library)
        head.addWidget(self._clear)
        layout.addLayout(head)
        layout.addWidget(Rule())
        rows = QWidget()
        self._rows = QVBoxLayout(rows)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(0)
        layout.addWidget(rows)
        return self._recent

    def _show(self) -> None:
        title, line = self._model.heading
        self._title.setText(title)
        self._line.setText(line)

    def _show_recent(self) -> None:
        while self._rows.count():
            item = self._rows.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        entries = self._sessions.recent_rows()
        self._recent.setVisible(bool(entries) or self._sessions.has_recordings)
        for part in (self._recent_title, self._clear):
            part.setVisible(bool(entries))
        for entry in entries:
            self._rows.addWidget(self._recent_row(entry))

    def _recent_row(self, entry: RecentRow) -> QWidget:
        row = QWidget()
        row.setAccessibleName(f"{entry.title}, {entry.product}, {entry.when}, {entry.outcome}")
        outer = QVBoxLayout(row)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        line = QHBoxLayout()
        line.setContentsMargins(8, 0, 8, 0)
        line.setSpacing(14)
        icon = QLabel()
        icon.setPixmap(theme().pixmap(entry.icon, entry.token, 16))
        icon.setFixedSize(16, Height.ROW_START - 1)
        line.addWidget(icon)
        for text, kind, role, width in (
            (entry.title, "t1", "medium", 182),
            (entry.product, "t2", "dense", 154),
            (entry.when, "t2", "dense", 122),
            (entry.length, "t2", "dense", 54),
        ):
            cell = ElidedLabel(text, kind, role)
            cell.setSizePolicy(_FIXED, _FIXED)
            cell.setFixedWidth(width)
            line.addWidget(cell)
        row.setToolTip(plain_tip(entry.tip))
        line.addWidget(ElidedLabel(entry.outcome, "error" if entry.outcome_token == "error" else "t2", "dense"), 1)
        if entry.bundle:
            show = button("Open recording", kind="link", tip=entry.bundle)
            show.clicked.connect(lambda *_: self.recording_wanted.emit(entry.bundle))
            line.addWidget(show)
        outer.addLayout(line)
        outer.addWidget(Rule())
        return row
