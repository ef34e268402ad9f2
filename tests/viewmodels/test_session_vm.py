from __future__ import annotations

import dataclasses

import pytest

from rtms_desktop.app.events import RecordingChanged, RecordingState, ReplayJumped, ReplaySettled
from rtms_desktop.recording.recorder import RecorderStats
from rtms_desktop.session.events import Anomaly, EndCause, Phase, PhaseChanged, Severity
from rtms_desktop.viewmodels.session_vm import SessionViewModel
from tests.fakes.controller import FakeController
from tests.fakes.controller_desks import FakeRecorderStats


class Session:
    def __init__(self, folder):
        self.controller = FakeController(folder)
        self.model = SessionViewModel(self.controller, lambda key: (1280, 720))

    def run(self, seconds):
        """Let time go on with a text tick every quarter of a second."""
        for _ in range(round(seconds * 4)):
            self.controller.step(0.25)
            self.model.figures()

    def figure(self, key):
        return next(f for f in (*self.model.figures(), *self.model.right_figures()) if f.key == key)


@pytest.fixture
def session(qapp, tmp_path):
    return Session(tmp_path)


def test_nothing_connected_has_no_figures(session):
    assert session.model.state.value == "Not connected" and session.model.figures() == []
    assert session.model.window_title == "RTMS Desktop"


def test_until_three_seconds_figures_are_a_dash(session):
    session.controller.live()
    session.run(2)
    assert {f.value for f in session.model.figures()} == {"–"}
    session.run(2)
    assert "–" not in "".join(f.value for f in session.model.figures())


def test_healthy_figures(session):
    session.controller.live()
    session.run(12)
    assert session.model.state.value == "Streaming" and session.model.state.token == "ok"
    assert session.figure("behind").value == "0.2 s"
    video = session.figure("video").value
    assert video.startswith("1280×720  2") and video.endswith(" fps")
    assert session.figure("bitrate").value.endswith("Mbit/s")
    assert session.figure("av").value == "+8 ms"
    assert session.figure("alive").note == "missed 0 of 3" and session.figure("alive").token == "text1"
    assert (session.figure("gaps").value, session.figure("gaps").note) == ("0", "")
    assert all(f.tip for f in session.model.figures())


def test_a_gap_is_a_doubt_while_open_and_a_figure_after(session):
    session.controller.live()
    session.run(5)
    session.controller.lose()
    session.run(4)
    assert session.model.state.value == "Reconnecting" and session.model.state.token == "warn"
    assert session.figure("gaps").value == "1" and session.figure("gaps").token == "warn"
    session.controller.regain()
    session.run(1)
    assert (session.figure("gaps").value, session.figure("gaps").note) == ("1", "4.0 s")
    assert session.figure("gaps").token == "text1"


def test_missed_keep_alives_are_whole_intervals(session):
    session.controller.live()
    session.run(4)
    session.controller._next_alive = 1e9
    session.run(22)
    alive = session.figure("alive")
    assert alive.note == "missed 2 of 3" and alive.token == "warn"


@pytest.mark.parametrize(
    ("cause", "reason", "status", "word", "note"),
    [
        (EndCause.STOPPED, 6, None, "Ended", "6 MEETING_ENDED"),
        (EndCause.CUT_OFF, 11, None, "Cut off", "11 CONNECTION_TIMEOUT"),
        (EndCause.REJECTED, None, 3, "Refused", "3 INVALID_SIGNATURE"),
        (EndCause.LOCAL, None, None, "Ended", ""),
    ],
)
def test_how_it_ended_stays_to_be_read(session, cause, reason, status, word, note):
    session.controller.live()
    session.controller.end(cause, reason, "sentence", status)
    assert (session.model.state.value, session.model.state.note) == (word, note)
    session.controller.live()
    assert session.model.state.value == "Streaming"


def test_why_it_was_not_reached_is_said_in_short(session):
    session.controller.live(streaming=False)
    session.controller.end(EndCause.CONNECT_FAILED, None, "x", reason="nothing listens on [::1]:9. Check the server.")
    state = session.model.state
    assert (state.value, state.note, state.tip) == ("Not connected", "nothing listens on [::1]:9", "x")


def test_recording_is_told_everywhere(session):
    session.controller.live()
    session.model.toggle_recording()
    session.run(75)
    assert session.model.is_recording and session.model.recording_text == "REC 00:01:15"
    assert session.model.window_title == "REC · Weekly product sync · RTMS Desktop"
    assert session.figure("rec").value.startswith("00:01:15 · ")
    assert session.figure("text").note == "saving text"
    session.model.toggle_recording()
    assert session.model.recording_text == "Record" and session.figure("text").note == "not saving"


