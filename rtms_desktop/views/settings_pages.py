"""Pages of the settings dialog: general, sound, recordings, network. Changes apply at once. Main thread."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QCheckBox, QComboBox, QFileDialog, QHBoxLayout, QLineEdit, QSizePolicy, QSpinBox, QWidget

from rtms_desktop.viewmodels.figures import sentence_case
from rtms_desktop.viewmodels.settings_vm import SettingsViewModel
from rtms_desktop.views.dialogs import DELETE_ON_CLOSE
from rtms_desktop.views.settings_page import SettingsPage
from rtms_desktop.views.theme import MODES, Space
from rtms_desktop.views.widgets import ElidedLabel, button, label, set_kind

MODE_NAMES = {"dark": "Dark", "light": "Light", "system": "As the system"}
TEMPLATE_NOTE = "{date}, {time}, {product} and {meeting} are filled in; empty = its people, or its day."
SPLIT_NOTE = "A recording goes on in another file then; nothing is missing between the two."
FLOOR_NOTE = "A recording is closed before less is left. Automatic: 500 MB, less on a small disk."
NUMBER_NAMES = {
    "split_minutes": "Split after minutes",
    "split_mb": "Split after megabytes",
    "disk_floor_mb": "Megabytes that stay free",
    "retention_days": "Days that recordings are kept",
}
NONE_TEXTS = {"retention_days": "for ever", "disk_floor_mb": "automatic"}
MAX_MINUTES, MAX_MB, MAX_DAYS = 24 * 60, 1_000_000, 3650
_EXPANDING, _FIXED = QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed


class GeneralPage(SettingsPage):
    def __init__(self, model: SettingsViewModel) -> None:
        super().__init__("General")
        self.theme_box = QComboBox()
        for mode in MODES:
            self.theme_box.addItem(MODE_NAMES[mode], mode)
        self.theme_box.setCurrentIndex(self.theme_box.findData(model.theme))
        self.theme_box.activated.connect(lambda index: model.set_theme(self.theme_box.itemData(index)))
        self.field("Theme", self.theme_box, note="The stage is dark in both: video is judged against black.")


class SoundPage(SettingsPage):
    def __init__(self, model: SettingsViewModel) -> None:
        super().__init__("Sound", "Where the meeting is heard. Recording does not depend on it.")
        self._model = model
        self.devices = QComboBox()
        self.devices.setSizePolicy(_EXPANDING, _FIXED)
        self.devices.activated.connect(lambda index: model.choose_device(self.devices.itemData(index)))
        self.again = button("Look again", icon="refresh-cw", clicked=model.rescan_audio)
        self.again.setToolTip("For devices that were plugged in meanwhile")
        self._note = self.field("Sound device", self.devices, self.again, note=" ")
        model.device_changed.connect(self._show)
        self._show()
        model.look_for_devices()

    def _show(self) -> None:
        chosen = self._model.values.audio_device
        default = f"The system's default ({self._model.devices[0]})" if self._model.devices else "The system's default"
        names = list(self._model.devices)
        self.devices.clear()
        self.devices.addItem(default, "")
        for name in [*names, *([chosen] if chosen and chosen not in names else [])]:
            self.devices.addItem(name if name in names else f"{name} (not there)", name)
        self.devices.setCurrentIndex(max(0, self.devices.findData(chosen)))
        now = self._model.device_text()
        wrong = now.startswith("none: ")
        self.say(self._note, sentence_case(now.removeprefix("none: ")) if wrong else f"Now: {now}", wrong=wrong)


class RecordingsPage(SettingsPage):
    def __init__(self, model: SettingsViewModel) -> None:
        super().__init__("Recordings", "What is written to disk, and how long it stays there.")
        self._model = model
        values = model.values
        self.folder = ElidedLabel(str(model.recordings), "t1", "base")
        change = button("Change", icon="folder-open", clicked=self._choose_folder)
        note = f"{model.free_text()} Recordings that are in another folder are not moved.".strip()
        self.field("Folder", self.folder, change, note=note)
        self.auto = QCheckBox("Record every stream from its first moment on")
        self.auto.setChecked(values.auto_record)
        self.auto.toggled.connect(lambda on: model.change(auto_record=on))
        self.field("", self.auto, note="Everybody in the meeting should know that it is recorded.")
        self.template = QLineEdit(values.title_template)
        self.template.setPlaceholderText("{date} {time} {product}")
        self.template.textChanged.connect(self._template_typed)
        self._example = self.field("Title", self.template, note=TEMPLATE_NOTE)
        self._template_typed(values.title_template)
        self.minutes = self._number(MAX_MINUTES, " min", values.split_minutes, "split_minutes")
        self.megabytes = self._number(MAX_MB, " MB", values.split_mb, "split_mb")
        self.field("Split", self._row(self.minutes, label("or", "t2"), self.megabytes), note=SPLIT_NOTE)
        self.floor = self._number(MAX_MB, " MB", values.disk_floor_mb, "disk_floor_mb")
        self.field("Leave free", self._row(self.floor), note=FLOOR_NOTE)
        self.days = self._number(MAX_DAYS, " days", values.retention_days, "retention_days")
        note = "Older ones go to the trash within an hour; what is open or was never closed stays."
        self.field("Keep", self._row(self.days), note=note)

    def _number(self, most: int, unit: str, value: int, name: str) -> QSpinBox:
        box = QSpinBox()
        box.setRange(0, most)
        box.setSuffix(unit)
        box.setSpecialValueText(NONE_TEXTS.get(name, "never"))
        box.setValue(value)
        box.setFixedWidth(112)
        box.lineEdit().setTextMargins(Space.S, 0, 0, 0)
        box.setKeyboardTracking(False)  # nobody wants what stands there while typing
        box.setAccessibleName(NUMBER_NAMES[name])
        box.valueChanged.connect(lambda number: self._model.change(**{name: number}))
        return box

    def _row(self, *widgets: QWidget) -> QWidget:
        outer = QWidget()
        row = QHBoxLayout(outer)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(Space.M)
        for widget in widgets:
            row.addWidget(widget)
        row.addStretch(1)
        return outer

    def _template_typed(self, text: str) -> None:
        self._model.change(title_template=text)
        example = self._model.title_example(text)
        self.say(self._example, f"Now it would be: {example}" if example else TEMPLATE_NOTE)

    def _choose_folder(self) -> None:
        dialog = QFileDialog(self, "Folder for recordings", str(self._model.recordings))
        dialog.setAttribute(DELETE_ON_CLOSE)
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.fileSelected.connect(self.take_folder)
        dialog.open()

    def take_folder(self, name: str) -> None:
        self._model.set_recordings(Path(name))
        self.folder.setText(str(self._model.recordings))


class NetworkPage(SettingsPage):
    def __init__(self, model: SettingsViewModel) -> None:
        super().__init__("Network", "Streams come from zoom.us over TLS. More trust is only for servers of your own.")
        self._model = model
        self.hosts = QLineEdit(", ".join(model.values.allowed_hosts))
        self.hosts.setPlaceholderText("none")
        self.hosts.textChanged.connect(lambda text: self._hosts_typed(text))
        note = "Besides zoom.us and this computer; the signature is sent to them without a question."
        self._host_note, self._host_text = self.field("Allowed hosts", self.hosts, note=note), note
        self.ca = ElidedLabel("", "t1", "base")
        self.clear = button("Clear", clicked=lambda: self.take_ca(""))
        choose = button("Choose", icon="folder-open", clicked=self._choose_ca)
        note = "Certificates in PEM form that are trusted besides the usual ones, for a server with its own authority."
        self._ca_note, self._ca_text = self.field("CA file", self.ca, choose, self.clear, note=note), note
        self._show_ca()

    def _hosts_typed(self, text: str) -> None:
        wrong = self._model.set_hosts(text)
        set_kind(self.hosts, "wrong" if wrong else "")
        self.say(self._host_note, f"“{wrong}” is no host name." if wrong else self._host_text, wrong=bool(wrong))

    def _choose_ca(self) -> None:
        dialog = QFileDialog(self, "Certificates in PEM form")
        dialog.setAttribute(DELETE_ON_CLOSE)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(self.take_ca)
        dialog.open()

    def take_ca(self, path: str) -> None:
        problem = self._model.set_ca_file(path)
        self.say(self._ca_note, problem or self._ca_text, wrong=bool(problem))
        self._show_ca()

    def _show_ca(self) -> None:
        path = self._model.values.ca_file
        self.ca.setText(path or "none")
        self.clear.setEnabled(bool(path))
        self.clear.setToolTip("Trust only the usual authorities" if path else "There is nothing to clear")
