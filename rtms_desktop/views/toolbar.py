"""The toolbar: connect or stop, try it, record, snapshot, volume, layouts, search. Folds where room is short."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QSlider, QWidget

from rtms_desktop.app.events import RecordingState
from rtms_desktop.viewmodels.session_vm import SessionViewModel
from rtms_desktop.views.theme import Height, Space, theme
from rtms_desktop.views.widgets import IconButton, Rule, SearchField, SegmentedButtons, button, set_kind

SEARCH_MIN, SEARCH_MAX = 120, 288
LAYOUT_TEXT_FROM = 1240
STYLED = Qt.WidgetAttribute.WA_StyledBackground
LAYOUTS = (
    ("speaker", "user", "Speaker"),
    ("gallery", "layout-grid", "Gallery"),
    ("share", "picture-in-picture-2", "Share + speaker"),
)


class Toolbar(QWidget):
    connect_wanted = Signal()
    stop_wanted = Signal()
    try_wanted = Signal()
    record_wanted = Signal()
    mark_wanted = Signal()
    snapshot_wanted = Signal()
    volume_chosen = Signal(float)
    mute_wanted = Signal()
    layout_chosen = Signal(str)
    full_screen_wanted = Signal()
    searched = Signal(str)
    settings_wanted = Signal()
    export_wanted = Signal()

    def __init__(self, session: SessionViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "head")
        self.setAttribute(STYLED)
        self.setFixedHeight(Height.TOOLBAR)
        self.setAccessibleName("Toolbar")
        self._session = session
        self._folded = False
        self.connect_button = button("Connect", icon="plug", tip="Watch a stream: paste its payload (Ctrl+V)")
        self.connect_button.clicked.connect(self._connect_or_stop)
        self.try_it = button("Try it now", kind="flat", icon="flask-conical", clicked=self.try_wanted.emit)
        self.try_it.setToolTip("Start the bundled mock server and connect to it (Ctrl+Shift+T)")
        self.record = button("Record", icon="record-dot", token="rec", clicked=self.record_wanted.emit)
        self.mark = button("Mark", kind="flat", icon="bookmark", clicked=self.mark_wanted.emit)
        self.snapshot = button("Snapshot", kind="flat", icon="camera", clicked=self.snapshot_wanted.emit)
        self.export = button("Export", kind="flat", icon="download", clicked=self.export_wanted.emit)
        self.export.setToolTip("Make a film, sound or text of this recording (Ctrl+E)")
        self.mute = IconButton("volume-2", "Mute (M)")
        self.mute.clicked.connect(lambda *_: self.mute_wanted.emit())
        self.volume = QSlider(Qt.Orientation.Horizontal)
        self.volume.setRange(0, 100)
        self.volume.setFixedWidth(84)
        self.volume.setAccessibleName("Volume")
        self.volume.valueChanged.connect(self._volume_moved)
        self.layouts = SegmentedButtons(LAYOUTS)
        self.layouts.chosen.connect(self.layout_chosen)
        self.full_screen = IconButton("maximize", "Full screen (F11)")
        self.full_screen.clicked.connect(lambda *_: self.full_screen_wanted.emit())
        self.search = SearchField("Search messages, text, people", name="Search everything", hint="Ctrl K")
        self.search.setToolTip("Find commands, people, words, marks, messages and recordings (Ctrl+K)")
        self.search.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.search.setMinimumWidth(SEARCH_MIN)
        self.search.setMaximumWidth(SEARCH_MAX)
        self.search.textChanged.connect(self.searched)
        self.settings = IconButton("settings", "Settings (Ctrl+,)")
        self.settings.clicked.connect(lambda *_: self.settings_wanted.emit())
        self._after_layouts = self._rule()
        self._lay_out()
        for signal in (session.changed, session.recording_changed):
            signal.connect(self.refresh)
        self.refresh()

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 0, Space.L, 1)
        row.setSpacing(Space.S)
        row.addWidget(self.connect_button)
        row.addWidget(self.try_it)
        row.addWidget(self._rule())
        for part in (self.record, self.mark, self.snapshot, self.export):
            row.addWidget(part)
        row.addWidget(self._rule())
        row.addWidget(self.mute)
        row.addWidget(self.volume)
        row.addWidget(self._after_layouts)
        row.addWidget(self.layouts)
        row.addWidget(self.full_screen)
        row.addStretch(1)
        row.addWidget(self.search, 1000)
        row.addWidget(self.settings)
        for part in (self.record,):
            part.setFont(theme().font("strong"))

    def _rule(self) -> QWidget:
        outer = QWidget()
        row = QHBoxLayout(outer)
        row.setContentsMargins(Space.S, 0, Space.S, 0)
        row.addWidget(Rule(vertical=True, length=20))
        return outer

    def allow_marks(self, problem: str) -> None:
        """``problem``: why no mark can be set now, or ""."""
        self.mark.setEnabled(not problem)
        self.mark.setToolTip(problem or "Mark this moment (Ctrl+B)")

    # -- following -------------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Also at the text tick while recording: the time in the button runs."""
        session = self._session
        connected, showing = session.connected, session.showing
        self.connect_button.setText("Stop" if connected else "Connect")
        self.connect_button.setAccessibleName(self.connect_button.text())
        theme().bind_icon(self.connect_button, "square" if connected else "plug", "text1")
        tip = "Ask the server to end the stream, then close (Ctrl+W)" if connected else "Watch a stream (Ctrl+V)"
        self.connect_button.setToolTip(tip)
        self._refresh_record(connected)
        self.snapshot.setEnabled(showing)
        self.snapshot.setToolTip(
            "Save the picture of the focused tile (Ctrl+Shift+S)" if showing else "Nothing is connected"
        )
        self.export.setVisible(showing and not connected)
        for part in (self.layouts, self.full_screen, self._after_layouts):
            part.setVisible(showing)

    def _refresh_record(self, connected: bool) -> None:
        state, text = self._session.recording_state, self._session.recording_text
        kind = {RecordingState.RECORDING: "rec_on", RecordingState.STALLED: "rec_bad"}.get(state, "")
        if self.record.text() != text:
            self.record.setText(text)
            self.record.setAccessibleName(text)
        if self.record.property("kind") != kind or self.record.icon().isNull():
            set_kind(self.record, kind)
        icon, token = {
            RecordingState.RECORDING: ("record-dot", "on_rec"), RecordingState.STALLED: ("triangle-alert", "error")
        }.get(state, ("record-dot", "rec"))  # fmt: skip
        if self.record.property("mark") != (icon + token):
            self.record.setProperty("mark", icon + token)
            theme().bind_icon(self.record, icon, token)
        can = connected and state is not RecordingState.FINALISING
        self.record.setEnabled(can)
        tip = (
            "Stop recording (Ctrl+R)" if self._session.is_recording else "Write everything that comes to disk (Ctrl+R)"
        )
        self.record.setToolTip(tip if connected else "Connect first: there is nothing to record.")

    def set_volume(self, volume: float, muted: bool) -> None:
        blocked = self.volume.blockSignals(True)
        self.volume.setValue(round(volume * 100))
        self.volume.blockSignals(blocked)
        self.volume.setEnabled(not muted)
        self._show_mute(volume, muted)

    def _show_mute(self, volume: float, muted: bool) -> None:
        self.mute.set_icon("volume-x" if muted else "volume-1" if volume < 0.4 else "volume-2")
        self.mute.set_tip("Sound on (M)" if muted else "Mute (M)")
        self.volume.setToolTip("Muted" if muted else f"Volume {volume:.0%}")

    def start_search(self) -> None:
        """Put the cursor into the search field."""
        self.search.setFocus()
        self.search.selectAll()

    def fold(self, folded: bool) -> None:
        """Icons instead of words, and what has a menu entry goes."""
        if folded == self._folded:
            return
        self._folded = folded
        self.try_it.setVisible(not folded)
        self.mark.setText("" if folded else "Mark")
        self.snapshot.setText("" if folded else "Snapshot")
        self.export.setText("" if folded else "Export")
        self.settings.setVisible(not folded)
        self.volume.setFixedWidth(62 if folded else 84)

    def resizeEvent(self, event) -> None:
        super().resizeEvent(event)
        self.layouts.set_text_on_chosen(self.width() >= LAYOUT_TEXT_FROM)

    # -- hands -----------------------------------------------------------------------------------------------------

    def _connect_or_stop(self) -> None:
        (self.stop_wanted if self._session.connected else self.connect_wanted).emit()

    def _volume_moved(self, value: int) -> None:
        self._show_mute(value / 100, False)
        self.volume_chosen.emit(value / 100)
