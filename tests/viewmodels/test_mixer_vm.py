from __future__ import annotations

import pytest

from rtms_desktop.app.events import AudioDeviceChanged, ReplaySettled
from rtms_desktop.viewmodels.mixer_vm import FLOOR_DB, MASTER, Meter, MixerViewModel
from tests.fakes.controller import Level
from tests.fakes.desk import IRIS, MAYA, TOMAS, Desk


@pytest.fixture
def desk(qapp, tmp_path):
    return Desk(tmp_path, people=(MAYA, TOMAS))


@pytest.fixture
def model(desk):
    return MixerViewModel(desk.controller)


def test_a_meter_rises_at_once_and_falls_twenty_decibels_a_second():
    meter = Meter()
    meter.feed(-10, -6, now=0.0)
    assert (meter.rms, meter.peak) == (-10, -6)
    meter.feed(-60, -60, now=0.5)
    assert (meter.rms, meter.peak) == (-20, -16)


def test_the_highest_peak_stands_for_one_and_a_half_seconds():
    meter = Meter()
    meter.feed(-20, -6, now=0.0)
    meter.feed(-60, -60, now=1.4)
    assert meter.hold == -6
    meter.feed(-60, -60, now=1.6)
    assert meter.hold < -6


def test_clip_stays_until_it_is_cleared(desk, model):
    desk.controller.live()
    desk.controller.pipeline.loud[MAYA] = Level(-3.0, -0.5)
    model.pull()
    desk.controller.pipeline.loud[MAYA] = Level(-40.0, -30.0)
    desk.controller.clock.seconds += 5
    model.pull()
    assert model.strip(MAYA).meter.text == "CLIP"
    model.clear_clip(MAYA)
    assert model.strip(MAYA).meter.text == "−40"


@pytest.mark.parametrize(("level", "text"), [(-11.6, "−12"), (-75.0, "−∞"), (-60.0, "−∞"), (-0.2, "0")])
def test_the_value_is_whole_decibels(level, text):
    meter = Meter()
    meter.feed(level, FLOOR_DB, now=0.0)
    assert meter.text == text


def test_a_still_meter_tells_nothing(desk, model):
    desk.controller.live()
    moved = []
    model.moved.connect(moved.append)
    for user_id in (MAYA, TOMAS):
        desk.controller.pipeline.loud[user_id] = Level(-75.0, -75.0)
    desk.controller.pipeline.master = 0.0
    model.pull()
    model.pull()
    assert moved == []


def test_there_is_a_strip_for_everybody_with_sound(desk, model):
    desk.controller.live()
    desk.controller.join(IRIS)
    model.look_for_people()
    assert [strip.user_id for strip in model.strips] == [MASTER, MAYA, TOMAS, IRIS]
    assert model.format_text() == "16 kHz mono, per speaker"


def test_mute_and_solo_go_to_the_controller_together(desk, model):
    desk.controller.live()
    model.look_for_people()
    model.set_person(MAYA, mute=True)
    model.set_person(MAYA, solo=True)
    assert desk.controller.calls[-2:] == [
        ("sound.set_person", MAYA, True, False),
        ("sound.set_person", MAYA, True, True),
    ]
    before = len(desk.controller.calls)
    model.set_person(MASTER, mute=True)
    model.set_person(4711, mute=True)
    assert len(desk.controller.calls) == before


def test_no_device_is_told_with_its_problem(desk, model):
    told = []
    model.device_changed.connect(lambda: told.append(model.device_problem))
    desk.controller.hub.publish([AudioDeviceChanged(name="", problem="PortAudio found no device")])
    desk.controller.hub.publish([AudioDeviceChanged(name="Speakers")])
    assert told == ["PortAudio found no device", ""]
    model.rescan()
    assert desk.controller.calls[-1] == ("sound.rescan",)


def test_a_new_session_starts_with_the_master_alone(desk, model):
    desk.controller.live()
    desk.controller.live(streaming=False)
    assert [strip.user_id for strip in model.strips] == [MASTER]


def test_a_jump_empties_the_meters_that_are_drawn(desk, model):
    """A view keeps the meter that it was given."""
    desk.controller.live()
    desk.controller.step(0.5)
    model.pull()
    drawn = [strip.meter for strip in model.strips]
    assert any(meter.rms > FLOOR_DB for meter in drawn)
    desk.controller.hub.publish([ReplaySettled(position_ms=0.0)])
    assert all(meter.still for meter in drawn)
    assert all(strip.meter is meter for strip, meter in zip(model.strips, drawn, strict=True))
