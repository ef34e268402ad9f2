from __future__ import annotations

import copy

import pytest

from rtms_desktop.app.events import (
    Notice,
    RecordingChanged,
    RecordingState,
    ReplayJumped,
    ReplaySettled,
    ViewShifted,
)
from rtms_desktop.session.events import (
    Anomaly,
    EndCause,
    LinkState,
    LinkStateChanged,
    MediaReceived,
    SessionEnded,
    SessionStateChanged,
    Severity,
    StreamStateChanged,
    WireEvent,
)
from rtms_desktop.viewmodels.event_texts import describe
from rtms_desktop.viewmodels.events_vm import CAP, EventRow, EventsModel, EventsViewModel
from rtms_desktop.wire.enums import Medium, Product
from rtms_desktop.wire.messages import EventUpdate, Person
from tests.fakes.desk import Desk


@pytest.fixture
def desk(qapp, tmp_path):
    return Desk(tmp_path)


@pytest.fixture
def model(desk):
    return EventsViewModel(desk.controller)


def told(event, product=Product.MEETING):
    return describe(event, product)


def test_a_refusal_has_number_and_name_and_the_fix():
    text = told(
        LinkStateChanged(at=1, link="signaling", old=LinkState.CONNECTING, new=LinkState.REFUSED, code=3, reason="x")
    )
    assert (text.code, text.severity, text.link) == ("3 INVALID_SIGNATURE", Severity.ERROR, "signaling")
    assert "Fix: " in text.more


def test_a_lost_socket_names_its_close_code():
    text = told(
        LinkStateChanged(
            at=1, link="video", old=LinkState.STREAMING, new=LinkState.INTERRUPTED, cause="socket lost", code=1006
        )
    )
    assert text.code.startswith("1006 ") and text.sentence == "interrupted: socket lost"
    assert text.severity is Severity.WARNING


def test_states_and_stop_reasons_are_named():
    text = told(SessionStateChanged(at=1, session_id="s", state=5, stop_reason=6, timestamp_ms=1))
    assert text.code == "5 STOPPED" and "6 MEETING_ENDED" in text.sentence
    text = told(StreamStateChanged(at=1, state=2, reason=14, timestamp_ms=1))
    assert text.code == "2 INTERRUPTED" and "14 DATA_CONNECTION_INTERRUPTED" in text.sentence


def test_the_same_number_means_something_else_in_another_product():
    event = WireEvent(at=1, link="signaling", message=EventUpdate(event_type=8, people=(Person(user_id=1),)))
    assert told(event).code == "8 PARTICIPANT_VIDEO_ON"
    assert told(event, Product.CONTACT_CENTER).code == "8 CONSUMER_ANSWERED"


def test_the_end_is_calm_or_not_by_its_cause():
    common = {"at": 1.0, "status_code": None, "reason": ""}
    calm = SessionEnded(cause=EndCause.STOPPED, stop_reason=6, sentence="Over.", **common)
    cut = SessionEnded(cause=EndCause.CUT_OFF, stop_reason=19, sentence="Cut off.", **common)
    assert told(calm).severity is Severity.NOTE and told(calm).code == "6 MEETING_ENDED"
    assert told(cut).severity is Severity.ERROR and told(cut).sentence == "Cut off."


def test_media_and_meters_are_no_events():
    event = MediaReceived(at=1, link="audio", medium=Medium.AUDIO, user_id=1, user_name="", data=b"", timestamp_ms=1)
    assert told(event) is None


def test_rows_carry_session_time_and_come_in_batches(desk, model):
    desk.controller.live()
    inserted = []
    model.model.rowsInserted.connect(lambda _, first, last: inserted.append((first, last)))
    desk.controller.clock.seconds += 65
    desk.controller.hub.publish(
        [Anomaly(at=desk.controller.clock.now(), link="audio", severity=Severity.NOTE, kind="late_packet", text="9 ms")]
    )
    model._batch.flush()
    assert len(inserted) == 1
    assert model.model.rows[-1].cells() == ("01:05", "audio", "note", "", "late packet: 9 ms")


def test_unseen_troubles_are_counted(desk, model):
    counts = []
    model.count_changed.connect(counts.append)
    notice = Notice(severity=Severity.ERROR, what="Recording stopped", why="disk full", fix="Free space.")
    desk.controller.hub.publish([notice, RecordingChanged(state=RecordingState.FAILED, problem="disk full")])
    model._batch.flush()
    assert counts == [2]
    assert model.model.rows[0].text.sentence == "Recording stopped: disk full"
    model.mark_seen(True)
    desk.controller.hub.publish([notice])
    model._batch.flush()
    assert model.troubles == 0


def test_the_table_is_bounded_and_counts_what_it_let_go(qapp):
    text = told(RecordingChanged(state=RecordingState.RECORDING))
    table = EventsModel()
    for _ in range(3):
        table.append([EventRow("", text, 0.0)] * (CAP // 2))
    assert table.rowCount() <= CAP and table.dropped == 3 * (CAP // 2) - table.rowCount()


def test_the_clipboard_gets_cells_apart_by_tabs(desk, model):
    desk.controller.hub.publish([RecordingChanged(state=RecordingState.RECORDING)])
    model._batch.flush()
    assert model.plain([0]) == "\t\tnote\t\trecording recording"


def anomaly(desk, text):
    return Anomaly(at=desk.controller.clock.now(), link="audio", severity=Severity.WARNING, kind="late", text=text)


def test_who_comes_back_to_the_stream_finds_the_programs_own_rows_and_counts_only_what_is_new(desk, model):
    hub, session, clock = desk.controller.hub, desk.controller.live(streaming=False), desk.controller.clock
    first, own = anomaly(desk, "first"), RecordingChanged(state=RecordingState.FAILED, problem="full")
    hub.publish([first])
    clock.seconds += 1
    hub.publish([own])
    model._batch.flush()
    troubles = model.troubles
    past = copy.copy(session)
    past.is_replay, past.lead_s = True, 0.0
    jumped, settled = ReplayJumped(position_ms=0.0), ReplaySettled(position_ms=0.0)
    hub.show([ViewShifted(session=past), jumped, first, settled])
    assert model.model.rows[-1].text.sentence == "late: first" and model.troubles == troubles
    clock.seconds += 1
    second = anomaly(desk, "second")
    hub.show([ViewShifted(session=session), jumped, first, second, settled])
    sentences = [row.text.sentence for row in model.model.rows]
    assert sentences == ["late: first", describe(own, Product.MEETING).sentence, "late: second"]
    assert model.troubles == troubles + 1
