"""Every number of the wire is shown with its name, and with the same one everywhere.

``explain_*`` of the wire room is asked first; then every surface that shows such a number: event row, lane, Doctor,
banner, status bar, stage, Inspector and inspect command, mock server's log.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from types import SimpleNamespace

import pytest

import rtms_desktop
from rtms_desktop.app.message_text import control_text, message_text
from rtms_desktop.app.outcome import explain_end
from rtms_desktop.session import endings
from rtms_desktop.session.events import (
    EndCause,
    HandshakeAnswered,
    LinkState,
    LinkStateChanged,
    OtherMessage,
    SessionEnded,
    SessionStateChanged,
    StreamStateChanged,
    WireEvent,
)
from rtms_desktop.viewmodels import mock_texts
from rtms_desktop.viewmodels.codes import explain_change, outcome_in_short, what_happened
from rtms_desktop.viewmodels.event_texts import describe
from rtms_desktop.viewmodels.figures import signed
from rtms_desktop.viewmodels.lane_figures import cause_of
from rtms_desktop.viewmodels.replay_words import replay_right
from rtms_desktop.viewmodels.session_vm import code_of
from rtms_desktop.viewmodels.stage_message import message_of
from rtms_desktop.wire import messages as wm
from rtms_desktop.wire import status_tables
from rtms_desktop.wire.enums import EventType, Product, SessionState, StopReason, StreamState, VoiceEventType
from rtms_desktop.wire.status import explain_close, explain_event, explain_state, explain_status, explain_stop
from rtms_desktop.wire.stop_texts import CLOSE

STATUSES = [(table, code, name) for table, names in status_tables.TABLES.items() for code, name in enumerate(names)]
REFUSALS = [row for row in STATUSES if row[1]]
STOPS = [*(reason.value for reason in StopReason), 77]
CLOSES = [*CLOSE, 1004, 3000, 4001, 4999]
EVENTS = [(Product.MEETING, number) for number in (*(kind.value for kind in EventType), 99)]
EVENTS += [(Product.CONTACT_CENTER, number) for number in (*(kind.value for kind in VoiceEventType), 30, 34)]


def changed(new: LinkState, code: int | None, reason: str = "") -> LinkStateChanged:
    return LinkStateChanged(at=1.0, link="video", old=LinkState.CONNECTING, new=new, code=code, reason=reason)


def noticed(event: object) -> str:
    """The line of the mock server's log for what the client saw."""
    line = mock_texts.client_line(event, 0.0, None)
    assert line is not None
    return line.text


def ended(stop: int | None = None, status: int | None = None, reason: str = "") -> SessionEnded:
    cause = EndCause.REJECTED if stop is None else EndCause.STOPPED
    told = endings.rejected(status, reason) if stop is None else endings.stopped(stop)
    return SessionEnded(
        at=1.0, cause=cause, stop_reason=stop, status_code=status, reason=reason, sentence=told.sentence
    )  # fmt: skip


@pytest.mark.parametrize(("table", "code", "name"), REFUSALS)
def test_every_status_of_a_refusal(table: str, code: int, name: str) -> None:
    found = explain_status(code, name, table)
    label = f"{code} {name}"
    assert found.label == label and found.sentence.endswith(".")
    end = ended(status=code, reason=name)
    refused = changed(LinkState.REFUSED, code, name)
    answer = HandshakeAnswered(at=1.0, link="video", ok=False, status_code=code, reason=name)
    rows = [describe(event, Product.MEETING) for event in (refused, answer)]
    assert {(row.code, row.sentence) for row in rows} == {(label, found.sentence)}
    assert describe(end, Product.MEETING).code == label
    assert label in cause_of(refused)  # lane: the words on the band and the tooltip
    assert explain_end(end, 0).label == label  # Doctor
    assert label in end.sentence and found.sentence in end.sentence  # banner, status of the start page
    assert code_of(end) == label
    assert label in noticed(refused) and label in noticed(answer)
    subscription = wm.VideoSubscriptionResponse(ok=False, status_code=code, reason=name, user_id=1)
    for message in (
        wm.SignalingHandshakeResponse(ok=False, status_code=code, reason=name),
        wm.DataHandshakeResponse(ok=False, status_code=code, reason=name), subscription,
    ):  # fmt: skip
        assert message_text(message).startswith(label)  # Inspector, inspect command
    assert describe(OtherMessage(at=1.0, link="video", message=subscription), Product.MEETING).code == label


@pytest.mark.parametrize(
    ("message", "said"),
    [
        (wm.MetaData(msg_type=23), "message without effect: 23 META_DATA_AUDIO"),
        (wm.StreamCloseResponse(), "message without effect: stream close response"),
        (wm.UnknownMessage(msg_type=99), None),  # an anomaly tells it
    ],
)
def test_what_has_no_effect_is_named_as_on_the_wire(message: wm.Message, said: str | None) -> None:
    found = describe(OtherMessage(at=1.0, link="audio", message=message), Product.MEETING)
    assert (None if found is None else found.sentence) == said


def test_success_is_named_too() -> None:
    accepted = HandshakeAnswered(at=1.0, link="video", ok=True, status_code=0, reason="")
    assert describe(accepted, Product.MEETING).code == explain_status(0).label == "0 OK"
    assert "0 OK" in cause_of(changed(LinkState.AUTHENTICATED, 0))  # no close code, although it comes with a state
    assert describe(changed(LinkState.AUTHENTICATED, 0), Product.MEETING).code == "0 OK"


