"""Whom a connection may go to: Zoom, this computer, and whom somebody allowed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rtms_desktop.app.connect import ConnectRequest
from rtms_desktop.app.contacts import Contacts
from rtms_desktop.app.settings import Settings
from rtms_desktop.errors import HostNotAllowedError, PayloadError, RtmsError
from rtms_desktop.wire.payload import read_payload


def request_for(url: str, *, allow_host: bool = False) -> ConnectRequest:
    body = {"meeting_uuid": "m", "rtms_stream_id": "s", "server_urls": url}
    invite = read_payload(json.dumps(body))
    return ConnectRequest(invite=invite, client_id="c", client_secret="s", allow_host=allow_host)


def test_hosts_of_the_command_line_and_of_the_settings_are_allowed(tmp_path: Path) -> None:
    settings = Settings(tmp_path)
    contacts = Contacts(settings, frozenset({"one.example"}), None)
    known = ["wss://rtms.zoom.us", "ws://127.0.0.1:9092", "wss://one.example"]
    assert all(contacts.allows(url) for url in known) and not contacts.allows("wss://two.example")
    with pytest.raises(HostNotAllowedError):
        contacts.admit(request_for("wss://two.example"))
    contacts.admit(request_for("wss://two.example", allow_host=True))
    assert "two.example" not in contacts.hosts
    settings.change(allowed_hosts=["two.example"])
    contacts.admit(request_for("wss://two.example"))


@pytest.mark.parametrize("allow_host", [False, True])
def test_a_url_that_cannot_be_read_is_never_admitted(tmp_path: Path, allow_host: bool) -> None:
    contacts = Contacts(Settings(tmp_path), frozenset(), None)
    with pytest.raises(PayloadError):
        contacts.admit(request_for("wss://rtms.zoom.us@evil.example/", allow_host=allow_host))


def test_the_command_line_chooses_the_certificates_before_the_settings(tmp_path: Path) -> None:
    settings = Settings(tmp_path)
    settings.change(ca_file=str(tmp_path / "of the settings.pem"))
    for ca, named in ((None, "of the settings.pem"), (tmp_path / "given.pem", "given.pem")):
        with pytest.raises(RtmsError, match=named):
            Contacts(settings, frozenset(), ca).admit(request_for("wss://rtms.zoom.us"))
