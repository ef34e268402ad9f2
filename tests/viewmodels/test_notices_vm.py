from __future__ import annotations

import pytest

from rtms_desktop.app.events import AudioDeviceChanged, Notice
from rtms_desktop.session.events import EndCause, LinkState, Severity
from rtms_desktop.viewmodels.notices_vm import MAX_NOTICES, NoticesViewModel
from tests.fakes.controller import MAYA, FakeController


@pytest.fixture
def controller(qapp, tmp_path):
    return FakeController(tmp_path)


@pytest.fixture
def model(controller):
    return NoticesViewModel(controller)


def say(controller, severity, what, **rest):
    controller.hub.publish([Notice(severity=severity, what=what, **rest)])


def test_what_why_and_what_next_in_one_line(controller, model):
    say(
        controller,
        Severity.ERROR,
        "recording stopped",
        why="The disk is full.",
        fix="Free space.",
        action="recording.start",
    )
    shown = model.current
    assert shown.text == "Recording stopped: The disk is full. Free space."
    assert shown.action_label == "Record again"


def test_a_banner_that_leads_to_its_cause_says_only_what_happened(controller, model):
    sentence = "The server refused the connection: 3 INVALID_SIGNATURE. Copy the secret again."
    say(controller, Severity.ERROR, sentence, action="window.cause")
    assert model.current.text == "The server refused the connection: 3 INVALID_SIGNATURE."
    assert model.current.action_label == "Show cause and fix"


def test_the_worst_comes_first_and_the_newest_of_those(controller, model):
    say(controller, Severity.NOTE, "a note")
    say(controller, Severity.ERROR, "first error")
    say(controller, Severity.WARNING, "a warning")
    say(controller, Severity.ERROR, "second error")
    order = []
    while model.current is not None:
        order.append(model.current.text)
        model.dismiss()
    assert order == ["Second error.", "First error.", "A warning.", "A note."]


def test_the_action_calls_the_controller_once(controller, model):
    say(controller, Severity.ERROR, "x", action="sound.rescan")
    model.act()
    assert controller.calls == [("sound.rescan",)] and model.current is None
    model.act()
    assert len(controller.calls) == 1


def test_a_lost_socket_counts_down_and_cannot_be_closed(controller, model):
    controller.live()
    controller.lose("video", wait_s=3.0)
    assert model.current.text == "Video socket lost. Trying again in 3 s, 65 s left."
    assert not model.current.closable
    model.dismiss()
    assert model.current is not None
    controller.clock.seconds += 2.0
    controller.alerts.look()
    assert model.current.text == "Video socket lost. Trying again in 1 s, 63 s left."
    model.act()
    assert controller.calls[-1] == ("reconnect_now",) and model.current is not None
    controller.regain("video")
    assert model.current is None


def test_the_end_takes_the_countdown_away(controller, model):
    controller.live()
    controller.lose()
    controller.end(EndCause.CUT_OFF, 19, "")
    assert model.current is None


def test_a_missing_sound_device_is_a_note_that_goes_by_itself(controller, model):
    controller.hub.publish([AudioDeviceChanged(name="", problem="no device was found.")])
    assert model.current.severity is Severity.NOTE and "Recording is not affected" in model.current.text
    controller.hub.publish([AudioDeviceChanged(name="Speakers")])
    assert model.current is None


def test_a_recording_that_does_not_grow_cannot_be_closed_and_leads_to_its_folder(controller, model):
    controller.live()
    controller.recording.start()
    controller.session.recorder.stats.stalled = True
    controller.step(1.0)
    assert model.current.severity is Severity.ERROR and not model.current.closable
    assert model.current.action_label == "Show folder" and model.mutable() == ""
    wanted = []
    model.commanded.connect(wanted.append)
    model.act()
    assert wanted == ["recordings"] and model.current is not None
    controller.session.recorder.stats.stalled = False
    controller.step(3.0)
    assert model.current is None


def frozen(controller):
    controller.live()
    controller.pipeline.set_surface(("video", MAYA), 640, 360)
    controller.step(1.0)
    controller.core.links["video"].state = LinkState.READY  # open, and nothing comes
    controller.step(8.0)


def test_a_frozen_picture_can_be_dismissed_and_comes_again_only_as_a_new_one(controller, model):
    frozen(controller)
    assert "stands still" in model.current.text and model.current.action_label == "Try now"
    model.dismiss()
    controller.step(3.0)
    assert model.current is None
    controller.core.links["video"].state = LinkState.STREAMING
    controller.step(5.0)
    controller.core.links["video"].state = LinkState.READY
    controller.step(8.0)
    assert "stands still" in model.current.text


def test_a_muted_kind_has_no_banner_any_more(controller, model):
    frozen(controller)
    assert model.mutable() == "Frozen picture"
    model.mute_kind()
    assert model.current is None and controller.settings.values.alerts.muted == ("frozen",)
    controller.step(3.0)
    assert model.current is None


def test_what_stands_outlives_another_view_of_the_session(controller, model):
    frozen(controller)
    say(controller, Severity.ERROR, "x")
    model.clear()
    assert "stands still" in model.current.text


def test_the_queue_is_bounded_and_lets_the_oldest_go(controller, model):
    for number in range(MAX_NOTICES + 20):
        say(controller, Severity.ERROR, f"error {number}")
    texts = []
    while model.current is not None:
        texts.append(model.current.text)
        model.dismiss()
    assert len(texts) == MAX_NOTICES and texts[0] == f"Error {MAX_NOTICES + 19}."


def test_control_characters_of_the_wire_do_not_break_the_line(controller, model):
    say(controller, Severity.ERROR, "bad\nline\u202e", why="<b>bold</b>")
    assert "\n" not in model.current.text and "\u202e" not in model.current.text and "<b>" in model.current.text
