from __future__ import annotations

import dataclasses

import pytest

from rtms_desktop.app.connect import ConnectRequest
from rtms_desktop.app.events import MachineChecked
from rtms_desktop.app.machine import Check
from rtms_desktop.session.events import EndCause, MediaReceived
from rtms_desktop.viewmodels.doctor_vm import MACHINE, STEPS, DoctorViewModel
from rtms_desktop.wire.enums import Medium
from tests.fakes.controller import FakeController, an_invite

SECRET = "s3cr3tKeyThatNobodyMaySee"


@pytest.fixture
def controller(tmp_path, qapp):
    return FakeController(tmp_path)


@pytest.fixture
def doctor(controller):
    return DoctorViewModel(controller)


def ask(controller, secret=SECRET):
    controller.connect(ConnectRequest(invite=an_invite(), client_id="AbCdEfGh1234", client_secret=secret))
    controller.socket_opens()


def states(doctor):
    return [row.state for row in doctor.rows()]


def refuse(controller, doctor):
    ask(controller)
    controller.clock.seconds += 0.022
    controller.end(EndCause.REJECTED, None, "The server refused the connection.", 3)
    doctor.refresh()


def test_nothing_to_check_yet(doctor):
    assert doctor.empty and doctor.rows() == [] and doctor.count() == ("", "grey")


def test_steps_light_up_with_their_times(controller, doctor):
    ask(controller)
    doctor.refresh()
    assert states(doctor) == ["passed"] * 6 + ["doing"] + ["waiting"] * 6
    rows = doctor.rows()
    assert (rows[4].detail, rows[4].took, rows[5].took) == ("1.3, certificate valid", "41 ms", "38 ms")
    assert rows[8].detail == "audio, video, share, transcript, chat"  # what is to come
    assert doctor.count() == ("7 of 13", "grey") and doctor.finding().kind == "doing"


def test_all_is_well_after_the_first_keep_alive(controller, doctor):
    ask(controller)
    controller.arrive()
    doctor.refresh()
    assert doctor.heading()[0] == "Step 12 of 13" and "chat" not in doctor.finding().sentence
    controller.step(12)
    assert doctor.count() == ("", "grey") and doctor.finding().kind == "calm"
    packet = MediaReceived(
        at=controller.clock.now(), link="audio", medium=Medium.AUDIO, user_id=1, user_name="", data=b"..",
        timestamp_ms=1,
    )  # fmt: skip
    controller.hub.publish([packet, dataclasses.replace(packet, medium=Medium.VIDEO)])
    controller.step(12)  # a keep-alive after ten seconds: nobody has shared
    doctor.refresh()
    assert doctor.heading()[0] == "All steps passed" and doctor.rows()[11].detail.endswith("nothing yet on share")


def test_a_refusal_turns_one_step_red_and_is_told_once(controller, doctor):
    told = []
    doctor.stopped.connect(lambda: told.append(doctor.count()))
    refuse(controller, doctor)
    doctor.refresh()
    assert told == [("7 of 13", "red")]
    assert states(doctor)[6:8] == ["failed", "waiting"] and doctor.heading() == (
        "Stopped at step 7 of 13", "6 passed in 79 ms",
    )  # fmt: skip
    found = doctor.finding()
    assert found.code == "3 INVALID_SIGNATURE" and found.title == "Zoom refused the signature"
    assert found.credentials and not found.may_retry and found.causes and found.fixes
    assert doctor.rows()[6].detail == "3 INVALID_SIGNATURE"


def test_an_end_without_a_fault_is_not_red(controller, doctor):
    ask(controller)
    controller.end(EndCause.LOCAL, None, "Disconnected.")
    doctor.refresh()
    assert "failed" not in states(doctor) and doctor.count() == ("", "grey")
    assert doctor.heading()[0] == "Ended at step 7 of 13"


def test_the_report_says_all_but_the_secret(controller, doctor):
    refuse(controller, doctor)
    report = doctor.report()
    assert SECRET not in report and "3 INVALID_SIGNATURE" in report and "ruled out" in report
    assert "AbCdEfGh1234,4444AAAiAAAAAiAiAiiAii==,609340fb2a7946909659956c8aa9250c" in report


def test_the_end_is_shown_without_being_asked_for(controller, doctor, qtbot):
    ask(controller)
    controller.arrive()
    doctor.refresh()
    assert doctor.finding().title == "Connected"
    shown: list[str] = []
    doctor.changed.connect(lambda: shown.append(doctor.finding().title))
    controller.end(EndCause.STOPPED, 6, "over")
    qtbot.waitUntil(lambda: bool(shown))
    assert shown[-1] == "The session is over"


def test_others_can_sign_instead(controller, doctor):
    controller.credentials.remember("QwErTyUiOp9981", "x", keep=False)
    refuse(controller, doctor)
    assert doctor.other_profiles() == [("QwErTyUiOp9981", "QwErTy…9981")]
    doctor.retry("QwErTyUiOp9981")
    assert controller.calls[-1] == ("connect_again", "QwErTyUiOp9981")


def test_this_computer(controller, doctor):
    doctor.check_machine()
    doctor.refresh()
    assert doctor.page == MACHINE and doctor.checking and doctor.finding().kind == "doing"
    checks = (
        Check(name="Codecs", detail="all"),
        Check(name="Sound", detail="none", ok=False, fix="Recording is not affected."),
    )
    controller.hub.publish([MachineChecked(checks=checks)])
    doctor.refresh()
    assert states(doctor) == ["passed", "note"] and doctor.heading() == ("This computer", "1 of 2 in order")
    assert doctor.finding().kind == "limited" and "Recording is not affected." in doctor.finding().fixes[0]
    doctor.show_page(STEPS)
    assert doctor.rows() == []


def test_a_refusal_is_shown_over_the_checks_of_this_computer(controller, doctor):
    doctor.check_machine()
    doctor.refresh()
    refuse(controller, doctor)
    assert doctor.page == STEPS
