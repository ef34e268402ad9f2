from __future__ import annotations

import pytest
import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLabel, QLineEdit, QSpinBox

from rtms_desktop.app.credentials import SECRET_TOKEN
from rtms_desktop.app.events import AudioDeviceChanged, AudioDevicesFound
from rtms_desktop.viewmodels.receiver_vm import ReceiverViewModel
from rtms_desktop.viewmodels.settings_vm import SettingsViewModel
from rtms_desktop.views.settings_dialog import PAGES, SettingsDialog
from tests.fakes.controller import FakeController

CLICK = Qt.MouseButton.LeftButton
# A certificate that nothing was ever signed with; its key is gone.
AUTHORITY = """-----BEGIN CERTIFICATE-----
MIIBijCCAS+gAwIBAgIUe3vkaZAW27pE/Aw0GB30E/5ZcBEwCgYIKoZIzj0EAwIw
GTEXMBUGA1UEAwwOdGVzdCBhdXRob3JpdHkwIBcNMjYxMTIxMDUzMjAyWhgPMjEy
NjEwMjgwNTMyMDJaMBkxFzAVBgNVBAMMDnRlc3QgYXV0aG9yaXR5MFkwEwYHKoZI
zj0CAQYIKoZIzj0DAQcDQgAEqhAkuC5aX2fLDSWPqW0f2FefKsHv4HAyeThPd1SL
rulfMNf2d96TokeMK1NrxCVRjLQBR1numHNXfWk+eRqYv6NTMFEwHQYDVR0OBBYE
FCQ1z4iLQm8A0ILRJ20kN1GBFpUnMB8GA1UdIwQYMBaAFCQ1z4iLQm8A0ILRJ20k
N1GBFpUnMA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDSQAwRgIhANDc9MXF
u+1LsHb62nxV6mmScJhCiowi88620HSSHTtAAiEA1u10rilDdt5f6p0xBmCw9w93
9LuyX6LhHVrFgP0J94s=
-----END CERTIFICATE-----
"""


@pytest.fixture
def controller(qapp, tmp_path):
    return FakeController(tmp_path / "config")


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


def values(controller):
    return controller.settings.values


def test_every_page_comes_by_its_name_and_names_all_of_its_controls(settings):
    for number, spec in enumerate(PAGES):
        settings.names.setCurrentRow(number)
        page = settings.pages[spec.key]
        assert page.isVisible() and settings.names.item(number).text() == page.title
        for kind in (QLineEdit, QComboBox, QSpinBox, QAbstractButton):
            for control in page.findChildren(kind):
                if control.isVisible() and not isinstance(control.parent(), QSpinBox):
                    assert control.accessibleName() or control.text(), (page.title, control)


def test_a_setting_is_found_by_its_words(settings):
    QTest.keyClicks(settings.finder, "trash")
    shown = [
        settings.names.item(n).text() for n in range(settings.names.count()) if not settings.names.item(n).isHidden()
    ]
    assert shown == ["Recordings"] and settings.pages["recordings"].isVisible()
    settings.finder.clear()
    assert not any(settings.names.item(n).isHidden() for n in range(settings.names.count()))


def test_a_theme_applies_at_once(settings):
    told = []
    settings.kept.theme_changed.connect(told.append)
    box = settings.pages["general"].theme_box
    box.setCurrentIndex(1)
    box.activated.emit(1)
    assert told == ["light"]


def test_a_secret_can_be_saved_replaced_and_deleted_but_never_read(settings, controller):
    page = settings.show_page("credentials")
    assert not page.save.isEnabled() and page.save.toolTip() and not page.forget.isEnabled()
    page.client_id.setText("AbCd")
    page.secret.setText("top-secret")
    QTest.mouseClick(page.save, CLICK)
    assert controller.credentials.secret("AbCd") == "top-secret" and page.secret.text() == ""
    shown = [one.text() for one in settings.findChildren(QLabel)] + [page.known.item(0).text()]
    assert not any("top-secret" in text for text in shown)
    page.known.setCurrentRow(0)
    assert page.client_id.text() == "AbCd" and page.save.text() == "Replace" and not page.save.isEnabled()
    page.secret.setText("other")
    QTest.keyClick(page.secret, Qt.Key.Key_Return)
    assert controller.credentials.secret("AbCd") == "other"
    page.known.setCurrentRow(0)
    QTest.mouseClick(page.forget, CLICK)
    assert controller.credentials.client_ids == [] and not page.forget.isEnabled()


def test_a_known_vector_is_signed(settings):
    page = settings.show_page("credentials")
    QTest.mouseClick(page.test, CLICK)
    assert page._tested.text().startswith("signs as Zoom expects")


