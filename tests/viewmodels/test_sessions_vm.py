from __future__ import annotations

from pathlib import Path

import pytest

from rtms_desktop.app.recordings import RecordingEntry
from rtms_desktop.app.settings import RecentSession
from rtms_desktop.session.events import EndCause
from rtms_desktop.viewmodels.sessions_vm import SessionsViewModel
from tests.fakes.controller import WALL0_MS, FakeController


@pytest.fixture
def controller(qapp, tmp_path):
    return FakeController(tmp_path)


@pytest.fixture
def model(controller):
    return SessionsViewModel(controller)


def section(model, title):
    return next(rows for name, rows in model.sections() if name == title)


def test_nothing_yet(model):
    assert [name for name, _ in model.sections()] == ["Live", "Recordings"]
    assert section(model, "Live")[0].line == "Nothing is connected."
    assert section(model, "Recordings")[0].line == "No recordings yet"


def test_the_live_session_says_who_is_there_and_whether_it_is_recorded(controller, model):
    controller.live()
    controller.recording.start()
    controller.step(75)
    row = section(model, "Live")[0]
    assert (row.title, row.line, row.time) == ("Weekly product sync", "2 people · recording", "01:15")
    assert row.selected and row.dot == "ok"


def test_the_mock_server_says_where_it_listens(controller, model):
    assert section(model, "Live")[1].line == "stopped"
    controller.mock.start()
    assert section(model, "Live")[1].line == "running · 127.0.0.1:9092"


def test_recent_sessions_carry_their_outcome(controller, model):
    controller.live()
    controller.step(5)
    controller.end(EndCause.CUT_OFF, 11, "stopped · 11 CONNECTION_TIMEOUT")
    (row,) = section(model, "Recent")
    assert row.line == "stopped · 11 CONNECTION_TIMEOUT" and row.token == "error"
    (line,) = model.recent_rows()
    assert (line.product, line.length, line.outcome_token) == ("Meeting", "00:05", "error")
    assert line.when.startswith("Today ")
    model.clear_recent()
    assert controller.recent == [] and model.recent_rows() == []


def test_an_unclosed_recording_offers_its_repair(controller, model):
    folder = Path("/tmp/one.rtmsrec")
    controller.kept = [
        RecordingEntry(
            name="Interview 12", folder=folder, when=WALL0_MS - 3 * 86_400_000, size=61_000_000, closed=False
        ),
        RecordingEntry(name="Design review", folder=folder, when=WALL0_MS, size=412_000_000, closed=True),
    ]
    broken, whole = section(model, "Recordings")
    assert broken.token == "warn" and broken.line.startswith("not closed")
    assert whole.line == "412 MB"
    assert model.recording_folder(whole.key) == str(folder)
    assert model.recording_folder("recording.9") == ""


def test_people_name_a_recording_and_its_id_stays_at_hand(controller, model):
    folder = Path("/tmp/20261121T081400Z_EUrfX6xZ.rtmsrec")
    people = ("Ada Lindqvist", "Mateo Rossi")
    controller.kept = [
        RecordingEntry(
            name="EUrfX6xZ", folder=folder, when=WALL0_MS, size=38_000_000, closed=True, length_ms=64_000, people=people
        )
    ]
    (row,) = section(model, "Recordings")
    assert (row.title, row.line) == ("Ada, Mateo", "01:04 · 38 MB · 2 people")
    assert "EUrfX6xZ" in row.tip


def test_a_recent_stream_tells_its_id(controller, model):
    controller.settings.remember(
        RecentSession(title="Ada, Mateo", product="meeting", opened_ms=WALL0_MS, outcome="over", meeting_id="EUrfX6xZ")
    )
    (row,) = section(model, "Recent")
    assert row.tip == model.recent_rows()[0].tip == "Ada, Mateo\nover\nMeeting ID EUrfX6xZ"
