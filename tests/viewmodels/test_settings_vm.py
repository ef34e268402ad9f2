from __future__ import annotations

import pytest

from rtms_desktop.app.events import AudioDeviceChanged
from rtms_desktop.viewmodels.settings_vm import SettingsViewModel
from tests.fakes.controller import FakeController


@pytest.fixture
def controller(qapp, tmp_path):
    return FakeController(tmp_path)


@pytest.fixture
def model(controller):
    return SettingsViewModel(controller)


def test_a_theme_is_kept_and_told(controller, model):
    told = []
    model.theme_changed.connect(told.append)
    model.set_theme("light")
    assert told == ["light"] and controller.settings.values.theme == "light"


def test_moving_the_volume_brings_the_sound_back(controller, model):
    model.toggle_muted()
    model.set_volume(0.5)
    assert controller.calls == [("sound.set_muted", True), ("sound.set_muted", False), ("sound.set_volume", 0.5)]
    assert model.volume == (0.5, False)


def test_the_device_says_what_is_wrong_with_it(controller, model):
    assert model.device_text() == "Built-in audio"
    controller.sound.state = AudioDeviceChanged(name="", problem="no device")
    assert model.device_text() == "none: no device"


def test_secrets_are_saved_trimmed_and_forgotten(controller, model):
    model.save_credential(" id ", " secret ")
    assert model.client_ids == ["id"] and controller.credentials.secret("id") == "secret"
    model.forget_credential("id")
    assert model.client_ids == []
    assert "memory" in model.secret_note()


def test_the_folder_of_recordings(controller, model, tmp_path):
    model.set_recordings(tmp_path / "here")
    assert model.recordings == tmp_path / "here"
    assert model.free_text() == "120 GB free."
