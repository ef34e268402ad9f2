from __future__ import annotations

import json

import pytest

from rtms_desktop.viewmodels.announcer import Announcer
from rtms_desktop.viewmodels.notices_vm import NoticesViewModel
from rtms_desktop.viewmodels.start_vm import StartViewModel
from tests.fakes.controller import FakeController
from tests.views.test_start_page import PAYLOAD

STARTED = json.loads(PAYLOAD)
STOPPED = STARTED | {"event": "meeting.rtms_stopped", "payload": STARTED["payload"] | {"stop_reason": 6}}
OTHER = STARTED | {"payload": STARTED["payload"] | {"rtms_stream_id": "other"}}


class Office:
    def __init__(self, folder):
        self.controller = FakeController(folder)
        self.start = StartViewModel(self.controller)
        self.notices = NoticesViewModel(self.controller)
        self.announcer = Announcer(self.controller, self.start, self.notices)
        self.forms = []
        self.announcer.form_wanted.connect(lambda: self.forms.append(True))


@pytest.fixture
def office(tmp_path, qapp):
    return Office(tmp_path)


@pytest.mark.parametrize(("verdict", "duplicate"), [("invalid_x_zm_signature", False), ("ok", True)])
def test_nothing_follows_from_what_is_not_trusted(office, verdict, duplicate):
    office.controller.webhook(STARTED, verdict, duplicate)
    assert office.notices.current is None and office.start.understanding is None


def test_an_announcement_that_ends_takes_its_banner_along(office):
    office.controller.webhook(STARTED)
    assert office.notices.current.action_label == "Connect"
    office.controller.webhook(OTHER | {"event": "meeting.rtms_stopped"})
    assert office.notices.current is not None
    office.controller.webhook(STOPPED)
    assert office.notices.current is None


def test_what_a_person_pasted_stays_until_they_say_yes(office):
    office.start.set_text(json.dumps(STARTED))
    office.controller.webhook(OTHER)
    assert office.start.invite.stream_id != "other"
    office.notices.act()
    assert office.start.invite.stream_id == "other" and office.forms == [True]  # whose secret is it?


def test_a_newer_announcement_replaces_an_older_one(office):
    office.controller.webhook(STARTED)
    office.controller.webhook(OTHER)
    assert office.start.invite.stream_id == "other"
    office.controller.credentials.remember("id", "secret", keep=False)
    office.notices.act()
    request = next(call[1] for call in office.controller.calls if call[0] == "connect")
    assert request.invite.stream_id == "other" and office.forms == []
