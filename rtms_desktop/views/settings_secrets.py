"""Pages of the settings dialog with secrets: they can be replaced and forgotten, never read. Main thread."""

from __future__ import annotations

import time

from PySide6.QtCore import Qt
from PySide6.QtGui import QIntValidator
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from rtms_desktop.viewmodels.receiver_vm import ReceiverViewModel
from rtms_desktop.viewmodels.settings_vm import SettingsViewModel
from rtms_desktop.views.settings_page import SettingsPage
from rtms_desktop.views.theme import Space, theme
from rtms_desktop.views.widgets import button, label, set_kind
from rtms_desktop.wire.signature import signs_correctly

LIST_HEIGHT = 132
_ID = Qt.ItemDataRole.UserRole


class CredentialsPage(SettingsPage):
    def __init__(self, model: SettingsViewModel) -> None:
        sentence = "Each app signs for the streams that it receives. The connection asks which one to sign as."
        super().__init__("Credentials", sentence)
        self._model = model
        self.known = QListWidget()
        self.known.setAccessibleName("Known apps")
        self.known.setFont(theme().font("mono"))
        self.known.setFrameShape(QFrame.Shape.NoFrame)
        frame = QFrame()
        frame.setProperty("kind", "card")
        frame.setFixedHeight(LIST_HEIGHT)
        inner = QVBoxLayout(frame)
        inner.setContentsMargins(1, 4, 1, 4)
        inner.addWidget(self.known)
        self.forget = button("Delete", kind="danger", icon="trash-2", token="error", clicked=self._forget)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self.forget)
        self.top.setSpacing(Space.M)
        self.top.addWidget(frame)
        self.top.addLayout(row)
        self.client_id, self.secret = QLineEdit(), QLineEdit()
        self.client_id.setPlaceholderText("of the Zoom app that receives the webhooks")
        self.secret.setEchoMode(QLineEdit.EchoMode.Password)
        self.save = button("Save", clicked=self._save)
        self.field("Client ID", self.client_id)
        self.field("Client secret", self.secret, self.save, note=model.secret_note())
        self.test = button("Sign a known vector", clicked=self._test)
        self._tested = label("", "ok", "dense")
        tried = QWidget()
        row = QHBoxLayout(tried)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(Space.L)
        row.addWidget(self.test)
        row.addWidget(self._tested, 1)
        self.field("Test", tried, note="Whether this computer signs as Zoom expects; no secret of yours is used.")
        for edit in (self.client_id, self.secret):
            edit.textChanged.connect(lambda *_: self._show_save())
            edit.returnPressed.connect(self._save)
        self.known.currentItemChanged.connect(lambda item, _: self._chosen(item))
        self._show_known()
        self._show_save()

    def _save(self) -> None:
        if self.save.isEnabled():
            self._model.save_credential(self.client_id.text(), self.secret.text())
            self.client_id.clear()
            self.secret.clear()
            self._show_known()

    def _forget(self) -> None:
        item = self.known.currentItem()
        if item is not None and item.data(_ID):
            self._model.forget_credential(item.data(_ID))
            self.client_id.clear()
            self._show_known()

    def _test(self) -> None:
        began = time.perf_counter()
        good = signs_correctly()
        took = max(1, round((time.perf_counter() - began) * 1000))
        self._tested.setText(f"signs as Zoom expects, {took} ms" if good else "signs wrongly: reinstall the program")
        set_kind(self._tested, "ok" if good else "error")

    def _chosen(self, item: QListWidgetItem | None) -> None:
        if item is not None and item.data(_ID):
            self.client_id.setText(item.data(_ID))
        self._show_save()

    def _show_known(self) -> None:
        self.known.clear()
        for client_id in self._model.client_ids:
            item = QListWidgetItem(theme().icon("key-round", "text3", 14), client_id)
            item.setData(_ID, client_id)
            self.known.addItem(item)
        self.known.setEnabled(bool(self._model.client_ids))
        if not self._model.client_ids:
            nobody = QListWidgetItem("No app is known yet.")
            nobody.setFont(theme().font("dense"))
            self.known.addItem(nobody)
        self._show_save()

    def _show_save(self) -> None:
        name = self.client_id.text().strip()
        ready = bool(name and self.secret.text().strip())
        known = name in self._model.client_ids
        self.save.setText("Replace" if known else "Save")
        self.save.setEnabled(ready)
        self.save.setToolTip("Keep this secret" if ready else "Enter both the client ID and the secret")
        self.secret.setPlaceholderText("set; it can be replaced, not read" if known else "not set")
        item = self.known.currentItem()
        chosen = item is not None and bool(item.data(_ID))
        self.forget.setEnabled(chosen)
        self.forget.setToolTip("Delete this secret" if chosen else "Choose an app first")


class WebhooksPage(SettingsPage):
    def __init__(self, model: SettingsViewModel, receiver: ReceiverViewModel) -> None:
        super().__init__("Webhooks", "The receiver listens on this computer only, and asks before it connects.")
        self._receiver = receiver
        self.port = QLineEdit(str(receiver.port))
        self.port.setValidator(QIntValidator(1, 65535, self.port))
        self.port.editingFinished.connect(lambda: receiver.set_port(int(self.port.text())))
        self.field("Port", self.port, note="Another port holds when the receiver starts anew.")
        self.token = self.first = QLineEdit()
        self.token.setEchoMode(QLineEdit.EchoMode.Password)
        self.token.returnPressed.connect(self._set_token)
        self.set_token, self.forget_token = button("Set", clicked=self._set_token), button("Forget", kind="danger")
        self.forget_token.clicked.connect(lambda *_: receiver.forget_token())
        note = f"Only for received webhooks: proves that Zoom sent them. {model.secret_note()}"
        self.field("Secret token", self.token, self.set_token, self.forget_token, note=note)
        self.token.textChanged.connect(lambda *_: self._show_token())
        receiver.changed.connect(self._show_token)
        self._show_token()

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
