"""Whatever is written in a dialect is read back from it, and what SDK 1.1.0 insists on is written."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rtms_desktop.wire import messages as m
from rtms_desktop.wire.codec import Reader, write
from rtms_desktop.wire.enums import ID_KEYS, Dialect, EventType, Medium, SessionState, StopReason, StreamState

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
IDS = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=12)
USERS = st.integers(0, 2**31 - 1)
TIMES = st.integers(10**11, 10**14)
SEQUENCES = st.integers(1, 2**31 - 1)
PEOPLE = st.builds(m.Person, user_id=USERS, user_name=TEXT)
NUMBERS = st.integers(0, 60)
PARAMS = st.builds(
    m.MediaParams,
    audio=st.none() | st.builds(m.AudioParams, codec=NUMBERS, send_rate=NUMBERS),
    video=st.none() | st.builds(m.VideoParams, fps=NUMBERS, resolution=NUMBERS),
    share=st.none() | st.builds(m.ShareParams, codec=NUMBERS),
    transcript=st.none()
    | st.builds(m.TranscriptParams, src_language=st.none() | NUMBERS, enable_lid=st.none() | st.booleans()),
    chat=st.none() | st.builds(m.ChatParams),
)
URLS = st.dictionaries(
    st.sampled_from([*(medium.value for medium in Medium), "all"]), IDS.map(lambda path: f"wss://h/{path.strip(',;')}")
)
REFUSALS = st.integers(1, 47)
CHATS = st.builds(
    m.ChatData,
    text=TEXT.map(lambda text: text.lstrip("{")),
    timestamp=TIMES,
    operation=st.integers(1, 5),
    message_id=IDS,
    parent_message_id=TEXT,
    sender=PEOPLE,
    receiver=st.none() | PEOPLE,
    session_type=st.integers(1, 5),
    session_id=TEXT,
    files=st.lists(st.builds(m.ChatFile, file_id=TEXT, file_name=TEXT, file_size=USERS), max_size=2).map(tuple),
    deleted_files=st.lists(IDS, max_size=2).map(tuple),
)
ANY_DIALECT: dict[str, st.SearchStrategy[Any]] = {
    "signaling request": st.builds(
        m.SignalingHandshakeRequest,
        meeting_id=IDS, stream_id=IDS, signature=TEXT, id_key=st.sampled_from(ID_KEYS), sequence=SEQUENCES,
        buffer_data=st.none() | st.booleans(), client_agent=TEXT,
    ),
    "signaling ok": st.builds(
        m.SignalingHandshakeResponse, ok=st.just(True), status_code=st.just(0), urls=URLS, sequence=SEQUENCES
    ),
    "data request": st.builds(
        m.DataHandshakeRequest,
        meeting_id=IDS, stream_id=IDS, signature=TEXT, media_type=st.integers(0, 63), params=st.none() | PARAMS,
        id_key=st.sampled_from(ID_KEYS), sequence=SEQUENCES, payload_encryption=st.booleans(),
    ),
    "data ok": st.builds(
        m.DataHandshakeResponse,
        ok=st.just(True), status_code=st.just(0), params=st.none() | PARAMS, payload_encrypted=st.booleans(),
    ),
    "subscription": st.builds(
        m.EventSubscription, events=st.lists(st.tuples(st.integers(0, 40), st.booleans())).map(tuple)
    ),
    "ready": st.builds(m.ClientReadyAck, stream_id=IDS),
    "session request": st.builds(m.SessionStateRequest, session_id=IDS),
    "session response": st.builds(
        m.SessionStateResponse, session_id=IDS, state=st.integers(0, 9), timestamp=TIMES
    ),
    "audio": st.builds(
        m.MediaData,
        medium=st.sampled_from([Medium.AUDIO, Medium.VIDEO, Medium.SHARE]), user_id=USERS,
        data=st.binary(min_size=1, max_size=50), timestamp=TIMES, user_name=TEXT, channel_id=TEXT,
    ),
    "transcript": st.builds(
        m.TranscriptData,
        user_id=USERS, text=TEXT, timestamp=TIMES, user_name=TEXT, start_time=TIMES, end_time=TIMES,
        language=st.none() | st.integers(-1, 36), attribute=st.none() | st.integers(0, 3), channel_id=TEXT,
    ),
    "chat": CHATS,
    "stream request": st.builds(m.StreamStateRequest, stream_id=IDS),
    "stream response": st.builds(m.StreamStateResponse, stream_id=IDS, state=st.integers(0, 9), timestamp=TIMES),
    "close request": st.builds(m.StreamCloseRequest, stream_id=IDS),
    "close response": st.builds(
        m.StreamCloseResponse, stream_id=IDS, status_code=st.just(0), reason=TEXT, timestamp=TIMES
    ),
    "close refused": st.builds(
        m.StreamCloseResponse, stream_id=IDS, ok=st.just(False), status_code=REFUSALS, reason=TEXT, timestamp=TIMES
    ),
    "metadata": st.builds(m.MetaData, msg_type=st.integers(23, 27), raw=st.dictionaries(TEXT, TEXT)),
    "video request": st.builds(
        m.VideoSubscriptionRequest, user_id=USERS, subscribe=st.booleans(), timestamp=USERS
    ),
    "video response": st.builds(
        m.VideoSubscriptionResponse,
        user_id=USERS, ok=st.just(False), status_code=REFUSALS, reason=TEXT, timestamp=USERS,
        subscribe=st.none() | st.booleans(),
    ),
}  # fmt: skip
# What the mock dialect leaves out on purpose.
NOT_MOCK: dict[str, st.SearchStrategy[Any]] = {
    "signaling refused": st.builds(
        m.SignalingHandshakeResponse, ok=st.just(False), status_code=REFUSALS, reason=TEXT, sequence=SEQUENCES
    ),
    "data refused": st.builds(
        m.DataHandshakeResponse, ok=st.just(False), status_code=REFUSALS, reason=TEXT, sequence=SEQUENCES
    ),
    "stream state": st.builds(
        m.StreamStateUpdate, state=st.sampled_from(StreamState).map(int), reason=st.sampled_from(StopReason).map(int),
        timestamp=TIMES, stream_id=TEXT,
    ),
    "session state": st.builds(
        m.SessionStateUpdate, session_id=IDS, state=st.sampled_from(SessionState).map(int),
        stop_reason=st.none() | st.sampled_from(StopReason).map(int), timestamp=TIMES,
    ),
}  # fmt: skip


def back(message: m.Message, dialect: Dialect) -> m.Message:
    reader = Reader()
    (found,) = reader.read(write(message, dialect))
    assert [note for note in reader.take_notes() if note.kind != "dialect"] == []
    return found


@pytest.mark.parametrize("dialect", Dialect)
@pytest.mark.parametrize("name", ANY_DIALECT)
@given(st.data())
def test_what_is_written_is_read_back(name: str, dialect: Dialect, data: st.DataObject) -> None:
    message = data.draw(ANY_DIALECT[name])
    assert back(message, dialect) == message


@pytest.mark.parametrize("dialect", [dialect for dialect in Dialect if dialect is not Dialect.MOCK])
@pytest.mark.parametrize("name", NOT_MOCK)
@given(st.data())
def test_refusals_and_states_are_read_back(name: str, dialect: Dialect, data: st.DataObject) -> None:
    message = data.draw(NOT_MOCK[name])
    assert back(message, dialect) == message


@given(st.sampled_from(EventType), TIMES, st.lists(PEOPLE, max_size=3).map(tuple))
def test_events_are_read_back(kind: EventType, timestamp: int, people: tuple[m.Person, ...]) -> None:
    message = m.EventUpdate(event_type=kind, timestamp=timestamp, people=people)
    for dialect in Dialect:
        again = back(message, dialect)
        assert isinstance(again, m.EventUpdate)
        assert (again.event_type, again.timestamp, again.people) == (kind, timestamp, people)


@given(TIMES, st.integers(0, 2**31 - 1))
def test_keep_alives_are_answered_in_kind(timestamp: int, sequence: int) -> None:
    for dialect in Dialect:
        request = back(m.KeepAliveRequest(timestamp=timestamp, sequence=sequence), dialect)
        assert isinstance(request, m.KeepAliveRequest)
        assert request.timestamp == timestamp
        assert request.sequence == (None if dialect is Dialect.MOCK else sequence)
        answer = write(m.KeepAliveResponse(echo=request.echo), dialect)
        assert {**json.loads(answer), "msg_type": 0} == {**request.echo, "msg_type": 0}


def test_an_answer_without_echo_holds_what_it_was_given() -> None:
    assert json.loads(write(m.KeepAliveResponse(timestamp=5))) == {"msg_type": 13, "timestamp": 5}


# -- what SDK 1.1.0 requires of a server --------------------------------------------------------------------------


def production(message: m.Message) -> dict[str, Any]:
    found = json.loads(write(message))
    assert isinstance(found, dict)
    return found


def test_both_names_of_the_share_url_are_sent() -> None:
    answer = production(m.SignalingHandshakeResponse(ok=True, urls={"share": "wss://h/s", "audio": "wss://h/a"}))
    assert answer["status_code"] == 0
    assert answer["media_server"]["server_urls"] == {
        "deskshare": "wss://h/s", "sharescreen": "wss://h/s", "audio": "wss://h/a",
    }  # fmt: skip


def test_a_refusal_without_a_code_still_has_one() -> None:
    assert production(m.SignalingHandshakeResponse(ok=False, reason="no"))["status_code"] == 45
    assert production(m.DataHandshakeResponse(ok=False))["status_code"] == 45


def test_media_always_have_a_name_a_length_and_int_times() -> None:
    content = production(m.MediaData(medium=Medium.AUDIO, user_id=0, data=b"abc", timestamp=7))["content"]
    assert content == {"user_id": 0, "user_name": "", "data": "YWJj", "length": 3, "timestamp": 7}


def test_a_keep_alive_always_has_both_fields() -> None:
    assert production(m.KeepAliveRequest(timestamp=7)) == {"msg_type": 12, "timestamp": 7, "sequence": 0}


def test_a_state_has_its_reason_under_both_names() -> None:
    state = production(m.StreamStateUpdate(state=4, reason=6, timestamp=7))
    assert state == {"msg_type": 8, "state": 4, "reason": 6, "stop_reason": 6, "timestamp": 7}
    assert production(m.StreamStateUpdate(state=1, timestamp=7))["reason"] == 0


def test_the_data_answer_has_full_parameters() -> None:
    answer = production(m.DataHandshakeResponse(ok=True, params=m.SERVER_DEFAULTS))
    assert answer["payload_encrypted"] is False
    assert answer["media_params"]["audio"] == {
        "content_type": 2, "sample_rate": 1, "channel": 1, "codec": 1, "data_opt": 1, "send_rate": 20,
    }  # fmt: skip
    assert answer["media_params"]["deskshare"] == {"content_type": 3, "codec": 5, "resolution": 3, "fps": 1}
    assert answer["media_params"]["chat"] == {"content_type": 5}


# -- the other dialects -------------------------------------------------------------------------------------------


def test_the_mock_refuses_in_words_only() -> None:
    text = write(m.SignalingHandshakeResponse(ok=False, status_code=3, reason="Invalid signature"), Dialect.MOCK)
    assert json.loads(text) == {"msg_type": 2, "protocol_version": 1, "reason": "Invalid signature"}


def test_unlisted_numbers_stay_numbers_in_words() -> None:
    assert json.loads(write(m.StreamStateUpdate(state=4, reason=99, timestamp=7), Dialect.MOCK))["reason"] == 99
    assert json.loads(write(m.StreamStateUpdate(state=77, timestamp=7), Dialect.README))["state"] == 77
    refusal = m.VideoSubscriptionResponse(user_id=1, ok=False, status_code=70)
    assert json.loads(write(refusal, Dialect.README))["status"] == "STATUS_70"
    assert back(refusal, Dialect.README) == refusal


def test_raw_values_pass_through_unchanged() -> None:
    unknown = m.UnknownMessage(raw={"msg_type": 2, "anything": 1})
    for dialect in Dialect:
        assert json.loads(write(unknown, dialect)) == unknown.raw
    assert write(m.UnknownMessage(raw="text")) == '"text"'


def test_what_is_no_message_is_refused() -> None:
    with pytest.raises(TypeError, match="Message is no message of the wire"):
        write(m.Message())
