"""The Mock server dock: run it, play the meeting, break things on purpose, read what both sides did. Main thread."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from rtms_desktop.app.events import MockState
from rtms_desktop.viewmodels.colours import SpeakerColours
from rtms_desktop.viewmodels.mock_acts import (
    CALM,
    DELAYS_MS,
    DIALECTS,
    FAULT_ACTS,
    LINKS,
    MEETING_ACTS,
    PEOPLE,
    PICTURES,
    REASONS,
    SOURCES,
    Act,
)
from rtms_desktop.viewmodels.mock_vm import MockViewModel
from rtms_desktop.viewmodels.tick import RenderTick
from rtms_desktop.views.mock_log import MockLogLook
from rtms_desktop.views.theme import Space, theme
from rtms_desktop.views.virtual_list import VirtualList
from rtms_desktop.views.widgets import (
    ElidedLabel,
    EmptyState,
    IconButton,
    StateDot,
    button,
    label,
    set_kind,
)

_EXPAND, _FIXED = QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed
_IGNORED, _PREFERRED = QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred
_NO_BAR = Qt.ScrollBarPolicy.ScrollBarAlwaysOff
_OPEN_FILE = QFileDialog.FileMode.ExistingFile
_LAYOUT_REQUEST = QEvent.Type.LayoutRequest
_DELETE = Qt.WidgetAttribute.WA_DeleteOnClose
KEY_WIDTH = 66
COPIED_MS = 1500
STATES = {
    MockState.STOPPED: ("text3", "The mock server is stopped"),
    MockState.STARTING: ("text3", "The mock server is starting"),
    MockState.RUNNING: ("ok", "The mock server is running"),
    MockState.FAILED: ("error", "The mock server has failed"),
}


class MockDock(QWidget):
    """Everything the bundled server can be told, and its log."""

    count_changed = Signal(object)

    def __init__(
        self, controller: Any, ticks: RenderTick, colours: SpeakerColours, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.title = "Mock server"
        self.setAccessibleName("Mock server")
        self.model = MockViewModel(controller, self)
        self.acts: dict[str, QPushButton] = {}
        self._tips: dict[str, str] = {}
        self.urls: dict[str, tuple[ElidedLabel, IconButton]] = {}
        self._copied_timer = QTimer(self)
        self._copied_timer.setSingleShot(True)
        self._copied_timer.setInterval(COPIED_MS)
        controls = QWidget()
        self._column = QVBoxLayout(controls)
        self._column.setContentsMargins(Space.DOCK, Space.S, Space.DOCK, Space.S)
        self._column.setSpacing(Space.XS)
        self._make_state()
        self._make_urls()
        self._make_options()
        self._make_webhook()
        self._make_meeting()
        self._make_faults()
        self._scroll = Controls(controls)
        body = QVBoxLayout(self)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(0)
        body.addWidget(self._scroll)
        body.addLayout(self._make_log_head())
        body.addWidget(self._make_log(), 1)
        self.model.changed.connect(self._show)
        self.model.count_changed.connect(self.count_changed)
        self.model.store.committed.connect(lambda _: self._show_log())
        self._show()
        self._show_log()

    # -- making --------------------------------------------------------------------------------------------------

    def _make_state(self) -> None:
        self.dot = StateDot()
        self.state = label("", "t1", "medium")
        self.note = ElidedLabel("", "t3", "dense")
        self.toggle = button("Start server", icon="play", token="text1", clicked=self._toggle)
        row = self._row(self.dot, self.state, self.note, self.toggle)
        row.setStretch(2, 1)

    def _make_urls(self) -> None:
        for key in ("HTTP", "Signaling", "Media"):
            value = ElidedLabel("–", "t1", "mono")
            copy = IconButton("copy", f"Copy the {key} address", size=14)
            copy.clicked.connect(lambda *_, key=key: self._copy(self.model.urls.get(key, "")))
            copy.setStyleSheet("min-height: 20px; min-width: 20px;")
            copy.setFixedSize(24, 22)
            row = self._row(self._key(key), value, copy)
            row.setContentsMargins(0, 0, 0, 0)
            row.setStretch(1, 1)
            self.urls[key] = (value, copy)

    def _make_options(self) -> None:
        model = self.model
        self.source = self._choice("Source of picture and sound", [text for _, text in SOURCES])
        self.source.currentIndexChanged.connect(lambda n: model.set_option("source", SOURCES[n][0]))
        self.people = self._choice("People in the meeting", [f"{n} people" if n > 1 else "1 person" for n in PEOPLE])
        self.people.setCurrentIndex(PEOPLE.index(model.options["participants"]))
        self.people.currentIndexChanged.connect(lambda n: model.set_option("participants", PEOPLE[n]))
        self.dialect = self._choice("Dialect that the server speaks", DIALECTS)
        self.dialect.currentIndexChanged.connect(lambda n: model.set_option("dialect", DIALECTS[n]))
        self.picture = self._choice("Size and rate of the picture", [f"{size} {fps} fps" for size, fps in PICTURES])
        self.picture.setCurrentIndex(PICTURES.index((model.options["resolution"], model.options["fps"])))
        self.picture.currentIndexChanged.connect(lambda n: model.set_picture(*PICTURES[n]))
        for key, wide, narrow in (("Source", self.source, self.people), ("Dialect", self.dialect, self.picture)):
            row = self._row(self._key(key), wide, narrow)
            row.setStretch(1, 8)
            row.setStretch(2, 6)
        self.stale = label("Changed options take effect when the server starts again.", "t3", "label")
        self._column.addWidget(self.stale)

    def _make_webhook(self) -> None:
        self._title("Webhook")
        self.webhook = QLineEdit()
        self.webhook.setFont(theme().font("mono"))
        self.webhook.setPlaceholderText("http://127.0.0.1:9095/webhook")
        self.webhook.setAccessibleName("Webhook address")
        self.webhook.setToolTip("Where the server sends its webhooks; empty: nowhere")
        self.webhook.textChanged.connect(self.model.set_webhook_url)
        self.validate = button("Validate Webhook", clicked=self.model.validate)
        row = self._row(self.webhook, self.validate)
        row.setStretch(0, 1)
        self.verdict = ElidedLabel("", "t2", "label")
        self._column.addWidget(self.verdict)

    def _make_meeting(self) -> None:
        head = self._title("Meeting")
        head.addStretch(1)
        head.addWidget(label("stop reason", "t3", "dense"))
        self.reason = self._choice("Stop reason for Stop RTMS and End Meeting", self.model.reason_labels())
        self.reason.setCurrentIndex(REASONS.index(self.model.reason))
        self.reason.currentIndexChanged.connect(lambda n: setattr(self.model, "reason", REASONS[n]))
        self.reason.setMaximumWidth(190)
        head.addWidget(self.reason)
        self._grid(MEETING_ACTS)

    def _make_faults(self) -> None:
        head = self._title("Faults")
        head.addStretch(1)
        self.calm = IconButton(CALM.icon, CALM.tip, size=16)
        self.calm.clicked.connect(lambda *_: self.model.act(CALM.key))
        self.fault_link = self._choice("Socket that the faults hit", [f"on: {link}" for link in LINKS])
        self.fault_link.currentIndexChanged.connect(lambda n: setattr(self.model, "link", LINKS[n]))
        self.fault_ms = self._choice("How long, for delay, jitter and burst", [f"{ms} ms" for ms in DELAYS_MS])
        self.fault_ms.setCurrentIndex(DELAYS_MS.index(self.model.delay_ms))
        self.fault_ms.currentIndexChanged.connect(lambda n: setattr(self.model, "delay_ms", DELAYS_MS[n]))
        for part in (self.calm, self.fault_link, self.fault_ms):
            head.addWidget(part)
        for small in (self.reason, self.fault_link, self.fault_ms):
            small.setStyleSheet("min-height: 20px; max-height: 20px;")
        self.calm.setStyleSheet("min-height: 20px; min-width: 20px;")
        self._grid(FAULT_ACTS)

    def _make_log_head(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(Space.DOCK, Space.XS, Space.S, Space.XXS)
        row.setSpacing(Space.XXS)
        row.addWidget(label("Log", "t2", "dense_medium"))
        row.addStretch(1)
        self.scenario = button("Scenario", kind="flat", icon="file-text", token="text2", clicked=self._choose_scenario)
        self.copy_log = button(
            "Copy", kind="flat", icon="copy", token="text2", clicked=lambda: self._copy(self.model.log_text()),
            tip="Copy the whole log: the server's records as JSON lines, then both sides in words",
        )  # fmt: skip
        for part in (self.scenario, self.copy_log):
            part.setFont(theme().font("dense"))
            row.addWidget(part)
        self._copied_timer.timeout.connect(lambda: self.copy_log.setText("Copy"))
        return row

    def _make_log(self) -> QStackedWidget:
        self.log = VirtualList(self.model.store, MockLogLook(self.model))
        self.log.setAccessibleName("Log of server and client")
        self.empty = EmptyState(
            "scroll-text", "No events yet",
            "What the server does and what the client noticed appear here together.",
        )  # fmt: skip
        self._log_stack = QStackedWidget()
        self._log_stack.setSizePolicy(_EXPAND, _IGNORED)
        self._log_stack.setMinimumHeight(72)
        self._log_stack.addWidget(self.empty)
        self._log_stack.addWidget(self.log)
        return self._log_stack

    def _row(self, *parts: QWidget) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(Space.M)
        for part in parts:
            row.addWidget(part)
        self._column.addLayout(row)
        return row

    def _key(self, text: str) -> QLabel:
        key = label(text, "t3", "dense")
        key.setFixedWidth(KEY_WIDTH)
        return key

    def _title(self, text: str) -> QHBoxLayout:
        self._column.addSpacing(Space.XS)
        return self._row(label(text, "t2", "dense_medium"))

    def _choice(self, name: str, texts: Sequence[str]) -> QComboBox:
        box = QComboBox()
        box.addItems(list(texts))
        box.setFont(theme().font("dense"))
        box.setAccessibleName(name)
        box.setToolTip(name)
        box.setMinimumContentsLength(6)
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        return box

    def _grid(self, acts: Sequence[Act]) -> None:
        grid = QGridLayout()
        grid.setSpacing(Space.S)
        for number, act in enumerate(acts):
            press = button(act.text, icon=act.icon, token="text2", clicked=partial(self.model.act, act.key))
            press.setFont(theme().font("dense_medium"))
            press.setStyleSheet("text-align: left; padding: 0 6px;")
            press.setSizePolicy(_IGNORED, _FIXED)
            press.setMinimumWidth(96)
            self.acts[act.key], self._tips[act.key] = press, act.tip
            grid.addWidget(press, number // 3, number % 3)
        for column in range(3):
            grid.setColumnStretch(column, 1)
        self._column.addLayout(grid)

    # -- showing -------------------------------------------------------------------------------------------------

    def _show(self) -> None:
        model = self.model
        self.dot.set(*STATES[model.state])
        self.state.setText(model.state_text)
        self.note.setText(model.note)
        self._show_toggle()
        for key, (value, copy) in self.urls.items():
            url = model.urls.get(key, "")
            value.setText(url or "–")
            copy.setEnabled(bool(url))
        self.stale.setVisible(model.stale)
        self._enable(self.validate, model.why_not_validate(), "Send endpoint.url_validation and check the answer")
        fine, sentence = model.verdict or (True, "")
        self.verdict.setVisible(bool(sentence))
        self.verdict.setText(sentence)
        set_kind(self.verdict, "ok" if fine else "error")
        for key, press in self.acts.items():
            self._enable(press, model.why_not(key), self._tips[key])
        self._enable(self.calm, model.why_not(CALM.key), CALM.tip)
        chosen = model.scenario.replace("\\", "/").rpartition("/")[2]
        tip = f"Timed acts from a file at the next start: {chosen}" if chosen else "Timed acts from a TOML file"
        self._enable(self.scenario, "Stop the server first: it is read at the start" if model.running else "", tip)

    def _show_toggle(self) -> None:
        running = self.model.state in (MockState.RUNNING, MockState.STARTING)
        self.toggle.setText("Stop server" if running else "Start server")
        self.toggle.setAccessibleName(self.toggle.text())
        theme().bind_icon(self.toggle, "square" if running else "play", "text1", 14)
        self.toggle.setToolTip(
            "End the mock server; its clients lose their sockets" if running else "Start the bundled server here"
        )

    def _enable(self, press: QWidget, why_not: str, tip: str) -> None:
        press.setEnabled(not why_not)
        press.setToolTip(f"{tip}. {why_not}." if why_not else tip)

    def _show_log(self) -> None:
        self._log_stack.setCurrentIndex(1 if len(self.model.store) else 0)

    # -- doing ---------------------------------------------------------------------------------------------------

    def _toggle(self) -> None:
        if self.model.state in (MockState.RUNNING, MockState.STARTING):
            self.model.stop()
        else:
            self.model.start()

    def _copy(self, text: str) -> None:
        QGuiApplication.clipboard().setText(text)
        if self.sender() is None or text.endswith("\n"):
            self.copy_log.setText("Copied")
            self._copied_timer.start()

    def _choose_scenario(self) -> None:
        dialog = QFileDialog(self, "Choose a scenario", "", "Scenarios (*.toml)")
        dialog.setFileMode(_OPEN_FILE)
        dialog.setAttribute(_DELETE)
        dialog.fileSelected.connect(self.model.set_scenario)
        dialog.open()


class Controls(QScrollArea):
    """Scrolls where the dock is too low for all controls; otherwise exactly as high as they are."""

    def __init__(self, content: QWidget) -> None:
        super().__init__()
        self.setWidget(content)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(_NO_BAR)
        self.setSizePolicy(_EXPAND, _PREFERRED)
        content.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == _LAYOUT_REQUEST:  # a line more or less: the area follows its content
            self.updateGeometry()
        return super().eventFilter(watched, event)

    def sizeHint(self) -> QSize:
        content = self.widget()
        return content.sizeHint() if content is not None else super().sizeHint()

    def minimumSizeHint(self) -> QSize:
        return QSize(300, 120)
