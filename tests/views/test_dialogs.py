from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from rtms_desktop.app.credentials import SECRET_TOKEN
from rtms_desktop.app.events import AudioDeviceChanged
from rtms_desktop.viewmodels.receiver_vm import ReceiverViewModel
from rtms_desktop.viewmodels.settings_vm import SettingsViewModel
from rtms_desktop.views.about import AboutDialog
from rtms_desktop.views.dialogs import KeysDialog, SettingsDialog
from tests.fakes.controller import FakeController

CLICK = Qt.MouseButton.LeftButton


@pytest.fixture
def controller(qapp, tmp_path):
    return FakeController(tmp_path)


@pytest.fixture
def settings(controller, qtbot):
    model = SettingsViewModel(controller)
    dialog = SettingsDialog(model, ReceiverViewModel(controller))
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(dialog)
    dialog.kept = model
    dialog.show()
    qtbot.waitExposed(dialog)
    return dialog


def test_a_theme_applies_at_once(settings):
    told = []
    settings.kept.theme_changed.connect(told.append)
    settings.theme_box.setCurrentIndex(1)
    settings.theme_box.activated.emit(1)
    assert told == ["light"]


def test_a_secret_can_be_saved_and_forgotten_but_never_read(settings, controller):
    assert not settings.save.isEnabled() and settings.save.toolTip()
    settings.client_id.setText("AbCd")
    settings.secret.setText("top-secret")
    QTest.mouseClick(settings.save, CLICK)
    assert controller.credentials.secret("AbCd") == "top-secret"
    assert settings.secret.text() == "" and settings.known.currentText() == "AbCd"
    shown = [one.text() for one in settings.findChildren(QLabel)]
    assert not any("top-secret" in text for text in shown)
    QTest.mouseClick(settings.forget, CLICK)
    assert controller.credentials.client_ids == [] and not settings.forget.isEnabled()


def test_the_secret_token_is_no_app_and_can_be_replaced_but_never_read(settings, controller):
    assert not settings.set_token.isEnabled() and not settings.forget_token.isEnabled()
    settings.token.setText(" tok-en ")
    QTest.keyClick(settings.token, Qt.Key.Key_Return)
    assert controller.credentials.secret(SECRET_TOKEN) == "tok-en" and controller.credentials.client_ids == []
    assert settings.token.text() == "" and settings.set_token.text() == "Replace"
    assert "tok-en" not in settings.token.placeholderText()
    QTest.mouseClick(settings.forget_token, CLICK)
    assert not controller.credentials.secret(SECRET_TOKEN) and settings.set_token.text() == "Set"


def test_the_port_of_the_receiver_is_kept(settings, controller):
    assert settings.port.text() == "9095"
    settings.port.selectAll()
    QTest.keyClicks(settings.port, "9x200")
    QTest.keyClick(settings.port, Qt.Key.Key_Return)
    assert controller.settings.values.receiver_port == 9200


def test_the_sound_device_is_followed(settings, controller):
    controller.sound.state = AudioDeviceChanged(name="", problem="no device was found")
    controller.hub.publish([controller.sound.state])
    assert settings.device.full_text() == "none: no device was found"


def test_a_closed_dialog_no_longer_listens(controller, qtbot):
    model = SettingsViewModel(controller)
    dialog = SettingsDialog(model, ReceiverViewModel(controller))
    dialog.open()
    dialog.close()
    qtbot.waitUntil(lambda: not __import__("shiboken6").isValid(dialog))
    controller.hub.publish([AudioDeviceChanged(name="Other")])


def test_the_folder_of_recordings_can_be_changed(settings, controller, tmp_path):
    settings._folder_chosen(str(tmp_path / "there"))
    assert controller.settings.recordings == tmp_path / "there"


def test_the_list_of_keys_names_only_keys_that_exist(qtbot):
    from rtms_desktop.views.actions import MENUS, UNSEEN
    from rtms_desktop.views.dialogs import KEYS

    known = {spec.shortcut for _, specs in MENUS for spec in specs} | {spec.shortcut for spec in UNSEEN}
    known |= {"I", "C", "M", "Esc", "Ctrl+1 … 9", "F3", "Shift+F3"}
    replay = next(keys for heading, keys in KEYS if heading == "Recording")  # tried in test_replay_bar
    known |= {key for key, _ in replay}
    listed = {key for _, keys in KEYS for key, _ in keys}
    assert listed <= known
    dialog = KeysDialog()
    qtbot.addWidget(dialog)


def test_about_names_version_and_licences(qtbot):
    dialog = AboutDialog()
    qtbot.addWidget(dialog)
    text = " ".join(one.text() for one in dialog.findChildren(QLabel))
    assert "0.1.0" in text or "Version" in text
    assert "OFL" in text and "ISC" in text