@pytest.mark.parametrize("number", STOPS)
def test_every_stop_reason(number: int) -> None:
    found = explain_stop(number)
    label = f"{number} {StopReason(number).name if number in list(StopReason) else 'UNKNOWN'}"
    assert found.label == label and found.sentence.endswith(".")
    end = ended(stop=number)
    assert describe(end, Product.MEETING).code == label
    assert explain_end(end, 0).label == label
    assert code_of(end) == label
    assert (
        label in message_of(None, SimpleNamespace(ended=end, opened_at=0.0, bundles=[]), has_tiles=False, now=2.0).line
    )
    if number:  # without a reason there is nothing to name
        assert label in end.sentence and found.sentence in end.sentence
        state = StreamStateChanged(at=1.0, state=4, reason=number, timestamp_ms=0)
        assert label in describe(state, Product.MEETING).sentence
        assert label in message_text(wm.StreamStateUpdate(state=4, reason=number))
        assert label in message_text(wm.SessionStateUpdate(session_id="s", state=5, stop_reason=number))
    session = SessionStateChanged(at=1.0, session_id="s", state=5, stop_reason=number, timestamp_ms=0)
    assert label in describe(session, Product.MEETING).sentence
    recording = SimpleNamespace(source=SimpleNamespace(manifest={"stop_reason": number, "closed": True}, size=1))
    assert replay_right(recording)[0].note == label


@pytest.mark.parametrize("code", CLOSES)
def test_every_close_code(code: int) -> None:
    found = explain_close(code)
    assert found.number == code and found.label == f"{code} {found.name}" and found.sentence.endswith(".")
    lost = changed(LinkState.INTERRUPTED, code, "going down")
    row = describe(lost, Product.MEETING)
    assert row.code == found.label and "going down" in row.sentence
    assert found.label in cause_of(lost) and "going down" in cause_of(lost)
    assert explain_change(lost) == found
    assert found.label in noticed(lost)
    body = json.dumps({"do": "link_closed", "link": "video", "code": code, "reason": ""}).encode()
    assert control_text(body) == found.label


@pytest.mark.parametrize(("product", "number"), EVENTS)
def test_every_event(product: Product, number: int) -> None:
    found = explain_event(number, product)
    assert found.label.startswith(f"{number} ") and found.sentence.endswith(".")
    row = describe(WireEvent(at=1.0, link="signaling", message=wm.EventUpdate(event_type=number)), product)
    assert (row.code, row.sentence) == (found.label, found.sentence)
    assert found.label in message_text(wm.EventUpdate(event_type=number), product)


@pytest.mark.parametrize("state", [*StreamState, 77])
def test_every_state_of_a_stream(state: int) -> None:
    found = explain_state(int(state), "stream")
    row = describe(StreamStateChanged(at=1.0, state=int(state), reason=None, timestamp_ms=0), Product.MEETING)
    assert row.code == found.label == message_text(wm.StreamStateUpdate(state=int(state)))
    assert found.sentence in row.sentence


@pytest.mark.parametrize("state", [*SessionState, 77])
def test_every_state_of_a_session(state: int) -> None:
    found = explain_state(int(state), "session")
    event = SessionStateChanged(at=1.0, session_id="s", state=int(state), stop_reason=None, timestamp_ms=0)
    row = describe(event, Product.MEETING)
    assert row.code == found.label == message_text(wm.SessionStateUpdate(session_id="s", state=int(state)))
    assert found.sentence in row.sentence


BARE = re.compile(r"\{[^{}]*\b(?:status_code|stop_reason|event_type|event\.code|close_code)\b[^{}]*\}")
BY_HAND = re.compile(r"\b(?:StopReason|EventType|VoiceEventType|StreamState|SessionState)\([^)]*\)\.name")


@pytest.mark.parametrize("room", ["views", "viewmodels"])
def test_nobody_writes_a_number_by_hand(room: str) -> None:
    """A text with such a number is made by ``explain_*`` or ``label``, which know its name."""
    bad = []
    for path in sorted((Path(rtms_desktop.__file__).parent / room).glob("*.py")):
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            found = [match.group(0) for match in BARE.finditer(line)]
            if any("label" not in text for text in found) or BY_HAND.search(line):
                bad.append(f"{path.name}:{number}: {line.strip()}")
    assert bad == []


REFUSED = "The server refused the connection: 3 INVALID_SIGNATURE (Invalid signature). Copy the secret again."


def test_the_sentence_is_cut_and_never_the_code() -> None:
    assert what_happened(REFUSED) == "The server refused the connection: 3 INVALID_SIGNATURE"
    assert outcome_in_short(REFUSED, failed=True) == "stopped · 3 INVALID_SIGNATURE"
    assert outcome_in_short("The server ended the stream: 6 MEETING_ENDED.", failed=False) == "ended · 6 MEETING_ENDED"


def test_without_a_code_the_first_sentence_says_what_happened() -> None:
    said = "The name of the host was not found in 1.5 s. Check the network."
    assert what_happened(said) == outcome_in_short(said, failed=True) == "The name of the host was not found in 1.5 s"
    said = "Could not connect to ws://127.0.0.1:9: nothing listens on 127.0.0.1:9. Check that the server runs there."
    assert what_happened(said) == "Could not connect to ws://127.0.0.1:9: nothing listens on 127.0.0.1:9"
    assert outcome_in_short(said, failed=True) == "nothing listens on 127.0.0.1:9"


def test_nothing_is_less_than_zero_by_rounding() -> None:
    assert [signed(text) for text in ("-0", "-0.0", "+0", "-1.5", "+2", "10", "-1,204")] == [
        "0", "0.0", "0", "−1.5", "+2", "10", "−1,204",
    ]  # fmt: skip
