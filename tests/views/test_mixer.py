from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from rtms_desktop.app.events import AudioDeviceChanged
from rtms_desktop.session.events import EndCause
from rtms_desktop.viewmodels.mixer_vm import MASTER
from rtms_desktop.views.mixer import Mixer
from tests.fakes.controller import Level
from tests.fakes.desk import MAYA, TOMAS, Desk

CLICK = Qt.MouseButton.LeftButton


@pytest.fixture
def desk(tmp_path, qapp):
    return Desk(tmp_path)


@pytest.fixture
def mixer(desk, qtbot):
    mixer = desk.dock(qtbot, Mixer, 330, 160)
    desk.controller.live()
    desk.run(1)
    return mixer


def test_there_is_a_row_for_master_and_everybody(mixer):
    assert list(mixer.rows) == [MASTER, MAYA, TOMAS]
    assert [row.name.full_text() for row in mixer.rows.values()] == ["Master", "Maya", "Tomás"]
    assert mixer.head.note.full_text() == "16 kHz mono, per speaker"


def test_mute_and_solo_are_buttons_with_names(desk, mixer):
    row = mixer.rows[TOMAS]
    assert row.mute.accessibleName() == "Mute Tomás Rivera" and row.mute.toolTip() and row.solo.toolTip()
    QTest.mouseClick(row.mute, CLICK)
    QTest.mouseClick(row.solo, CLICK)
    assert desk.controller.calls[-2:] == [
        ("sound.set_person", TOMAS, True, False),
        ("sound.set_person", TOMAS, True, True),
    ]
    assert row.mute.isChecked()


def test_values_are_text_and_clip_is_cleared_by_a_click(desk, mixer):
    row = mixer.rows[MAYA]
    assert row.value.text().startswith("−")
    desk.controller.pipeline.loud[MAYA] = Level(-3.0, 0.0)
    desk.ticks.frame.emit()
    assert row.value.text() == "CLIP" and row.value.property("kind") == "error"
    desk.controller.pipeline.loud[MAYA] = Level(-30.0, -20.0)
    desk.ticks.frame.emit()
    assert row.value.text() == "CLIP"
    QTest.mouseClick(row.value, CLICK)
    assert row.value.text() != "CLIP"


def test_the_meter_grows_with_the_level(desk, mixer):
    meter = mixer.rows[MAYA].meter

    def bright() -> int:
        image = meter.grab().toImage()
        ground = image.pixelColor(image.width() - 2, 4)
        return sum(image.pixelColor(x, 4) != ground for x in range(image.width()))

    desk.controller.pipeline.loud = {MAYA: Level(-50.0, -50.0), TOMAS: Level(-75.0, -75.0)}
    desk.controller.clock.seconds += 10
    desk.ticks.frame.emit()
    desk.controller.clock.seconds += 10
    desk.ticks.frame.emit()
    quiet = bright()
    desk.controller.pipeline.loud[MAYA] = Level(-10.0, -6.0)
    desk.ticks.frame.emit()
    assert bright() > quiet + 20


def test_a_hidden_mixer_reads_no_levels(desk, mixer):
    mixer.hide()
    asked = []
    desk.controller.pipeline.levels = lambda: asked.append(1) or {}
    desk.ticks.frame.emit()
    assert asked == []


def test_without_a_device_it_offers_to_look_again(desk, mixer):
    desk.controller.hub.publish([AudioDeviceChanged(name="", problem="PortAudio found no device")])
    assert mixer.silent.isVisible() and mixer.silent.text.text() == "No sound device"
    assert mixer.rows[MAYA].isVisible()
    QTest.mouseClick(mixer.silent.again, CLICK)
    assert desk.controller.calls[-1] == ("sound.rescan",)
    desk.controller.hub.publish([AudioDeviceChanged(name="Speakers")])
    assert not mixer.silent.isVisible()


def test_after_the_end_no_level_stands(desk, mixer):
    desk.controller.pipeline.loud[MAYA] = Level(-12.0, -9.0)
    desk.ticks.frame.emit()
    desk.ticks.text.emit()
    assert mixer.rows[MAYA].value.text() != "−∞"
    desk.controller.end(EndCause.STOPPED, 6, "over")
    assert {row.value.text() for row in mixer.rows.values()} == {"−∞"}


def test_a_new_session_leaves_no_old_rows(desk, mixer, qtbot):
    desk.controller.live(streaming=False)
    assert list(mixer.rows) == [MASTER]