def test_a_stalled_recording_says_for_how_long(session):
    session.controller.live()
    session.controller.recording.start()
    session.controller.session.recorder.stats.stalled_s = 4.2
    session.controller.recording.state = RecordingChanged(state=RecordingState.STALLED, started_wall_ms=1)
    assert session.model.recording_text == "REC stalled 4 s" and session.figure("rec").token == "error"


def test_the_health_of_a_recording_is_told(session):
    session.controller.live()
    session.controller.recording.start()
    stats, now = session.controller.session.recorder.stats, session.controller.machine.now()
    stats.last_input_at, stats.last_write_at, stats.dropped_messages = now - 0.3, now - 0.12, 1200
    tip = session.figure("rec").tip
    assert "Last packet 0.3 s ago; last written 0.1 s ago." in tip and "1,200 messages were not kept" in tip
    disk = session.figure("disk")
    assert (disk.value, disk.note, disk.token) == ("120 GB", "free", "text1") and "\n" not in disk.tip
    stats.seconds_left = 7500.0
    assert "can go on for 2 h 05 min; it is closed when 500 MB are left" in session.figure("disk").tip
    stats.seconds_left = 600.0
    assert (session.figure("disk").note, session.figure("disk").token) == ("free, 10 min", "warn")
    stats.seconds_left = 1e9
    assert "more than 100 h" in session.figure("disk").tip


def test_the_fake_recorder_tells_what_a_real_one_tells():
    real, fake = ({field.name for field in dataclasses.fields(kind)} for kind in (RecorderStats, FakeRecorderStats))
    assert fake <= real


def test_recording_needs_a_session(session):
    session.model.toggle_recording()
    assert session.controller.calls == []


def test_little_disk_is_a_doubt(session):
    assert session.figure("disk").value == "120 GB" and session.figure("disk").token == "text1"
    session.controller.recording.free_disk_bytes = 900_000_000
    assert session.figure("disk").token == "warn"
    session.controller.recording.free_disk_bytes = None
    assert session.figure("disk").value == "–"


def test_without_video_the_figure_is_a_dash(session):
    session.controller.live()
    session.controller.core.tracks.clear()
    session.run(4)
    assert session.figure("video").value == "–"


def odd(session, severity):
    at = session.controller.clock.now()
    session.controller.hub.publish([Anomaly(at=at, link="audio", severity=severity, kind="late", text="t")])


def test_notes_on_the_server_are_counted_by_their_weight(session):
    session.controller.live()
    session.run(4)
    assert (session.figure("notes").value, session.figure("notes").token) == ("0", "text1")
    odd(session, Severity.NOTE)
    assert (session.figure("notes").value, session.figure("notes").token) == ("1", "text1")
    odd(session, Severity.WARNING)
    assert (session.figure("notes").note, session.figure("notes").token) == ("1 warning", "warn")
    odd(session, Severity.ERROR)
    odd(session, Severity.WARNING)
    figure = session.figure("notes")
    assert (figure.value, figure.note, figure.token) == ("4", "1 error, 2 warnings", "error")
    session.controller.end(EndCause.LOCAL, None, "")
    session.controller.live()
    session.run(4)
    assert session.figure("notes").value == "0"


def test_whether_webhooks_are_received(session):
    assert session.figure("receiver").note == "receiver off"
    session.controller.live()
    assert "receiver" not in [one.key for one in session.model.right_figures()]
    session.controller.webhooks.start()
    assert session.figure("receiver").note == "receiver on" and "9095" in session.figure("receiver").tip


def test_figures_without_a_value_say_what_they_are(session):
    session.controller.live(streaming=False)
    assert (session.figure("video").label, session.figure("bitrate").label) == ("video", "bitrate")
    session.controller.arrive()
    session.run(6)
    assert (session.figure("video").label, session.figure("bitrate").label) == ("", "")


def test_a_jump_is_told_once_however_much_had_happened(session):
    session.controller.live()
    session.controller.session.looks = lambda first, last: []
    told = []
    session.model.changed.connect(lambda: told.append(1))
    phase = PhaseChanged(at=1.0, old=Phase.IDLE, new=Phase.STREAMING)
    session.controller.hub.publish([ReplayJumped(position_ms=0.0), phase, phase, ReplaySettled(position_ms=0.0)])
    assert len(told) == 1
    session.controller.hub.publish([phase])
    assert len(told) == 2
