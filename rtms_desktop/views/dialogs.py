"""The dialogs of the window. All are opened with `open()` and answer by signals; none runs a loop of its own."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QIntValidator
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from rtms_desktop.viewmodels.receiver_vm import ReceiverViewModel
from rtms_desktop.viewmodels.settings_vm import SettingsViewModel
from rtms_desktop.viewmodels.start_vm import StartViewModel
from rtms_desktop.views.payload_form import PayloadForm
from rtms_desktop.views.theme import MODES, Space
from rtms_desktop.views.widgets import ElidedLabel, Rule, button, label

DELETE_ON_CLOSE = Qt.WidgetAttribute.WA_DeleteOnClose
TOP = Qt.AlignmentFlag.AlignTop
MODE_NAMES = {"dark": "Dark", "light": "Light", "system": "As the system"}

KEYS: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    (
        "Session",
        (
            ("Ctrl+V", "Paste a payload"), ("Ctrl+O", "Open a recording"),
            ("Ctrl+Shift+T", "Try it now"), ("Ctrl+R", "Start or stop recording"),
            ("Ctrl+Shift+S", "Snapshot of the focused tile"), ("Ctrl+W", "Stop the session"), ("Ctrl+Q", "Quit"),
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
        "Recording",
        (
            ("Space", "Play or pause"), ("Left, Right", "5 s back or on"), ("Shift+Left, Right", "1 s back or on"),
            ("Ctrl+Left, Right", "Previous or next speaker"), (", .", "One picture back or on"),
            ("A B \\", "Loop: start, end, none"), ("G, Shift+G", "Next or previous gap"),
            ("N, Shift+N", "Next or previous mark"), ("[ ]", "Slower, faster"),
        ),
    ),
    (
        "Window",
        (
            ("Ctrl+1 … 9", "Panel by number"), ("Ctrl+F", "Find in this panel"),
            ("Ctrl+K", "Find in transcript and chat"),
            ("Ctrl+L", "Filter of the Inspector"),
            ("F3", "Next hit"), ("Shift+F3", "Previous hit"), ("F6", "Next pane"), ("Shift+F6", "Previous pane"),
            ("Ctrl+,", "Settings"), ("F1", "This list"), ("Shift+F1", "Explain the focused figure"),
        ),
    ),
)  # fmt: skip


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
        for heading, keys in KEYS:
            grid = QGridLayout()
            grid.setHorizontalSpacing(Space.L)
            grid.setVerticalSpacing(6)
            grid.addWidget(label(heading, "t3", "label_strong"), 0, 0, 1, 2)
            for row, (key, does) in enumerate(keys, 1):
                grid.addWidget(label(key, "t1", "mono"), row, 0)
                grid.addWidget(label(does, "t2", "dense"), row, 1)
            grid.setRowStretch(len(keys) + 1, 1)
            columns.addLayout(grid)
        self.body.addLayout(columns)
        self.add_close()


class SettingsDialog(Dialog):
    """Appearance, sound, recordings, credentials, webhooks. Changes apply at once; Done only closes."""

    def __init__(self, model: SettingsViewModel, receiver: ReceiverViewModel, parent: QWidget | None = None) -> None:
        super().__init__("Settings", parent)
        self._model, self._receiver = model, receiver
        self.setMinimumSize(640, 480)
        self.resize(660, 660)
        self._area = area = QScrollArea()
        area.setWidgetResizable(True)
        page = QWidget()
        page.setObjectName("panel")
        self._form = QGridLayout(page)
        self._form.setHorizontalSpacing(Space.L)
        self._form.setVerticalSpacing(Space.M)
        self._form.setColumnStretch(1, 1)
        area.setWidget(page)
        self.body.addWidget(label("Settings", "t1", "title"))
        self.body.addWidget(area, 1)
        self._row = 0
        self._appearance()
        self._sound()
        self._recordings()
        self._credentials()
        self._webhooks()
        self._form.setRowStretch(self._row, 1)
        self.foot.insertWidget(0, label("Changes are kept when you leave a field.", "t3", "dense"))
        self.add_close("Done")

    # -- parts -----------------------------------------------------------------------------------------------------

    def _heading(self, text: str) -> None:
        head = label(text, "t1", "strong")
        head.setContentsMargins(0, Space.L if self._row else 0, 0, 0)
        self._form.addWidget(head, self._row, 0, 1, 2)
        self._row += 1

    def _field(self, name: str, *widgets: QWidget, note: str = "") -> None:
        caption = label(name, "t2", "dense")
        caption.setFixedHeight(28)
        row = QHBoxLayout()
        row.setSpacing(Space.M)
        for number, widget in enumerate(widgets):
            row.addWidget(widget, 1 if number == 0 else 0)
            if not widget.accessibleName():
                widget.setAccessibleName(name)
        self._form.addWidget(caption, self._row, 0, Qt.AlignmentFlag.AlignRight | TOP)
        self._form.addLayout(row, self._row, 1)
        self._row += 1
        if note:
            line = label(note, "t3", "dense")
            line.setWordWrap(True)
            self._form.addWidget(line, self._row, 1)
            self._row += 1

    def _appearance(self) -> None:
        self._heading("Appearance")
        self.theme_box = QComboBox()
        for mode in MODES:
            self.theme_box.addItem(MODE_NAMES[mode], mode)
        self.theme_box.setCurrentIndex(self.theme_box.findData(self._model.theme))
        self.theme_box.activated.connect(lambda index: self._model.set_theme(self.theme_box.itemData(index)))
        self._field("Theme", self.theme_box, note="The stage is dark in both: video is judged against black.")

    def _sound(self) -> None:
        self._heading("Sound")
        self.device = ElidedLabel(self._model.device_text(), "t1", "base")
        again = button("Look again", icon="refresh-cw", clicked=self._model.rescan_audio)
        self._field("Sound device", self.device, again, note="The system's default output is used.")
        self._model.device_changed.connect(self._show_device)

    def _recordings(self) -> None:
        self._heading("Recordings")
        self.folder = ElidedLabel(str(self._model.recordings), "t1", "base")
        change = button("Change", icon="folder-open", clicked=self._choose_folder)
        self._field("Folder", self.folder, change, note=self._model.free_text())

    def _credentials(self) -> None:
        self._heading("Credentials")
        self.known = QComboBox()
        self.known.setAccessibleName("Known client IDs")
        self.forget = button("Forget", kind="danger", icon="trash-2", token="error", clicked=self._forget)
        self._field("Known apps", self.known, self.forget)
        self.client_id, self.secret = QLineEdit(), QLineEdit()
        self.client_id.setPlaceholderText("Client ID")
        self.secret.setPlaceholderText("Client secret")
        self.secret.setEchoMode(QLineEdit.EchoMode.Password)
        self.save = button("Save", clicked=self._save)
        self._field("Client ID", self.client_id)
        self._field("Client secret", self.secret, self.save, note=self._model.secret_note())
        for field in (self.client_id, self.secret):
            field.textChanged.connect(lambda *_: self._show_save())
        self._show_known()
        self._show_save()

    def _webhooks(self) -> None:
        self._heading("Webhooks")
        self.port = QLineEdit(str(self._receiver.port))
        self.port.setValidator(QIntValidator(1, 65535, self.port))
        self.port.editingFinished.connect(lambda: self._receiver.set_port(int(self.port.text())))
        self._field("Port", self.port, note="On this computer only. Another port holds when the receiver starts anew.")
        self.token = QLineEdit()
        self.token.setEchoMode(QLineEdit.EchoMode.Password)
        self.token.returnPressed.connect(self._set_token)
        self.set_token, self.forget_token = button("Set", clicked=self._set_token), button("Forget", kind="danger")
        self.forget_token.clicked.connect(lambda *_: self._receiver.forget_token())
        note = f"Only for received webhooks: proves that Zoom sent them. {self._model.secret_note()}"
        self._field("Secret token", self.token, self.set_token, self.forget_token, note=note)
        self.token.textChanged.connect(lambda *_: self._show_token())
        self._receiver.changed.connect(self._show_token)
        self._show_token()

    def show_webhooks(self) -> None:
        """Bring the fields of the receiver into view."""
        self.token.setFocus()
        QTimer.singleShot(0, self, lambda: self._area.ensureWidgetVisible(self.token, 0, 80))

    def _set_token(self) -> None:
        if self.token.text().strip():
            self._receiver.set_token(self.token.text())
            self.token.clear()

    def _show_token(self) -> None:
        known = self._receiver.has_token
        self.token.setPlaceholderText("set; it can be replaced, not read" if known else "not set")
        self.set_token.setText("Replace" if known else "Set")
        self.set_token.setEnabled(bool(self.token.text().strip()))
        self.set_token.setToolTip("Keep this token" if self.token.text().strip() else "Enter the token first")
        self.forget_token.setEnabled(known)
        self.forget_token.setToolTip("Delete this token" if known else "There is nothing to forget")

    def _show_device(self) -> None:
        self.device.setText(self._model.device_text())

    # -- what a person does ----------------------------------------------------------------------------------------

    def _choose_folder(self) -> None:
        dialog = QFileDialog(self, "Folder for recordings", str(self._model.recordings))
        dialog.setAttribute(DELETE_ON_CLOSE)
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.fileSelected.connect(self._folder_chosen)
        dialog.open()

    def _folder_chosen(self, name: str) -> None:
        self._model.set_recordings(Path(name))
        self.folder.setText(str(self._model.recordings))

    def _save(self) -> None:
        self._model.save_credential(self.client_id.text(), self.secret.text())
        self.client_id.clear()
        self.secret.clear()
        self._show_known()

    def _forget(self) -> None:
        self._model.forget_credential(self.known.currentText())
        self._show_known()

    def _show_known(self) -> None:
        ids = self._model.client_ids
        self.known.clear()
        self.known.addItems(ids or ["none yet"])
        self.known.setEnabled(bool(ids))
        self.forget.setEnabled(bool(ids))
        self.forget.setToolTip("Delete this secret" if ids else "There is nothing to forget")

    def _show_save(self) -> None:
        ready = bool(self.client_id.text().strip() and self.secret.text().strip())
        self.save.setEnabled(ready)
        self.save.setToolTip("Keep this secret" if ready else "Enter both the client ID and the secret")
