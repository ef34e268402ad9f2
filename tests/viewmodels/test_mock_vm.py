from __future__ import annotations

import pytest

from rtms_desktop.app.events import MockChanged, MockState
from rtms_desktop.mock_server.options import MockOptions
from rtms_desktop.mock_server.server import MockServer
from rtms_desktop.mock_server.sources.pattern import PatternSource
from rtms_desktop.viewmodels.mock_acts import ACTS, FAULT_ACTS, MEETING_ACTS
from rtms_desktop.viewmodels.mock_vm import MockViewModel
from rtms_desktop.wire.enums import StopReason
from tests.fakes.desk import Desk


@pytest.fixture
def desk(qapp, tmp_path):
    return Desk(tmp_path)


@pytest.fixture
def model(desk):
    return MockViewModel(desk.controller)


def lines(model):
    model._batch.flush()
    return [(line.who, model.line_text(line)) for line in model.store]


def running(desk, model, phase="live"):
    model.start()
    desk.controller.mock.says("handshake", "signaling", status=0)
    desk.controller.mock.says("phase", phase=phase)
    model._batch.flush()


def test_every_button_names_an_act_of_the_server():
    server = MockServer(MockOptions(), PatternSource(1))
    assert set(ACTS) <= set(server.control.names)


def test_a_stopped_server_can_only_be_started(desk, model):
    assert model.state_text == "Stopped" and model.urls == {}
    assert all(model.why_not(key) == "The mock server is not running" for key in ACTS)
    model.start()
    name, options = desk.controller.calls[-1]
    assert name == "mock.start" and options.participants == 3 and options.dialect == "production"
    assert model.urls["Signaling"] == "ws://127.0.0.1:9092/signaling"


@pytest.mark.parametrize(
    ("phase", "possible"),
    [
        ("announced", {"start", "stop", "end"}),
        ("live", {"pause", "stop", "end"}),
        ("paused", {"resume", "stop", "end"}),
        ("stopped", {"start", "start_again", "end"}),
        ("ended", {"start"}),
    ],
)
def test_only_what_makes_sense_can_be_done(desk, model, phase, possible):
    running(desk, model, phase)
    assert {act.key for act in MEETING_ACTS if not model.why_not(act.key)} == possible


def test_faults_need_a_client_unless_they_wait_for_one(desk, model):
    running(desk, model, "announced")
    possible = {act.key for act in FAULT_ACTS if not model.why_not(act.key)}
    assert possible == {"server_failure", "wrong_status"}
    assert model.why_not("drop") == "No client is connected"


def test_acts_carry_the_choices_beside_them(desk, model):
    running(desk, model)
    model.link, model.delay_ms, model.reason = "audio", 200, StopReason.HOST_TRIGGERED
    for key in ("delay", "drop", "end", "pause"):
        model.act(key)
    assert [call[1:] for call in desk.controller.calls[-4:]] == [
        ("delay", {"link": "audio", "ms": 200}),
        ("drop", {"link": "audio"}),
        ("end", {"reason": 1}),
        ("pause", {}),
    ]


def test_a_new_resolution_is_never_the_present_one(desk, model):
    running(desk, model)
    asked = []
    for _ in range(3):
        model.act("new_resolution")
        asked.append(desk.controller.calls[-1][2]["resolution"])
    assert asked == ["1080p", "360p", "720p"]


def test_both_sides_share_one_log_and_one_clock(desk, model):
    running(desk, model)
    desk.controller.live()
    model._batch.flush()
    desk.controller.clock.seconds += 36
    desk.controller.mock.says("drop", "video", how="abort")
    desk.controller.clock.seconds += 0.002
    desk.controller.lose("video")
    desk.controller.clock.seconds += 3.1
    desk.controller.regain("video", down_s=3.1)
    found = lines(model)[-5:]
    assert found == [
        ("server", "Drop media: video, reset without close"),
        ("client", "noticed after 2 ms: video lost, 1006 ABNORMAL"),
        ("client", "reconnecting video, scenario 3"),
        ("client", "video again after 3.1 s"),
        ("client", "video gap of 3.1 s of user 16778240"),
    ]
    row = model.store.row(model.store.end - 5)
    assert model.clock(row) == "00:36.0" and row.level == "fault"


def test_a_lossy_link_does_not_flood_the_log(desk, model):
    running(desk, model)
    for _ in range(50):
        desk.controller.mock.says("lost", "audio", bytes=640)
        desk.controller.mock.says("sent", "audio", counts={})
    assert lines(model)[-1] == ("server", "message lost on purpose: audio, 640 bytes × 50")


def test_large_numbers_are_grouped_and_never_powers_of_ten(desk, model):
    desk.controller.mock.says("oversize", "video", bytes=12_345_678)
    assert lines(model)[-1] == ("server", "Oversized message: video, 12,345,678 bytes")


def test_clients_are_counted_by_their_signaling_sockets(desk, model):
    running(desk, model)
    assert model.note == "1 client, this computer only"
    desk.controller.mock.says("disconnected", "signaling", by="client", code=1000)
    model._batch.flush()
    assert model.note == "no client, this computer only"


def test_the_verdict_of_a_validation_is_kept_until_the_address_changes(desk, model):
    running(desk, model)
    model.set_webhook_url(" http://127.0.0.1:9095/webhook ")
    assert model.why_not_validate() == ""
    model.validate()
    assert desk.controller.calls[-1][1:] == ("validate", {"url": "http://127.0.0.1:9095/webhook"})
    desk.controller.mock.says("webhook_validated", url="x", ok=True, sentence="The receiver holds the secret token.")
    model._batch.flush()
    assert model.verdict == (True, "The receiver holds the secret token.")
    model.set_webhook_url("file:///etc/passwd")
    assert model.verdict is None and model.why_not_validate()


def test_changed_options_are_marked_until_the_next_start(desk, model):
    running(desk, model)
    assert not model.stale
    model.set_option("dialect", "flat")
    assert model.stale
    model.stop()
    model.start()
    assert not model.stale and desk.controller.calls[-1][1].dialect == "flat"


def test_a_failed_start_says_why(desk, model):
    desk.controller.mock.state = MockChanged(state=MockState.FAILED, problem="Port 9092 is taken.")
    desk.controller.hub.publish([desk.controller.mock.state])
    assert (model.state_text, model.note) == ("Failed", "Port 9092 is taken.")


def test_the_log_as_text_has_the_records_and_the_words(desk, model):
    running(desk, model)
    text = model.log_text()
    assert '"event": "phase"' in text and "server\tstream live" in text


def test_records_that_nobody_foresaw_become_lines(desk, model):
    running(desk, model)
    desk.controller.mock.says("brand_new_thing", "chat", odd={"a": [1]})
    assert lines(model)[-1] == ("server", "brand new thing: chat")