def test_the_secret_token_is_no_app_and_can_be_replaced_but_never_read(settings, controller):
    page = settings.show_page("webhooks")
    assert not page.set_token.isEnabled() and not page.forget_token.isEnabled()
    page.token.setText(" tok-en ")
    QTest.keyClick(page.token, Qt.Key.Key_Return)
    assert controller.credentials.secret(SECRET_TOKEN) == "tok-en" and controller.credentials.client_ids == []
    assert page.token.text() == "" and page.set_token.text() == "Replace"
    assert "tok-en" not in page.token.placeholderText()
    QTest.mouseClick(page.forget_token, CLICK)
    assert not controller.credentials.secret(SECRET_TOKEN) and page.set_token.text() == "Set"


def test_the_port_of_the_receiver_is_kept(settings, controller):
    page = settings.show_page("webhooks")
    assert page.port.text() == "9095"
    page.port.selectAll()
    QTest.keyClicks(page.port, "9x200")
    QTest.keyClick(page.port, Qt.Key.Key_Return)
    assert values(controller).receiver_port == 9200


def test_a_sound_device_is_chosen_from_those_that_are_there(settings, controller):
    page = settings.show_page("sound")
    names = [page.devices.itemText(n) for n in range(page.devices.count())]
    assert names == ["The system's default (Built-in audio)", "Built-in audio", "Headset"]
    page.devices.setCurrentIndex(2)
    page.devices.activated.emit(2)
    assert controller.calls[-1] == ("sound.choose", "Headset")
    controller.hub.publish([AudioDevicesFound(names=("Built-in audio",))])
    assert page.devices.currentText() == "Headset (not there)"
    controller.sound.state = AudioDeviceChanged(name="", problem="no device was found")
    controller.hub.publish([controller.sound.state])
    assert page._note.text() == "No device was found" and page._note.property("kind") == "error"
    QTest.mouseClick(page.again, CLICK)
    assert controller.calls[-1] == ("sound.rescan",)


def test_recordings_are_set_up(settings, controller, tmp_path):
    page = settings.show_page("recordings")
    page.take_folder(str(tmp_path / "there"))
    assert controller.settings.recordings == tmp_path / "there" and page.folder.full_text() == str(tmp_path / "there")
    QTest.mouseClick(page.auto, CLICK, pos=page.auto.rect().center() - page.auto.rect().center() / 2)
    page.template.setFocus()
    QTest.keyClicks(page.template, "{product} {time}")
    assert values(controller).title_template == "{product} {time}"
    assert page._example.text().startswith("Now it would be: meeting ")
    page.template.clear()
    assert "{date}" in page._example.text()
    for box, name in (
        (page.minutes, "split_minutes"),
        (page.megabytes, "split_mb"),
        (page.floor, "disk_floor_mb"),
        (page.days, "retention_days"),
    ):
        assert box.text() in ("never", "for ever", "automatic")
        box.lineEdit().selectAll()
        QTest.keyClicks(box.lineEdit(), "30")
        assert getattr(values(controller), name) == 0  # nobody wants what stands there while typing
        QTest.keyClick(box.lineEdit(), Qt.Key.Key_Return)
        assert getattr(values(controller), name) == 30
    assert values(controller).auto_record


def test_hosts_are_kept_only_when_all_are_hosts(settings, controller):
    page = settings.show_page("network")
    page.hosts.setText("Media.example.com, 10.0.0.7  ::1")
    assert values(controller).allowed_hosts == ["media.example.com", "10.0.0.7", "::1"]
    page.hosts.setText("media.example.com, https://evil/")
    assert values(controller).allowed_hosts == ["media.example.com", "10.0.0.7", "::1"]
    assert page.hosts.property("kind") == "wrong" and "https://evil/" in page._host_note.text()
    page.hosts.clear()
    assert values(controller).allowed_hosts == [] and page._host_note.property("kind") == "t3"


def test_only_certificates_are_trusted(settings, controller, tmp_path):
    page = settings.show_page("network")
    wrong = tmp_path / "not.pem"
    wrong.write_text("no certificate")
    page.take_ca(str(wrong))
    assert values(controller).ca_file == "" and "no certificate in PEM form" in page._ca_note.text()
    page.take_ca(str(tmp_path / "missing.pem"))
    assert values(controller).ca_file == "" and "cannot be read" in page._ca_note.text()
    good = tmp_path / "good.pem"
    good.write_text(AUTHORITY)
    page.take_ca(str(good))
    assert values(controller).ca_file == str(good) and page._ca_note.property("kind") == "t3"
    QTest.mouseClick(page.clear, CLICK)
    assert values(controller).ca_file == "" and page.ca.full_text() == "none" and not page.clear.isEnabled()


def test_a_closed_dialog_no_longer_listens(controller, qtbot):
    model = SettingsViewModel(controller)
    dialog = SettingsDialog(model, ReceiverViewModel(controller))
    dialog.open()
    dialog.close()
    qtbot.waitUntil(lambda: not shiboken6.isValid(dialog))
    controller.hub.publish([AudioDeviceChanged(name="Other")])
