"""Pages of the settings dialog: alerts, and where the metrics go. Changes apply at once. Main thread."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QCheckBox, QDoubleSpinBox, QFileDialog, QHBoxLayout, QSpinBox, QWidget

from rtms_desktop.app.alert_rules import AlertKind
from rtms_desktop.viewmodels.alerts_vm import KIND_NAMES, AlertsViewModel
from rtms_desktop.viewmodels.metrics_vm import MetricsOutputViewModel
from rtms_desktop.views.dialogs import DELETE_ON_CLOSE
from rtms_desktop.views.settings_page import SettingsPage
from rtms_desktop.views.theme import Space
from rtms_desktop.views.widgets import ElidedLabel, button, label

WHEN = {
    AlertKind.SILENCE: "Somebody spoke, and since then nothing could be heard.",
    AlertKind.FROZEN: "A picture on the stage is not renewed though its socket is open and the camera is on.",
    AlertKind.LAG: "What is played stays further behind its arrival than this.",
    AlertKind.DISK: "A recording goes on and the room left for it is less than this.",
    AlertKind.RECONNECTING: "A socket was lost; the banner counts down to the next try.",
    AlertKind.STALL: "The program was not served by this computer for so long.",
    AlertKind.RECORDING: "Cannot be muted: what is not written is lost.",
    AlertKind.REVOKED: "The host took the stream back: what was recorded of it is deleted, told or not.",
}
MUTED_NOTE = "A kind that is not ticked has no banner and no notification; it stays in Events."
NO_TRAY = "This desktop has no place for notifications of ours: the entry in its task bar asks for attention instead."
FILE_NOTE = "One JSON object a second while a stream is connected. No names, no ids."
_SPIN_WIDTH = 96
_ROW, _ROW_BARE = 28, 24


class AlertsPage(SettingsPage):
    """``notifies``: whether the desktop shows notifications."""

    note_gap, note_indent = 0, 22  # under the words of the check boxes

    def __init__(self, model: AlertsViewModel, notifies: bool = True) -> None:
        super().__init__("Alerts", MUTED_NOTE)
        self._model = model
        self.boxes: dict[AlertKind, QCheckBox] = {}
        limits = model.limits
        self.silence = self._number("silence_s", limits.silence_s, 5, 3600, " s")
        self.frozen = self._number("frozen_s", limits.frozen_s, 2, 600, " s")
        self.lag = self._seconds("lag_s", limits.lag_s)
        self.lag_for = self._number("lag_for_s", limits.lag_for_s, 1, 600, " s")
        self.disk = self._number("disk_minutes", limits.disk_minutes, 1, 1440, " min")
        self.stall = self._number("stall_ms", limits.stall_ms, 200, 60_000, " ms")
        parts: dict[AlertKind, list[QWidget]] = {
            AlertKind.SILENCE: [label("after", "t2"), self.silence],
            AlertKind.FROZEN: [label("after", "t2"), self.frozen],
            AlertKind.LAG: [label("beyond", "t2"), self.lag, label("for", "t2"), self.lag_for],
            AlertKind.DISK: [label("below", "t2"), self.disk],
            AlertKind.STALL: [label("beyond", "t2"), self.stall],
        }
        for kind in AlertKind:
            self.field("", self._row(kind, parts.get(kind, [])), note=WHEN[kind])
        self.desktop = QCheckBox("Desktop notification while the window is not in front")
        self.desktop.setFixedHeight(_ROW_BARE)
        self.desktop.setChecked(limits.desktop)
        self.desktop.toggled.connect(lambda on: model.set(desktop=on))
        self.field("", self.desktop, note="" if notifies else NO_TRAY)
        model.changed.connect(self._show_muted)

    def _row(self, kind: AlertKind, parts: list[QWidget]) -> QWidget:
        box = self.boxes[kind] = QCheckBox(KIND_NAMES[kind])
        box.setChecked(not self._model.limits.mutes(kind))
        box.setEnabled(self._model.can_mute(kind))
        if not box.isEnabled():
            box.setToolTip(WHEN[kind])
        box.toggled.connect(lambda on, kind=kind: self._model.set_muted(kind, not on))
        outer = QWidget()
        outer.setFixedHeight(_ROW if parts else _ROW_BARE)
        row = QHBoxLayout(outer)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(Space.M)
        row.addWidget(box)
        row.addStretch(1)
        for part in parts:
            row.addWidget(part)
        return outer

    def _number(self, name: str, value: int, least: int, most: int, unit: str) -> QSpinBox:
        box = QSpinBox()
        box.setRange(least, most)
        box.setSuffix(unit)
        box.setValue(value)
        box.setFixedWidth(_SPIN_WIDTH)
        box.lineEdit().setTextMargins(Space.S, 0, 0, 0)
        box.setKeyboardTracking(False)
        box.setAccessibleName(name.replace("_", " "))
        box.valueChanged.connect(lambda number: self._model.set(**{name: number}))
        return box

    def _seconds(self, name: str, value: float) -> QDoubleSpinBox:
        box = QDoubleSpinBox()
        box.setRange(0.5, 60.0)
        box.setDecimals(1)
        box.setSingleStep(0.5)
        box.setSuffix(" s")
        box.setValue(value)
        box.setFixedWidth(_SPIN_WIDTH)
        box.lineEdit().setTextMargins(Space.S, 0, 0, 0)
        box.setKeyboardTracking(False)
        box.setAccessibleName("seconds behind live")
        box.valueChanged.connect(lambda number: self._model.set(**{name: round(number, 1)}))
        return box

    def _show_muted(self) -> None:
        for kind, box in self.boxes.items():
            with QSignalBlocker(box):
                box.setChecked(not self._model.limits.mutes(kind))


class MetricsPage(SettingsPage):
    def __init__(self, model: MetricsOutputViewModel) -> None:
        super().__init__("Metrics", "The figures of the Monitor, for other programs. Nothing leaves this computer.")
        self._model = model
        self.file = ElidedLabel("", "t1", "base")
        self.choose = button("Choose", icon="folder-open", clicked=self._choose)
        self.forget = button("Stop", clicked=lambda: model.set_file(""))
        self.field("File", self.file, self.choose, self.forget, note=FILE_NOTE)
        self.serve = QCheckBox("Serve as OpenMetrics on this computer")
        self.serve.setChecked(model.serves)
        self.serve.toggled.connect(model.set_serves)
        self.port = QSpinBox()
        self.port.setRange(1, 65535)
        self.port.setValue(model.port)
        self.port.setKeyboardTracking(False)
        self.port.setFixedWidth(_SPIN_WIDTH)
        self.port.lineEdit().setTextMargins(Space.S, 0, 0, 0)
        self.port.valueChanged.connect(model.set_port)
        self.field("Prometheus", self.serve)
        self._state = self.field("Port", _left(self.port), note=" ")
        self.port.setAccessibleName("Port")
        model.changed.connect(self._show)
        self._show()

    def _choose(self) -> None:
        dialog = QFileDialog(self, "File for the metrics", self._model.file or "metrics.jsonl")
        dialog.setAttribute(DELETE_ON_CLOSE)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setOption(QFileDialog.Option.DontConfirmOverwrite)  # lines are added to what is there
        dialog.setNameFilters(["JSON Lines (*.jsonl)", "All files (*)"])
        dialog.setDefaultSuffix("jsonl")
        dialog.fileSelected.connect(self._model.set_file)
        dialog.open()

    def _show(self) -> None:
        self.file.setText(self._model.file or "not written")
        self.forget.setEnabled(bool(self._model.file))
        self.forget.setToolTip("Write no more" if self._model.file else "Nothing is written")
        self.say(self._state, self._model.state_text, wrong=self._model.wrong)


def _left(widget: QWidget) -> QWidget:
    """A field that keeps its width."""
    outer = QWidget()
    row = QHBoxLayout(outer)
    row.setContentsMargins(0, 0, 0, 0)
    row.addWidget(widget)
    row.addStretch(1)
    return outer
