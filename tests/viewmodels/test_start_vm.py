from __future__ import annotations

import json

import pytest

from rtms_desktop.app.events import ConnectChecked
from rtms_desktop.app.preflight import Preflight
from rtms_desktop.errors import ConnectError
from rtms_desktop.viewmodels.start_vm import StartViewModel, shortened
from rtms_desktop.wire.enums import Medium
from tests.fakes.controller import WALL0_MS, FakeController

STREAM = "609340fb2a7946909659956c8aa9250c"


def payload(host="rtms-sjc1.zoom.us:443", scheme="wss", ago_ms=12_000):
    return json.dumps(
        {
            "event": "meeting.rtms_started",
            "event_ts": WALL0_MS - ago_ms,
            "payload": {
                "meeting_uuid": "4444AAAiAAAAAiAiAiiAii==",
                "rtms_stream_id": STREAM,
                "server_urls": f"{scheme}://{host}",
            },
        }
    )


@pytest.fixture
def controller(qapp, tmp_path):
    return FakeController(tmp_path)


@pytest.fixture
def model(controller):
    return StartViewModel(controller)


def with_credentials(controller):
    controller.credentials.remember("AbCdEfGhIjKl1234", "secret", keep=False)


def test_nothing_pasted(model):
    assert not model.can_connect and model.rows() == [] and model.verdict == ("", "")


def test_who_will_be_contacted_as_whom_for_what(controller, model):
    with_credentials(controller)
    model.set_text(payload())
    rows = {row.key: row for row in model.rows()}
    assert rows["Event"].value == "meeting.rtms_started" and rows["Event"].note == "Meeting"
    assert rows["Stream"].value == STREAM and rows["Stream"].mono
    assert rows["Will contact"].value == "rtms-sjc1.zoom.us:443"
    assert rows["Will contact"].note == "TLS, a zoom.us host" and rows["Will contact"].mark == "ok"
    assert model.announced() == ("12 s ago", "audio is kept for up to 60 s")
    assert model.verdict == ("complete", "ok") and model.can_connect
    assert model.profiles()[0].name == "AbCdEf…1234"


def test_connect_sends_what_was_chosen(controller, model):
    with_credentials(controller)
    model.set_text(payload())
    model.set_media(Medium.CHAT, False)
    assert model.connect_stream(record=True)
    ((name, request), *_) = controller.calls
    assert name == "connect" and request.record and not request.allow_host
    assert request.client_id == "AbCdEfGhIjKl1234" and request.client_secret == "secret"
    assert request.media == frozenset(Medium) - {Medium.CHAT}
    assert request.invite.stream_id == STREAM


def test_an_unknown_host_needs_a_yes(controller, model):
    with_credentials(controller)
    model.set_text(payload("rtms.example.com:443"))
    assert "rtms.example.com" in model.why_not and not model.connect_stream()
    assert controller.calls == []
    model.set_allow_host(True)
    assert model.connect_stream() and controller.calls[0][1].allow_host
    model.set_text(payload("other.example.com:443"))
    assert not model.allow_host  # a yes is for one host only


def test_without_credentials_they_are_typed_and_kept_only_where_it_is_said(controller, model):
    model.set_text(payload())
    assert model.needs_secret and "client ID" in model.why_not
    model.set_credentials(" typed-id ")
    assert "secret" in model.why_not
    model.set_credentials(" typed-id ", " typed-secret\n")
    assert model.connect_stream()
    request = controller.calls[0][1]
    assert (request.client_id, request.client_secret) == ("typed-id", "typed-secret")
    assert controller.settings.values.client_ids == []
    assert controller.credentials.secret("typed-id") == "typed-secret"


def test_no_medium_is_no_stream(controller, model):
    with_credentials(controller)
    model.set_text(payload())
    for medium in Medium:
        model.set_media(medium, False)
    assert model.why_not == "Choose at least one medium."
    assert controller.settings.values.media == []


def test_the_mock_server_signs_for_itself(controller, model):
    with_credentials(controller)
    controller.mock.start()
    model.set_text(payload("127.0.0.1:9092/signaling", "ws"))
    assert model.profiles()[0].name == "Mock server" and model.client_id == "mock_client"
    assert model.connect_stream() and controller.calls[-1][1].client_secret == "mock_secret"
    model.set_text(payload())
    assert model.client_id == "AbCdEfGhIjKl1234"


@pytest.mark.parametrize("text", ["hello", "{", '{"event":"meeting.rtms_started"}', "[]", "\x00\ud800"])
def test_what_cannot_be_read_says_what_why_and_what_next(model, text):
    model.set_text(text)
    what, _why, fix = model.problem
    assert what and what[0].isupper() and fix
    assert not model.can_connect and model.verdict == ("not usable", "error")


def test_old_announcements_say_what_is_lost(model):
    model.set_text(payload(ago_ms=300_000))
    assert model.announced() == ("5 min ago", "the beginning may be lost")
    model.set_text(payload(ago_ms=-5_000))
    assert model.announced()[0] == "just now"


def test_json_is_indented_and_other_text_stays(model):
    model.set_text('{"a":1}')
    assert model.pretty_text() == '{\n  "a": 1\n}'
    model.set_text("curl -X POST")
    assert model.pretty_text() == "curl -X POST"


def test_a_file_that_cannot_be_read(model):
    model.set_problem("x.json cannot be read", "permission denied", "Choose another file.")
    assert model.problem[0] == "X.json cannot be read" and not model.can_connect


def test_ids_are_shortened_in_the_middle():
    assert shortened("short") == "short" and shortened("AbCdEfGhIjKlMnOp") == "AbCdEf…MnOp"


def test_the_way_is_tried_before_anything_is_signed(model, controller):
    model.check_first()
    assert not any(call[0] == "check_first" for call in controller.calls) and model.why_not_check
    model.set_text(payload())
    assert model.why_not and not model.why_not_check  # no secret is needed for it
    model.check_first()
    request = controller.calls[-1][1]
    assert controller.calls[-1][0] == "check_first" and request.client_secret == ""
    assert model.checked == ("Trying the way to the server …", "t3")
    url = request.invite.signaling_url
    passed = Preflight(passed=("host allowed", "4 addresses"), error=None, ms=41)
    controller.hub.publish([ConnectChecked(url=url, found=passed)])
    assert model.checked == ("Host allowed, 4 addresses: 41 ms. Nothing was sent.", "t1")
    controller.hub.publish([ConnectChecked(url="wss://another", found=None)])
    assert model.checked[1] == "t1"
    error = ConnectError("the server was not reached", "the port is closed", "Ask its owner.")
    controller.hub.publish([ConnectChecked(url=url, found=Preflight(passed=(), error=error, ms=1))])
    assert model.checked == ("The server was not reached: the port is closed. Ask its owner.", "error")
    model.set_text(payload())
    assert model.checked == ("", "")
